/** How long a timelock may make people wait: beyond that it protects nobody, and keeps every mend out. */

const day = 86_400n;

/** Seconds. `least`: what policy demands at least. */
export function longestDelay(least: bigint): bigint {
  return least * 2n > 60n * day ? least * 2n : 60n * day;
}
