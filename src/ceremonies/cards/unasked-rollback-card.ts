/** Wakes those on call when a presigned rollback stands in the timelock although nobody is rolling back. */

import type { CeremonyState } from "../../domain/ceremony.ts";
import type { LoggedEvent } from "../../domain/events.ts";
import { namesOf, type Policy, withRole } from "../../domain/policy.ts";
import { zeroHash } from "../../domain/primitives.ts";
import type { Card } from "../../view.ts";
import { utc } from "./sentences.ts";

export function unaskedRollbackCard(
  state: CeremonyState,
  one: Extract<LoggedEvent, { type: "transactionMined" }>,
  policy: Policy,
): Card {
  const { tx, block, readyAt } = one.data;
  const operation = state.review?.transactions.find((item) => item.id === tx);
  const guardians = namesOf(policy, withRole(policy, "guardian"));
  const from = readyAt === undefined ? "once its delay is over" : `from ${utc(readyAt)} on`;
  return {
    kind: "card",
    key: `${state.id}/unasked/${tx}`,
    revision: one.seq,
    audience: { kind: "channel" },
    tone: "bad",
    status: "rollback scheduled",
    title: `SEV1: somebody sent the signed rollback of ${state.id} to the timelock, and nobody asked for it here: ${tx}. Look now.`,
    summary: `An executor can run it ${from}, the gas key among them. The guardian Safe can cancel the operation: ${guardians}.`,
    facts: [
      { label: "Ceremony", value: `${state.id} · ${state.package.title}` },
      { label: "Operation id", value: operation?.operationId ?? zeroHash, code: true },
      { label: "Timelock", value: operation?.tx.to ?? "", code: true },
      { label: "Seen at block", value: `${block.number} on ${block.chain}` },
    ],
    sections: [
      {
        title: "What the guardian Safe sends, to the timelock",
        style: "code",
        lines: [`cancel(bytes32 ${operation?.operationId ?? zeroHash})`],
      },
    ],
    pictures: [],
    actions: [{ label: "Why?", command: "why", options: { ceremony: state.id }, style: "plain" }],
    footer: `log #${one.seq} · head ${one.hash.slice(0, 18)}…`,
    mentions: [...policy.onCall.sev1],
    urgent: true,
  };
}
