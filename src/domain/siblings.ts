/**
 * Siblings: other Safe transactions at a nonce that a ceremony holds. Only one of the two can ever run, so signatures
 * collected for a sibling, knowingly or not, are missing here (Safe{Wallet} rewrites gas fields to "pay from Safe").
 */

import { keccak256 } from "viem";
import { allTransactions, type CeremonyState, onChainOf } from "./ceremony.ts";
import type { ChainId, Hex } from "./primitives.ts";
import type { SafeTx } from "./safe-tx.ts";
import type { CeremonyTx } from "./transactions.ts";

export interface Sibling {
  chain: ChainId;
  safe: SafeTx["safe"];
  nonce: bigint;
  /** Computed from the sibling's own fields. */
  safeTxHash: Hex;
  /** Id of the ceremony's transaction at that nonce. */
  tx: string;
  /** What is different, in clauses. */
  differs: string[];
  /** Owners' signatures over it that were verified when it was first seen. */
  signatures: number;
}

/** More of them than this are not recorded: whoever makes them up must not be able to fill the log. */
export const siblingLimit = 8;

/** In what a sibling differs from the transaction that was asked for, in clauses made from its fields alone. */
export function differences(ours: SafeTx, other: SafeTx): string[] {
  if (other.to === other.safe && other.value === 0n && other.data === "0x" && other.operation === 0)
    return ["it rejects the nonce: a call of the Safe to itself, without data"];
  const gas = (["safeTxGas", "baseGas", "gasPrice", "gasToken", "refundReceiver"] as const).filter(
    (name) => ours[name] !== other[name],
  );
  return [
    ...(ours.to === other.to ? [] : [`it calls ${other.to} instead of ${ours.to}`]),
    ...(ours.value === other.value ? [] : [`it sends ${other.value} wei instead of ${ours.value}`]),
    ...(ours.data === other.data
      ? []
      : [`its data has the keccak256 ${keccak256(other.data)} instead of ${keccak256(ours.data)}`]),
    ...(ours.operation === other.operation ? [] : ["it is a DELEGATECALL"]),
    ...(gas.length === 0
      ? []
      : [`its gas fields were rewritten (${gas.join(", ")}), as Safe{Wallet} does for "pay from Safe"`]),
  ];
}

/** Those at a nonce that the ceremony still holds. */
export function openSiblings(state: CeremonyState): Sibling[] {
  return state.siblings.filter((one) =>
    allTransactions(state).some((tx) => isAt(one, tx) && onChainOf(state, tx.id) === undefined),
  );
}

const isAt = (one: Sibling, { tx }: CeremonyTx) =>
  tx.chain === one.chain && tx.safe === one.safe && tx.nonce === one.nonce;

/** One sentence for the card, for `/upgrade why` and for the log. */
export function siblingSentence(one: Sibling): string {
  const signed =
    one.signatures === 0
      ? "no owner had signed it"
      : `${one.signatures} owner${one.signatures === 1 ? "" : "s"} had signed it`;
  return `Another transaction than ${one.tx} waits at nonce ${one.nonce} of the Safe ${one.safe} (${one.chain}): ${one.differs.join("; ")}. When it was seen, ${signed}. Do not sign ${one.safeTxHash}.`;
}
