/** Moments and spans as people type them: `now`, `8h`, `30min`, `2026-11-22T18:00`. */

import { Temporal } from "temporal-polyfill";
import { seconds, zoned } from "./rotation.ts";

/** "30min", "8 h", "2d" as seconds; undefined for anything else. */
export function readSpan(text: string): bigint | undefined {
  const [, count, unit = ""] = /^\s*(\d{1,4})\s*(m|min|minutes?|h|hours?|d|days?)\s*$/i.exec(text) ?? [];
  if (count === undefined) return undefined;
  const per = { m: 60n, h: 3600n, d: 86_400n }[unit.charAt(0).toLowerCase()];
  return per === undefined ? undefined : BigInt(count) * per;
}

/**
 * A moment in seconds: `now`, a span from `from` on, or a date and time; by the zone it names, else by `zone`. Undefined
 * for what is none, and for a time that the zone's clocks skip.
 */
export function readMoment(text: string, zone: string, from: bigint): bigint | undefined {
  if (/^\s*now\s*$/i.test(text)) return from;
  const span = readSpan(text);
  if (span !== undefined) return from + span;
  const written = text.trim().replace(/^(\d{4}-\d{2}-\d{2}) (?=\d)/, "$1T");
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/.test(written)) return undefined;
  try {
    if (/(Z|[+-]\d{2}:\d{2})$/.test(written)) return seconds(Temporal.Instant.from(written));
    const named = /\[.+\]$/.test(written) ? written : `${written}[${zone}]`;
    return seconds(Temporal.ZonedDateTime.from(named, { disambiguation: "reject" }).toInstant());
  } catch {
    return undefined;
  }
}

/** "Mon 23 Nov 09:00 (Europe/Berlin), 08:00 UTC". */
export function momentInWords(at: bigint, zone: string): string {
  const local = zoned(at, zone);
  const day = local.toLocaleString("en-GB", { weekday: "short", day: "numeric", month: "short" });
  const time = (one: Temporal.ZonedDateTime) => one.toPlainTime().toString({ smallestUnit: "minute" });
  const inUtc = `${time(zoned(at, "UTC"))} UTC`;
  return zone === "UTC" ? `${day} ${inUtc}` : `${day} ${time(local)} (${zone}), ${inUtc}`;
}
