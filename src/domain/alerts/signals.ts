/** What was measured becomes alerts: one a subject, however often it is said. */

import { system } from "../events.ts";
import type { Alert } from "./alert.ts";
import { alertKey, isOpen, isSameSubject } from "./alert.ts";
import { type AlertEvent, type AlertEventData, alertEvent, mostLetters as most } from "./alert-events.ts";
import { firstPage, silenceOf, type WatchSetting } from "./escalation.ts";
import { type AlertSignal, does, type WatchDecision, type WatchIntent } from "./watch-intent.ts";

export function signal({ signal }: Extract<WatchIntent, { kind: "signal" }>, setting: WatchSetting): WatchDecision {
  const known = setting.state.alerts.find((one) => isSameSubject(one, signal) && isOpen(one) && !one.test);
  if (known !== undefined) return does(...changed(known, signal, setting));
  if (signal.condition !== "pending" && signal.condition !== "firing") return does();
  const alert = `alert-${setting.state.alerts.length + 1}`;
  const { ceremony, chain, metric, target, severity, condition } = signal;
  const [key, facts] = [alertKey(signal), factsOf(signal)];
  const raised = alertEvent("alertRaised", { alert, key, ceremony, chain, metric, target, severity, condition, facts });
  return does(
    raised,
    ...pages({ id: alert, metric, severity, test: false }, condition, "raised", setting),
    ...axis(alert, "none", signal),
  );
}

/** Nobody is called while it is only pending, of severity 3, or silenced: the end of the silence looks again. */
function pages(
  alert: Pick<Alert, "id" | "metric" | "severity" | "test">,
  condition: Alert["condition"],
  cause: AlertEventData<"paged">["cause"],
  setting: WatchSetting,
): AlertEvent[] {
  const isQuiet = alert.severity === 3 || silenceOf(setting.state, alert, setting.now) !== undefined;
  return condition !== "firing" || isQuiet ? [] : [firstPage(setting, alert, cause)];
}

function changed(known: Alert, signal: AlertSignal, setting: WatchSetting): AlertEvent[] {
  const { id, severity } = known;
  const facts = factsOf(signal);
  const rechecking = signal.rechecking ?? false;
  const events: AlertEvent[] = [];
  if (rechecking !== known.rechecking) events.push(alertEvent("recheckChanged", { alert: id, rechecking }));
  // While orphaned blocks are measured again nothing gets better: the alert stays open.
  const condition = rechecking && signal.condition !== "firing" ? known.condition : signal.condition;
  const isWorse = signal.severity < severity;
  if (isWorse) events.push(alertEvent("severityRaised", { alert: id, severity: signal.severity, facts }));
  if (condition !== known.condition && !isStepBack(known.condition, condition))
    events.push(alertEvent("conditionChanged", { alert: id, condition, facts }));
  const worst = isWorse ? signal.severity : severity;
  const fresh = condition === "firing" && (known.condition === "pending" || known.condition === "cleared");
  if (fresh || (isWorse && condition === "firing")) {
    const cause = isWorse ? "worse" : known.condition === "pending" ? "raised" : "raised again";
    events.push(...pages({ ...known, severity: worst }, "firing", cause, setting));
  }
  if (signal.over === true && !known.unmeasured) events.push(alertEvent("measuringEnded", { alert: id }));
  events.push(...axis(id, known.containment, signal, known));
  // What never fired woke nobody and needs nobody's word.
  if (known.condition === "pending" && condition === "cleared")
    events.push(alertEvent("resolved", { alert: id, by: system, note: "It never fired." }));
  return events;
}

/** A window that no longer suffices for a breach does not make one that was paged into a mere suspicion. */
function isStepBack(from: Alert["condition"], to: Alert["condition"]): boolean {
  return to === "pending" && from !== "pending";
}

function axis(
  alert: string,
  was: Alert["containment"],
  { containment, lifted }: AlertSignal,
  known?: Alert,
): AlertEvent[] {
  const events: AlertEvent[] = [];
  if (containment !== undefined && containment !== was && !isForgotten(was, containment))
    events.push(alertEvent("containmentChanged", { alert, containment }));
  const stands = known?.containment === "confirmed" || containment === "confirmed";
  if (lifted === true && stands && known?.containmentOver === undefined)
    events.push(alertEvent("containmentLifted", { alert }));
  return events;
}

/** Nothing takes back that a containment was sent, and only a new word sends it again after it took effect. */
function isForgotten(was: Alert["containment"], now: Alert["containment"]): boolean {
  const order = ["none", "proposed", "failed", "submitted", "confirmed"] as const;
  return now === "none" || now === "proposed" ? order.indexOf(now) < order.indexOf(was) : false;
}

/** As long as the log takes them: what chains and several findings say together may be longer than a message should be. */
function factsOf({ facts }: AlertSignal): AlertEventData<"alertRaised">["facts"] {
  const { containment } = facts;
  return {
    ...facts,
    what: cut(facts.what, most.what),
    exposure: cut(facts.exposure, most.exposure),
    runbook: cut(facts.runbook, most.runbook),
    containment: containment && { ...containment, action: cut(containment.action, most.action) },
  };
}

/** Never within half a character. */
function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1).replace(/[\ud800-\udbff]$/, "")}…`;
}
