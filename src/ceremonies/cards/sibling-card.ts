/** Wakes those on call when another transaction waits at a nonce of a ceremony: signatures may be going astray. */

import type { CeremonyState } from "../../domain/ceremony.ts";
import type { LoggedEvent } from "../../domain/events.ts";
import type { Policy } from "../../domain/policy.ts";
import { siblingSentence } from "../../domain/siblings.ts";
import type { Card } from "../../view.ts";

export function siblingCard(
  state: CeremonyState,
  one: Extract<LoggedEvent, { type: "siblingSeen" }>,
  policy: Policy,
): Card {
  const { chain, safe, nonce, safeTxHash, tx, differs } = one.data;
  const name = policy.chains.find((item) => item.id === chain)?.name ?? chain;
  return {
    kind: "card",
    key: `${state.id}/sibling/${safeTxHash}`,
    revision: one.seq,
    audience: { kind: "channel" },
    tone: "bad",
    status: "other transaction",
    title: `SEV2: another transaction waits at nonce ${nonce} of ${state.id} (${name}). Do not sign it.`,
    summary: siblingSentence(one.data),
    facts: [
      { label: "Ceremony", value: `${state.id} · ${state.package.title}` },
      { label: "Ours at this nonce", value: tx },
      { label: "Its safeTxHash", value: safeTxHash, code: true },
      { label: "Safe", value: safe, code: true },
    ],
    sections: [{ title: "What differs", style: "list", lines: differs }],
    pictures: [],
    actions: [{ label: "Why?", command: "why", options: { ceremony: state.id }, style: "plain" }],
    footer: `From Safe's Transaction Service; its hash was computed here · log #${one.seq} · head ${one.hash.slice(0, 18)}…`,
    mentions: [...policy.onCall.sev2],
    urgent: true,
  };
}
