/** The one message a ceremony that all its alerts are listed in, edited as they change; each breach has a thread of its own. */

import { type Alert, alertWord, isOpen } from "../../domain/alerts/alert.ts";
import { silenceOf, type WatchSetting } from "../../domain/alerts/escalation.ts";
import type { Card } from "../../view.ts";
import { alertListKey } from "./alert-card.ts";

/** Resolved ones that are still shown. */
const MOST_OVER = 5;

export function alertListCard(ceremony: string, setting: WatchSetting): Card {
  const { state, now } = setting;
  const all = state.alerts.filter((one) => one.ceremony === ceremony);
  const open = all.filter(isOpen);
  const over = all.filter((one) => !isOpen(one)).slice(-MOST_OVER);
  const firing = open.filter((one) => one.condition === "firing" || one.condition === "clearing");
  const line = (one: Alert) =>
    `${one.id}: SEV${one.severity} ${alertWord(one, silenceOf(state, one, now) !== undefined)}, ${one.facts.what}`;
  return {
    kind: "card",
    key: alertListKey(ceremony),
    revision: state.seq,
    audience: { kind: "channel" },
    tone: firing.length > 0 ? "bad" : open.length > 0 ? "warning" : "good",
    status: firing.length > 0 ? "alerts" : open.length > 0 ? "to be resolved" : "no alert",
    title: ceremony === "" ? "Alerts of no ceremony" : `Alerts of ${ceremony}`,
    summary:
      firing.length > 0
        ? firing.length === 1
          ? "One alert fires; it has a message and a thread of its own."
          : `${firing.length} alerts fire; each has a message and a thread of its own.`
        : open.length > 0
          ? "Nothing fires; somebody has to say what it was."
          : "Everything is resolved.",
    facts: [],
    sections: [
      ...(open.length > 0 ? [{ title: "Open", style: "list" as const, lines: open.map(line) }] : []),
      ...(over.length > 0 ? [{ title: "Resolved", style: "list" as const, lines: over.map(line) }] : []),
    ],
    pictures: [],
    actions: [],
    footer: `log of the watch #${state.seq}`,
    mentions: [],
  };
}
