/** What happened while a metric was measured: a line in its chart, and a word beside the chart. */

import type { LoggedEvent } from "../domain/events.ts";
import type { Metric } from "../domain/metrics.ts";

export interface ChartMark {
  block: bigint;
  word: "executed" | "breach" | "cleared" | "contained";
}

/** Stands over the mark's line, where words would lie on one another. */
export const markSigns: Record<ChartMark["word"], string> = {
  executed: "▲",
  breach: "✕",
  cleared: "✓",
  contained: "■",
};

/** For whoever sees the signs. */
export const signsInWords: string = Object.entries(markSigns)
  .map(([word, sign]) => `${sign} ${word}`)
  .join(", ");

/** In block order: the executions and containments on the metric's chain, and where it broke and was within its bounds again. */
export function marksOf(history: readonly LoggedEvent[], { id, chain }: Pick<Metric, "id" | "chain">): ChartMark[] {
  const marks = history.flatMap((one): (ChartMark & { chain: string })[] => {
    switch (one.type) {
      case "executed":
        return [{ word: "executed", block: one.data.block.number, chain: one.data.block.chain }];
      case "breached":
        return one.data.metric === id
          ? [{ word: "breach", block: one.data.block.number, chain: one.data.block.chain }]
          : [];
      case "breachCleared":
        return one.data.metric === id
          ? [{ word: "cleared", block: one.data.block.number, chain: one.data.block.chain }]
          : [];
      case "contained":
        return [{ word: "contained", block: one.data.block.number, chain: one.data.block.chain }];
      default:
        return [];
    }
  });
  return marks
    .filter((one) => one.chain === chain)
    .map(({ block, word }) => ({ block, word }))
    .sort((a, b) => (a.block < b.block ? -1 : a.block > b.block ? 1 : 0));
}
