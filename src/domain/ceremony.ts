/** The state of one ceremony: the fold of its log. */

import type { Budget } from "./budget.ts";
import type { BoundSafe, Finding } from "./events.ts";
import type { LostExit } from "./exits/exit-log.ts";
import type { GasRequest } from "./gas-execution.ts";
import type { Status } from "./lifecycle.ts";
import { approvedOwners } from "./nested-safes.ts";
import type { Override } from "./overrides.ts";
import type { Address, ChainId, Hex } from "./primitives.ts";
import type { ReleasePackage } from "./release-package.ts";
import type { Sibling } from "./siblings.ts";
import type { CeremonyTx } from "./transactions.ts";
import type { Doubt } from "./watch/doubts.ts";

export interface BlockRef {
  chain: ChainId;
  number: bigint;
  hash: Hex;
  /** Block timestamp, seconds. */
  timestamp: bigint;
}

export interface Review {
  digest: Hex;
  auditHead: Hex;
  policyHash: Hex;
  /** Approvals needed, in people. */
  quorum: number;
  safes: BoundSafe[];
  /** Derived again from the package at every fold; the log holds only their hashes. */
  transactions: CeremonyTx[];
  /** What the log says their hashes are. */
  boundHashes: { id: string; safeTxHash: Hex }[];
  /** Wall time, seconds. */
  openedAt: bigint;
  expiresAt: bigint;
}

export interface Vote {
  person: string;
  account: string;
  digest: Hex;
  at: bigint;
}

export interface GivenSignature {
  tx: string;
  safeTxHash: Hex;
  owner: Address;
  person: string;
  /** keccak256 of the bytes: 65 of a key, or what a smart account returned. */
  signature: Hex;
  /** Child Safes down to the one whose owner signed; empty for a direct owner. */
  via: readonly Address[];
  contract: boolean;
}

/** What became of a timelock operation or Safe transaction. */
export interface OnChain {
  tx: string;
  state: "mined" | "done" | "cancelled" | "used";
  hash?: Hex;
  readyAt?: bigint;
}

export interface Breach {
  metric: string;
  severity: number;
  containment: string;
  block: BlockRef;
  value: string;
  sentence: string;
  /** How many of the sources that were asked said so; undefined where nobody told. */
  sources?: { agree: number; of: number } | undefined;
  open: boolean;
}

export interface SentTransaction {
  leg: string;
  purpose: "upgrade" | "rollback";
  hash: Hex;
  /** keccak256 of the raw bytes. */
  raw: Hex;
  from: Address;
  person: string;
  byGasKey: boolean;
}

export interface PhaseRun {
  phase: number;
  executor: string;
  /** Set once all its legs are executed: the canary's first block. */
  executedAt?: BlockRef;
  advanced: boolean;
}

export interface CeremonyState {
  id: string;
  /** Length of the log: what the next append is compared with. */
  seq: number;
  head: Hex;
  status: Status;
  /** The state to go back to from held or contained. */
  before: Status;
  revision: number;
  package: ReleasePackage;
  packageHash: Hex;
  /** Earlier revisions, oldest first. */
  superseded: { revision: number; package: ReleasePackage; packageHash: Hex; signatures: number }[];
  /** Everyone who wrote a part of it: none of them may approve or execute. */
  proposers: string[];
  draftedAt: bigint;
  /** `passed`: by itself. `head`: of the log, with the overrides that let the review open. */
  check: { revision: number; passed: boolean; findings: Finding[]; evidenceHash: Hex; head: Hex } | undefined;
  /** Of what that check refused. */
  overrides: Override[];
  review: Review | undefined;
  approvals: Vote[];
  denials: (Vote & { reason: string })[];
  quorumMet: boolean;
  /** Hash of the authority policy under which the votes were voided last; undefined once the package is revised. */
  voidedUnder: Hex | undefined;
  signatures: GivenSignature[];
  /** Signed in earlier revisions and digests, and still executable until their nonces are used (trust rule 5). */
  abandoned: CeremonyTx[];
  /** safeTxHashes of abandoned schedules that were found in a timelock. */
  supersededSeen: Hex[];
  /** Other transactions at nonces that this ceremony holds or held. */
  siblings: Sibling[];
  scheduleRequestedBy: string | undefined;
  onChain: OnChain[];
  /** The phase that is next to execute, or under its canary. */
  currentPhase: number;
  phases: PhaseRun[];
  /** Signed by the executor's wallet, or by the gas key for them, and not yet known to be mined. */
  sent: SentTransaction[];
  /** Legs whose upgrade or rollback is done. */
  executedLegs: { leg: string; purpose: "upgrade" | "rollback"; hash: Hex; person: string }[];
  /** `incident`: the open one that the program holds it for. */
  heldBy: { person: string; reason: string; incident?: string | undefined } | undefined;
  breaches: Breach[];
  /** Where the watch was not sure, at some time or now. */
  doubts: Doubt[];
  /** Ways out that would not have worked, at some time or now. */
  lostExits: LostExit[];
  /** Of the phase that was executed last. */
  budget: Budget | undefined;
  containment: { id: string; by: string; reason: string; confirmed: boolean } | undefined;
  /** Ids of those that were sent, and that the chain refused; until the word is given for one again. */
  refusedContainments: string[];
  /** The program sent a containment without a person's word: once a ceremony. */
  containedByItself: boolean;
  /** The newest check of the ceremony as it stands contained; what was contained since voids it. */
  resimulation: { passed: boolean; evidenceHash: Hex; block: BlockRef } | undefined;
  /** `readied`: a presigned one has waited its delay in the timelock. */
  rollbackBy: { person: string; legs: string[]; reason: string; readied: boolean } | undefined;
  /** What the gas key has been asked to run, in order. */
  gasRequests: GasRequest[];
  resumeVotes: { person: string; cause: string }[];
  /** Transactions that make what is left unusable, once the ceremony has ended. */
  windDown: { safes: BoundSafe[]; transactions: CeremonyTx[] } | undefined;
  /** The last advance was given: it closes once what is left was cancelled. */
  closing: boolean;
  refusals: number;
}

/** Breaches in one clause, without a full stop: a value changes with every block, so each says which block's it is. */
export function breachesInWords(breaches: readonly Pick<Breach, "sentence" | "block">[]): string {
  return breaches.map(({ sentence, block }) => `${sentence.replace(/\.$/, "")} (block ${block.number})`).join("; ");
}

/** The transactions of the release and its containment, or of the wind-down, by id. */
export function transactionById(state: CeremonyState, id: string): CeremonyTx | undefined {
  return allTransactions(state).find((one) => one.id === id);
}

export function allTransactions(state: CeremonyState): CeremonyTx[] {
  return [...(state.review?.transactions ?? []), ...(state.windDown?.transactions ?? [])];
}

export function onChainOf(state: CeremonyState, tx: string): OnChain | undefined {
  return state.onChain.find((one) => one.tx === tx);
}

/** What became of the transactions, with one entry put over what was known of it. */
export function placed(state: CeremonyState, entry: OnChain): OnChain[] {
  const known = state.onChain.find((item) => item.tx === entry.tx);
  return [...state.onChain.filter((item) => item.tx !== entry.tx), { ...known, ...entry }];
}

/** The Safe as it was when its transactions were derived. */
export function safeOf(state: CeremonyState, tx: CeremonyTx): BoundSafe | undefined {
  const known = [...(state.windDown?.safes ?? []), ...(state.review?.safes ?? [])];
  return known.find((one) => one.chain === tx.tx.chain && one.address === tx.tx.safe);
}

/** Signatures over the transaction as it is asked for now: one derived anew, with another nonce, starts with none. */
export function signaturesOf(state: CeremonyState, tx: string): GivenSignature[] {
  const hash = transactionById(state, tx)?.safeTxHash;
  return state.signatures.filter((one) => one.tx === tx && one.safeTxHash === hash);
}

/** Whether as many owners have approved a transaction as its Safe demands, child Safes among them. */
export function isFullySigned(state: CeremonyState, tx: CeremonyTx): boolean {
  const safe = safeOf(state, tx);
  return safe !== undefined && approvedOwners(safe, signaturesOf(state, tx.id)).length >= safe.threshold;
}

/** Transactions that must be signed before anything is sent: schedules and containments. */
export function releaseSet(state: CeremonyState): CeremonyTx[] {
  return state.review?.transactions ?? [];
}

/** Timelock schedules among them, in nonce order. */
export function schedules(state: CeremonyState): CeremonyTx[] {
  return releaseSet(state).filter((one) => one.purpose === "upgrade" || one.purpose === "rollback");
}

/** The schedule that `cancel/pilot/rollback` is for: `pilot/rollback`. */
export function operationOfCancel(tx: string): string {
  return tx.replace(/^cancel\//, "");
}

/** Operations that stand in the timelock and neither ran nor were cancelled. */
export function pendingOperations(state: CeremonyState): CeremonyTx[] {
  return schedules(state).filter((one) => onChainOf(state, one.id)?.state === "mined");
}

/**
 * Signed and never seen used, in this revision or an earlier one. Another transaction of the same Safe and nonce makes
 * them unusable, a rejection above all.
 */
export function unspentSignatures(state: CeremonyState): CeremonyTx[] {
  const spent = allTransactions(state).filter((one) => onChainOf(state, one.id) !== undefined);
  const signed = releaseSet(state).filter((one) => signaturesOf(state, one.id).length > 0);
  return [...state.abandoned, ...signed].filter((one) => !spent.some((other) => sameNonce(one, other)));
}

/** Those of them that anyone who has the signatures can still send (trust rule 5): the Safe is not past their nonce. */
export function looseSignatures(state: CeremonyState): CeremonyTx[] {
  return unspentSignatures(state).filter((one) => !isDead(state, one));
}

/** Whether the Safe was read at a later nonce, and it was not this transaction that stands in the timelock by it. */
function isDead({ review, windDown, supersededSeen }: CeremonyState, { tx, safeTxHash }: CeremonyTx): boolean {
  const read = [...(review?.safes ?? []), ...(windDown?.safes ?? [])];
  const isPast = read.some((one) => one.chain === tx.chain && one.address === tx.safe && one.nonce > tx.nonce);
  return isPast && !supersededSeen.includes(safeTxHash);
}

/** Whether of two transactions only one can ever run. */
export function sameNonce(a: CeremonyTx, b: CeremonyTx): boolean {
  return a.tx.nonce === b.tx.nonce && a.tx.chain === b.tx.chain && a.tx.safe === b.tx.safe;
}
