/**
 * How signed things are made unusable once a ceremony has ended (trust rule 5): the guardian Safe cancels operations
 * that stand in the timelock, and a rejection takes the nonce of every signed transaction that was never sent.
 */

import type { CeremonyState } from "./ceremony.ts";
import { looseSignatures, pendingOperations, sameNonce } from "./ceremony.ts";
import type { BoundSafe } from "./events.ts";
import type { Policy } from "./policy.ts";
import { type Address, type ChainId, type Hex, zeroHash } from "./primitives.ts";
import { legById } from "./release-package.ts";
import { cancelData, operationId } from "./timelock.ts";
import {
  type CeremonyTx,
  ceremonyTx,
  rollbackBatch,
  type SafeAt,
  safeKey,
  timelockOf,
  upgradeBatch,
} from "./transactions.ts";

/** The guardian Safe of a chain. Throws where policy names none. */
export function guardianOf(policy: Policy, chain: ChainId): Address {
  const found = policy.chains.find((one) => one.id === chain);
  if (found === undefined) throw new RangeError(`Policy knows no chain ${chain}.`);
  return found.guardian;
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
 * The transactions, in nonce order per Safe. A containment needs none of its own where a cancellation already takes
 * the guardian's nonce.
 */
export function windDownTransactions(state: CeremonyState, policy: Policy, safes: readonly BoundSafe[]): CeremonyTx[] {
  const used = new Map<string, bigint>();
  const at = (chain: ChainId, address: Address): SafeAt => {
    const found = safes.find((one) => safeKey(one.chain, one.address) === safeKey(chain, address));
    if (found === undefined) throw new RangeError(`Nothing is known of the Safe ${address}.`);
    return found;
  };
  const cancels = pendingOperations(state).map((one) => {
    const safe = at(one.tx.chain, guardianOf(policy, one.tx.chain));
    const key = safeKey(safe.chain, safe.address);
    const nonce = used.get(key) ?? safe.nonce;
    used.set(key, nonce + 1n);
    const { timelock } = timelockOf(legById(state.package, one.subject));
    return ceremonyTx(
      "cancel",
      one.id,
      safe,
      nonce,
      timelock,
      cancelData(one.operationId ?? zeroHash),
      one.operationId,
    );
  });
  const rejects = looseSignatures(state)
    .filter((one) => {
      const safe = at(one.tx.chain, one.tx.safe);
      const taken = used.get(safeKey(safe.chain, safe.address)) ?? safe.nonce;
      return one.tx.nonce >= taken;
    })
    .filter((one, index, all) => all.findIndex((other) => sameNonce(one, other)) === index)
    .map((one) => {
      const safe = at(one.tx.chain, one.tx.safe);
      // A Safe can have one address on several chains.
      const subject = `${one.tx.chain}/${one.tx.safe}/${one.tx.nonce}`;
      return ceremonyTx("reject", subject, safe, one.tx.nonce, safe.address, "0x", undefined);
    });
  return [...cancels, ...rejects];
}

/** The operation a leg's schedule created, recomputed from the package. */
export function operationOf(state: CeremonyState, leg: string, purpose: "upgrade" | "rollback"): Hex {
  if (state.review === undefined) throw new RangeError("The ceremony has no review, so no operation.");
  const anchor = { packageHash: state.packageHash, auditHead: state.review.auditHead };
  const one = legById(state.package, leg);
  return operationId((purpose === "upgrade" ? upgradeBatch : rollbackBatch)(state.package, one, anchor));
}
