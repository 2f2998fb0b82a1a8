/**
 * Safes that own Safes. The owners of a child do not sign the parent's transaction: they sign a message of the child
 * (EIP-1271), and once the child's own threshold is reached, its packed signatures are its one signature in the parent.
 * What the message is depends on who asks whom (CompatibilityFallbackHandler and Safe.checkNSignatures, 1.3.0 to 1.5.0).
 */

import { concat, type TypedDataDefinition } from "viem";
import type { BoundSafe, NestedSafe } from "./events.ts";
import type { Address, Hex } from "./primitives.ts";
import { safeMessageHashes, safeMessageTypedData } from "./safe-message.ts";
import { type OwnerSignature, packSignatures } from "./safe-signatures.ts";
import { type SafeTx, safeTxHashes, safeTypedData } from "./safe-tx.ts";

/** Levels of Safes below the one whose transaction it is. */
export const deepestNesting = 3;
/** Child Safes that are looked at; those beyond count as owners who cannot sign. */
export const mostNestedSafes = 20;

/** What the owners of one Safe in the tree sign, so that it approves the transaction. */
export interface SafeApproval {
  /** Child Safes from the transaction's Safe's owner down to this one; empty for the transaction's Safe itself. */
  via: readonly Address[];
  safe: NestedSafe;
  domainHash: Hex;
  messageHash: Hex;
  /** What is signed: keccak256(0x1901 ‖ domainHash ‖ messageHash). */
  hash: Hex;
  /** What the Safe hands on, before 1.5.0, to those of its owners that are contracts. */
  data: Hex;
  /** The SafeMessage's message; undefined for the transaction itself. */
  message: Hex | undefined;
}

/** A child Safe that its parent has no way of asking off-chain. */
export interface SilentChild {
  parent: NestedSafe;
  child: NestedSafe;
}

/** A Safe in the tree whose owners can approve by a signature. */
interface Place {
  via: readonly Address[];
  safe: NestedSafe;
  parent: Place | undefined;
}

/** Every Safe whose owners can approve by a signature, and the way down to it: itself (none) first, level by level. */
export function signingPlaces(safe: BoundSafe): Pick<SafeApproval, "via" | "safe">[] {
  return treeOf(safe).places;
}

/** The ways alone. */
export function signingPaths(safe: BoundSafe): (readonly Address[])[] {
  return signingPlaces(safe).map((one) => one.via);
}

/** Children that cannot be asked for a signature. They can still approve on the chain, by `approveHash` of the parent. */
export function silentChildren(safe: BoundSafe): SilentChild[] {
  return treeOf(safe).silent;
}

function treeOf(safe: BoundSafe): { places: Place[]; silent: SilentChild[] } {
  const { address, version, threshold, owners } = safe;
  const places: Place[] = [{ via: [], safe: { address, version, threshold, owners }, parent: undefined }];
  const silent: SilentChild[] = [];
  // The list grows while it is walked, so that it comes out level by level.
  for (const parent of places) {
    for (const owner of parent.safe.owners) {
      const child = childOn(safe, owner, parent.via);
      if (child === undefined) continue;
      if (asks(parent.safe, child) === undefined) silent.push({ parent: parent.safe, child });
      else if (places.length <= mostNestedSafes) places.push({ via: [...parent.via, owner], safe: child, parent });
    }
  }
  return { places, silent };
}

/** Sentences without a full stop: which Safe cannot be asked, and what its owners can do instead. */
export function silentInWords(silent: readonly SilentChild[]): string[] {
  return silent.map(
    ({ parent, child }) =>
      `The Safe ${child.address} (${child.version}) cannot sign for ${parent.address} (${parent.version}): its owners can have it approve the hash on the chain, which is not counted here, or update the older of the two`,
  );
}

/** What the owners of each Safe in the tree sign for a transaction: the transaction's own Safe first, level by level. */
export function approvalsIn(tx: SafeTx, safe: BoundSafe): SafeApproval[] {
  const made = new Map<Place | undefined, SafeApproval>();
  for (const place of treeOf(safe).places) {
    const parent = made.get(place.parent);
    made.set(place, parent === undefined ? ofTransaction(tx, place) : ofMessage(tx, place, parent));
  }
  return [...made.values()];
}

/** The approvals that one of these wallets can sign for. */
export function approvalsBy(wallets: readonly Address[], tx: SafeTx, safe: BoundSafe): SafeApproval[] {
  return approvalsIn(tx, safe).filter((one) => wallets.some((wallet) => one.safe.owners.includes(wallet)));
}

function ofTransaction(tx: SafeTx, { via, safe }: Place): SafeApproval {
  const { domainHash, messageHash, safeTxHash: hash } = safeTxHashes(tx);
  const data = concat(["0x1901", domainHash, messageHash]);
  return { via, safe, domainHash, messageHash, hash, data, message: undefined };
}

function ofMessage(tx: SafeTx, { via, safe }: Place, parent: SafeApproval): SafeApproval {
  const message = asks(parent.safe, safe) === "hash" ? parent.hash : parent.data;
  const of = { chain: tx.chain, safe: safe.address, safeVersion: safe.version };
  const { preimage, ...hashes } = safeMessageHashes(of, message);
  // The handler of 1.3.0 hands on what it was asked, later ones the preimage of their own message.
  const data = isBefore(safe.version, 1, 4) ? message : preimage;
  return { via, safe, ...hashes, data, message };
}

/**
 * What a parent asks a child about. Before 1.5.0 it asks `isValidSignature(bytes,bytes)` with the preimage of what it
 * checks, which handlers from 1.5.0 on no longer answer; from 1.5.0 on it asks `isValidSignature(bytes32,bytes)` with the
 * hash, which Safes before 1.3.0 do not know. How those answer is not looked at: Safe no longer supports them.
 */
function asks(parent: NestedSafe, child: NestedSafe): "preimage" | "hash" | undefined {
  if (isBefore(child.version, 1, 3)) return undefined;
  if (!isBefore(parent.version, 1, 5)) return "hash";
  return isBefore(child.version, 1, 5) ? "preimage" : undefined;
}

function isBefore(version: string, major: number, minor: number): boolean {
  const [first = 0, second = 0] = version.split(".").map(Number);
  return first < major || (first === major && second < minor);
}

/** The typed data (EIP-712) that a wallet shows and signs for an approval. */
export function approvalTypedData(tx: SafeTx, { safe, message }: SafeApproval): TypedDataDefinition {
  const typed =
    message === undefined
      ? safeTypedData(tx)
      : safeMessageTypedData({ chain: tx.chain, safe: safe.address, safeVersion: safe.version }, message);
  return typed as TypedDataDefinition;
}

/** A signature's place in the tree. */
export interface GivenApproval {
  owner: Address;
  via: readonly Address[];
}

export function samePath(a: readonly Address[], b: readonly Address[]): boolean {
  return a.length === b.length && a.every((one, index) => one === b[index]);
}

/**
 * Owners of a Safe in the tree that have approved: those that signed, and child Safes whose own threshold is reached. A
 * child below its threshold is no approval at all.
 */
export function approvedOwners(
  root: BoundSafe,
  given: readonly GivenApproval[],
  safe: Pick<NestedSafe, "owners"> = root,
  via: readonly Address[] = [],
): Address[] {
  return safe.owners.filter((owner) => {
    if (given.some((one) => one.owner === owner && samePath(one.via, via))) return true;
    const child = childOn(root, owner, via);
    return child !== undefined && approvedOwners(root, given, child, [...via, owner]).length >= child.threshold;
  });
}

/** The child Safe that an owner is, unless the path has come by it already or goes too deep. */
function childOn(root: BoundSafe, owner: Address, via: readonly Address[]): NestedSafe | undefined {
  if (via.length === deepestNesting || owner === root.address || via.includes(owner)) return undefined;
  return root.nested.find((one) => one.address === owner);
}

/**
 * A Safe's signatures as its `execTransaction` takes them: its owners' own, and for each child Safe whose threshold is
 * reached the child's, packed in the same way.
 */
export function packApprovals(
  root: BoundSafe,
  given: readonly (GivenApproval & Omit<OwnerSignature, "owner">)[],
  safe: Pick<NestedSafe, "owners"> = root,
  via: readonly Address[] = [],
): Hex {
  const owners = approvedOwners(root, given, safe, via).map((owner): OwnerSignature => {
    const own = given.find((one) => one.owner === owner && samePath(one.via, via));
    if (own !== undefined) return { owner, signature: own.signature, contract: own.contract };
    const child = childOn(root, owner, via) ?? { owners: [] };
    return { owner, signature: packApprovals(root, given, child, [...via, owner]), contract: true };
  });
  return packSignatures(owners);
}
