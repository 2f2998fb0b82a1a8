/** One card a silence: everybody sees what is not said aloud, why, until when, and who wanted it. */

import type { Silence } from "../../domain/alerts/watch-state.ts";
import { namesOf, type Policy } from "../../domain/policy.ts";
import type { Action, Card } from "../../view.ts";
import { utc } from "./sentences.ts";

export function silenceCard(silence: Silence, policy: Policy, revision: number): Card {
  const { id, alert, metric, until, worst, reason, by, state, people } = silence;
  const about = alert ?? `every alert of ${metric}`;
  const end: Action = { label: "End it", command: "silence", options: { end: id }, style: "plain" };
  const agree: Action = {
    ...{ label: "Agree", command: "silence", options: { confirm: id } },
    style: "danger",
    confirm: `Call nobody for ${about} until ${utc(until)}?`,
  };
  const words = {
    asked: [
      "warning",
      "waits for a second person",
      "It is severity 1: nothing is silent until somebody else agrees within 15 minutes.",
    ],
    active: [
      "warning",
      "silent",
      `Nobody is called for it until ${utc(until)}; if it still fires then, those on call are.`,
    ],
    ended: ["neutral", "over", "It calls again."],
  } as const;
  const [tone, status, summary] = words[state];
  return {
    kind: "card",
    key: `silences/${id}`,
    revision,
    audience: { kind: "channel" },
    tone,
    status,
    title: `Silence of ${about}`,
    summary,
    facts: [
      { label: "Reason", value: reason },
      { label: "Asked for by", value: namesOf(policy, [by]) },
      ...(people.length > 1
        ? [{ label: "Agreed", value: people.map((one) => namesOf(policy, [one])).join(", ") }]
        : []),
      { label: "Until", value: utc(until) },
    ],
    sections: [],
    pictures: [],
    actions: state === "asked" ? [agree, end] : state === "active" ? [end] : [],
    footer: `${id} · ${worst ? "holds for severity 1" : "does not hold for severity 1"} · log of the watch #${revision}`,
    mentions: [],
  };
}
