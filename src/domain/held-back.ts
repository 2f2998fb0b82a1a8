/**
 * Containments of which one signature stays out until a guardian gives the word: what is kept then is no bearer token, for
 * whoever has all of it can send nothing.
 */

import { type CeremonyState, isFullySigned, onChainOf, safeOf, signaturesOf, transactionById } from "./ceremony.ts";
import { approvedOwners, type GivenApproval } from "./nested-safes.ts";
import type { CeremonyTx } from "./transactions.ts";

/** Whether one signature of it is held back now. */
export function isHeldBack(state: CeremonyState, tx: CeremonyTx): boolean {
  return prepared(state, tx)?.heldBack === true && !isWordGiven(state, tx);
}

/** Whether somebody gave the word for it, and it has not taken effect yet. */
export function isWordGiven({ containment }: CeremonyState, tx: CeremonyTx): boolean {
  return tx.purpose === "containment" && containment?.id === tx.subject && !containment.confirmed;
}

/** The containment that waits for its last signature: the word is given. */
export function awaitedContainment(state: CeremonyState): CeremonyTx | undefined {
  const tx = transactionById(state, `containment/${state.containment?.id ?? ""}`);
  if (tx === undefined || prepared(state, tx)?.heldBack !== true || !isWordGiven(state, tx)) return undefined;
  return isFullySigned(state, tx) || onChainOf(state, tx.id) !== undefined ? undefined : tx;
}

/** As many owners have to approve as the Safe demands; one fewer where a signature is held back. */
export function signaturesWanted(state: CeremonyState, tx: CeremonyTx): number {
  const threshold = safeOf(state, tx)?.threshold ?? Number.POSITIVE_INFINITY;
  return isHeldBack(state, tx) ? threshold - 1 : threshold;
}

/** Whether nobody is asked for a further signature over it. */
export function isSignedAsPlanned(state: CeremonyState, tx: CeremonyTx): boolean {
  return approvals(state, tx, []) >= signaturesWanted(state, tx);
}

/** Whether a signature would make a set whole that is to stay without its last. */
export function wouldComplete(state: CeremonyState, tx: CeremonyTx, place: GivenApproval): boolean {
  return isHeldBack(state, tx) && approvals(state, tx, [place]) > signaturesWanted(state, tx);
}

function approvals(state: CeremonyState, tx: CeremonyTx, more: readonly GivenApproval[]): number {
  const safe = safeOf(state, tx);
  return safe === undefined ? 0 : approvedOwners(safe, [...signaturesOf(state, tx.id), ...more]).length;
}

function prepared(state: CeremonyState, { purpose, subject }: CeremonyTx) {
  return purpose === "containment" ? state.package.containment.find((one) => one.id === subject) : undefined;
}
