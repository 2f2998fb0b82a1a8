/** Plays a scenario on a chain of its own, prints it, and lets the judge say how it ended. */

import type { Rules } from "../domain/decision.ts";
import { evolve } from "../domain/evolve.ts";
import { symbol, type TextStyle } from "../terminal/view-text.ts";
import { OffScript } from "./council.ts";
import { judge, type Photograph, type Proof, photograph, type Subjects } from "./judge.ts";
import { createPrinter, type Printer } from "./printer.ts";
import { blockNumber, transactionsSince } from "./raw-chain.ts";
import type { Scenario } from "./scenario.ts";
import { CEREMONY, openStage, type Stage } from "./stage.ts";
import { subjectsOf } from "./subjects.ts";

export interface RehearseOptions {
  scenario: Scenario;
  /** Folder of the sample policy. */
  policies: string;
  style: TextStyle;
  write(line: string): void;
  rules?: Rules;
}

/** The last line with `--json`. */
export interface Rehearsed {
  scenario: string;
  /** It ended as it should. */
  ok: boolean;
  /** States the ceremony went through, in order. */
  states: string[];
  /** Events in its log. */
  events: number;
  /** Wall time. */
  seconds: number;
  /** Hash of the log's last event. */
  auditHead: string;
}

/** Never throws for a ceremony that went another way: that is `ok: false`, with the reason printed. */
export async function rehearse(options: RehearseOptions): Promise<Rehearsed> {
  const { scenario, style, write } = options;
  const startedAt = performance.now();
  const printer = createPrinter(write, style);
  write(`Rehearsal "${scenario.name}": ${scenario.summary}`);
  const { policies, rules } = options;
  const stage = await openStage({ policies, printer, rules, misleading: scenario.misleading });
  try {
    const subjects = subjectsOf(stage.running.world, scenario.executor, scenario.release);
    const before = await photograph(subjects);
    const opened = async () => {
      await scenario.opening?.(stage);
      return scenario.play(stage);
    };
    const proofs = await playAndJudge({ ...scenario, play: opened }, stage, subjects, before);
    const ok = printVerdict(printer, proofs, style);
    const log = await pastOf(stage);
    await printCounts(stage, subjects, before, log.events);
    const seconds = Math.round((performance.now() - startedAt) / 10) / 100;
    write(
      `${symbol(ok ? "good" : "bad", style)} ${ok ? "It ended as it should" : "It did NOT end as it should"}, after ${seconds} s.`,
    );
    return { scenario: scenario.name, ok, states: log.states, events: log.events, seconds, auditHead: log.auditHead };
  } finally {
    await stage.stop();
  }
}

/** The judge speaks even where the script broke off: what the chain shows then is of interest most of all. */
export async function playAndJudge(
  scenario: Scenario,
  stage: Stage,
  subjects: Subjects,
  before: Photograph,
): Promise<Proof[]> {
  try {
    const said = await scenario.play(stage);
    const faults = stage.faults
      .filter((fault) => scenario.faults?.test(fault) !== true)
      .map((fault) => ({ claim: "No work in the background failed", holds: false, found: fault }));
    return [
      ...said.map((claim) => ({ claim, holds: true, found: "as the script shows" })),
      ...faults,
      ...(await judge(subjects, before, scenario.promises)),
    ];
  } catch (fault) {
    if (!(fault instanceof OffScript)) throw fault;
    return [
      { claim: "The script was played to its end", holds: false, found: fault.message },
      ...(await judge(subjects, before, scenario.promises)),
    ];
  }
}

function printVerdict(printer: Printer, proofs: readonly Proof[], style: TextStyle): boolean {
  printer.heading("What was proved, read from the chain apart from the ceremony's code");
  for (const { claim, holds, found } of proofs)
    printer.say(`${symbol(holds ? "good" : "bad", style)} ${holds ? "" : "NOT PROVED: "}${claim} (${found})`);
  return proofs.every((one) => one.holds);
}

async function pastOf(stage: Stage): Promise<Pick<Rehearsed, "states" | "events" | "auditHead">> {
  const history = await stage.quorate.ledger.history(CEREMONY);
  const states: string[] = [];
  let state: ReturnType<typeof evolve> | undefined;
  for (const one of history) {
    state = evolve(CEREMONY, state, one);
    if (state.status !== states.at(-1)) states.push(state.status);
  }
  return { states, events: history.length, auditHead: history.at(-1)?.hash ?? "" };
}

async function printCounts(stage: Stage, subjects: Subjects, before: Photograph, events: number): Promise<void> {
  const { url, executor, gasAccount } = subjects;
  const blocks = (await blockNumber(url)) - before.block;
  const transactions = await transactionsSince(url, before.block, [executor, gasAccount]);
  stage.printer.say(`Counted: ${events} events, ${transactions} transactions, ${blocks} blocks.`);
}
