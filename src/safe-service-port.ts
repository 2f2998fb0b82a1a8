/** Safe's Transaction Service as the program needs it: a mirror. Nothing that it says decides anything. */

import type { Address, ChainId, Hex } from "./domain/primitives.ts";
import type { SafeTx } from "./domain/safe-tx.ts";

/** A transaction that the service lists. Its hash was computed here, from the fields. */
export interface ServiceTransaction {
  tx: SafeTx;
  safeTxHash: Hex;
  /** Unverified. */
  confirmations: { owner: Address; signature: Hex }[];
}

/** One service for each chain whose policy names one. Every method rejects with a {@link ServiceFault}. */
export interface SafeService {
  readonly chains: readonly ChainId[];
  /** Not executed, from a nonce on; all pages. Rows that nobody can read, or whose hash is not theirs, are left out. */
  pending(safe: Pick<SafeTx, "chain" | "safe" | "safeVersion">, fromNonce: bigint): Promise<ServiceTransaction[]>;
  /** Puts a transaction there, signed by the sender: an owner, or an owners' delegate. Again does no harm. */
  propose(tx: SafeTx, safeTxHash: Hex, sender: Address, signature: Hex, origin: string): Promise<void>;
  /** Adds an owner's signature to one that is there; again does no harm. */
  confirm(chain: ChainId, safeTxHash: Hex, signature: Hex): Promise<void>;
  /** Registers a delegate by what an owner signed (domain/delegate-message.ts); again does no harm. */
  addDelegate(
    chain: ChainId,
    safe: Address,
    given: { delegate: Address; owner: Address; signature: Hex },
  ): Promise<void>;
  close(): Promise<void>;
}

/** The account that proposes for the owners: its signature puts a transaction there, and counts on no chain. */
export interface Delegate {
  readonly account: Address;
  /** Refused with a ChainFault of kind "rejected" where the account is an owner. */
  sign(tx: SafeTx): Promise<Hex>;
}

/** Why the service did not do something. `message` is a sentence for people. */
export class ServiceFault extends Error {
  override readonly name = "ServiceFault";
  /**
   * `away`: no usable answer, it is asked again later. `busy`: it asked to wait. `unknown`: it has no such transaction.
   * `refused`: it will not take this, now or later.
   */
  readonly kind: "away" | "busy" | "unknown" | "refused";
  /** Seconds after which it may be asked again, where it or the budget says so. */
  readonly retryAfter: bigint | undefined;
  constructor(kind: ServiceFault["kind"], message: string, retryAfter?: bigint) {
    super(message);
    this.kind = kind;
    this.retryAfter = retryAfter;
  }
}
