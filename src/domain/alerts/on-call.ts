/** Who is on call, now and next: rotations of policy, with what people said in chat on top. Pure; instants are seconds. */

import type { OnCall } from "./on-call-shape.ts";
import { changesOf, turnAt } from "./rotation.ts";

/** The levels that are kept by turns; the third is everybody who may contain. */
export type KeptLevel = "primary" | "secondary";

/** Somebody takes a level over for a while. */
export interface Override {
  /** `override-3`. */
  id: string;
  level: KeptLevel;
  person: string;
  /** From this second on, and up to but not including the other. */
  from: bigint;
  until: bigint;
  /** What whoever comes next should know. */
  note: string;
}

/** Times during which the same people are on. */
export interface Shift {
  people: string[];
  from: bigint;
  until: bigint;
}

/** Whether the level is kept at all; where primary is not, policy's lists by severity stand for it. */
export function isKept(onCall: OnCall, level: KeptLevel): boolean {
  return onCall[level].length > 0;
}

/** Who is on at a moment. The override that was set last counts; `able` leaves out who cannot act, such as the frozen. */
export function onCallAt(
  onCall: OnCall,
  overrides: readonly Override[],
  level: KeptLevel,
  at: bigint,
  able: (person: string) => boolean = () => true,
): string[] {
  const override = overrides.findLast((one) => one.level === level && one.from <= at && at < one.until);
  if (override !== undefined && able(override.person)) return [override.person];
  const people = onCall[level].flatMap((id) => {
    const rotation = onCall.rotations.find((one) => one.id === id);
    return rotation === undefined ? [id] : (turnAt(rotation, at) ?? []);
  });
  return [...new Set(people)].filter(able);
}

/** The shifts of a span of time, in order and without holes; neighbours differ. */
export function shifts(
  onCall: OnCall,
  overrides: readonly Override[],
  level: KeptLevel,
  span: { from: bigint; until: bigint },
  able?: (person: string) => boolean,
): Shift[] {
  const rotations = onCall.rotations.filter((one) => onCall[level].includes(one.id));
  const set = overrides.filter((one) => one.level === level).flatMap((one) => [one.from, one.until]);
  const changes = [...rotations.flatMap((one) => changesOf(one, span.from, span.until)), ...set];
  const inside = changes.filter((at) => at > span.from && at < span.until);
  const starts = [...new Set([span.from, ...inside])].sort((a, b) => (a < b ? -1 : 1));
  const found: Shift[] = [];
  for (const [index, from] of starts.entries()) {
    const people = onCallAt(onCall, overrides, level, from, able);
    const until = starts[index + 1] ?? span.until;
    const before = found.at(-1);
    if (before !== undefined && before.people.join() === people.join()) before.until = until;
    else found.push({ people, from, until });
  }
  return found;
}

/** Where nobody is on, of a level that is kept. */
export function gaps(...given: Parameters<typeof shifts>): Shift[] {
  const [onCall, , level] = given;
  return isKept(onCall, level) ? shifts(...given).filter((one) => one.people.length === 0) : [];
}
