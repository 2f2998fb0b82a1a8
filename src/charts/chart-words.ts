/** What a chart shows, in words: for whoever does not see it, and for whoever wants the digits. */

import { amount, exactAmount } from "../domain/amount.ts";
import { conditionInWords, type Metric } from "../domain/metrics.ts";
import type { MetricTally } from "../domain/watch/phase-tally.ts";
import type { ChartMark } from "./chart-marks.ts";

/** Undefined where there is no value. Whole sentences. */
export function chartInWords(
  metric: Metric,
  { samples, fails, unread, known }: MetricTally,
  marks: readonly ChartMark[],
): string | undefined {
  if (known === undefined) return undefined;
  const { value, block, low, high } = known;
  const now = `the newest ${exactAmount(value, metric.unit)} at block ${block}`;
  const span = low === high ? "" : `, between ${amount(low, metric.unit)} and ${amount(high, metric.unit)}`;
  const happened = marks.map(({ block, word }) => `${word} at block ${block}`).join(", ");
  return [
    `${metric.title}: ${samples} ${samples === 1 ? "sample" : "samples"}, ${now}${span}.`,
    `It must be ${conditionInWords(metric)}; ${fails === 0 ? "none failed" : `${fails} failed`}${unread === 0 ? "" : `, ${unread} could not be read`}.`,
    ...(happened === "" ? [] : [`What happened: ${happened}.`]),
  ].join(" ");
}
