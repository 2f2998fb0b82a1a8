/** Silences: at most four hours, with a reason; for severity 1 it takes two people. Their end is said where it still fires. */

import { namesOf } from "../policy.ts";
import { type Alert, isOpen, isPressing, type Severity } from "./alert.ts";
import { type AlertEvent, alertEvent } from "./alert-events.ts";
import { firstPage, respondersTo, silenceOf, type WatchSetting, whoMay } from "./escalation.ts";
import { openAlert } from "./owning.ts";
import { declines, does, type WatchDecision, type WatchIntent } from "./watch-intent.ts";
import type { Silence } from "./watch-state.ts";

type Of<K extends WatchIntent["kind"]> = Extract<WatchIntent, { kind: K }>;

/** Seconds. */
export const LONGEST_SILENCE = 4n * 3600n;
/** Seconds within which the second person has to agree. */
const SECOND_WORD = 900n;

export function silence(intent: Of<"silence">, setting: WatchSetting): WatchDecision {
  const { by, subject, lasts, reason } = intent;
  const { state, now } = setting;
  if (lasts <= 0n || lasts > LONGEST_SILENCE)
    return declines(
      "silence/long",
      "A silence lasts four hours at most: write for=2h or for=30min. It can be made anew when it is over.",
    );
  if (reason.trim() === "")
    return declines("silence/reason", 'Say why it may be silent: reason="…". Everyone reads it.');
  const about = subjectOf(subject, setting);
  if ("ok" in about) return about;
  const able = respondersTo(setting, about.alert);
  if (!able.includes(by.person))
    return declines("alert/part", `${about.name} is not yours to silence: ${whoMay(setting, about.alert)} can.`, able);
  const same = state.silences.find(
    (one) => isUnderWay(one, now) && ("alert" in subject ? one.alert === subject.alert : one.metric === subject.metric),
  );
  if (same !== undefined)
    return declines(
      "silence/again",
      same.state === "asked"
        ? `${same.id} is asked for already, and waits for a second person: /upgrade silence confirm=${same.id}.`
        : `${same.id} holds already. It is not made longer: end it with /upgrade silence end=${same.id}, and those on call hear of it.`,
    );
  const id = `silence-${state.silences.length + 1}`;
  const { worst } = about;
  const asked = alertEvent("silenceAsked", {
    silence: id,
    ...subject,
    until: now + lasts,
    worst,
    reason: reason.trim(),
    by,
  });
  return worst ? does(asked) : does(asked, alertEvent("silenced", { silence: id, people: [by.person] }));
}

/** The second person, of a silence that holds for severity 1. */
export function confirmSilence({ by, silence: id }: Of<"confirmSilence">, setting: WatchSetting): WatchDecision {
  const found = setting.state.silences.find((one) => one.id === id);
  if (found === undefined || !isUnderWay(found, setting.now))
    return declines("silence/unknown", `${id} is no silence that is under way: /upgrade oncall shows those there are.`);
  if (found.state === "active") return declines("silence/again", `${id} holds already.`);
  const about = confirmable(found, setting);
  if ("ok" in about) return about;
  const { able } = about;
  if (by.person === found.by || !able.includes(by.person))
    return declines(
      "silence/alone",
      by.person === found.by
        ? `You asked for ${id}; for severity 1 it takes a second person. Ask ${namesOf(setting.policy, able)}.`
        : `${about.name} is not yours to silence: ${namesOf(setting.policy, able)} can.`,
      able,
    );
  return does(alertEvent("silenced", { silence: id, people: [found.by, by.person] }));
}

/** What is asked for and not agreed to, and who can agree. */
export function silencesToConfirm(setting: WatchSetting): { silence: Silence; name: string; able: string[] }[] {
  const asked = setting.state.silences.filter((one) => one.state === "asked" && isUnderWay(one, setting.now));
  return asked.flatMap((silence) => {
    const about = confirmable(silence, setting);
    return "ok" in about ? [] : [{ silence, ...about }];
  });
}

function confirmable({ alert, metric, by }: Silence, setting: WatchSetting) {
  const about = subjectOf(alert === undefined ? { metric: metric ?? "" } : { alert }, setting);
  if ("ok" in about) return about;
  return { name: about.name, able: respondersTo(setting, about.alert).filter((one) => one !== by) };
}

export function endSilence({ by, silence: id }: Of<"endSilence">, setting: WatchSetting): WatchDecision {
  const found = setting.state.silences.find((one) => one.id === id);
  if (found === undefined || !isUnderWay(found, setting.now))
    return declines("silence/unknown", `${id} is no silence that is under way: /upgrade oncall shows those there are.`);
  return does(alertEvent("silenceEnded", { silence: id, by }), ...notified([found], setting));
}

/** Silences that are over now, and requests that nobody agreed to in time. */
export function overdueSilences({ state, now }: WatchSetting): Silence[] {
  return state.silences.filter(
    (one) =>
      (one.state === "active" && one.until <= now) || (one.state === "asked" && one.askedAt + SECOND_WORD <= now),
  );
}

/** What still fires when these silences end, also what began in the midst of them, is said again. */
export function notified(ended: readonly Silence[], setting: WatchSetting): AlertEvent[] {
  const state = { ...setting.state, silences: setting.state.silences.filter((one) => !ended.includes(one)) };
  const heard = (alert: Alert) => ended.some((one) => one.state === "active" && covers(one, alert));
  return state.alerts
    .filter((one) => heard(one) && isPressing(one) && one.ownership.is !== "acked")
    .filter((one) => silenceOf(state, one, setting.now) === undefined)
    .map((one) => firstPage(setting, one, "silence ended"));
}

function covers(silence: Silence, alert: Alert): boolean {
  if (alert.severity === 1 && !silence.worst) return false;
  return silence.alert === alert.id || (silence.metric === alert.metric && !alert.test);
}

const isUnderWay = (one: Silence, now: bigint) => one.state !== "ended" && one.until > now;

interface Subject {
  name: string;
  worst: boolean;
  alert: Pick<Alert, "severity" | "paging">;
}

/** One alert, or all of a metric; what may become severity 1 counts as that. */
function subjectOf(
  subject: { alert: string } | { metric: string },
  setting: WatchSetting,
): Subject | (WatchDecision & { ok: false }) {
  if ("alert" in subject) {
    const alert = openAlert(setting, subject.alert);
    return "ok" in alert ? alert : { name: alert.id, worst: alert.severity === 1, alert };
  }
  const { policy, state } = setting;
  const metric = policy.metrics.find((one) => one.id === subject.metric);
  const open = state.alerts.filter((one) => isOpen(one) && one.metric === subject.metric && !one.test);
  if (metric === undefined && open.length === 0) {
    const ids = policy.metrics.map((one) => one.id).join(", ");
    const unknown = declines("silence/metric", `Policy has no metric ${subject.metric}; it has ${ids}.`);
    if (!unknown.ok) return unknown;
  }
  const severities = [...(metric === undefined ? [] : [metric.severity]), ...open.map((one) => one.severity)];
  const severity = severities.reduce<Severity>((worst, one) => (one < worst ? one : worst), 3);
  const people = [...(metric === undefined ? [] : [metric.owner]), ...open.flatMap((one) => one.paging.people)];
  const paging = { since: 0n, level: undefined, at: 0n, people, posts: 0, incidents: 0, taken: false };
  return { name: subject.metric, worst: severity === 1, alert: { severity, paging } };
}
