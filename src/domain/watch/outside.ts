/** What a source that no call on the chain answers was found to say: a verdict, the value behind it, and why. */

import type { Verdict } from "../metrics.ts";

export interface OutsideReading {
  verdict: Verdict;
  value: bigint | null;
  /** A clause for people. */
  reason: string;
}

export const unreadable = (reason: string): OutsideReading => ({ verdict: "error", value: null, reason });
