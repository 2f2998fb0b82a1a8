/** What a ceremony makes of a council that is another than when it was voted on: people's wallets, or who is frozen. */

import type { CeremonyState } from "./ceremony.ts";
import type { Rules } from "./decision.ts";
import { type CeremonyEvent, event } from "./events.ts";
import { endings } from "./lifecycle.ts";
import { authorityPolicyHash, type Policy } from "./policy.ts";
import { quorumChange } from "./voting.ts";

/** Whether the package was written under another authority policy than the one that holds now. */
export function isOutdated(state: CeremonyState, policy: Policy): boolean {
  return state.package.authorityPolicyHash !== authorityPolicyHash(policy);
}

/**
 * Votes given under another authority policy are void: the package names that policy, so it takes a revision. What is
 * being sent or stands in the timelock stays, and refuses at its next step. Where only a freeze changed who counts, the
 * quorum is counted anew; not while the schedules are being sent, which is undone by holding or cancelling alone.
 */
export function policyChanges(state: CeremonyState, policy: Policy, rules: Rules): CeremonyEvent[] {
  const { status, id, review } = state;
  const isSending = state.scheduleRequestedBy !== undefined && status === "signing";
  if (endings.includes(status) || isSending) return [];
  const policyHash = authorityPolicyHash(policy);
  const canBeVoided = ["checked", "in review", "approved", "signing"].includes(status);
  if (canBeVoided && state.package.authorityPolicyHash !== policyHash) {
    if (state.voidedUnder === policyHash) return [];
    const reason = `a wallet of the council was linked or unlinked, so the package names a council that is no more; write a revision with /upgrade propose revises=${id}`;
    return [event("digestVoided", { reason, policyHash })];
  }
  return review === undefined ? [] : quorumChange(state, policy, rules);
}
