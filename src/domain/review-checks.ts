/** Integrity of what a review rests on: the log before it, and the terms that policy sets for it. */

import type { IntegrityCheck } from "./integrity.ts";
import { openRefusals, overrideOf } from "./overrides.ts";

/** The audit head is in every salt, so in every hash that was signed: it vouches for who wrote what up to the check. */
export const auditHeadIsSame: IntegrityCheck = {
  id: "audit-head",
  steps: ["approve", "sign", "schedule", "execute", "send", "rollback"],
  fault: ({ state: { review, check } }) =>
    review !== undefined && review.auditHead === check?.head
      ? undefined
      : "the log up to the check is not the one that the review was opened on",
};

/** Neither is under the digest. Later steps need neither: the chain holds what was sent. */
export const termsAreThePolicys: IntegrityCheck = {
  id: "review-terms",
  steps: ["approve", "sign", "schedule"],
  fault: ({ state: { review, package: pkg }, policy }) => {
    const { quorum, approvalExpiry } = policy.lanes[pkg.lane];
    if (review === undefined || review.quorum !== quorum)
      return `the review asks for another number of approvals than the ${quorum} of the ${pkg.lane} lane`;
    return review.expiresAt <= review.openedAt + approvalExpiry
      ? undefined
      : `the review was made to last longer than the ${pkg.lane} lane allows`;
  },
};

/** An override holds until its moment, by somebody who may still give it. What stands in the timelock was sent before. */
export const refusalsAreOverridden: IntegrityCheck = {
  id: "overrides",
  steps: ["approve", "sign", "schedule"],
  fault: ({ state, policy, now }) => {
    const [open] = openRefusals(state, policy, now.wall);
    if (open === undefined) return undefined;
    return overrideOf(state, open) === undefined
      ? `its check refused it (${open.code}), and nobody has overridden that`
      : `the override of ${open.code} has ended or does not count any more; check a new revision, and have it overridden anew`;
  },
};
