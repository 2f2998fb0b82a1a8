/** How long a timelock may make people wait: beyond that it protects nobody, and keeps every mend out. */

const day = 86_400n;

/** Seconds. `least`: what policy demands at least. */
export function longestDelay(least: bigint): bigint {
  return least * 2n > 60n * day ? least * 2n : 60n * day;
}

const units: readonly [bigint, string][] = [
  [day, "day"],
  [3600n, "hour"],
  [60n, "minute"],
  [1n, "second"],
];
const year = 365n * day;

/** Seconds as a person says them at 3 am: "2 days and 1 hour", "about 9 years", "longer than a human life". */
export function inWords(seconds: bigint): string {
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
