/** The Safe transactions and timelock operations that a package turns into. Derived, never fields (DESIGN.md). */

import { encodeAbiParameters, keccak256 } from "viem";
import { containmentAction } from "./containment.ts";
import { preconditionCalls, rollbackPreconditions } from "./preconditions.ts";
import { type Address, type ChainId, type Hex, zeroHash } from "./primitives.ts";
import { type Leg, legById, type ReleasePackage } from "./release-package.ts";
import { callTx } from "./safe-signatures.ts";
import { type SafeTx, safeTxHashes } from "./safe-tx.ts";
import { operationId, scheduleBatchData, type TimelockBatch } from "./timelock.ts";

export type Purpose = "upgrade" | "rollback" | "containment" | "cancel" | "reject";

/** A Safe transaction of a ceremony, waiting for signatures. */
export interface CeremonyTx {
  /** `pilot/upgrade`, `pilot/rollback`, `containment/pause-vault`, `cancel/pilot/rollback`, `reject/eip155:1/0x…/7`. */
  id: string;
  purpose: Purpose;
  /** Leg or containment id, or the nonce that is rejected. */
  subject: string;
  tx: SafeTx;
  safeTxHash: Hex;
  /** The timelock operation it schedules or cancels. */
  operationId?: Hex | undefined;
}

/** What a Safe is at the moment of deriving. */
export interface SafeAt {
  address: Address;
  chain: ChainId;
  version: string;
  nonce: bigint;
}

/** What the salt binds besides the leg: the package and the log up to the revision's `checked` event. */
export interface Anchor {
  packageHash: Hex;
  auditHead: Hex;
}

/** keccak256(abi.encode(packageHash, leg id, purpose, audit head)): anchors the ceremony on-chain. */
export function operationSalt(anchor: Anchor, legId: string, purpose: "upgrade" | "rollback"): Hex {
  return keccak256(
    encodeAbiParameters(
      [{ type: "bytes32" }, { type: "string" }, { type: "string" }, { type: "bytes32" }],
      [anchor.packageHash, legId, purpose, anchor.auditHead],
    ),
  );
}

/** The batch a leg's upgrade executes: preconditions first, then the calls. */
export function upgradeBatch(pkg: ReleasePackage, leg: Leg, anchor: Anchor): TimelockBatch {
  return {
    calls: [...preconditionCalls(leg.preconditionsAt, leg.preconditions), ...plain(leg.calls)],
    predecessor: predecessorOf(pkg, leg, anchor),
    salt: operationSalt(anchor, leg.id, "upgrade"),
  };
}

/** The batch of a leg's rollback: only after the upgrade, only until its own notAfter. */
export function rollbackBatch(pkg: ReleasePackage, leg: Leg, anchor: Anchor): TimelockBatch {
  return {
    calls: [...preconditionCalls(leg.preconditionsAt, rollbackPreconditions(leg)), ...plain(leg.rollback.calls)],
    predecessor: operationId(upgradeBatch(pkg, leg, anchor)),
    salt: operationSalt(anchor, leg.id, "rollback"),
  };
}

const plain = (calls: readonly { to: Address; value: bigint; data: Hex }[]) =>
  calls.map(({ to, value, data }) => ({ to, value, data }));

/** The operation before it: the leg of the phase before in the same timelock, else none. */
function predecessorOf(pkg: ReleasePackage, leg: Leg, anchor: Anchor): Hex {
  const ordered = legsInOrder(pkg).filter((one) => sameTimelock(one, leg));
  const before = ordered[ordered.findIndex((one) => one.id === leg.id) - 1];
  return before === undefined ? zeroHash : operationId(upgradeBatch(pkg, before, anchor));
}

const sameTimelock = (a: Leg, b: Leg) =>
  a.chain === b.chain &&
  a.authority.kind === "safe+timelock" &&
  b.authority.kind === "safe+timelock" &&
  a.authority.timelock === b.authority.timelock;

export function legsInOrder(pkg: ReleasePackage): Leg[] {
  return pkg.phases.flatMap((one) => one.legs.map((id) => legById(pkg, id)));
}

/** Delay of the upgrade's operation as the package asks for it, seconds. Throws for a leg without a timelock. */
export function timelockOf(leg: Leg): { timelock: Address; delay: bigint } {
  if (leg.authority.kind !== "safe+timelock") throw new RangeError(`The leg ${leg.id} has no timelock.`);
  return { timelock: leg.authority.timelock, delay: leg.authority.delay };
}

/**
 * All transactions of a release. For each leg in order, nonce n schedules the upgrade and n+1 its rollback. Presigned
 * rollbacks come after all of these, in the order of the legs: what is not sent must not keep later nonces waiting, and
 * the legs executed first can be rolled back alone. The containments all take the guardian Safe's present nonce, so that
 * they exclude each other.
 */
export function releaseTransactions(pkg: ReleasePackage, anchor: Anchor, safes: readonly SafeAt[]): CeremonyTx[] {
  return unhashedTransactions(pkg, anchor, safes).map(({ batch, ...one }) => ({
    ...one,
    safeTxHash: safeTxHashes(one.tx).safeTxHash,
    operationId: batch === undefined ? undefined : operationId(batch),
  }));
}

/** `batch`: what it schedules. */
type UnhashedTx = Omit<CeremonyTx, "safeTxHash" | "operationId"> & { batch: TimelockBatch | undefined };

/** As {@link releaseTransactions}, for whoever looks at the bytes alone. */
export function unhashedTransactions(pkg: ReleasePackage, anchor: Anchor, safes: readonly SafeAt[]): UnhashedTx[] {
  const next = new Map(safes.map((one) => [safeKey(one.chain, one.address), one.nonce]));
  const take = (chain: ChainId, safe: Address): { at: SafeAt; nonce: bigint } => {
    const key = safeKey(chain, safe);
    const at = safes.find((one) => safeKey(one.chain, one.address) === key);
    const nonce = next.get(key);
    if (at === undefined || nonce === undefined) throw new RangeError(`Nothing is known of the Safe ${safe}.`);
    next.set(key, nonce + 1n);
    return { at, nonce };
  };
  const scheduled = inNonceOrder(pkg).map(({ leg, purpose }) => {
    const batch = purpose === "upgrade" ? upgradeBatch(pkg, leg, anchor) : rollbackBatch(pkg, leg, anchor);
    const { timelock, delay } = timelockOf(leg);
    const { at, nonce } = take(leg.chain, leg.authority.safe);
    return { ...plainTx(purpose, leg.id, at, nonce, timelock, scheduleBatchData(batch, delay)), batch };
  });
  return [...scheduled, ...containmentTransactions(pkg, safes)];
}

function inNonceOrder(pkg: ReleasePackage): { leg: Leg; purpose: "upgrade" | "rollback" }[] {
  const legs = legsInOrder(pkg);
  const rollback = (leg: Leg) => ({ leg, purpose: "rollback" as const });
  return [
    ...legs.flatMap((leg) => [
      { leg, purpose: "upgrade" as const },
      ...(leg.rollback.mode === "presigned" ? [] : [rollback(leg)]),
    ]),
    ...legs.filter((leg) => leg.rollback.mode === "presigned").map(rollback),
  ];
}

function containmentTransactions(pkg: ReleasePackage, safes: readonly SafeAt[]): UnhashedTx[] {
  // By id, as in the package's canonical form: equal packages have equal digests.
  return [...pkg.containment].sort(byId).flatMap((one) => {
    const at = safes.find((safe) => safeKey(safe.chain, safe.address) === safeKey(one.chain, one.safe));
    if (at === undefined) throw new RangeError(`Nothing is known of the Safe ${one.safe}.`);
    const { to, data, value, operation } = containmentAction(one);
    const plain = plainTx("containment", one.id, at, at.nonce, to, data, value);
    return [{ ...plain, tx: { ...plain.tx, operation }, batch: undefined }];
  });
}

const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1);

export function safeKey(chain: ChainId, safe: Address): string {
  return `${chain}:${safe.toLowerCase()}`;
}

/** Of two transactions with the same key only one can ever run. */
export function sameNonceKey({ chain, safe, nonce }: SafeTx): string {
  return `${safeKey(chain, safe)}:${nonce}`;
}

/** One plain call out of a Safe, under the ceremony's names. */
export function ceremonyTx(
  purpose: Purpose,
  subject: string,
  at: SafeAt,
  nonce: bigint,
  to: Address,
  data: Hex,
  operation: Hex | undefined,
  /** Wei. */
  value = 0n,
): CeremonyTx {
  const plain = plainTx(purpose, subject, at, nonce, to, data, value);
  return { ...plain, safeTxHash: safeTxHashes(plain.tx).safeTxHash, operationId: operation };
}

function plainTx(
  purpose: Purpose,
  subject: string,
  at: SafeAt,
  nonce: bigint,
  to: Address,
  data: Hex,
  value = 0n,
): Omit<CeremonyTx, "safeTxHash" | "operationId"> {
  const tx = callTx({ chain: at.chain, safe: at.address, safeVersion: at.version, nonce, to, data, value });
  const id = purpose === "upgrade" || purpose === "rollback" ? `${subject}/${purpose}` : `${purpose}/${subject}`;
  return { id, purpose, subject, tx };
}
