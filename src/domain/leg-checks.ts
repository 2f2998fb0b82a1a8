/** Integrity of what a leg meets on its chain: window, code, implementations and timelock operation. */

import type { CeremonyState } from "./ceremony.ts";
import type { IntegrityCheck } from "./integrity.ts";
import { chainTime, type LegFacts, type Now } from "./intent.ts";
import { preconditionsCodeHash } from "./preconditions.ts";
import { isPresigned } from "./presigned.ts";
import { legById, phaseOfLeg, proxyChanges } from "./release-package.ts";
import { timelockOf } from "./transactions.ts";
import { operationOf } from "./wind-down.ts";

/** A check that could not run refuses (trust rule 8): without facts all checks over them would hold. */
export const legsWereRead: IntegrityCheck = {
  id: "leg-facts",
  steps: ["schedule", "execute", "send", "rollback"],
  fault: ({ legs, due }) => {
    const unread = due.find((id) => !legs.some((one) => one.leg === id));
    return unread === undefined ? undefined : `the leg ${unread} was not read from its chain`;
  },
};

export const windowIsOpen: IntegrityCheck = {
  id: "window",
  steps: ["schedule", "execute", "send", "rollback"],
  fault: ({ state, now, legs, purpose }) => {
    const late = purpose === "rollback" && legs.find((one) => couldNotWait(state, now, one));
    if (late) return `the rollback of the leg ${late.leg} would have waited its delay only after its own end`;
    const closed = legs
      .map((one) => legById(state.package, one.leg))
      .map((leg) => ({ leg, end: state.package.phases[phaseOfLeg(state.package, leg.id)]?.window.notAfter ?? 0n }))
      .find(({ leg, end }) => chainTime(now, leg.chain) > (purpose === "upgrade" ? end : leg.rollback.notAfter));
    return closed === undefined ? undefined : `the window of the leg ${closed.leg.id} has ended`;
  },
};

/** A presigned rollback that is not scheduled yet has its whole delay before it. */
function couldNotWait(state: CeremonyState, now: Now, { leg: id, operation }: LegFacts): boolean {
  if (!isPresigned(state.package, id) || operation.state !== "Unset") return false;
  const leg = legById(state.package, id);
  return chainTime(now, leg.chain) + timelockOf(leg).delay > leg.rollback.notAfter;
}

export const newCodeIsThere: IntegrityCheck = {
  id: "code-hash",
  steps: ["schedule", "execute", "send"],
  fault: ({ state, legs, purpose }) => {
    if (purpose === "rollback") return undefined;
    for (const facts of legs)
      for (const change of proxyChanges(legById(state.package, facts.leg))) {
        const found = facts.codeHashes.find((one) => one.account === change.toImplementation)?.codeHash;
        if (found !== change.toCodeHash)
          return `the code at ${change.toImplementation} (new ${change.name}) is not the code that was approved`;
      }
    return undefined;
  },
};

export const oldCodeIsThere: IntegrityCheck = {
  id: "from-implementation",
  steps: ["schedule", "execute", "send"],
  fault: ({ state, legs, purpose }) => {
    if (purpose === "rollback") return undefined;
    for (const facts of legs)
      for (const change of proxyChanges(legById(state.package, facts.leg))) {
        const found = facts.implementations.find((one) => one.contract === change.proxy)?.implementation;
        if (found !== change.fromImplementation)
          return `${change.name} does not run ${change.fromImplementation} any more, from which it was to be upgraded: somebody changed it`;
      }
    return undefined;
  },
};

export const rollbackCodeIsThere: IntegrityCheck = {
  id: "rollback-code",
  steps: ["schedule", "execute", "rollback"],
  fault: ({ state, legs }) => {
    for (const facts of legs)
      for (const back of legById(state.package, facts.leg).rollback.restores) {
        const found = facts.codeHashes.find((one) => one.account === back.implementation)?.codeHash;
        if (found !== back.codeHash)
          return `the code at ${back.implementation}, which the rollback goes back to, has changed`;
      }
    return undefined;
  },
};

export const preconditionsAreThere: IntegrityCheck = {
  id: "preconditions-code",
  steps: ["schedule", "execute", "send"],
  fault: ({ state, legs, policy, purpose }) => {
    if (purpose === "rollback") return undefined;
    for (const facts of legs) {
      const leg = legById(state.package, facts.leg);
      const named = policy.chains.find((one) => one.id === leg.chain)?.preconditions;
      if (named !== leg.preconditionsAt)
        return `the leg ${leg.id} names another Preconditions contract than policy does`;
      const found = facts.codeHashes.find((one) => one.account === leg.preconditionsAt)?.codeHash;
      if (found !== preconditionsCodeHash)
        return `the code at ${leg.preconditionsAt} is not the Preconditions contract: the batch would run unchecked`;
    }
    return undefined;
  },
};

export const operationIsOurs: IntegrityCheck = {
  id: "operation-id",
  steps: ["execute", "send", "rollback"],
  fault: ({ state, legs, purpose }) => {
    const strange = legs.find((one) => one.operation.id !== operationOf(state, one.leg, purpose));
    return strange === undefined
      ? undefined
      : `the operation of the leg ${strange.leg} is not the one this package leads to`;
  },
};

export const operationIsReady: IntegrityCheck = {
  id: "operation-state",
  steps: ["execute", "send", "rollback"],
  fault: ({ state, legs, purpose, sent }) => {
    // Asked for, a presigned rollback is only then scheduled; sent, it must be Ready like any other.
    const mayWait = (one: LegFacts) =>
      purpose === "rollback" && sent === undefined && isPresigned(state.package, one.leg);
    const early = legs.find(
      (one) => one.operation.state !== "Ready" && (one.operation.state === "Done" || !mayWait(one)),
    );
    if (early === undefined) return undefined;
    const { leg, operation } = early;
    return `the timelock says ${operation.state} for the operation of ${leg}, and only Ready may run`;
  },
};
