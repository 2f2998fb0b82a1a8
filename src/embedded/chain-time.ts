/** The embedded chain's time: wall time, and however far the chain was moved ahead of it. */

import type { Clock } from "../ports.ts";

export interface ChainTime extends Clock {
  /** A block of this timestamp (seconds) was mined: time is never behind it. */
  reached(timestamp: bigint): void;
  /** Keeps how far ahead it is now; what comes back puts that back, for a chain that was put back. */
  kept(): () => void;
}

/** Starts at wall time. */
export function chainTime(wallMs: () => number = Date.now): ChainTime {
  let offset = 0n;
  const wall = () => BigInt(Math.floor(wallMs() / 1000));
  return {
    now: () => wall() + offset,
    reached(timestamp) {
      if (timestamp > wall() + offset) offset = timestamp - wall();
    },
    kept() {
      const before = offset;
      return () => {
        offset = before;
      };
    },
  };
}
