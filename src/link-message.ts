/** What a wallet signs to be linked to a person: an EIP-4361 message. Written anew wherever it is checked, never read leniently. */

import { createSiweMessage } from "viem/siwe";
import { type Address, type ChainId, chainNumber } from "./domain/primitives.ts";

export interface LinkTerms {
  council: string;
  person: string;
  /** The chat account that asked. */
  account: string;
  /** RFC 3986 authority of the page that asks the wallet. */
  domain: string;
  uri: string;
  chain: ChainId;
  /** Good for one signature. */
  nonce: string;
  /** Wall time, seconds. */
  issuedAt: bigint;
  expiresAt: bigint;
}

/** What the person's wallet has to say, word for word, in the message's statement. */
export function linkStatement(account: string, person: string, council: string): string {
  return `The chat account ${account} is mine. I am ${person} in the council "${council}".`;
}

/** The whole text (https://eips.ethereum.org/EIPS/eip-4361), to be signed by `wallet` with personal_sign. */
export function linkMessage(terms: LinkTerms, wallet: Address): string {
  const { council, person, account, domain, uri, chain, nonce, issuedAt, expiresAt } = terms;
  return createSiweMessage({
    ...{ domain, address: wallet, uri, nonce, version: "1" },
    statement: linkStatement(account, person, council),
    chainId: Number(chainNumber(chain)),
    issuedAt: dateOf(issuedAt),
    expirationTime: dateOf(expiresAt),
  });
}

const dateOf = (seconds: bigint) => new Date(Number(seconds) * 1000);
