/** What wakes somebody: what, how bad, where, who must act, and one button. */

import type { CeremonyState } from "../../domain/ceremony.ts";
import type { LoggedEvent } from "../../domain/events.ts";
import { namesOf, type Policy } from "../../domain/policy.ts";
import type { Card } from "../../view.ts";

export function breachCard(
  state: CeremonyState,
  one: Extract<LoggedEvent, { type: "breached" }>,
  policy: Policy,
): Card {
  const { metric: id, severity, sentence, block, value, containment } = one.data;
  const metric = policy.metrics.find((item) => item.id === id);
  const prepared = state.package.containment.find((item) => item.id === containment);
  const called = severity === 1 ? policy.onCall.sev1 : severity === 2 ? policy.onCall.sev2 : policy.onCall.sev3;
  return {
    kind: "card",
    key: `${state.id}/breach/${id}`,
    revision: one.seq,
    audience: { kind: "channel" },
    tone: "bad",
    status: `SEV${severity} breach`,
    title: `${metric?.title ?? id}: ${sentence}`,
    summary: `${namesOf(policy, called)}: look now. Any guardian can contain: ${prepared?.action ?? containment}.`,
    facts: [
      { label: "Ceremony", value: `${state.id} · ${state.package.title}` },
      { label: "Value", value: `${value} ${metric?.unit === "none" ? "" : (metric?.unit ?? "")}`.trim() },
      { label: "Block", value: `${block.number} on ${block.chain}` },
      { label: "Runbook", value: metric?.runbook || "none in policy" },
    ],
    sections: [],
    pictures: [],
    actions: [
      {
        label: `Contain: ${prepared?.action ?? containment}`,
        command: "contain",
        options: { ceremony: state.id, containment },
        style: "danger",
        confirm: `Contain ${state.id} now? "${prepared?.action ?? containment}" is broadcast at once.`,
      },
      { label: "Why?", command: "why", options: { ceremony: state.id }, style: "plain" },
    ],
    footer: `log #${one.seq} · head ${one.hash.slice(0, 18)}…`,
    mentions: called,
  };
}
