/** Spans of time as people say them. */

/** Seconds, short, for lists and cards: "2 days", "48 h 30 min", "10 min" or "30 s". */
export function duration(seconds: bigint): string {
  if (seconds >= 86_400n && seconds % 86_400n === 0n) return days(seconds / 86_400n);
  if (seconds >= 3600n) return `${seconds / 3600n} h${seconds % 3600n >= 60n ? ` ${(seconds % 3600n) / 60n} min` : ""}`;
  if (seconds >= 60n) return `${seconds / 60n} min${seconds % 60n === 0n ? "" : ` ${seconds % 60n} s`}`;
  return `${seconds} s`;
}

/** "1 day", "2 days". */
export const days = (count: bigint): string => `${count} ${count === 1n ? "day" : "days"}`;

const day = 86_400n;
const units: readonly [bigint, string][] = [
  [day, "day"],
  [3600n, "hour"],
  [60n, "minute"],
  [1n, "second"],
];
const year = 365n * day;

/** Seconds in the sentences of a finding: "2 days and 1 hour", "about 9 years", "longer than a human life". */
export function spelledOut(seconds: bigint): string {
  if (seconds >= 100n * year) return "longer than a human life";
  if (seconds >= 2n * year) return `about ${seconds / year} years`;
  let rest = seconds;
  const parts = units.flatMap(([length, name]) => {
    const count = rest / length;
    rest %= length;
    return count === 0n ? [] : [`${count} ${name}${count === 1n ? "" : "s"}`];
  });
  return parts.slice(0, 2).join(" and ") || "no time at all";
}
