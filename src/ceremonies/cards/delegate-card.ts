/** Says that the gas account cannot propose in Safe's Transaction Service, and how it becomes the owners' delegate there. */

import type { Policy } from "../../domain/policy.ts";
import { type Address, type ChainId, chainNumber } from "../../domain/primitives.ts";
import type { Card } from "../../view.ts";

export interface NoDelegate {
  chain: ChainId;
  safe: Address;
  /** The gas account. */
  account: Address;
  /** Who refused: the service, which does not know the delegate, or the chain, where it is an owner. */
  by: "service" | "chain";
  reason: string;
}

/** Told once for a Safe, an account and who refused: always the same key and revision. */
export function undelegatedCard({ chain, safe, account, by, reason }: NoDelegate, policy: Policy): Card {
  const name = policy.chains.find((one) => one.id === chain)?.name ?? chain;
  const command = `quorate delegate --chain-id ${chainNumber(chain)} --safe ${safe}`;
  return {
    kind: "card",
    key: `safe-service/${chain}/${safe}/delegate/${account}/${by}`,
    revision: 1,
    audience: { kind: "channel" },
    tone: "warning",
    status: "no delegate",
    title: `The gas account does not propose for the Safe ${safe} on ${name}; the first owner's signature does`,
    summary:
      by === "chain"
        ? reason
        : `Safe's Transaction Service says: "${reason.slice(0, 300)}". An owner adds ${account} as a delegate of this Safe: \`${command}\` prints what to sign, and registers it. Or say delegate: false in chains.yaml.`,
    facts: [],
    sections: [],
    pictures: [],
    actions: [{ label: "Health", command: "health", options: {}, style: "plain" }],
    mentions: [],
    footer: "Nothing depends on it: all signatures are put there as before.",
  };
}
