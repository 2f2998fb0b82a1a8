/** What several sources say of one block: one verdict, and what it may lead to. */

import type { Metric, Verdict } from "../metrics.ts";
import type { Hex } from "../primitives.ts";

/** One source's answer. `value` is null where nothing came back, or where only the verdict did. */
export interface SourceSays {
  source: string;
  /** Of the block it answered for; undefined where it did not have the block that was asked for. */
  blockHash: Hex | undefined;
  verdict: Verdict;
  value: bigint | null;
}

export interface Agreed {
  verdict: Verdict;
  value: bigint | null;
  /** A clause for people: who said what, where they are not of one mind. */
  reason: string;
  /** Sources behind the verdict, out of those that were asked. */
  agreeing: number;
  asked: number;
  /** At least one source says that it fails, and too few say so: it wakes people, and runs nothing. */
  suspected: boolean;
  /** Whether containment may follow without a person's word: enough sources say that it fails, and more than say otherwise. */
  mayContain: boolean;
}

/** Nobody answered, or nobody was asked. */
export const nothing: Agreed = {
  ...{ verdict: "error", value: null, reason: "", agreeing: 0, asked: 1 },
  ...{ suspected: false, mayContain: false },
};

/**
 * The verdict that at least `metric.agree` sources share, with its value, all of one `blockHash`; `fail` where several do.
 * Fewer are an error. What a source says of another block counts for nothing.
 */
export function agreed(metric: Metric, blockHash: Hex, said: readonly SourceSays[]): Agreed {
  const here = said.filter((one) => one.blockHash === blockHash);
  const answers = here.filter((one) => one.verdict !== "error" && one.verdict !== "stale");
  const groups = new Map<string, SourceSays[]>();
  for (const one of answers) {
    const key = `${one.verdict} ${one.value}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  const enough = [...groups.values()].filter((group) => group.length >= metric.agree);
  const chosen = enough.find(([one]) => one?.verdict === "fail") ?? (enough.length === 1 ? enough[0] : undefined);
  const failing = answers.filter((one) => one.verdict === "fail");
  const [one] = chosen ?? [];
  const base = { agreeing: chosen?.length ?? 0, asked: said.length };
  if (chosen === undefined || one === undefined)
    return {
      ...base,
      ...without(metric, said, here, answers),
      value: null,
      suspected: metric.severity === 1 && failing.length > 0,
      mayContain: false,
    };
  const isFail = one.verdict === "fail";
  return {
    ...base,
    verdict: one.verdict,
    value: one.value,
    reason: groups.size === 1 ? "" : saidInWords(answers),
    suspected: metric.severity === 1 && !isFail && failing.length > 0,
    // A lone voice among several never does: the others being silent is no agreement. One that lies does not hold it back.
    mayContain: isFail && failing.length * 2 > answers.length && (failing.length > 1 || said.length === 1),
  };
}

/** Stale where every source that has the block is; an error otherwise. */
function without(
  { agree }: Metric,
  said: readonly SourceSays[],
  here: readonly SourceSays[],
  answers: readonly SourceSays[],
): { verdict: Verdict; reason: string } {
  if (here.length > 0 && here.every((one) => one.verdict === "stale"))
    return { verdict: "stale", reason: "no source has a block that is new enough" };
  if (answers.length < agree)
    return {
      verdict: "error",
      reason: `${answers.length} of ${said.length} sources answered, and ${agree} must agree`,
    };
  return { verdict: "error", reason: `disagreement: ${saidInWords(answers)}` };
}

const saidInWords = (answers: readonly SourceSays[]) =>
  answers
    .map(({ source, verdict, value }) => `${source} says ${verdict}${value === null ? "" : ` (${value})`}`)
    .join("; ");
