/** Signing without asking the node for anything first: for what must leave at once. A part of {@link import("./ports.ts").Chain}. */

import type { Address, Hex } from "./domain/primitives.ts";

/** On what terms the gas key signs now. */
export interface GasTerms {
  /** The gas account's next, pending transactions included. */
  nonce: bigint;
  /** Wei per gas (EIP-1559). */
  maxFeePerGas: bigint;
  maxPriorityFeePerGas: bigint;
}

export interface WarmSigning {
  /** In one message. Undefined where the chain has no base fee. */
  gasTerms(): Promise<GasTerms | undefined>;
  /** Gas for a call, with a quarter to spare. What would revert now is a ChainFault of kind "reverted". */
  gasFor(call: { to: Address; data: Hex }): Promise<bigint>;
  /** Sends nothing and asks nothing. Terms that are old by now make bytes that the node rejects. */
  signOn(call: { to: Address; data: Hex }, gas: bigint, terms: GasTerms): Promise<{ raw: Hex; hash: Hex }>;
}
