/** Where a metric stands: its newest sample, since when it says so, and what it said before. */

import type { Metric, Verdict } from "../metrics.ts";

interface Sampled {
  metric: string;
  blockNumber: bigint;
  value: bigint | null;
  verdict: Verdict;
}

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

/** One for each metric, in their order; `samples` are those of the phase, oldest first. */
export function metricsNow(metrics: readonly Metric[], samples: readonly Sampled[]): MetricNow[] {
  return metrics.map((metric) => {
    const own = samples.filter((one) => one.metric === metric.id);
    const verdict = own.at(-1)?.verdict;
    const other = own.findLastIndex((one) => one.verdict !== verdict);
    return {
      ...{ metric, verdict },
      value: own.findLast((one) => one.value !== null)?.value ?? undefined,
      since: own[other + 1]?.blockNumber,
      samples: own.length,
      fails: own.filter((one) => one.verdict === "fail").length,
    };
  });
}
