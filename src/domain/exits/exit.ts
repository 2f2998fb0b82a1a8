/**
 * The ways out that a ceremony prepares: each containment, which the guardian Safe signed before, and the rollback of each
 * leg. Whether they would work is asked of the chain on every block (docs/exits.md).
 */

import { type CeremonyState, isFullySigned, onChainOf, transactionById } from "../ceremony.ts";
import { isSignedAsPlanned } from "../held-back.ts";
import { endings, type Status } from "../lifecycle.ts";
import { isPresigned } from "../presigned.ts";
import type { ChainId } from "../primitives.ts";
import { legById } from "../release-package.ts";
import { type CeremonyTx, legsInOrder, sameNonceKey } from "../transactions.ts";

/**
 * preparing: not whole yet. armed: whole, and its turn comes later. live: it has to work now. over: used, or given up for
 * another.
 */
export type ExitStage = "preparing" | "armed" | "live" | "over";

export interface Exit {
  ceremony: string;
  /** Of its transaction: `containment/pause-vault`, `vault/rollback`. */
  id: string;
  kind: "containment" | "rollback";
  /** The containment, or the leg. */
  subject: string;
  chain: ChainId;
  /** "Pause the vault", "Roll vault back". */
  action: string;
  stage: ExitStage;
}

/** In the order of the package: containments first. None before there is a review, and none once it is over. */
export function exitsOf(state: CeremonyState): Exit[] {
  if (state.review === undefined || state.closing || endings.includes(state.status)) return [];
  const ceremony = state.id;
  const containments = state.package.containment.flatMap(({ id: subject, chain, action }): Exit[] => {
    const tx = transactionById(state, `containment/${subject}`);
    if (tx === undefined) return [];
    return [{ ceremony, id: tx.id, kind: "containment", subject, chain, action, stage: stageOfContainment(state, tx) }];
  });
  const rollbacks = legsInOrder(state.package).flatMap(({ id: subject, chain, authority }): Exit[] => {
    if (authority.kind !== "safe+timelock") return [];
    const action = `Roll ${subject} back`;
    const id = `${subject}/rollback`;
    return [{ ceremony, id, kind: "rollback", subject, chain, action, stage: stageOfRollback(state, subject) }];
  });
  return [...containments, ...rollbacks];
}

/** Where it was before it was held or contained. */
function runningStatus({ status, before }: CeremonyState): Status {
  return status === "held" || status === "contained" ? before : status;
}

const beforeSchedule: readonly Status[] = ["drafted", "checked", "in review", "approved", "signing"];

/** Those of one Safe share a nonce: the word for one gives the others up. */
function stageOfContainment(state: CeremonyState, tx: CeremonyTx): ExitStage {
  const rivals = (state.review?.transactions ?? []).filter(
    (other) => other.purpose === "containment" && sameNonceKey(other.tx) === sameNonceKey(tx.tx),
  );
  // Given the word, one that was held back still waits for its last signature.
  const isOnItsWay = (other: CeremonyTx) => state.containment?.id === other.subject && isFullySigned(state, other);
  if (rivals.some((other) => isOnItsWay(other) || onChainOf(state, other.id) !== undefined)) return "over";
  if (!beforeSchedule.includes(runningStatus(state))) return "live";
  return isSignedAsPlanned(state, tx) ? "armed" : "preparing";
}

function stageOfRollback(state: CeremonyState, leg: string): ExitStage {
  const ran = (purpose: "upgrade" | "rollback") =>
    state.executedLegs.some((one) => one.leg === leg && one.purpose === purpose);
  if (ran("rollback")) return "over";
  if (ran("upgrade")) return "live";
  return beforeSchedule.includes(runningStatus(state)) ? "preparing" : "armed";
}

/** Whether a rollback is still to be sent to the timelock, by what was signed for it. */
export function isUnsent(state: CeremonyState, { kind, subject, id }: Exit): boolean {
  return kind === "rollback" && isPresigned(state.package, subject) && onChainOf(state, id) === undefined;
}

/** What a containment calls, and how it shows that it took effect. Throws for one that the package has not. */
export function containmentOf(state: CeremonyState, { subject }: Exit) {
  const found = state.package.containment.find((one) => one.id === subject);
  if (found === undefined) throw new RangeError(`The package has no containment ${subject}.`);
  return found;
}

/** Whether something is at stake: an upgrade ran, and its canary is not through. */
export function isAtStake({ executedLegs }: CeremonyState): boolean {
  return executedLegs.some((one) => one.purpose === "upgrade");
}

export const rollbackLeg = (state: CeremonyState, { subject }: Exit) => legById(state.package, subject);
