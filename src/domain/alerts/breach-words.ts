/** What was measured, as a page says it: `Vault solvency 9,871 bps (< 10,000)`. */

import { grouped, valueInWords } from "../amount.ts";
import type { Metric } from "../metrics.ts";
import { isYesOrNo } from "../watch/sources.ts";

/** The value with the bound that it broke; `baseline` is what the bound is a part of, where it is a part of something. */
export function breachInWords(metric: Metric, value: bigint | null): string {
  const { is, value: bound, baselineBps } = metric.fail;
  const now = value === null ? "unknown" : valueInWords(metric, value);
  if (isYesOrNo(metric.read)) return `${metric.title}: ${now}`;
  const limit = bound === undefined ? `${grouped(baselineBps ?? 0n)} bps of before` : withoutUnit(metric, bound);
  return `${metric.title} ${now} (${is} ${limit})`;
}

/** The unit stands beside the value already. */
function withoutUnit(metric: Metric, bound: bigint): string {
  const words = valueInWords(metric, bound);
  return words.endsWith(` ${metric.unit}`) ? words.slice(0, -metric.unit.length - 1) : words;
}
