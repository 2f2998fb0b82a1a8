/**
 * What was approved is the only thing that can run (trust rule 4). Every step runs these checks over what it is about to
 * use. They are a list, so that a rehearsal can take one out and show what would then get through.
 */

import { type CeremonyState, releaseSet } from "./ceremony.ts";
import { approvalDigest } from "./digest.ts";
import type { NestedSafe } from "./events.ts";
import { callIsTheBatch, senderMayExecute } from "./executor-checks.ts";
import type { ExecutorTransaction, LegFacts, Now, SafeNow } from "./intent.ts";
import {
  legsWereRead,
  newCodeIsThere,
  oldCodeIsThere,
  operationIsOurs,
  operationIsReady,
  preconditionsAreThere,
  rollbackCodeIsThere,
  windowIsOpen,
} from "./leg-checks.ts";
import { authorityPolicyHash, metricsHash, type Policy } from "./policy.ts";
import type { Address, Hex } from "./primitives.ts";
import { type Refusal, refusal } from "./refusal.ts";
import { packageHash } from "./release-package.ts";
import { auditHeadIsSame, refusalsAreOverridden, termsAreThePolicys } from "./review-checks.ts";
import { hashIsAskedFor, signerIsOwner, walletIsTheirs } from "./signature-checks.ts";
import { safeKey } from "./transactions.ts";

export type Step = "approve" | "sign" | "schedule" | "execute" | "send" | "rollback";

/** Everything a step is about to rely on. */
export interface Evidence {
  state: CeremonyState;
  policy: Policy;
  now: Now;
  safes: readonly SafeNow[];
  legs: readonly LegFacts[];
  /** Ids of the legs that the step is about: each of them needs its facts. */
  due: readonly string[];
  /** Which of a leg's two batches is at stake. */
  purpose: "upgrade" | "rollback";
  signature?: { tx: string; safeTxHash: Hex; recovered: Address; via: readonly Address[]; person: string };
  sent?: ExecutorTransaction & {
    executors: readonly Address[];
    /** The gas key's account, where it was the gas key that signed. */
    gasAccount: Address | undefined;
    person: string;
  };
}

export interface IntegrityCheck {
  id: string;
  steps: readonly Step[];
  /** A sentence where the check fails. */
  fault(evidence: Evidence): string | undefined;
}

const always: readonly Step[] = ["approve", "sign", "schedule", "execute", "send", "rollback"];

const packageIsWhole: IntegrityCheck = {
  id: "package-hash",
  steps: always,
  fault: ({ state }) =>
    packageHash(state.package) === state.packageHash
      ? undefined
      : "the release package is not the one whose hash was recorded: it was changed after it was written",
};

const safesWereRead: IntegrityCheck = {
  id: "safe-facts",
  steps: ["schedule"],
  fault: ({ state, safes }) => {
    const read = safes.map((one) => safeKey(one.chain, one.address));
    const unread = state.review?.safes.find((one) => !read.includes(safeKey(one.chain, one.address)));
    return unread === undefined ? undefined : `the Safe ${unread.address} was not read from ${unread.chain}`;
  },
};

const digestIsWhole: IntegrityCheck = {
  id: "approval-digest",
  steps: always,
  fault: ({ state }) => {
    const { review, check } = state;
    if (review === undefined || check === undefined) return "there is no review to rely on";
    const digest = approvalDigest({
      packageHash: state.packageHash,
      revision: state.revision,
      evidenceHash: check.evidenceHash,
      authorityPolicyHash: review.policyHash,
      nonces: review.safes.map((one) => one.nonce),
      safeTxHashes: review.boundHashes.map((one) => one.safeTxHash),
    });
    return digest === review.digest ? undefined : "what was approved does not add up to the approval digest any more";
  },
};

const transactionsFollow: IntegrityCheck = {
  id: "transactions-derived",
  steps: always,
  fault: ({ state }) => {
    const { review } = state;
    const same =
      review !== undefined &&
      review.transactions.length === review.boundHashes.length &&
      review.boundHashes.every((bound) =>
        review.transactions.some((tx) => tx.id === bound.id && tx.safeTxHash === bound.safeTxHash),
      );
    return same
      ? undefined
      : "the Safe transactions derived from the package are not those that were put up for approval";
  },
};

const votesBindDigest: IntegrityCheck = {
  id: "votes-digest",
  steps: ["schedule", "execute", "send"],
  fault: ({ state }) =>
    state.approvals.every((vote) => vote.digest === state.review?.digest)
      ? undefined
      : "a recorded approval is for another digest than this one",
};

const policyIsSame: IntegrityCheck = {
  id: "authority-policy",
  steps: ["approve", "sign", "schedule", "execute", "send"],
  // A rollback was approved with the upgrade, and must still run when the council has changed since.
  fault: ({ state, policy, purpose }) =>
    purpose === "rollback" ||
    (state.review?.policyHash === authorityPolicyHash(policy) &&
      state.package.authorityPolicyHash === authorityPolicyHash(policy))
      ? undefined
      : "the council's authority policy has changed since the package was put up for review",
};

const metricsAreSame: IntegrityCheck = {
  id: "metrics",
  steps: ["approve", "sign", "schedule", "execute"],
  fault: ({ state, policy }) =>
    state.package.metricsHash === metricsHash(policy)
      ? undefined
      : "the invariants that the package was written with have changed since",
};

const noncesAreFree: IntegrityCheck = {
  id: "safe-nonce",
  steps: ["sign", "schedule"],
  fault: ({ state, safes }) => {
    const unsent = releaseSet(state).filter((tx) => !state.onChain.some((one) => one.tx === tx.id));
    const moved = safes.find((safe) => {
      const first = unsent.find((tx) => safeKey(tx.tx.chain, tx.tx.safe) === safeKey(safe.chain, safe.address));
      return first !== undefined && first.tx.nonce !== safe.nonce;
    });
    return moved === undefined
      ? undefined
      : `the Safe ${moved.address} is at nonce ${moved.nonce}: another transaction took the one that was approved`;
  },
};

const ownersAreSame: IntegrityCheck = {
  id: "safe-owners",
  steps: ["sign", "schedule"],
  fault: ({ state, safes }) => {
    const changed = safes.find((safe) => {
      const known = state.review?.safes.find(
        (one) => safeKey(one.chain, one.address) === safeKey(safe.chain, safe.address),
      );
      return (
        known !== undefined &&
        (known.threshold !== safe.threshold || [...known.owners].sort().join() !== [...safe.owners].sort().join())
      );
    });
    if (changed !== undefined)
      return `owners or threshold of the Safe ${changed.address} have changed since the review`;
    const child = changedChild(state, safes);
    return child === undefined
      ? undefined
      : `the Safe ${child.address}, which is an owner, has another version, other owners or another threshold since the review`;
  },
};

/** Of the Safes that own those: the first that is not as the review bound it. What a child signs depends on its version. */
function changedChild(state: CeremonyState, safes: readonly SafeNow[]): NestedSafe | undefined {
  const same = (one: NestedSafe) => [one.address, one.version, one.threshold, ...[...one.owners].sort()].join();
  for (const safe of safes) {
    const known = state.review?.safes.find(
      (one) => safeKey(one.chain, one.address) === safeKey(safe.chain, safe.address),
    );
    const now = safe.nested.map(same);
    const changed = known?.nested.find((one) => !now.includes(same(one)));
    if (changed !== undefined) return changed;
  }
  return undefined;
}

export const integrityChecks: readonly IntegrityCheck[] = [
  packageIsWhole,
  transactionsFollow,
  digestIsWhole,
  refusalsAreOverridden,
  auditHeadIsSame,
  votesBindDigest,
  policyIsSame,
  termsAreThePolicys,
  metricsAreSame,
  windowIsOpen,
  legsWereRead,
  safesWereRead,
  noncesAreFree,
  ownersAreSame,
  hashIsAskedFor,
  signerIsOwner,
  walletIsTheirs,
  newCodeIsThere,
  oldCodeIsThere,
  rollbackCodeIsThere,
  preconditionsAreThere,
  operationIsOurs,
  operationIsReady,
  callIsTheBatch,
  senderMayExecute,
];

/** The refusal of the first check that fails at a step; undefined where all hold. */
export function broken(step: Step, evidence: Evidence, checks: readonly IntegrityCheck[]): Refusal | undefined {
  for (const check of checks) {
    if (!check.steps.includes(step)) continue;
    const problem = check.fault(evidence);
    if (problem !== undefined)
      return refusal(`integrity/${check.id}`, `${evidence.state.id} was not changed: ${problem}.`);
  }
  return undefined;
}
