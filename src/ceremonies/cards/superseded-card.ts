/** Wakes those on call when a revision that was given up stands in the timelock: its signatures were still good. */

import type { CeremonyState } from "../../domain/ceremony.ts";
import type { LoggedEvent } from "../../domain/events.ts";
import { namesOf, type Policy, withRole } from "../../domain/policy.ts";
import type { Card } from "../../view.ts";

export function supersededCard(
  state: CeremonyState,
  one: Extract<LoggedEvent, { type: "supersededSeen" }>,
  policy: Policy,
): Card {
  const { tx, safeTxHash, operationId, timelock, block } = one.data;
  const chain = policy.chains.find((item) => item.id === block.chain)?.name ?? block.chain;
  const guardians = namesOf(policy, withRole(policy, "guardian"));
  return {
    kind: "card",
    key: `${state.id}/superseded/${safeTxHash}`,
    revision: one.seq,
    audience: { kind: "channel" },
    tone: "bad",
    status: "superseded revision sent",
    title: `SEV1: somebody sent what was signed for an earlier revision of ${state.id}: ${tx} stands in the timelock (${chain}). Look now.`,
    summary: `It can be executed once its delay is over. The guardian Safe can cancel the operation: ${guardians}.`,
    facts: [
      { label: "Ceremony", value: `${state.id} · ${state.package.title}` },
      { label: "Operation id", value: operationId, code: true },
      { label: "Timelock", value: timelock, code: true },
      { label: "safeTxHash", value: safeTxHash, code: true },
      { label: "Seen at block", value: `${block.number} on ${block.chain}` },
    ],
    sections: [
      {
        title: "What the guardian Safe sends, to the timelock",
        style: "code",
        lines: [`cancel(bytes32 ${operationId})`],
      },
    ],
    pictures: [],
    actions: [{ label: "Why?", command: "why", options: { ceremony: state.id }, style: "plain" }],
    footer: `log #${one.seq} · head ${one.hash.slice(0, 18)}…`,
    mentions: [...policy.onCall.sev1],
    urgent: true,
  };
}
