/** Where a rehearsal plays: the embedded chain, the sample council, and a bot that can be stopped and started again. */

import type { Builds } from "../build-facts.ts";
import type { CeremonyState } from "../domain/ceremony.ts";
import { allRules, type Rules } from "../domain/decision.ts";
import type { Status } from "../domain/lifecycle.ts";
import { type EmbeddedQuorate, startEmbedded } from "../embedded-mode.ts";
import { compose, type Quorate } from "../main.ts";
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

export interface Stage {
  readonly running: EmbeddedQuorate;
  readonly council: Council;
  readonly printer: Printer;
  readonly rules: Rules;
  /** Faults of the background work so far; a clean run has none. */
  readonly faults: readonly string[];
  readonly quorate: Quorate;
  /** The ceremony as its log has it now. */
  state(): Promise<CeremonyState>;
  /** Settles, and throws {@link OffScript} unless the ceremony is in this state then. */
  reaches(status: Status): Promise<CeremonyState>;
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

export async function openStage({
  policies,
  printer,
  rules = allRules,
  builds: given,
  platforms: more,
  voice,
}: StageOptions): Promise<Stage> {
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
  let quorate = running.quorate;
  const council = createCouncil({ quorate: () => quorate, policy, url: world.url, printer, voice });

  async function state(): Promise<CeremonyState> {
    const found = await quorate.ledger.load(CEREMONY);
    if (found === undefined) throw new OffScript("There is no ceremony yet.");
    return found;
  }

  return {
    running,
    council,
    printer,
    rules,
    faults,
    get quorate() {
      return quorate;
    },
    state,
    async reaches(status) {
      await quorate.settle();
      const found = await state();
      if (found.status !== status)
        throw new OffScript(
          `${CEREMONY} should be ${status} now and is ${found.status}. ${faults.at(-1) ?? ""}`.trim(),
        );
      return found;
    },
    async wait(seconds, blocks) {
      await running.advance(seconds, blocks);
      await quorate.settle();
    },
    pause: () => quorate.stop(),
    resume() {
      quorate = compose({ policy, people, store, chains, builds, clock: world.time, platforms, rules, onFault });
    },
    async stop() {
      await quorate.stop();
      await running.stop();
    },
  };
}
