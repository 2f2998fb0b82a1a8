/** Whose turn it is in one rotation, by the wall clocks of its zone. Instants are seconds since 1970. */

import { Temporal } from "temporal-polyfill";
import type { Rotation } from "./on-call-shape.ts";

/** Undefined where policy names a zone or a day that there is not. */
export function rotationProblem({ zone, starts, handover, hours }: Rotation): string | undefined {
  try {
    Temporal.PlainDate.from(starts).toZonedDateTime({ timeZone: zone, plainTime: handover });
  } catch (fault) {
    return fault instanceof RangeError && /zone/i.test(fault.message)
      ? `there is no zone ${zone}: write it as IANA has it, such as Europe/Berlin`
      : `there is no day ${starts}`;
  }
  return hours?.from !== undefined && hours.from === hours.to ? "its hours end where they begin" : undefined;
}

/** The person whose turn it is; undefined before the first handover, and outside of its hours. */
export function turnAt(rotation: Rotation, at: bigint): string | undefined {
  const { people, hours, zone } = rotation;
  const turn = turnNumber(rotation, at);
  if (turn < 0) return undefined;
  if (hours !== undefined && !isWithin(hours, zoned(at, zone).toPlainTime().toString({ smallestUnit: "minute" })))
    return undefined;
  return people[turn % people.length];
}

/** How many handovers there were after the first; -1 before it. A day without that time hands over when clocks skipped it. */
function turnNumber(rotation: Rotation, at: bigint): number {
  const { zone, starts, every } = rotation;
  const days = Temporal.PlainDate.from(starts).until(zoned(at, zone).toPlainDate(), { largestUnit: "day" }).days;
  const guess = Math.floor(days / every);
  return at >= handoverAt(rotation, guess) ? guess : guess - 1;
}

/** When a turn begins. Where clocks go back and the time comes twice, it is the first one (`compatible` of ECMA-402). */
function handoverAt({ zone, starts, handover, every }: Rotation, turn: number): bigint {
  const day = Temporal.PlainDate.from(starts).add({ days: turn * every });
  return seconds(day.toZonedDateTime({ timeZone: zone, plainTime: handover }).toInstant());
}

/** Moments in (from, until] at which the answer of {@link turnAt} may change. */
export function changesOf(rotation: Rotation, from: bigint, until: bigint): bigint[] {
  const { zone, hours } = rotation;
  const found: bigint[] = [];
  for (let turn = Math.max(0, turnNumber(rotation, from)); ; turn += 1) {
    const at = handoverAt(rotation, turn);
    if (at > until) break;
    found.push(at);
  }
  if (hours !== undefined) found.push(...clockChanges(zone, from, until), ...hoursOf(zone, hours, from, until));
  return found.filter((at) => at > from && at <= until);
}

/** Where clocks go forward or back: an hour may begin or end in the very jump. */
function clockChanges(zone: string, from: bigint, until: bigint): bigint[] {
  const found: bigint[] = [];
  for (let at = zoned(from, zone).getTimeZoneTransition("next"); at !== null; at = at.getTimeZoneTransition("next")) {
    if (seconds(at.toInstant()) > until) break;
    found.push(seconds(at.toInstant()));
  }
  return found;
}

function hoursOf(zone: string, hours: { from: string; to: string }, from: bigint, until: bigint): bigint[] {
  const last = zoned(until, zone).toPlainDate().add({ days: 1 });
  const found: bigint[] = [];
  for (
    let day = zoned(from, zone).toPlainDate();
    Temporal.PlainDate.compare(day, last) <= 0;
    day = day.add({ days: 1 })
  )
    for (const time of [hours.from, hours.to])
      for (const disambiguation of ["earlier", "later"] as const)
        found.push(seconds(day.toPlainDateTime(time).toZonedDateTime(zone, { disambiguation }).toInstant()));
  return found;
}

function isWithin({ from, to }: { from: string; to: string }, time: string): boolean {
  return from < to ? time >= from && time < to : time >= from || time < to;
}

export function zoned(at: bigint, zone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(Number(at) * 1000).toZonedDateTimeISO(zone);
}

export function seconds(at: Temporal.Instant): bigint {
  return BigInt(Math.floor(at.epochMilliseconds / 1000));
}
