/**
 * What was approved is the only thing that can run (trust rule 4). Every step runs these checks over what it is about to
 * use. They are a list, so that a rehearsal can take one out and show what would then get through.
 */

import { type CeremonyState, releaseSet, transactionById } from "./ceremony.ts";
import { approvalDigest } from "./digest.ts";
import { chainTime, type ExecutorTransaction, type LegFacts, type Now, type SafeNow } from "./intent.ts";
import { authorityPolicyHash, metricsHash, type Policy, personOfWallet } from "./policy.ts";
import { preconditionsCodeHash } from "./preconditions.ts";
import type { Address, Hex } from "./primitives.ts";
import { type Refusal, refusal } from "./refusal.ts";
import { legById, packageHash, phaseOfLeg, proxyChanges } from "./release-package.ts";
import { auditHeadIsSame, termsAreThePolicys } from "./review-checks.ts";
import { executeBatchData } from "./timelock.ts";
import { rollbackBatch, safeKey, timelockOf, upgradeBatch } from "./transactions.ts";
import { operationOf } from "./wind-down.ts";

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
  signature?: { tx: string; safeTxHash: Hex; recovered: Address; person: string };
  sent?: ExecutorTransaction & { executors: readonly Address[]; person: string };
}

export interface IntegrityCheck {
  id: string;
  steps: readonly Step[];
  /** A sentence where the check fails. */
  fails(evidence: Evidence): string | undefined;
}

const always: readonly Step[] = ["approve", "sign", "schedule", "execute", "send", "rollback"];

const packageIsWhole: IntegrityCheck = {
  id: "package-hash",
  steps: always,
  fails: ({ state }) =>
    packageHash(state.package) === state.packageHash
      ? undefined
      : "the release package is not the one whose hash was recorded: it was changed after it was written",
};

/** A check that could not run refuses (trust rule 8): without facts all checks over them would hold. */
const legsWereRead: IntegrityCheck = {
  id: "leg-facts",
  steps: ["schedule", "execute", "send", "rollback"],
  fails: ({ legs, due }) => {
    const unread = due.find((id) => !legs.some((one) => one.leg === id));
    return unread === undefined ? undefined : `the leg ${unread} was not read from its chain`;
  },
};

const safesWereRead: IntegrityCheck = {
  id: "safe-facts",
  steps: ["schedule"],
  fails: ({ state, safes }) => {
    const read = safes.map((one) => safeKey(one.chain, one.address));
    const unread = state.review?.safes.find((one) => !read.includes(safeKey(one.chain, one.address)));
    return unread === undefined ? undefined : `the Safe ${unread.address} was not read from ${unread.chain}`;
  },
};

const digestIsWhole: IntegrityCheck = {
  id: "approval-digest",
  steps: always,
  fails: ({ state }) => {
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
  fails: ({ state }) => {
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
  fails: ({ state }) =>
    state.approvals.every((vote) => vote.digest === state.review?.digest)
      ? undefined
      : "a recorded approval is for another digest than this one",
};

const policyIsSame: IntegrityCheck = {
  id: "authority-policy",
  steps: ["approve", "sign", "schedule", "execute", "send"],
  // A rollback was approved with the upgrade, and must still run when the council has changed since.
  fails: ({ state, policy, purpose }) =>
    purpose === "rollback" ||
    (state.review?.policyHash === authorityPolicyHash(policy) &&
      state.package.authorityPolicyHash === authorityPolicyHash(policy))
      ? undefined
      : "the council's authority policy has changed since the package was put up for review",
};

const metricsAreSame: IntegrityCheck = {
  id: "metrics",
  steps: ["approve", "sign", "schedule", "execute"],
  fails: ({ state, policy }) =>
    state.package.metricsHash === metricsHash(policy)
      ? undefined
      : "the invariants that the package was written with have changed since",
};

const windowIsOpen: IntegrityCheck = {
  id: "window",
  steps: ["schedule", "execute", "send", "rollback"],
  fails: ({ state, now, legs, purpose }) => {
    const closed = legs
      .map((one) => legById(state.package, one.leg))
      .map((leg) => ({ leg, end: state.package.phases[phaseOfLeg(state.package, leg.id)]?.window.notAfter ?? 0n }))
      .find(({ leg, end }) => chainTime(now, leg.chain) > (purpose === "upgrade" ? end : leg.rollback.notAfter));
    return closed === undefined ? undefined : `the window of the leg ${closed.leg.id} has ended`;
  },
};

const noncesAreFree: IntegrityCheck = {
  id: "safe-nonce",
  steps: ["sign", "schedule"],
  fails: ({ state, safes }) => {
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
  fails: ({ state, safes }) => {
    const changed = safes.find((safe) => {
      const known = state.review?.safes.find(
        (one) => safeKey(one.chain, one.address) === safeKey(safe.chain, safe.address),
      );
      return (
        known !== undefined &&
        (known.threshold !== safe.threshold || [...known.owners].sort().join() !== [...safe.owners].sort().join())
      );
    });
    return changed === undefined
      ? undefined
      : `owners or threshold of the Safe ${changed.address} have changed since the review`;
  },
};

const hashIsAskedFor: IntegrityCheck = {
  id: "signature-hash",
  steps: ["sign"],
  fails: ({ state, signature }) => {
    if (signature === undefined) return "there is no signature";
    const tx = transactionById(state, signature.tx);
    return tx?.safeTxHash === signature.safeTxHash
      ? undefined
      : "the signature is over another hash than the one this ceremony asks for";
  },
};

const signerIsOwner: IntegrityCheck = {
  id: "signature-owner",
  steps: ["sign"],
  fails: ({ state, signature, safes }) => {
    const tx = signature && transactionById(state, signature.tx);
    const safe = tx && safes.find((one) => safeKey(one.chain, one.address) === safeKey(tx.tx.chain, tx.tx.safe));
    return safe?.owners.includes(signature?.recovered ?? "0x")
      ? undefined
      : `the wallet ${signature?.recovered} that signed is not an owner of the Safe`;
  },
};

const walletIsTheirs: IntegrityCheck = {
  id: "signature-person",
  steps: ["sign"],
  fails: ({ policy, signature }) =>
    signature !== undefined && personOfWallet(policy, signature.recovered)?.id === signature.person
      ? undefined
      : `the wallet ${signature?.recovered} that signed is not linked to you`,
};

const newCodeIsThere: IntegrityCheck = {
  id: "code-hash",
  steps: ["schedule", "execute", "send"],
  fails: ({ state, legs, purpose }) => {
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

const oldCodeIsThere: IntegrityCheck = {
  id: "from-implementation",
  steps: ["schedule", "execute", "send"],
  fails: ({ state, legs, purpose }) => {
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

const rollbackCodeIsThere: IntegrityCheck = {
  id: "rollback-code",
  steps: ["schedule", "execute", "rollback"],
  fails: ({ state, legs }) => {
    for (const facts of legs)
      for (const back of legById(state.package, facts.leg).rollback.restores) {
        const found = facts.codeHashes.find((one) => one.account === back.implementation)?.codeHash;
        if (found !== back.codeHash)
          return `the code at ${back.implementation}, which the rollback goes back to, has changed`;
      }
    return undefined;
  },
};

const preconditionsAreThere: IntegrityCheck = {
  id: "preconditions-code",
  steps: ["schedule", "execute", "send"],
  fails: ({ state, legs, policy, purpose }) => {
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

const operationIsOurs: IntegrityCheck = {
  id: "operation-id",
  steps: ["execute", "send", "rollback"],
  fails: ({ state, legs, purpose }) => {
    const strange = legs.find((one) => one.operation.id !== operationOf(state, one.leg, purpose));
    return strange === undefined
      ? undefined
      : `the operation of the leg ${strange.leg} is not the one this package leads to`;
  },
};

const operationIsReady: IntegrityCheck = {
  id: "operation-state",
  steps: ["execute", "send", "rollback"],
  fails: ({ legs }) => {
    const early = legs.find((one) => one.operation.state !== "Ready");
    if (early === undefined) return undefined;
    const { leg, operation } = early;
    return `the timelock says ${operation.state} for the operation of ${leg}, and only Ready may run`;
  },
};

const callIsTheBatch: IntegrityCheck = {
  id: "executor-calldata",
  steps: ["send"],
  fails: ({ state, sent }) => {
    if (sent === undefined || state.review === undefined) return "there is no transaction";
    const leg = legById(state.package, sent.leg);
    const anchor = { packageHash: state.packageHash, auditHead: state.review.auditHead };
    const batch = (sent.purpose === "upgrade" ? upgradeBatch : rollbackBatch)(state.package, leg, anchor);
    const { timelock } = timelockOf(leg);
    const value = batch.calls.reduce((sum, call) => sum + call.value, 0n);
    if (sent.chain !== leg.chain) return `the transaction is for ${sent.chain} instead of ${leg.chain}`;
    if (sent.to !== timelock) return `the transaction goes to ${sent.to} instead of the timelock ${timelock}`;
    if (sent.value !== value) return `the transaction carries ${sent.value} wei instead of ${value}`;
    return sent.data === executeBatchData(batch)
      ? undefined
      : "the transaction's calldata is not the batch that was approved";
  },
};

const senderMayExecute: IntegrityCheck = {
  id: "executor-wallet",
  steps: ["send"],
  fails: ({ policy, sent }) => {
    if (sent === undefined) return "there is no transaction";
    if (personOfWallet(policy, sent.from)?.id !== sent.person)
      return `the wallet ${sent.from} that signed it is not linked to you`;
    return sent.executors.includes(sent.from)
      ? undefined
      : `the wallet ${sent.from} holds no EXECUTOR_ROLE on the timelock`;
  },
};

export const integrityChecks: readonly IntegrityCheck[] = [
  packageIsWhole,
  transactionsFollow,
  digestIsWhole,
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
    const problem = check.fails(evidence);
    if (problem !== undefined)
      return refusal(`integrity/${check.id}`, `${evidence.state.id} was not changed: ${problem}.`);
  }
  return undefined;
}
