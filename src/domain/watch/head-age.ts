/** Whether a block is new enough to be judged. */

import type { Metric, Verdict } from "../metrics.ts";

interface Measured {
  number: bigint;
  /** Block timestamp, seconds. */
  timestamp: bigint;
}

/** Seconds between a block and now; a block from the future, by a clock that is late, has no age. */
export function ageOf({ timestamp }: Measured, wall: bigint): bigint {
  return wall > timestamp ? wall - timestamp : 0n;
}

/**
 * A verdict at the newest head there is: `stale` where that head is older than the metric allows, whatever was read. A
 * block that is caught up with later is judged as it stands: it was never said to be the newest.
 */
export function atHead({ maxBlockAge }: Metric, head: Measured, wall: bigint, verdict: Verdict): Verdict {
  return ageOf(head, wall) > maxBlockAge ? "stale" : verdict;
}
