/** People and alerts: taking one, giving it back, resolving it, and trying whether anybody comes. */

import { namesOf, personById } from "../policy.ts";
import { zeroHash } from "../primitives.ts";
import { incidentOf } from "../watch/incident-signals.ts";
import { type Alert, alertKey, isContainmentLeft, isOpen, isPressing, isStranded } from "./alert.ts";
import { type AlertEvent, alertEvent } from "./alert-events.ts";
import { firstPage, planOf, respondersTo, type WatchSetting, whoMay } from "./escalation.ts";
import { declines, does, type WatchDecision, type WatchIntent } from "./watch-intent.ts";

type Of<K extends WatchIntent["kind"]> = Extract<WatchIntent, { kind: K }>;

/** Stops paging until it runs out. Again by the same person, it runs anew. */
export function ack({ by, alert: wanted }: Of<"ack">, setting: WatchSetting): WatchDecision {
  const found = wanted === undefined ? onlyWaiting(setting) : openAlert(setting, wanted);
  if ("ok" in found) return found;
  const refused = withoutPart(by.person, found, setting, "acknowledge it");
  if (refused !== undefined) return refused;
  if (found.condition === "cleared" || found.condition === "pending")
    return declines(
      "ack/quiet",
      found.condition === "cleared"
        ? `${found.id} is cleared and calls nobody: resolve it with a note, /upgrade ack ${found.id} note="…".`
        : `${found.id} has not fired and calls nobody: nothing is to be acknowledged yet.`,
    );
  const until = setting.now + planOf(found.severity).ack;
  const acked = alertEvent("acked", { alert: found.id, by, until });
  return found.test
    ? does(acked, alertEvent("resolved", { alert: found.id, by, note: "A test, and it was seen." }))
    : does(acked);
}

/** Who acknowledged gives it back, and those on call are called again. */
export function giveBack({ by, alert }: Of<"giveBack">, setting: WatchSetting): WatchDecision {
  const found = openAlert(setting, alert);
  if ("ok" in found) return found;
  if (found.ownership.is !== "acked")
    return declines("ack/nobody", `Nobody has acknowledged ${alert}, so there is nothing to give back.`);
  const refused = withoutPart(by.person, found, setting, "give it back");
  if (refused !== undefined) return refused;
  const { person } = found.ownership;
  return does(
    alertEvent("ackEnded", { alert, person, by }),
    ...(isPressing(found) ? [firstPage(setting, found, "given back")] : []),
  );
}

/**
 * Over is what is cleared, whose containment is lifted or accepted, and of which somebody says what it was. What can never
 * clear, because its ceremony has ended, takes a guardian who says so in so many words.
 */
export function resolve({ by, alert, note, accept }: Of<"resolve">, setting: WatchSetting): WatchDecision {
  const found = openAlert(setting, alert);
  if ("ok" in found) return found;
  const refused = withoutPart(by.person, found, setting, "resolve it");
  if (refused !== undefined) return refused;
  if (note.trim() === "")
    return declines("resolve/note", `Say what it was: /upgrade ack ${alert} note="…". Whoever comes next reads it.`);
  const stranded = isStranded(found);
  const incident = incidentOf(found);
  if (found.condition !== "cleared" && incident !== undefined)
    return declines(
      "resolve/firing",
      `${alert} is firing until two people have settled ${incident}: /upgrade settle ${incident}. Then it can be resolved.`,
    );
  if (found.condition !== "cleared" && !stranded)
    return declines(
      "resolve/firing",
      `${alert} is ${found.condition}, and only what is cleared can be resolved: it is measured on every block, and no silence ends it. You can acknowledge it, /upgrade ack ${alert}.`,
    );
  if (found.rechecking && !stranded)
    return declines(
      "resolve/rechecking",
      `${alert} is measured again after a reorganisation: wait until that is done.`,
    );
  const left = isContainmentLeft(found);
  if ((stranded || left) && !accept)
    return declines(
      stranded ? "resolve/stranded" : "resolve/contained",
      stranded
        ? `${found.ceremony} has ended while ${alert} was ${found.condition}, and nothing measures it any more: a guardian ends it by saying what became of it, /upgrade ack ${alert} note="…" accept=true.`
        : `The containment of ${alert} is ${found.containment} and not lifted: resume the ceremony, or say that it is to stay with /upgrade ack ${alert} note="…" accept=true.`,
    );
  if ((stranded || left) && !personById(setting.policy, by.person)?.roles.includes("guardian"))
    return declines(
      "role",
      `${stranded ? `That ${alert} is over although it was never seen to pass` : `That the containment of ${alert} is to stay`} takes the word of a guardian.`,
      setting.policy.people.filter((one) => one.roles.includes("guardian")).map((one) => one.id),
    );
  const events: AlertEvent[] = left ? [alertEvent("containmentAccepted", { alert, by })] : [];
  return does(...events, alertEvent("resolved", { alert, by, note: note.trim() }));
}

/** The same way as a breach goes, marked as a test; whoever sees it acknowledges it, and it is over. */
export function testAlert({ by, severity, chain }: Of<"testAlert">, setting: WatchSetting): WatchDecision {
  const { state } = setting;
  const open = state.alerts.find((one) => one.test && isOpen(one));
  if (open !== undefined)
    return declines(
      "test/open",
      `${open.id} is a test that nobody has acknowledged yet: /upgrade ack ${open.id} ends it.`,
    );
  const alert = `alert-${state.alerts.length + 1}`;
  const subject = { ceremony: "", chain, metric: "test", target: by.person };
  const raised = alertEvent("alertRaised", {
    ...{ alert, key: alertKey(subject), ...subject, severity, condition: "firing", test: by },
    facts: {
      what: `Test by ${namesOf(setting.policy, [by.person])}: nothing is wrong`,
      block: { number: 0n, hash: zeroHash },
      sources: { agree: 1, of: 1 },
      digest: undefined,
      exposure: "",
      runbook: "Acknowledge it: that ends the test.",
      containment: undefined,
    },
  });
  return does(raised, ...(severity === 3 ? [] : [firstPage(setting, { id: alert, severity }, "raised")]));
}

/** The alert, or why there is none to act on. */
export function openAlert({ state }: WatchSetting, id: string): Alert | (WatchDecision & { ok: false }) {
  const found = state.alerts.find((one) => one.id === id);
  const open = state.alerts.filter(isOpen).map((one) => one.id);
  const there = open.length === 0 ? "Nothing is open." : `Open: ${open.join(", ")}.`;
  if (found === undefined) return no("alert/unknown", `There is no ${id}. ${there}`);
  return isOpen(found) ? found : no("alert/resolved", `${id} is resolved already. ${there}`);
}

function onlyWaiting({ state }: WatchSetting): Alert | (WatchDecision & { ok: false }) {
  const waiting = state.alerts.filter((one) => isPressing(one) && one.ownership.is !== "acked");
  const [only] = waiting;
  if (only !== undefined && waiting.length === 1) return only;
  return only === undefined
    ? no("ack/none", "No alert waits for somebody. /upgrade oncall says who is on call.")
    : no("ack/which", `Several alerts wait: say which you take, ${waiting.map((one) => one.id).join(" or ")}.`);
}

function withoutPart(
  person: string,
  alert: Alert,
  setting: WatchSetting,
  what: string,
): (WatchDecision & { ok: false }) | undefined {
  const able = respondersTo(setting, alert);
  if (able.includes(person)) return undefined;
  return no(
    "alert/part",
    `${alert.id} is not yours to answer, so you cannot ${what}: ${whoMay(setting, alert)} can. Tell them.`,
    able,
  );
}

function no(code: string, sentence: string, who: string[] = []): WatchDecision & { ok: false } {
  const refused = declines(code, sentence, who);
  if (refused.ok) throw new RangeError("A refusal is no decision to act.");
  return refused;
}
