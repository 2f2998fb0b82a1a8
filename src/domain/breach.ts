/** When measured values become a breach, and when a breach is over. */

import type { Verdict } from "./metrics.ts";

export interface VerdictAt {
  verdict: Verdict;
  blockNumber: bigint;
}

export interface BreachChange<T> {
  kind: "breach" | "cleared";
  /** The sample that made it so. */
  at: T;
}

/**
 * Goes through `fresh` samples in order, after `earlier` ones: a breach is `failN` fails among the last `ofM` conclusive
 * samples, and it is over when all of the last `ofM` passed. Stale, error and inconclusive samples do neither.
 */
export function breachChanges<T extends VerdictAt>(
  rule: { failN: bigint; ofM: bigint },
  earlier: readonly T[],
  fresh: readonly T[],
  open: boolean,
): BreachChange<T>[] {
  const conclusive = (one: T) => one.verdict === "pass" || one.verdict === "fail";
  const window = earlier.filter(conclusive);
  const changes: BreachChange<T>[] = [];
  let isOpen = open;
  for (const one of fresh.filter(conclusive)) {
    window.push(one);
    const recent = window.slice(-Number(rule.ofM));
    const fails = recent.filter((item) => item.verdict === "fail").length;
    if (!isOpen && fails >= Number(rule.failN)) changes.push({ kind: "breach", at: one });
    if (isOpen && fails === 0 && recent.length === Number(rule.ofM)) changes.push({ kind: "cleared", at: one });
    isOpen = changes.at(-1)?.kind === "breach" || (isOpen && changes.at(-1)?.kind !== "cleared");
  }
  return changes;
}
