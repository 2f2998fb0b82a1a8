/** Where a metric stands: its newest sample, since when it says so, and what it said before. */

import type { Metric, Verdict } from "../metrics.ts";
import type { MetricTally } from "./phase-tally.ts";

export interface MetricNow {
  metric: Metric;
  /** Undefined where it was never measured. */
  verdict: Verdict | undefined;
  /** The newest that is known. */
  value: bigint | undefined;
  /** The first block of those in a row that have this verdict. */
  since: bigint | undefined;
  samples: number;
  fails: number;
}

/** One for each metric, in their order, by what the samples of the phase add up to. */
export function metricsNow(metrics: readonly Metric[], tallies: ReadonlyMap<string, MetricTally>): MetricNow[] {
  return metrics.map((metric) => {
    const own = tallies.get(metric.id);
    return {
      ...{ metric, verdict: own?.verdict, value: own?.known?.value, since: own?.since },
      ...{ samples: own?.samples ?? 0, fails: own?.fails ?? 0 },
    };
  });
}
