/** Who is called when: SEV1 at 0, 5 and 10 minutes and then every 15, SEV2 at 0, 15 and 30, SEV3 nobody. */

import { namesOf, type Policy, personById, withRole } from "../policy.ts";
import type { Alert, Level, Severity } from "./alert.ts";
import { type AlertEvent, type AlertEventData, alertEvent } from "./alert-events.ts";
import { isKept, onCallAt } from "./on-call.ts";
import type { Silence, WatchState } from "./watch-state.ts";

/** What every decision about alerts is given. */
export interface WatchSetting {
  state: WatchState;
  /** With the people as they count now. */
  policy: Policy;
  /** Wall time, seconds. */
  now: bigint;
}

const MINUTE = 60n;

interface Plan {
  /** Seconds after the clock began, by level. */
  after: Readonly<Record<Level, bigint>>;
  /** Seconds between two pages once everybody was called; undefined: it is not said again. */
  again: bigint | undefined;
  /** Seconds for which an acknowledgement holds. */
  ack: bigint;
}

const sev1: Plan = { after: { 1: 0n, 2: 5n * MINUTE, 3: 10n * MINUTE }, again: 15n * MINUTE, ack: 15n * MINUTE };
const sev2: Plan = { after: { 1: 0n, 2: 15n * MINUTE, 3: 30n * MINUTE }, again: undefined, ack: 60n * MINUTE };
const levels: readonly Level[] = [1, 2, 3];

export const planOf = (severity: Severity): Plan => (severity === 1 ? sev1 : sev2);

/** Everybody of a level who can act now, by name; empty where nobody is there. */
export function peopleAt({ state, policy, now }: WatchSetting, severity: Severity, level: Level): string[] {
  const able = (id: string) => personById(policy, id)?.frozen === false;
  if (level === 3) return withRole(policy, "guardian");
  const kept = level === 1 ? "primary" : "secondary";
  if (level === 1 && !isKept(policy.onCall, "primary") && !hasOverride(state, now)) {
    const { sev1: first, sev2: second, sev3: third } = policy.onCall;
    return (severity === 1 ? first : severity === 2 ? second : third).filter(able);
  }
  return onCallAt(policy.onCall, state.overrides, kept, now, able);
}

const hasOverride = ({ overrides }: WatchState, now: bigint) =>
  overrides.some((one) => one.level === "primary" && one.from <= now && now < one.until);

/** The level that is called in place of `wanted`: an empty one is passed over at once. The last is never passed over. */
export function rungFrom(
  setting: WatchSetting,
  severity: Severity,
  wanted: Level,
): { level: Level; people: string[]; empty: Level[] } {
  const empty: Level[] = [];
  for (const level of levels.filter((one) => one >= wanted)) {
    const people = peopleAt(setting, severity, level);
    if (people.length > 0 || level === 3) return { level, people, empty };
    empty.push(level);
  }
  return { level: 3, people: [], empty };
}

/** A page that begins anew: the levels count from now on. `also`: who is called beside those of the first level. */
export function firstPage(
  setting: WatchSetting,
  alert: { id: string; severity: Severity },
  cause: AlertEventData<"paged">["cause"],
  also: readonly string[] = [],
): AlertEvent {
  const { level, people, empty } = rungFrom(setting, alert.severity, 1);
  return page(setting, alert.id, { level, empty, cause, people: [...new Set([...also, ...people])] });
}

function page(
  { policy }: WatchSetting,
  alert: string,
  data: Pick<AlertEventData<"paged">, "level" | "people" | "empty" | "cause">,
): AlertEvent {
  return alertEvent("paged", { alert, pagers: data.level >= policy.onCall.pagersFrom, ...data });
}

/** When the next page is due, if nobody does anything; undefined where none is to come. */
export function nextPageAt({ severity, paging }: Pick<Alert, "severity" | "paging">): bigint | undefined {
  const { after, again } = planOf(severity);
  const level = paging.level;
  if (level === undefined) return paging.since;
  if (level < 3) return paging.since + after[level === 1 ? 2 : 3];
  return again === undefined ? undefined : paging.at + again;
}

/** The page that is due now. After a while in which nothing ran, the levels that were missed are called with the last of them. */
export function duePage(setting: WatchSetting, alert: Alert): AlertEvent | undefined {
  const { severity, paging } = alert;
  const at = nextPageAt(alert);
  if (at === undefined || at > setting.now) return undefined;
  if (paging.level === 3)
    return page(setting, alert.id, { ...onRung(rungFrom(setting, severity, 3)), cause: "repeated" });
  const { after } = planOf(severity);
  const due = levels.filter((one) => one > (paging.level ?? 0) && paging.since + after[one] <= setting.now);
  const rungs = due.map((one) => rungFrom(setting, severity, one));
  const last = rungs.at(-1);
  if (last === undefined) return undefined;
  const people = [...new Set(rungs.flatMap((one) => one.people))];
  const empty = [...new Set(rungs.flatMap((one) => one.empty))];
  return page(setting, alert.id, { level: last.level, people, empty, cause: "escalated" });
}

const onRung = ({ level, people, empty }: ReturnType<typeof rungFrom>) => ({ level, people, empty });

/** The silence that holds for an alert now. One that a single person made does not hold once it is severity 1. */
export function silenceOf(
  { silences }: WatchState,
  alert: Pick<Alert, "id" | "metric" | "severity" | "test">,
  now: bigint,
): Silence | undefined {
  return silences.find(
    (one) => one.state === "active" && now < one.until && (one.worst || alert.severity > 1) && isAbout(one, alert),
  );
}

/** Whether a silence, in force or not, was asked for this alert or for its metric. */
export function isAbout(
  silence: Pick<Silence, "alert" | "metric">,
  { id, metric, test }: Pick<Alert, "id" | "metric" | "test">,
): boolean {
  return silence.alert === id || (silence.metric === metric && !test);
}

/** Who may take an alert: who was called, who is on call now, guardians and admins. */
export function respondersTo(setting: WatchSetting, alert: Pick<Alert, "severity" | "paging">): string[] {
  const { policy } = setting;
  const on = levels.flatMap((level) => peopleAt(setting, alert.severity, level));
  const all = new Set([...alert.paging.people, ...on, ...withRole(policy, "admin")]);
  return policy.people.filter((one) => all.has(one.id) && !one.frozen).map((one) => one.id);
}

/** "Caro or Dev", for a refusal. */
export const whoMay = (setting: WatchSetting, alert: Pick<Alert, "severity" | "paging">): string =>
  namesOf(setting.policy, respondersTo(setting, alert));
