/**
 * How signed things are made unusable once a ceremony has ended (trust rule 5): the guardian Safe cancels operations
 * that stand in the timelock, and a rejection takes the nonce of every signed transaction that was never sent.
 */

import type { CeremonyState } from "./ceremony.ts";
import { looseSignatures, pendingOperations } from "./ceremony.ts";
import { cancellation, operationNamed, rejection } from "./ending-transactions.ts";
import type { BoundSafe } from "./events.ts";
import { endings } from "./lifecycle.ts";
import type { Policy } from "./policy.ts";
import type { Address, ChainId, Hex } from "./primitives.ts";
import { legById } from "./release-package.ts";
import { operationId } from "./timelock.ts";
import { type Anchor, type CeremonyTx, rollbackBatch, type SafeAt, safeKey, upgradeBatch } from "./transactions.ts";

/** The guardian Safe of a chain. Throws where policy names none. */
export function guardianOf(policy: Policy, chain: ChainId): Address {
  const found = policy.chains.find((one) => one.id === chain);
  if (found === undefined) throw new RangeError(`Policy knows no chain ${chain}.`);
  return found.guardian;
}

/** Whether something is to be made unusable, and is not put up for signature yet: the chain is read first. */
export function awaitsWindDown(state: CeremonyState): boolean {
  if (state.windDown !== undefined) return false;
  const isLeft = pendingOperations(state).length > 0 || looseSignatures(state).length > 0;
  return state.closing || (endings.includes(state.status) && isLeft);
}

/** The Safes whose present nonce the wind-down needs. */
export function windDownSafes(state: CeremonyState, policy: Policy): { chain: ChainId; address: Address }[] {
  const cancels = pendingOperations(state).map((one) => ({
    chain: one.tx.chain,
    address: guardianOf(policy, one.tx.chain),
  }));
  const rejects = looseSignatures(state).map((one) => ({ chain: one.tx.chain, address: one.tx.safe }));
  const all = [...cancels, ...rejects];
  return all.filter(
    (one, index) =>
      all.findIndex((other) => safeKey(other.chain, other.address) === safeKey(one.chain, one.address)) === index,
  );
}

/**
 * The transactions, in nonce order per Safe. A containment needs none of its own where a cancellation already takes the
 * guardian's nonce. A Safe uses its nonces one after another: where something was signed for a later one, those before it
 * are rejected too, or it could never be.
 */
export function windDownTransactions(state: CeremonyState, policy: Policy, safes: readonly BoundSafe[]): CeremonyTx[] {
  const next = new Map(safes.map((one) => [safeKey(one.chain, one.address), one.nonce]));
  const take = (chain: ChainId, address: Address): { safe: SafeAt; nonce: bigint } => {
    const key = safeKey(chain, address);
    const safe = safes.find((one) => safeKey(one.chain, one.address) === key);
    const nonce = next.get(key);
    if (safe === undefined || nonce === undefined) throw new RangeError(`Nothing is known of the Safe ${address}.`);
    next.set(key, nonce + 1n);
    return { safe, nonce };
  };
  const cancels = pendingOperations(state).flatMap((one) => {
    const operation = operationNamed(one.id);
    if (operation === undefined || state.review === undefined) return [];
    const { safe, nonce } = take(one.tx.chain, guardianOf(policy, one.tx.chain));
    return [cancellation(state.package, anchorOf(state), operation, safe, nonce)];
  });
  const rejects: CeremonyTx[] = [];
  for (const { tx } of looseSignatures(state))
    while ((next.get(safeKey(tx.chain, tx.safe)) ?? 0n) <= tx.nonce) {
      const { safe, nonce } = take(tx.chain, tx.safe);
      rejects.push(rejection(safe, nonce));
    }
  return [...cancels, ...rejects];
}

/** What a reviewed ceremony's operations are salted with. Throws where there is no review. */
function anchorOf({ packageHash, review }: CeremonyState): Anchor {
  if (review === undefined) throw new RangeError("The ceremony has no review, so no operation.");
  return { packageHash, auditHead: review.auditHead };
}

/** The operation a leg's schedule created, recomputed from the package. */
export function operationOf(state: CeremonyState, leg: string, purpose: "upgrade" | "rollback"): Hex {
  const one = legById(state.package, leg);
  return operationId((purpose === "upgrade" ? upgradeBatch : rollbackBatch)(state.package, one, anchorOf(state)));
}
