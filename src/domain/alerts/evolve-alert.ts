/** What an event makes of its alert. */

import type { Alert, AlertFacts, Paging } from "./alert.ts";
import type { AlertEventData, LoggedAlertEvent } from "./alert-events.ts";

type AboutOne = Extract<LoggedAlertEvent, { data: { alert: string } }>;
type Change = Exclude<AboutOne, { type: "alertRaised" }>;

export function raised({ data, at }: Extract<LoggedAlertEvent, { type: "alertRaised" }>): Alert {
  const { alert: id, facts, test, ...rest } = data;
  return {
    id,
    ...rest,
    facts: factsOf(facts),
    unmeasured: false,
    rechecking: false,
    ownership: { is: "unacked" },
    containment: facts.containment === undefined ? "none" : "proposed",
    containmentOver: undefined,
    test: test !== undefined,
    openedAt: at,
    resolved: undefined,
    paging: { since: at, level: undefined, at, people: [], posts: 0, incidents: 0, taken: false },
  };
}

export function alertAfter(was: Alert, one: Change): Alert {
  switch (one.type) {
    case "conditionChanged":
      return { ...was, condition: one.data.condition, facts: factsOf(one.data.facts) };
    case "severityRaised":
      return { ...was, severity: one.data.severity, facts: factsOf(one.data.facts) };
    case "recheckChanged":
      return { ...was, rechecking: one.data.rechecking };
    case "containmentChanged":
      // Another one after the first was lifted is open again.
      return { ...was, containment: one.data.containment, containmentOver: undefined };
    case "measuringEnded":
      return { ...was, unmeasured: true };
    case "containmentLifted":
      return { ...was, containmentOver: "lifted" };
    case "containmentAccepted":
      return { ...was, containmentOver: "accepted" };
    case "paged":
      return paged(was, one.data, one.at);
    case "acked":
      return {
        ...was,
        ownership: { is: "acked", person: one.data.by.person, until: one.data.until },
        paging: { ...was.paging, taken: true },
      };
    case "ackEnded":
      return { ...was, ownership: { is: "unacked" } };
    case "resolved":
      return { ...was, resolved: { by: one.data.by.person, at: one.at, note: one.data.note } };
  }
}

function paged(was: Alert, data: AlertEventData<"paged">, at: bigint): Alert {
  const { level, people, cause, pagers, newest } = data;
  const goesOn = cause === "escalated" || cause === "repeated";
  const { since, incidents, posts, people: before, taken } = was.paging;
  const paging: Paging = {
    since: goesOn ? since : at,
    level,
    at,
    people: [...new Set([...before, ...people])],
    posts: posts + 1,
    incidents: pagers && (incidents === 0 || taken) ? incidents + 1 : incidents,
    taken: taken && !pagers,
  };
  const facts = newest === undefined ? was.facts : { ...was.facts, ...newest };
  return { ...was, facts, paging, ownership: level === 1 ? { is: "unacked" } : { is: "escalated", level } };
}

const factsOf = ({ digest, containment, ...rest }: AlertEventData<"conditionChanged">["facts"]): AlertFacts => ({
  ...rest,
  digest,
  containment,
});
