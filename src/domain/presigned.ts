/**
 * Presigned rollbacks: signed in full with the upgrade, and sent to the timelock only when somebody asks for the rollback.
 * Until then nothing stands in the timelock that an EXECUTOR could run against the upgrade, so the gas key may be one.
 */

import { type CeremonyState, onChainOf, schedules, signaturesOf } from "./ceremony.ts";
import type { SafeNow } from "./intent.ts";
import { endings } from "./lifecycle.ts";
import { approvedOwners } from "./nested-safes.ts";
import { legById, phaseOfLeg, type ReleasePackage } from "./release-package.ts";
import { type CeremonyTx, safeKey, timelockOf } from "./transactions.ts";

/** Whether a leg's rollback waits outside the timelock until it is asked for. */
export function isPresigned(pkg: ReleasePackage, leg: string): boolean {
  return legById(pkg, leg).rollback.mode === "presigned";
}

/** Whether a transaction schedules such a rollback. */
export function isLateRollback(state: CeremonyState, { purpose, subject }: CeremonyTx): boolean {
  return purpose === "rollback" && isPresigned(state.package, subject);
}

/** What goes to the timelock when a release is scheduled, in nonce order: everything but presigned rollbacks. */
export function scheduledAtOnce(state: CeremonyState): CeremonyTx[] {
  return schedules(state).filter((one) => !isLateRollback(state, one));
}

/** Presigned rollbacks that are in no timelock and whose nonces are not known to be used, in nonce order. */
export function unsentRollbacks(state: CeremonyState): CeremonyTx[] {
  return schedules(state).filter((one) => isLateRollback(state, one) && onChainOf(state, one.id) === undefined);
}

/**
 * What has to be sent so that these legs' rollbacks stand in the timelock: theirs, and those of the same Safe whose nonces
 * come before. Such a one does no harm: it cannot run before its own upgrade has.
 */
export function rollbacksToSend(state: CeremonyState, legs: readonly string[]): CeremonyTx[] {
  const unsent = unsentRollbacks(state);
  const wanted = unsent.filter((one) => legs.includes(one.subject));
  return unsent.filter((one) => wanted.some((other) => sameSafe(one, other) && one.tx.nonce <= other.tx.nonce));
}

/** Whether a rollback was asked for that is presigned and has not waited its delay yet. */
export function waitsForDelay({ rollbackBy, package: pkg }: CeremonyState): boolean {
  return rollbackBy?.readied === false && rollbackBy.legs.some((id) => isPresigned(pkg, id));
}

/** Why what was signed cannot roll these legs back any more, in a clause; undefined where it can. */
export function deadRollback(
  state: CeremonyState,
  legs: readonly string[],
  safes: readonly SafeNow[],
): string | undefined {
  const firsts = new Set<string>();
  for (const one of rollbacksToSend(state, legs)) {
    const key = safeKey(one.tx.chain, one.tx.safe);
    const safe = safes.find((other) => safeKey(other.chain, other.address) === key);
    if (safe === undefined) return `the Safe ${one.tx.safe} was not read from ${one.tx.chain}`;
    if (!firsts.has(key) && safe.nonce !== one.tx.nonce)
      return `the Safe ${one.tx.safe} is at nonce ${safe.nonce}, and it was signed for nonce ${one.tx.nonce}`;
    firsts.add(key);
    const owners = approvedOwners(safe, signaturesOf(state, one.id));
    if (owners.length < safe.threshold)
      return `the Safe ${one.tx.safe} takes ${safe.threshold} signatures, and only ${owners.length} of those over ${one.id} are still its owners'`;
  }
  return undefined;
}

/**
 * Rollbacks that stand in the timelock although nobody is rolling back: somebody sent what was signed, or a rollback was
 * given up. An EXECUTOR could run them once their delay is over; the guardian Safe can cancel them.
 */
export function unaskedRollbacks(state: CeremonyState): CeremonyTx[] {
  if (endings.includes(state.status) || state.rollbackBy !== undefined) return [];
  return schedules(state).filter((one) => isLateRollback(state, one) && onChainOf(state, one.id)?.state === "mined");
}

/**
 * The least notAfter (block timestamp, seconds) of a leg's rollback: asked for in the last moment of its canary, it still
 * has to wait the timelock's delay. Throws for a leg without a timelock.
 */
export function leastRollbackEnd(pkg: ReleasePackage, legId: string): bigint {
  const leg = legById(pkg, legId);
  const phase = pkg.phases[phaseOfLeg(pkg, legId)];
  if (phase === undefined) throw new RangeError(`The leg ${legId} belongs to no phase.`);
  const delay = leg.rollback.mode === "presigned" ? timelockOf(leg).delay : 0n;
  return phase.window.notAfter + phase.minDuration + delay;
}

const sameSafe = (a: CeremonyTx, b: CeremonyTx) => a.tx.chain === b.tx.chain && a.tx.safe === b.tx.safe;
