/** Safe's EIP-712 message, by which a Safe that owns another one approves: `SafeMessage(bytes message)` in its own domain. */

import { concat, hashStruct, keccak256 } from "viem";
import type { Hex } from "./primitives.ts";
import { type SafeInDomain, safeDomain, safeDomainHash } from "./safe-tx.ts";

const types = { SafeMessage: [{ name: "message", type: "bytes" }] } as const;

/** The typed data that an owner of the Safe signs, so that the Safe says yes to `message`. */
export function safeMessageTypedData(of: SafeInDomain, message: Hex) {
  return { domain: safeDomain(of), types, primaryType: "SafeMessage" as const, message: { message } };
}

/** As CompatibilityFallbackHandler's `getMessageHash` computes it, with its two parts and what is hashed. */
export function safeMessageHashes(of: SafeInDomain, message: Hex) {
  const domainHash = safeDomainHash(of);
  const messageHash = hashStruct({ data: { message }, primaryType: "SafeMessage", types });
  const preimage = concat(["0x1901", domainHash, messageHash]);
  return { domainHash, messageHash, preimage, hash: keccak256(preimage) };
}
