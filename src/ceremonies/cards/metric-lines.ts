/** Each metric in one line, what needs somebody first: a mark, and the same as a word. */

import { boundInSigns, valueInWords } from "../../domain/amount.ts";
import type { MetricNow } from "../../domain/watch/metric-now.ts";
import { isYesOrNo } from "../../domain/watch/sources.ts";

const ranks = { fail: 0, error: 1, stale: 1, inconclusive: 2, pass: 4 } as const;

export function metricLines(metrics: readonly MetricNow[]): string[] {
  const rank = ({ verdict, metric }: MetricNow) => (verdict === undefined ? 3 : ranks[verdict]) * 10 + metric.severity;
  return [...metrics].sort((a, b) => rank(a) - rank(b)).map(lineOf);
}

function lineOf(one: MetricNow): string {
  const { metric, fails, verdict } = one;
  const shadow = metric.mode === "shadow" ? ", in shadow" : "";
  const before = fails > 0 && verdict !== "fail" ? `; ${fails} failed before` : "";
  return `${markOf(one)} · ${metric.title}${valued(one)} (${boundInSigns(metric)})${before}${shadow}`;
}

function markOf({ verdict, since }: MetricNow): string {
  switch (verdict) {
    case "pass":
      return "✓ passes";
    case "fail":
      return `✕ fails since block ${since}`;
    case "inconclusive":
      return `? inconclusive since block ${since}`;
    case "stale":
    case "error":
      return `? cannot be read since block ${since}`;
    default:
      return "? never measured";
  }
}

function valued({ metric, value }: MetricNow): string {
  if (value === undefined) return "";
  return `${isYesOrNo(metric.read) ? ":" : ""} ${valueInWords(metric, value)}`;
}
