/** The measurements of the phase under its canary, for cards and charts. */

import type { CanaryReport } from "./domain/canary.ts";
import type { MetricNow } from "./domain/watch/metric-now.ts";
import type { Fact, Picture, Section } from "./view.ts";

export interface CanaryView {
  report: CanaryReport;
  /** Of the phase, as its newest samples say. */
  metrics: MetricNow[];
  /** Report and metrics in words: the digest, and the answer to whoever asks, say the same. */
  facts: Fact[];
  sections: Section[];
  pictures: Picture[];
}
