/** Safe's EIP-712 digest and its two parts, for every version that councils still use. */

import { concat, hashDomain, hashStruct, keccak256 } from "viem";
import { z } from "zod";
import { type Address, address, bytes, chainId, chainNumber, type Hex, uint } from "./primitives.ts";

/** The ten fields of a Safe transaction, with the Safe they are for. Amounts in wei, gas in gas units. */
export const safeTx = z.object({
  chain: chainId,
  safe: address,
  /** The Safe's `VERSION()`: before 1.3.0 the domain has no chain id. */
  safeVersion: z.string().regex(/^\d+\.\d+\.\d+/, "a Safe version such as 1.4.1"),
  to: address,
  value: uint,
  data: bytes,
  /** 0 is CALL, 1 is DELEGATECALL. */
  operation: z.union([z.literal(0), z.literal(1)]),
  safeTxGas: uint,
  baseGas: uint,
  gasPrice: uint,
  gasToken: address,
  refundReceiver: address,
  nonce: uint,
});
export type SafeTx = z.output<typeof safeTx>;

export interface SafeTxHashes {
  domainHash: Hex;
  messageHash: Hex;
  /** keccak256(0x1901 ‖ domainHash ‖ messageHash): what owners sign. */
  safeTxHash: Hex;
}

const types = {
  SafeTx: [
    { name: "to", type: "address" },
    { name: "value", type: "uint256" },
    { name: "data", type: "bytes" },
    { name: "operation", type: "uint8" },
    { name: "safeTxGas", type: "uint256" },
    { name: "baseGas", type: "uint256" },
    { name: "gasPrice", type: "uint256" },
    { name: "gasToken", type: "address" },
    { name: "refundReceiver", type: "address" },
    { name: "nonce", type: "uint256" },
  ],
} as const;

const domainTypes = {
  EIP712Domain: [
    { name: "chainId", type: "uint256" },
    { name: "verifyingContract", type: "address" },
  ],
} as const;
const legacyDomainTypes = { EIP712Domain: [{ name: "verifyingContract", type: "address" }] } as const;

/** Whether this version's domain lacks the chain id: Safe added it in 1.3.0. */
export function hasLegacyDomain(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major < 1 || (major === 1 && minor < 3);
}

/** A Safe, as far as its EIP-712 domain goes. */
export type SafeInDomain = Pick<SafeTx, "chain" | "safe" | "safeVersion">;

/** The EIP-712 domain that a wallet is asked to sign under. */
export function safeDomain(tx: SafeInDomain): { chainId?: bigint; verifyingContract: Address } {
  return hasLegacyDomain(tx.safeVersion)
    ? { verifyingContract: tx.safe }
    : { chainId: chainNumber(tx.chain), verifyingContract: tx.safe };
}

/** The typed data a wallet shows and signs (EIP-712), as `signTypedData` wants it. */
export function safeTypedData(tx: SafeTx) {
  const { to, value, data, operation, safeTxGas, baseGas, gasPrice, gasToken, refundReceiver, nonce } = tx;
  return {
    domain: safeDomain(tx),
    types,
    primaryType: "SafeTx" as const,
    message: { to, value, data, operation, safeTxGas, baseGas, gasPrice, gasToken, refundReceiver, nonce },
  };
}

/** `domainSeparator()` of the Safe. */
export function safeDomainHash(of: SafeInDomain): Hex {
  return hashDomain({
    domain: safeDomain(of),
    types: hasLegacyDomain(of.safeVersion) ? legacyDomainTypes : domainTypes,
  });
}

/** Domain hash, message hash and safeTxHash, as the Safe contract's `getTransactionHash` computes them. */
export function safeTxHashes(tx: SafeTx): SafeTxHashes {
  const { message } = safeTypedData(tx);
  const domainHash = safeDomainHash(tx);
  const messageHash = hashStruct({ data: message, primaryType: "SafeTx", types });
  return { domainHash, messageHash, safeTxHash: keccak256(concat(["0x1901", domainHash, messageHash])) };
}
