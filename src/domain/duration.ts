/** Spans of time as people say them. */

/** Seconds as "2 d", "48 h 30 min", "10 min" or "30 s". */
export function duration(seconds: bigint): string {
  if (seconds >= 86_400n && seconds % 86_400n === 0n) return `${seconds / 86_400n} d`;
  if (seconds >= 3600n) return `${seconds / 3600n} h${seconds % 3600n >= 60n ? ` ${(seconds % 3600n) / 60n} min` : ""}`;
  if (seconds >= 60n) return `${seconds / 60n} min${seconds % 60n === 0n ? "" : ` ${seconds % 60n} s`}`;
  return `${seconds} s`;
}
