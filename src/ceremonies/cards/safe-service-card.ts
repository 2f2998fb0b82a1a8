/** Says that Safe's Transaction Service is away or back, and what was found there that does not count. */

import { namesOf, type Policy, personOfWallet } from "../../domain/policy.ts";
import type { Address, ChainId, Hex } from "../../domain/primitives.ts";
import type { ChatHealth } from "../../ports.ts";
import type { Card } from "../../view.ts";
import { utc } from "./sentences.ts";

type Common = "kind" | "audience" | "facts" | "sections" | "pictures" | "actions" | "mentions";
const common = (): Pick<Card, Common> => ({
  kind: "card",
  audience: { kind: "channel" },
  facts: [],
  sections: [],
  pictures: [],
  actions: [{ label: "Health", command: "health", options: {}, style: "plain" }],
  mentions: [],
});

/** `at`: wall time in seconds. */
export function safeServiceCard(
  chain: ChainId,
  { state, since, reason }: ChatHealth,
  policy: Policy,
  at: bigint,
): Card {
  const name = policy.chains.find((one) => one.id === chain)?.name ?? chain;
  const up = state === "up";
  return {
    ...common(),
    key: `safe-service/${chain}`,
    revision: Number(at),
    tone: up ? "good" : "warning",
    status: up ? "back" : "no answer",
    title: up
      ? `Safe's Transaction Service for ${name} answers again`
      : `Safe's Transaction Service for ${name} does not answer since ${utc(since)}; nothing depends on it`,
    summary: up
      ? `Since ${utc(since)}. Signatures given meanwhile are put there now.`
      : `${reason} Sign from your private link: confirmations made in Safe{Wallet} do not arrive here meanwhile.`,
    footer: "The ceremonies and the watch go on.",
  };
}

/** What was put there was refused, as by a service of another chain. Told once a day at most, in one message. */
export function refusedThereCard(chain: ChainId, tx: string, reason: string, policy: Policy, at: bigint): Card {
  const name = policy.chains.find((one) => one.id === chain)?.name ?? chain;
  return {
    ...common(),
    key: `safe-service/${chain}/refused`,
    revision: Number(at / 86_400n),
    tone: "warning",
    status: "refused there",
    title: `Safe's Transaction Service for ${name} does not take ${tx}; nothing depends on it`,
    summary: `It says: "${reason.slice(0, 300)}". Check the address in chains.yaml; sign from your private link meanwhile.`,
    footer: "The ceremonies and the watch go on.",
  };
}

/** Told once for an owner and a transaction: always the same key and revision. */
export function ignoredConfirmationCard(
  ceremony: string,
  tx: { id: string; safeTxHash: Hex },
  owner: Address,
  reason: string,
  policy: Policy,
): Card {
  const person = personOfWallet(policy, owner);
  const who = person === undefined ? owner : namesOf(policy, [person.id]);
  return {
    ...common(),
    key: `${ceremony}/ignored/${tx.safeTxHash}/${owner}`,
    revision: 1,
    tone: "warning",
    status: "not counted",
    title: `A confirmation of ${tx.id} made in Safe{Wallet} for ${who} does not count in ${ceremony}`,
    summary: `${reason} Sign from the private link of /upgrade sign ${ceremony} instead.`,
    footer: "Read from Safe's Transaction Service and verified here.",
  };
}
