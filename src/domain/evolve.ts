/** State is the fold of the log: one event in, the next state out. Nothing is refused here, and nothing is decided. */

import { budgetAfter } from "./budget.ts";
import { type CeremonyState, operationOfCancel, placed, unspentSignatures } from "./ceremony.ts";
import type { EventData, LoggedEvent } from "./events.ts";
import { guarded } from "./evolve-guarding.ts";
import { lostExitsAfter } from "./exits/exit-log.ts";
import { gasRequestsAfter } from "./gas-execution.ts";
import { placeAfter } from "./place.ts";
import { releaseTransactions } from "./transactions.ts";

/** Folds a ceremony's events. Undefined where there are none. */
export function fold(id: string, events: readonly LoggedEvent[]): CeremonyState | undefined {
  let state: CeremonyState | undefined;
  for (const one of events) state = evolve(id, state, one);
  return state;
}

/** The state after `one`. Throws where the first event is not `drafted`. */
export function evolve(id: string, state: CeremonyState | undefined, one: LoggedEvent): CeremonyState {
  if (state === undefined) {
    if (one.type !== "drafted") throw new Error(`The log of ${id} starts with "${one.type}" instead of "drafted".`);
    return drafted(id, one, one.data);
  }
  const [gasRequests, budget] = [gasRequestsAfter(state, one), budgetAfter(state, one)];
  return {
    ...state,
    ...change(state, one),
    gasRequests,
    budget,
    lostExits: lostExitsAfter(state, one),
    seq: one.seq,
    head: one.hash,
    ...placeAfter(state, one),
  };
}

function drafted(id: string, one: LoggedEvent, data: EventData<"drafted">): CeremonyState {
  return {
    id,
    seq: one.seq,
    head: one.hash,
    status: "drafted",
    before: "drafted",
    revision: 1,
    package: data.package,
    packageHash: data.packageHash,
    superseded: [],
    proposers: [data.by.person],
    draftedAt: one.at,
    check: undefined,
    overrides: [],
    review: undefined,
    approvals: [],
    denials: [],
    quorumMet: false,
    voidedUnder: undefined,
    signatures: [],
    abandoned: [],
    supersededSeen: [],
    siblings: [],
    scheduleRequestedBy: undefined,
    onChain: [],
    currentPhase: 0,
    phases: [],
    sent: [],
    executedLegs: [],
    heldBy: undefined,
    breaches: [],
    doubts: [],
    lostExits: [],
    budget: undefined,
    containment: undefined,
    refusedContainments: [],
    containedByItself: false,
    resimulation: undefined,
    rollbackBy: undefined,
    gasRequests: [],
    resumeVotes: [],
    windDown: undefined,
    closing: false,
    refusals: 0,
  };
}

/** What belongs to one digest dies with it. What was signed does not: it is only void on-chain (trust rule 5). */
function unbound(state: CeremonyState): Partial<CeremonyState> {
  return {
    review: undefined,
    approvals: [],
    denials: [],
    quorumMet: false,
    signatures: [],
    abandoned: unspentSignatures(state),
    scheduleRequestedBy: undefined,
  };
}

function change(state: CeremonyState, one: LoggedEvent): Partial<CeremonyState> {
  switch (one.type) {
    case "revised":
      return revised(state, one.data);
    case "checked":
    case "checkFailed": {
      const { revision, findings, evidenceHash } = one.data;
      const check = { revision, passed: one.type === "checked", findings, evidenceHash, head: one.hash };
      return { check, overrides: [] };
    }
    case "overridden":
      return overridden(state, one.data, one.at);
    // From here on the log's head is in every salt: who signs, signs over the overrides as well.
    case "refusalsOverridden":
      return { check: state.check && { ...state.check, head: one.hash } };
    case "reviewOpened":
      return reviewOpened(state, one.data, one.at);
    case "approved":
    case "denied":
    case "withdrawn":
    case "quorumReached":
    case "quorumLost":
    case "digestVoided":
      return voting(state, one);
    case "signed":
      return signed(state, one.data);
    case "scheduleRequested":
      return { scheduleRequestedBy: one.data.by.person };
    case "transactionMined": {
      const { tx, hash, readyAt } = one.data;
      return { onChain: placed(state, { tx, state: "mined", hash, ...(readyAt === undefined ? {} : { readyAt }) }) };
    }
    case "scheduled":
      return {
        onChain: state.onChain.map((item) => {
          const ready = one.data.readyAt.find((other) => other.tx === item.tx);
          return ready === undefined ? item : { ...item, readyAt: ready.readyAt };
        }),
      };
    case "refused":
      return { refusals: state.refusals + 1 };
    default:
      return released(state, one);
  }
}

function revised(state: CeremonyState, data: EventData<"revised">): Partial<CeremonyState> {
  const { revision, packageHash, superseded } = { ...state };
  return {
    ...unbound(state),
    package: data.package,
    packageHash: data.packageHash,
    revision: data.revision,
    superseded: [...superseded, { revision, package: state.package, packageHash, signatures: state.signatures.length }],
    proposers: [...new Set([...state.proposers, data.by.person])],
    check: undefined,
    overrides: [],
    voidedUnder: undefined,
  };
}

function overridden({ overrides }: CeremonyState, data: EventData<"overridden">, at: bigint): Partial<CeremonyState> {
  const { code, by, reason, expiresAt, revision } = data;
  const given = { code, person: by.person, reason, at, expiresAt, revision };
  return { overrides: [...overrides.filter((one) => one.code !== code), given] };
}

function reviewOpened(state: CeremonyState, data: EventData<"reviewOpened">, openedAt: bigint): Partial<CeremonyState> {
  const { digest, auditHead, policyHash, quorum, safes, transactions, expiresAt } = data;
  const anchor = { packageHash: state.packageHash, auditHead };
  const derived = releaseTransactions(state.package, anchor, safes);
  return {
    ...unbound(state),
    // What an earlier digest left on the chain is not this one's: a schedule there would have ended the ceremony.
    onChain: [],
    review: {
      digest,
      auditHead,
      policyHash,
      quorum,
      safes,
      transactions: derived,
      boundHashes: transactions,
      openedAt,
      expiresAt,
    },
  };
}

type Voting = Extract<
  LoggedEvent,
  { type: "approved" | "denied" | "withdrawn" | "quorumReached" | "quorumLost" | "digestVoided" }
>;

function voting(state: CeremonyState, one: Voting): Partial<CeremonyState> {
  switch (one.type) {
    case "approved":
      return { approvals: [...state.approvals, { ...one.data.by, digest: one.data.digest, at: one.at }] };
    case "denied": {
      const denial = { ...one.data.by, digest: one.data.digest, at: one.at, reason: one.data.reason };
      return { denials: [...state.denials, denial] };
    }
    case "withdrawn": {
      const kept = <T extends { person: string }>(votes: T[]) =>
        votes.filter((vote) => vote.person !== one.data.by.person);
      return one.data.what === "approval" ? { approvals: kept(state.approvals) } : { denials: kept(state.denials) };
    }
    case "quorumReached":
      return { quorumMet: true };
    case "quorumLost":
      return { quorumMet: false };
    case "digestVoided":
      return { ...unbound(state), voidedUnder: one.data.policyHash };
  }
}

function signed(state: CeremonyState, data: EventData<"signed">): Partial<CeremonyState> {
  const { tx, safeTxHash, owner, signature, via = [], contract = false, by } = data;
  return {
    signatures: [...state.signatures, { tx, safeTxHash, owner, signature, via, contract, person: by.person }],
  };
}

/** Events from the schedule on: running, watching, containing, ending. */
function released(state: CeremonyState, one: LoggedEvent): Partial<CeremonyState> {
  switch (one.type) {
    case "executionStarted":
      return { phases: [...others(state), { phase: one.data.phase, executor: one.data.by.person, advanced: false }] };
    case "executorSent": {
      const { leg, purpose, hash, raw, from, sender, by } = one.data;
      const byGasKey = sender === "gas-key";
      return { sent: [...state.sent, { leg, purpose, hash, raw, from, person: by.person, byGasKey }] };
    }
    case "executionFailed":
      return { sent: state.sent.filter((item) => item.hash !== one.data.hash) };
    case "legExecuted":
      return legExecuted(state, one.data);
    case "executed":
      return {
        phases: state.phases.map((run) =>
          run.phase === one.data.phase ? { ...run, executedAt: one.data.block } : run,
        ),
      };
    case "advanced":
    case "canaryPassed": {
      const phases = state.phases.map((run) => (run.phase === one.data.phase ? { ...run, advanced: true } : run));
      return one.type === "canaryPassed" ? { phases, closing: true } : { phases, currentPhase: one.data.phase + 1 };
    }
    case "operationRemoved":
      return { onChain: placed(state, { tx: one.data.tx, state: "cancelled" }) };
    case "operationCancelled":
    case "nonceUsed":
      return used(state, one);
    default:
      return guarded(state, one);
  }
}

const others = (state: CeremonyState) => state.phases.filter((run) => run.phase !== state.currentPhase);

function legExecuted(state: CeremonyState, data: EventData<"legExecuted">): Partial<CeremonyState> {
  const { leg, purpose, hash, by } = data;
  return {
    executedLegs: [...state.executedLegs, { leg, purpose, hash, person: by.person }],
    sent: state.sent.filter((item) => item.leg !== leg || item.purpose !== purpose),
    onChain: placed(state, { tx: `${leg}/${purpose}`, state: "done" }),
  };
}

function used(
  state: CeremonyState,
  one: Extract<LoggedEvent, { type: "operationCancelled" | "nonceUsed" }>,
): Partial<CeremonyState> {
  const { tx } = one.data;
  if (one.type === "nonceUsed") return { onChain: placed(state, { tx, state: "used" }) };
  const cancelled = operationOfCancel(tx);
  const withCancel = { ...state, onChain: placed(state, { tx, state: "mined" }) };
  return { onChain: placed(withCancel, { tx: cancelled, state: "cancelled" }) };
}
