/** Votes in chat: approve, deny, withdraw. The quorum counts people, never accounts, wallets or authors. */

import type { CeremonyState } from "./ceremony.ts";
import { accept, type Decision, type Rules, refuse, type Setting, withoutRole } from "./decision.ts";
import { type CeremonyEvent, event } from "./events.ts";
import { broken } from "./integrity.ts";
import type { Intent } from "./intent.ts";
import { namesOf, type Policy, personById, withRole } from "./policy.ts";
import { type Refusal, refusal } from "./refusal.ts";
import { approversOf, separated } from "./separation.ts";

type Of<K extends Intent["kind"]> = Extract<Intent, { kind: K }>;

/**
 * The people whose approval counts: voters and signers who have the role now and did not write the package. `rules` lets
 * a test leave the separation out.
 */
export function countedApprovals(state: CeremonyState, policy: Policy, rules: Rules): string[] {
  const able = withRole(policy, "approver");
  return approversOf(state).filter(
    (id) =>
      able.includes(id) &&
      !rules.separation.some((rule) => rule.id === "proposer-approves" && rule.violated(state, id)),
  );
}

/** `quorumReached` or `quorumLost` where `after` differs from what the state says. */
export function quorumChange(after: CeremonyState, policy: Policy, rules: Rules): CeremonyEvent[] {
  const people = countedApprovals(after, policy, rules);
  const met = people.length >= (after.review?.quorum ?? Number.POSITIVE_INFINITY) && after.denials.length === 0;
  if (met === after.quorumMet) return [];
  return [event(met ? "quorumReached" : "quorumLost", { people })];
}

/** An approver who was frozen since counts no more: what stands in the timelock waits until enough do. */
export function lostQuorum({ state, policy, rules }: Setting): Refusal | undefined {
  const counted = countedApprovals(state, policy, rules);
  const quorum = state.review?.quorum ?? Number.POSITIVE_INFINITY;
  if (counted.length >= quorum) return undefined;
  const lost = approversOf(state).filter((id) => personById(policy, id)?.frozen);
  return refusal(
    "execute/quorum",
    `${state.id} cannot be executed: only ${counted.length} of its ${quorum} approvals count, because ${namesOf(policy, lost)} was frozen since. Have the freeze lifted, or cancel ${state.id}.`,
    withRole(policy, "admin"),
  );
}

export function approve(intent: Of<"approve">, setting: Setting): Decision {
  const { state, policy, now, rules } = setting;
  const { by } = intent;
  const role = withoutRole(policy, by, ["approver"], `approve ${state.id}`);
  if (role !== undefined) return { ok: false, refusal: role };
  const separation = separated(state, "approve", by.person, policy, rules.separation);
  if (separation !== undefined) return { ok: false, refusal: separation };
  const { review } = state;
  if (review === undefined) return refuse("review/none", `${state.id} is not up for review.`);
  if (intent.digest !== undefined && intent.digest !== review.digest)
    return refuse(
      "vote/stale",
      `${state.id} has changed since you were shown it. Look at it again: /upgrade show ${state.id}.`,
    );
  if (now.wall > review.expiresAt) return refuse("vote/expired", `The review of ${state.id} has expired.`);
  const evidence = { state, policy, now, safes: [], legs: [], due: [], purpose: "upgrade" } as const;
  const fault = broken("approve", evidence, rules.integrity);
  if (fault !== undefined) return { ok: false, refusal: fault };
  if (state.denials.some((one) => one.person === by.person))
    return refuse("vote/denied", `You denied ${state.id}. Withdraw that first: /upgrade withdraw ${state.id}.`);
  if (state.approvals.some((one) => one.person === by.person))
    return refuse(
      "vote/again",
      `You have approved ${state.id} already; one person has one vote, on every platform together.`,
    );
  const vote = { ...by, digest: review.digest, at: now.wall };
  const after = { ...state, approvals: [...state.approvals, vote] };
  return accept(event("approved", { digest: review.digest, by }), ...quorumChange(after, policy, rules));
}

/** One denial blocks until it is withdrawn. */
export function deny(intent: Of<"deny">, setting: Setting): Decision {
  const { state, policy, now, rules } = setting;
  const { by, reason } = intent;
  const role = withoutRole(policy, by, ["approver", "guardian"], `deny ${state.id}`);
  if (role !== undefined) return { ok: false, refusal: role };
  if (state.scheduleRequestedBy !== undefined)
    return refuse("deny/sending", `${state.id} is being sent to the timelock: hold or cancel it instead.`);
  if (state.review === undefined) return refuse("review/none", `${state.id} is not up for review.`);
  if (state.denials.some((one) => one.person === by.person))
    return refuse("vote/again", `You have denied ${state.id} already.`);
  const { digest } = state.review;
  const denied = event("denied", { digest, by, reason });
  const withdrawn = state.approvals.some((one) => one.person === by.person)
    ? [event("withdrawn", { by, what: "approval" })]
    : [];
  const after = {
    ...state,
    approvals: state.approvals.filter((one) => one.person !== by.person),
    denials: [...state.denials, { ...by, digest, at: now.wall, reason }],
  };
  return accept(...withdrawn, denied, ...quorumChange(after, policy, rules));
}

export function withdraw(intent: Of<"withdraw">, { state, policy, rules }: Setting): Decision {
  const { by } = intent;
  if (state.scheduleRequestedBy !== undefined)
    return refuse("withdraw/sending", `${state.id} is being sent to the timelock: hold or cancel it instead.`);
  const without = <T extends { person: string }>(votes: T[]) => votes.filter((one) => one.person !== by.person);
  if (state.denials.some((one) => one.person === by.person)) {
    const after = { ...state, denials: without(state.denials) };
    return accept(event("withdrawn", { by, what: "denial" }), ...quorumChange(after, policy, rules));
  }
  if (state.approvals.some((one) => one.person === by.person)) {
    const after = { ...state, approvals: without(state.approvals) };
    return accept(event("withdrawn", { by, what: "approval" }), ...quorumChange(after, policy, rules));
  }
  if (state.signatures.some((one) => one.person === by.person))
    return refuse(
      "withdraw/signature",
      `A signature cannot be taken back, only its nonce can be used up. Deny ${state.id}, or cancel it.`,
    );
  return refuse("withdraw/nothing", `You have neither approved nor denied ${state.id}.`);
}
