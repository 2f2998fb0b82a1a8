/** What was measured, as a page says it: `Vault solvency 9,871 bps (< 10,000)`. */

import { grouped } from "../amount.ts";
import type { Metric } from "../metrics.ts";

/** The value with the bound that it broke; `baseline` is what the bound is a part of, where it is a part of something. */
export function breachInWords(metric: Metric, value: bigint | null): string {
  const unit = metric.unit === "none" ? "" : ` ${metric.unit}`;
  const { is, value: bound, baselineBps } = metric.fail;
  const limit = bound === undefined ? `${grouped(baselineBps ?? 0n)} bps of before` : grouped(bound);
  return `${metric.title} ${value === null ? "unknown" : grouped(value)}${value === null ? "" : unit} (${is} ${limit})`;
}
