/** decideWatch(state, intent, policy, now): events, or a refusal. Pure; what became due is found by comparing moments. */

import { frozenRefusal } from "../frozen.ts";
import type { Policy } from "../policy.ts";
import { type Alert, isOpen, isPressing } from "./alert.ts";
import { type AlertEvent, alertEvent, type NewestFact } from "./alert-events.ts";
import { duePage, firstPage, silenceOf, type WatchSetting } from "./escalation.ts";
import { ack, giveBack, resolve, testAlert } from "./owning.ts";
import { signal } from "./signals.ts";
import { confirmSilence, endSilence, notified, overdueSilences, silence } from "./silencing.ts";
import { calendar, endOverride, handOver, setOverride } from "./turns.ts";
import { declines, does, type WatchDecision, type WatchIntent } from "./watch-intent.ts";
import type { WatchState } from "./watch-state.ts";
import { armWatchdog, watchdogDown, watchdogUp } from "./watchdog.ts";

/** `policy` has the people as they count now; `now` is wall time in seconds. */
export function decideWatch(state: WatchState, intent: WatchIntent, policy: Policy, now: bigint): WatchDecision {
  const setting: WatchSetting = { state, policy, now };
  const frozen = frozenRefusal(policy, intent.by.person);
  if (frozen !== undefined) return declines(frozen.code, frozen.sentence, frozen.who);
  const decision = decided(intent, setting);
  return decision.ok ? does(...decision.events.map((one) => withNewest(one, intent.newest))) : decision;
}

function decided(intent: WatchIntent, setting: WatchSetting): WatchDecision {
  switch (intent.kind) {
    case "signal":
      return signal(intent, setting);
    case "ack":
      return ack(intent, setting);
    case "giveBack":
      return giveBack(intent, setting);
    case "resolve":
      return resolve(intent, setting);
    case "silence":
      return silence(intent, setting);
    case "confirmSilence":
      return confirmSilence(intent, setting);
    case "endSilence":
      return endSilence(intent, setting);
    case "setOverride":
      return setOverride(intent, setting);
    case "endOverride":
      return endOverride(intent, setting);
    case "handOver":
      return handOver(intent, setting);
    case "testAlert":
      return testAlert(intent, setting);
    case "tick":
      return does(...due(setting), ...(intent.calendar ? calendar(setting) : []));
    case "armWatchdog":
      return armWatchdog(intent, setting);
    case "watchdogDown":
      return watchdogDown(intent, setting);
    case "watchdogUp":
      return watchdogUp(intent, setting);
  }
}

/** Everything whose time has come. Looked at from the state alone, so that what passed while nothing ran comes now. */
function due(setting: WatchSetting): AlertEvent[] {
  const over = overdueSilences(setting);
  const ended = over.map((one) => alertEvent("silenceEnded", { silence: one.id }));
  const left = {
    ...setting,
    state: { ...setting.state, silences: setting.state.silences.filter((one) => !over.includes(one)) },
  };
  const again = notified(over, setting);
  const isSaid = (alert: Alert) => again.some((one) => one.type === "paged" && one.data.alert === alert.id);
  const open = setting.state.alerts.filter((one) => isOpen(one) && !isSaid(one));
  return [...ended, ...again, ...open.flatMap((one) => dueOf(one, left))];
}

/** Whoever is called hears what is so now. */
function withNewest(one: AlertEvent, known: ReadonlyMap<string, NewestFact> | undefined): AlertEvent {
  if (one.type !== "paged") return one;
  const newest = known?.get(one.data.alert);
  return newest === undefined ? one : alertEvent("paged", { ...one.data, newest });
}

function dueOf(alert: Alert, setting: WatchSetting): AlertEvent[] {
  const { ownership, id } = alert;
  const isQuiet = !isPressing(alert) || silenceOf(setting.state, alert, setting.now) !== undefined;
  if (ownership.is === "acked") {
    if (ownership.until > setting.now) return [];
    const { person } = ownership;
    const ended = alertEvent("ackEnded", { alert: id, person });
    return isQuiet ? [ended] : [ended, firstPage(setting, alert, "acknowledgement ran out", [person])];
  }
  const page = isQuiet ? undefined : duePage(setting, alert);
  return page === undefined ? [] : [page];
}
