/** What wakes somebody: what, how bad, where, who must act, and one button. */

import type { CeremonyState } from "../../domain/ceremony.ts";
import type { LoggedEvent } from "../../domain/events.ts";
import { type Policy, personById } from "../../domain/policy.ts";
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
  const phase = state.package.phases[state.currentPhase]?.id ?? "unknown";
  const chain = policy.chains.find((item) => item.id === block.chain)?.name ?? block.chain;
  return {
    kind: "card",
    // Of this breach alone: an edit wakes nobody, so the next one is a message of its own.
    key: `${state.id}/breach/${id}/${one.seq}`,
    revision: one.seq,
    audience: { kind: "channel" },
    tone: "bad",
    status: "breach",
    // All of it in the line that a locked phone shows: how bad, what, where, who.
    title: `SEV${severity}: ${sentence.replace(/\.$/, "")} (${state.id}, phase ${phase}, ${chain}). ${listed(called, policy)}: look now.`,
    summary: `Any guardian can contain it: ${prepared?.action ?? containment}.`,
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
        revision: state.revision,
        style: "danger",
        confirm: `Contain ${state.id} now? "${prepared?.action ?? containment}" is broadcast at once.`,
      },
      { label: "Why?", command: "why", options: { ceremony: state.id }, style: "plain" },
    ],
    footer: `log #${one.seq} · head ${one.hash.slice(0, 18)}…`,
    mentions: called,
    urgent: true,
  };
}

/** "Caro, Dev and Gus": all of them are called. */
function listed(people: readonly string[], policy: Policy): string {
  const names = people.map((id) => personById(policy, id)?.name ?? id);
  return names.length < 2 ? names.join() : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}
