/** Where a rehearsal plays: the embedded chain, the sample council, and a bot that can be stopped and started again. */

import { setTimeout as sleep } from "node:timers/promises";
import type { Builds } from "../build-facts.ts";
import type { CeremonyState } from "../domain/ceremony.ts";
import { allRules, type Rules } from "../domain/decision.ts";
import type { Status } from "../domain/lifecycle.ts";
import { advanceTime } from "../embedded/trade.ts";
import { type EmbeddedQuorate, startEmbedded } from "../embedded-mode.ts";
import { compose, type Parts, type Quorate } from "../main.ts";
import type { ChatPlatform } from "../ports.ts";
import { type Council, createCouncil, OffScript, type Voice } from "./council.ts";
import { openNodes } from "./nodes.ts";
import type { Printer } from "./printer.ts";
import type { Relay } from "./relay.ts";

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
  /** Several nodes that can be made to mislead, between the bot and its chain. */
  misleading?: boolean | undefined;
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
  /** Nodes that can be made to mislead; none on a stage that was opened without. */
  readonly nodes: readonly Relay[];
  /** The ceremony as its log has it now. */
  state(): Promise<CeremonyState>;
  /** Settles, and throws {@link OffScript} unless the ceremony is in one of these states then. */
  reaches(...statuses: Status[]): Promise<CeremonyState>;
  /** Settles again and again, and throws {@link OffScript} with that sentence where it is not so after many attempts. */
  until(isSo: () => Promise<boolean>, otherwise: string): Promise<void>;
  /** As `reaches`, where that takes the bot several attempts: a node that fails is asked again. */
  becomes(status: Status): Promise<CeremonyState>;
  /** Throws {@link OffScript} unless somebody is called by a card that says so, after several attempts at most. */
  paged(what: RegExp): Promise<void>;
  /** Moves the chain's time forward by so many seconds, with so many trading blocks. */
  wait(seconds: bigint, blocks: number): Promise<void>;
  /** Stops the bot, so that nothing is written while the chain is tried out and put back; `resume` starts it again. */
  pause(): Promise<void>;
  /** `listens`: it also minds when no block comes, which on a chain that only the script moves is nothing strange. */
  resume(listens?: "listens"): void;
  stop(): Promise<void>;
}

/** The only ceremony of a rehearsal. */
export const CEREMONY = "UP-1";

/** Milliseconds between trading blocks: so long that only what the script does makes blocks, alike on every machine. */
const NO_BLOCKS_BY_THEMSELVES = 86_400_000;

/** How often, and how many milliseconds apart, it is looked for what takes the bot several attempts. */
const ATTEMPTS = 100;
const PAUSE_MS = 100;

export async function openStage(options: StageOptions): Promise<Stage> {
  const { printer, rules = allRules, builds: given, platforms: more, voice } = options;
  const faults: string[] = [];
  const onFault = (where: string, fault: unknown) =>
    void faults.push(`${where}: ${fault instanceof Error ? fault.message : String(fault)}`);
  const platforms: ChatPlatform[] = [printer];
  const nodes = options.misleading ? await openNodes(options.policies) : undefined;
  const running = await startEmbedded({
    policies: nodes?.policies ?? options.policies,
    ...(nodes === undefined ? {} : { rpc: nodes.before }),
    blockMs: NO_BLOCKS_BY_THEMSELVES,
    platforms,
    rules,
    builds: given,
    onFault,
  });
  const { policy, people, store, chains, builds, world } = running;
  platforms.push(...((await more?.(running)) ?? []));
  const parts = {
    policy,
    people,
    store,
    chains,
    builds,
    clock: world.time,
    platforms,
    rules,
    onFault,
    blocksOnDemand: true,
  };
  const relays = nodes?.relays ?? [];
  const stage = stageOn({ running, parts, quorate: running.quorate, printer, faults, voice, nodes: relays });
  return {
    ...stage,
    get quorate() {
      return stage.quorate;
    },
    async stop() {
      await stage.stop();
      await running.stop();
      await nodes?.close();
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
  nodes: readonly Relay[];
}

/** A stage over a bot that runs; stopping it stops the bot, and nothing else. */
export function stageOn({ running, parts, quorate: first, printer, faults, voice, nodes }: StageParts): Stage {
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

  async function reaches(...statuses: Status[]): Promise<CeremonyState> {
    await quorate.settle();
    const found = await state();
    if (!statuses.includes(found.status))
      throw new OffScript(
        `${CEREMONY} should be ${statuses.join(" or ")} now and is ${found.status}. ${faults.at(-1) ?? ""}`.trim(),
      );
    return found;
  }
  async function until(isSo: () => Promise<boolean>, otherwise: string): Promise<void> {
    for (let left = ATTEMPTS; left > 0; left -= 1) {
      if (await isSo()) return;
      await quorate.settle();
      await sleep(PAUSE_MS);
    }
    throw new OffScript(`${otherwise} ${faults.at(-1) ?? ""}`.trim());
  }

  return {
    ...{ running, council, printer, rules, faults, nodes, state, reaches, pause, stop: pause },
    get quorate() {
      return quorate;
    },
    until,
    async becomes(status) {
      await until(async () => (await state()).status === status, `${CEREMONY} should become ${status}.`);
      return reaches(status);
    },
    paged: (what) => until(async () => printer.pages.some((one) => what.test(one)), `Nobody was called by ${what}.`),
    async wait(seconds, blocks) {
      await advanceTime(world, seconds, blocks);
      await quorate.settle();
    },
    resume(listens) {
      quorate = compose({ ...parts, blocksOnDemand: listens === undefined });
      isPaused = false;
    },
  };
}
