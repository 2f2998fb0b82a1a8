/** What a chart shows, in words: for whoever does not see it, and for whoever wants the digits. */

import { amount, exactAmount } from "../domain/amount.ts";
import { conditionInWords, type Metric } from "../domain/metrics.ts";
import type { SampleRow } from "../ports.ts";
import type { ChartMark } from "./chart-marks.ts";

/** Undefined where there is no value. Whole sentences. */
export function chartInWords(
  metric: Metric,
  rows: readonly SampleRow[],
  marks: readonly ChartMark[],
): string | undefined {
  const measured = rows.flatMap((one) => (one.value === null ? [] : [{ ...one, value: one.value }]));
  const newest = measured.at(-1);
  if (newest === undefined) return undefined;
  const values = measured.map((one) => one.value);
  const low = values.reduce((a, b) => (a < b ? a : b), newest.value);
  const high = values.reduce((a, b) => (a > b ? a : b), newest.value);
  const fails = rows.filter((one) => one.verdict === "fail").length;
  const unread = rows.filter((one) => one.verdict === "stale" || one.verdict === "error").length;
  const now = `the newest ${exactAmount(newest.value, metric.unit)} at block ${newest.blockNumber}`;
  const span = low === high ? "" : `, between ${amount(low, metric.unit)} and ${amount(high, metric.unit)}`;
  const happened = marks.map(({ block, word }) => `${word} at block ${block}`).join(", ");
  return [
    `${metric.title}: ${rows.length} ${rows.length === 1 ? "sample" : "samples"}, ${now}${span}.`,
    `It must be ${conditionInWords(metric)}; ${fails === 0 ? "none failed" : `${fails} failed`}${unread === 0 ? "" : `, ${unread} could not be read`}.`,
    ...(happened === "" ? [] : [`What happened: ${happened}.`]),
  ].join(" ");
}
