/** What happened to an alert, in a sentence for its thread. */

import type { AlertEvent, AlertEventData } from "../../domain/alerts/alert-events.ts";
import { namesOf, type Policy, personById } from "../../domain/policy.ts";
import type { Tone } from "../../view.ts";
import { utc } from "./sentences.ts";

/** Undefined where nobody needs to read of it. */
export function alertSentence(one: AlertEvent, policy: Policy): { tone: Tone; text: string } | undefined {
  const name = (id: string) => namesOf(policy, [id]);
  switch (one.type) {
    case "alertRaised":
      return {
        tone: one.data.condition === "pending" ? "warning" : "bad",
        text: `SEV${one.data.severity}: ${one.data.facts.what}${one.data.condition === "pending" ? ", not long enough to call somebody yet" : ""}.`,
      };
    case "conditionChanged":
      return { tone: one.data.condition === "firing" ? "bad" : "progress", text: conditionText(one.data) };
    case "severityRaised":
      return { tone: "bad", text: `It is severity ${one.data.severity} now: ${one.data.facts.what}.` };
    case "recheckChanged":
      return one.data.rechecking
        ? { tone: "warning", text: "A reorganisation took its blocks: they are measured again, and it stays open." }
        : { tone: "neutral", text: "What the reorganisation took is measured again." };
    case "containmentChanged":
      return { tone: "warning", text: `The containment is ${one.data.containment}.` };
    case "measuringEnded":
      return {
        tone: "warning",
        text: "Its ceremony has ended, and nothing measures it any more: a guardian says what became of it.",
      };
    case "containmentLifted":
      return { tone: "progress", text: "What was contained runs again." };
    case "containmentAccepted":
      return { tone: "warning", text: `${name(one.data.by.person)} says that the containment is to stay.` };
    case "paged":
      return { tone: "bad", text: pageText(one.data, policy) };
    case "acked":
      return { tone: "warning", text: `${name(one.data.by.person)} has it until ${utc(one.data.until)}.` };
    case "ackEnded":
      return {
        tone: "warning",
        text:
          one.data.by === undefined
            ? `The acknowledgement of ${name(one.data.person)} ran out.`
            : `${name(one.data.by.person)} gave it back.`,
      };
    case "resolved":
      return { tone: "good", text: `Resolved by ${name(one.data.by.person)}: ${one.data.note}` };
    default:
      return undefined;
  }
}

function conditionText({ condition, facts }: AlertEventData<"conditionChanged">): string {
  if (condition === "firing") return `It fires: ${facts.what}.`;
  if (condition === "clearing") return "It passes again, and not yet for long enough.";
  return condition === "cleared" ? "It is cleared. Somebody has to say what it was." : "It is pending.";
}

function pageText({ level, people, empty, cause, pagers }: AlertEventData<"paged">, policy: Policy): string {
  const names = people.map((id) => personById(policy, id)?.name ?? id).join(", ") || "nobody";
  const passed = empty.length === 0 ? "" : ` Nobody was there at level ${empty.join(" and ")}.`;
  return `Called at level ${level} (${cause}): ${names}${pagers ? ", and the pagers" : ""}.${passed}`;
}
