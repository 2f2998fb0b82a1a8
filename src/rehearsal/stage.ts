/** Where a rehearsal plays: the embedded chain, the sample council, and a bot that can be stopped and started again. */

import type { Builds } from "../build-facts.ts";
import type { CeremonyState } from "../domain/ceremony.ts";
import { allRules, type Rules } from "../domain/decision.ts";
import type { Status } from "../domain/lifecycle.ts";
import { advanceTime } from "../embedded/trade.ts";
import { type EmbeddedQuorate, startEmbedded } from "../embedded-mode.ts";
import { compose, type Parts, type Quorate } from "../main.ts";
import type { ChatPlatform } from "../ports.ts";
import { type Council, createCouncil, OffScript, type Voice } from "./council.ts";
import type { Printer } from "./printer.ts";

export interface StageOptions {
  /** Folder of the sample policy. */
  policies: string;
  printer: Printer;
  rules?: Rules | undefined;
  /** As {@link startEmbedded} takes them. */
  builds?: Builds | undefined;
  /** Chat platforms beside the printer, opened on what the stage runs on; they show what comes from then on. */
  platforms?(running: EmbeddedQuorate): Promise<readonly ChatPlatform[]>;
  voice?: Voice;
}

/** What the stage stands on; a copy of everything but the world, where it is one to try something on. */
export type Ground = Pick<EmbeddedQuorate, "world" | "policy" | "chains" | "store" | "builds" | "dataDir">;

export interface Stage {
  readonly running: Ground;
  readonly council: Council;
  readonly printer: Printer;
  readonly rules: Rules;
  /** Faults of the background work so far; a clean run has none. */
  readonly faults: readonly string[];
  readonly quorate: Quorate;
  /** The ceremony as its log has it now. */
  state(): Promise<CeremonyState>;
  /** Settles, and throws {@link OffScript} unless the ceremony is in one of these states then. */
  reaches(...statuses: Status[]): Promise<CeremonyState>;
  /** Throws {@link OffScript} unless somebody was called by a card that says so. */
  paged(what: RegExp): void;
  /** Moves the chain's time forward by so many seconds, with so many trading blocks. */
  wait(seconds: bigint, blocks: number): Promise<void>;
  /** Stops the bot, so that nothing is written while the chain is tried out and put back; `resume` starts it again. */
  pause(): Promise<void>;
  resume(): void;
  stop(): Promise<void>;
}

/** The only ceremony of a rehearsal. */
export const CEREMONY = "UP-1";

/** Milliseconds between trading blocks: so long that only what the script does makes blocks, alike on every machine. */
const NO_BLOCKS_BY_THEMSELVES = 86_400_000;

export async function openStage(options: StageOptions): Promise<Stage> {
  const { policies, printer, rules = allRules, builds: given, platforms: more, voice } = options;
  const faults: string[] = [];
  const onFault = (where: string, fault: unknown) =>
    void faults.push(`${where}: ${fault instanceof Error ? fault.message : String(fault)}`);
  const platforms: ChatPlatform[] = [printer];
  const running = await startEmbedded({
    policies,
    blockMs: NO_BLOCKS_BY_THEMSELVES,
    platforms,
    rules,
    builds: given,
    onFault,
  });
  const { policy, people, store, chains, builds, world } = running;
  platforms.push(...((await more?.(running)) ?? []));
  const parts = { policy, people, store, chains, builds, clock: world.time, platforms, rules, onFault };
  const stage = stageOn({ running, parts, quorate: running.quorate, printer, faults, voice });
  return {
    ...stage,
    get quorate() {
      return stage.quorate;
    },
    async stop() {
      await stage.stop();
      await running.stop();
    },
  };
}

export interface StageParts {
  running: Ground;
  /** What the bot is composed of when it is started again. */
  parts: Parts & { rules: Rules };
  /** As it runs now. */
  quorate: Quorate;
  printer: Printer;
  /** Grows while it runs. */
  faults: readonly string[];
  voice?: Voice | undefined;
}

/** A stage over a bot that runs; stopping it stops the bot, and nothing else. */
export function stageOn({ running, parts, quorate: first, printer, faults, voice }: StageParts): Stage {
  const { policy, rules } = parts;
  const { world } = running;
  let quorate = first;
  let isPaused = false;
  const council = createCouncil({ quorate: () => quorate, policy, url: world.url, printer, voice });

  async function state(): Promise<CeremonyState> {
    const found = await quorate.ledger.load(CEREMONY);
    if (found === undefined) throw new OffScript("There is no ceremony yet.");
    return found;
  }
  async function pause(): Promise<void> {
    if (!isPaused) await quorate.stop();
    isPaused = true;
  }

  return {
    ...{ running, council, printer, rules, faults, state, pause, stop: pause },
    get quorate() {
      return quorate;
    },
    async reaches(...statuses) {
      await quorate.settle();
      const found = await state();
      if (!statuses.includes(found.status))
        throw new OffScript(
          `${CEREMONY} should be ${statuses.join(" or ")} now and is ${found.status}. ${faults.at(-1) ?? ""}`.trim(),
        );
      return found;
    },
    paged(what) {
      if (!printer.pages.some((one) => what.test(one))) throw new OffScript(`Nobody was called by ${what}.`);
    },
    async wait(seconds, blocks) {
      await advanceTime(world, seconds, blocks);
      await quorate.settle();
    },
    pause,
    resume() {
      quorate = compose(parts);
      isPaused = false;
    },
  };
}
