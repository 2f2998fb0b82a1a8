/** What is wrong with who is on call: people and rotations that there are not, clocks that nobody has, times without anybody. */

import { gaps, isKept, shifts } from "../domain/alerts/on-call.ts";
import type { OnCall } from "../domain/alerts/on-call-shape.ts";
import { changesOf, rotationProblem, zoned } from "../domain/alerts/rotation.ts";
import type { PolicyFiles } from "./policy-files.ts";

const levels = ["primary", "secondary"] as const;

/** Each problem as `FILE: path: reason`. */
export function onCallProblems({ council, onCall: { file, value } }: PolicyFiles): string[] {
  const people = council.value.people.map((one) => one.id);
  const rotations = value.rotations.map((one) => one.id);
  const nobody = (path: string, id: string) => `${file}: ${path}: nobody in council.yaml is called ${id}`;
  return [
    ...(["sev1", "sev2", "sev3"] as const).flatMap((list) =>
      value[list].filter((id) => !people.includes(id)).map((id) => nobody(list, id)),
    ),
    ...levels.flatMap((level) =>
      value[level]
        .filter((id) => !people.includes(id) && !rotations.includes(id))
        .map((id) => `${nobody(level, id)}, and no rotation either`),
    ),
    ...value.rotations.flatMap((one, index) => {
      const at = `rotations.${one.id}`;
      const problem = rotationProblem(one);
      return [
        ...one.people.filter((id) => !people.includes(id)).map((id) => nobody(`${at}.people`, id)),
        ...(problem === undefined ? [] : [`${file}: ${at}: ${problem}`]),
        ...(rotations.indexOf(one.id) === index ? [] : [`${file}: ${at}: two rotations have this id`]),
        ...(people.includes(one.id) ? [`${file}: ${at}: a person has this id too`] : []),
      ];
    }),
  ];
}

const DAY = 86_400n;
/** Both jumps of a year's clocks lie in it. */
const SPAN = 366n * DAY;
/** Two gaps tell what is wrong; the rest are the same again. */
const MOST = 2;

/**
 * What is no fault, and still should be known: times without anybody, and people who would be called twice in place of
 * one after the other. Looked for in the year after the last rotation has begun. For files without problems.
 */
export function onCallWarnings(onCall: OnCall): string[] {
  const from = onCall.rotations.map((one) => firstHandover(one)).reduce((a, b) => (a > b ? a : b), 0n);
  const span = { from, until: from + SPAN };
  return [
    ...levels.flatMap((level) => {
      const found = gaps(onCall, [], level, span);
      const shown = found.slice(0, MOST).map((one) => `from ${day(one.from)} to ${day(one.until)}`);
      const more = found.length > MOST ? `, and ${found.length - MOST} times more in a year` : "";
      return found.length === 0 ? [] : [`on-call.yaml: ${level}: nobody is on ${shown.join(" and ")}${more}`];
    }),
    ...(isKept(onCall, "primary") ? twice(onCall, span) : []),
  ];
}

function firstHandover(rotation: OnCall["rotations"][number]): bigint {
  const [year = 1970, month = 1, date = 1] = rotation.starts.split("-").map(Number);
  const about = BigInt(Date.UTC(year, month - 1, date) / 1000);
  const [first] = changesOf({ ...rotation, hours: undefined }, about - 2n * DAY, about + 3n * DAY);
  return first ?? about;
}

/** Escalation that calls the same person again is none. */
function twice(onCall: OnCall, span: { from: bigint; until: bigint }): string[] {
  const second = shifts(onCall, [], "secondary", span);
  for (const first of shifts(onCall, [], "primary", span)) {
    const same = second.find(
      (one) => one.from < first.until && first.from < one.until && isSame(one.people, first.people),
    );
    if (same === undefined) continue;
    const from = same.from > first.from ? same.from : first.from;
    return [
      `on-call.yaml: secondary: from ${day(from)} on it is ${first.people.join(", ")}, who is primary too: nobody else is called`,
    ];
  }
  return [];
}

const isSame = (some: readonly string[], others: readonly string[]) =>
  some.length > 0 && some.every((one) => others.includes(one));

const day = (at: bigint) =>
  `${zoned(at, "UTC").toPlainDateTime().toString({ smallestUnit: "minute" }).replace("T", " ")} UTC`;
