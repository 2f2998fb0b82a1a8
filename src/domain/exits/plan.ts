/** What is asked of the chain so that an exit is proved: the very transactions that would be sent, and what they hang on. */

import { concat, encodeAbiParameters, keccak256, pad } from "viem";
import { type CeremonyState, type GivenSignature, safeOf, signaturesOf, transactionById } from "../ceremony.ts";
import { containmentCalls } from "../containment.ts";
import type { Rules } from "../decision.ts";
import { gasExecutes } from "../gas-execution.ts";
import type { SafeNow } from "../intent.ts";
import { approvedOwners, packApprovals } from "../nested-safes.ts";
import { type Policy, personById } from "../policy.ts";
import { rollbacksToSend } from "../presigned.ts";
import { type Address, type Hex, zeroAddress } from "../primitives.ts";
import { execTransactionData, packSignatures } from "../safe-signatures.ts";
import { eligible } from "../separation.ts";
import { executeBatchData, operationId } from "../timelock.ts";
import { type CeremonyTx, rollbackBatch, timelockOf } from "../transactions.ts";
import { containmentOf, type Exit, isUnsent, rollbackLeg } from "./exit.ts";
import { codeAsk, executorAsk, safeAsks, timestampAsk } from "./facts.ts";
import type { Asked, Pretence, TriedCall } from "./trial.ts";

/** What a plan is made from besides the ceremony. */
export interface Known {
  policy: Policy;
  rules: Rules;
  gasAccount: Address;
  /** A Safe as it was read last; undefined where it was not: then it is taken as it was when its transactions were derived. */
  safe(tx: CeremonyTx): SafeNow | undefined;
  /** Bytes of a signature by their hash; undefined where they cannot be read here. */
  signature(hash: Hex): Hex | undefined;
}

export interface ExitPlan {
  exit: Exit;
  /** Safe transactions that have to go through now, in nonce order: the containment, or what schedules a late rollback. */
  txs: CeremonyTx[];
  /** Whether their signatures are the ones that were given: otherwise some were taken as given, to see the rest. */
  isSigned: boolean;
  asked: Asked[];
  pretend: Pretence[];
  /** Of the calls as the Safe itself would make them: asked only where its transaction fails. */
  inner: Asked[];
  /** Wallets that could execute the rollback as far as policy goes, and whose; nobody's for the gas account. */
  executors: Executor[];
  /** The rollback's operation in the timelock, and the one that has to run before it; none for a containment. */
  operation: { id: Hex; predecessor: Hex } | undefined;
}

export interface Executor {
  wallet: Address;
  /** People who may send from it, or have it sent. */
  people: string[];
}

export const execKey = ({ ceremony, id }: Exit) => `${ceremony} ${id} exec`;
export const innerKey = ({ ceremony, id }: Exit) => `${ceremony} ${id} inner`;
export const runKey = ({ ceremony, id }: Exit, wallet: Address) => `${ceremony} ${id} run ${wallet}`;

export function planOf(state: CeremonyState, exit: Exit, known: Known): ExitPlan {
  return exit.kind === "containment" ? planOfContainment(state, exit, known) : planOfRollback(state, exit, known);
}

function planOfContainment(state: CeremonyState, exit: Exit, known: Known): ExitPlan {
  const tx = transactionById(state, exit.id);
  if (tx === undefined) throw new RangeError(`The ceremony has no transaction ${exit.id}.`);
  const prepared = containmentOf(state, exit);
  const then = { to: prepared.readBack.to, data: prepared.readBack.data };
  const sent = sending(state, exit, [tx], known, containmentCalls(prepared), [then]);
  const facts = [codeAsk(tx.tx.to), { key: readKey(exit), row: [then], on: "state", isFact: true } as const];
  return { ...sent, exit, asked: [...facts, ...sent.asked], executors: [], operation: undefined };
}

/** What the containment's proof of effect says now. */
export const readKey = ({ ceremony, id }: Exit) => `${ceremony} ${id} read`;

function planOfRollback(state: CeremonyState, exit: Exit, known: Known): ExitPlan {
  const leg = rollbackLeg(state, exit);
  const { timelock } = timelockOf(leg);
  const { batch, operation } = rollbackOperation(state, exit);
  const executors = executorsOf(state, exit, known);
  const value = batch.calls.reduce((sum, one) => sum + one.value, 0n);
  const data = executeBatchData(batch);
  // Anybody may run it where the role is open: then also a wallet that holds none of its own.
  const wallets = executors.map((one) => one.wallet);
  const unsent = isUnsent(state, exit);
  const asReady = unsent || exit.stage !== "live";
  const runs = wallets.map(
    (from): Asked => ({
      key: runKey(exit, from),
      row: [{ from, to: timelock, value, data }],
      on: asReady ? "pretence" : "state",
    }),
  );
  const pretend = asReady ? asIfReady(timelock, operation, batch.predecessor) : [];
  const accounts = [
    ...leg.rollback.calls.map((one) => one.to),
    ...leg.rollback.restores.map((one) => one.implementation),
  ];
  const facts = [
    timestampAsk(timelock, operation),
    timestampAsk(timelock, batch.predecessor),
    ...[zeroAddress, ...wallets].map((wallet) => executorAsk(timelock, wallet)),
    ...accounts.map(codeAsk),
  ];
  const txs = unsent ? rollbacksToSend(state, [exit.subject]) : [];
  const sent = unsent
    ? sending(
        state,
        exit,
        txs,
        known,
        txs.map((one) => one.tx),
      )
    : nothingSent;
  return {
    ...sent,
    exit,
    asked: [...facts, ...runs, ...sent.asked],
    pretend: [...pretend, ...sent.pretend],
    executors,
    operation: { id: operation, predecessor: batch.predecessor },
  };
}

const nothingSent = { txs: [], isSigned: true, asked: [], pretend: [], inner: [] };

function rollbackOperation(state: CeremonyState, exit: Exit) {
  const { packageHash, review } = state;
  if (review === undefined) throw new RangeError("The ceremony has no review, so no operation.");
  const batch = rollbackBatch(state.package, rollbackLeg(state, exit), { packageHash, auditHead: review.auditHead });
  return { batch, operation: operationId(batch) };
}

/** Whoever may execute by policy and separation, wallet by wallet; and the gas account where policy lets it. */
function executorsOf(state: CeremonyState, exit: Exit, { policy, rules, gasAccount }: Known): Executor[] {
  const people = eligible(state, "execute", policy, rules.separation);
  const wallets = people.flatMap((id) =>
    (personById(policy, id)?.wallets ?? []).map((wallet) => ({ wallet, people: [id] })),
  );
  return gasExecutes(policy, rollbackLeg(state, exit)) ? [...wallets, { wallet: gasAccount, people }] : wallets;
}

/** Safe transactions sent one after another, what they call, and what has to hold after them. */
function sending(
  state: CeremonyState,
  exit: Exit,
  txs: readonly CeremonyTx[],
  known: Known,
  calls: readonly TriedCall[],
  then: readonly TriedCall[] = [],
): Pick<ExitPlan, "txs" | "isSigned" | "asked" | "pretend" | "inner"> {
  const signed = txs.map((tx) => signaturesFor(state, tx, known));
  const row = txs.map(({ tx }, index): TriedCall => {
    const { packed = "0x" } = signed[index] ?? {};
    return { to: tx.safe, data: execTransactionData(tx, packed) };
  });
  const pretend = signed.flatMap((one) => one.pretend);
  return {
    txs: [...txs],
    isSigned: pretend.length === 0,
    asked: [
      ...txs.flatMap((tx) => safeAsks(safeFor(state, tx, known))),
      { key: execKey(exit), row: [...row, ...then], on: pretend.length > 0 ? "pretence" : "state" },
    ],
    pretend,
    inner: [
      {
        key: innerKey(exit),
        row: calls.map(({ to, value, data }) => ({ ...from(txs), to, value: value ?? 0n, data })),
        on: "impersonation",
      },
    ],
  };
}

/** All of them come out of one Safe. */
const from = ([first]: readonly CeremonyTx[]) => (first === undefined ? {} : { from: first.tx.safe });

/** Throws where nothing was ever read of it, which no review allows. */
export function safeFor(state: CeremonyState, tx: CeremonyTx, known: Pick<Known, "safe">): SafeNow {
  const safe = known.safe(tx) ?? safeOf(state, tx);
  if (safe === undefined) throw new RangeError(`Nothing is known of the Safe ${tx.tx.safe}.`);
  return safe;
}

/**
 * The signatures that were given, of owners as they are now; where they do not suffice or cannot be read, as many owners as
 * it takes are taken as having approved on the chain, so that everything else is proved.
 */
function signaturesFor(state: CeremonyState, tx: CeremonyTx, known: Known): { packed: Hex; pretend: Pretence[] } {
  const safe = safeFor(state, tx, known);
  const given = signaturesOf(state, tx.id);
  const own = approvedOwners(safe, given);
  const read = given.flatMap((one) => withBytes(one, known));
  if (own.length >= safe.threshold && read.length === given.length)
    return { packed: packApprovals(safe, read), pretend: [] };
  const taken = [...own, ...safe.owners.filter((one) => !own.includes(one))].slice(0, safe.threshold);
  return {
    packed: packSignatures(taken.map((owner) => ({ owner, signature: concat([pad(owner), pad("0x"), "0x01"]) }))),
    pretend: taken.map((owner) => approvedOnChain(tx, owner)),
  };
}

function withBytes(one: GivenSignature, { signature: read }: Known): (GivenSignature & { signature: Hex })[] {
  const signature = read(one.signature);
  return signature === undefined ? [] : [{ ...one, signature }];
}

/** Safe's `approvedHashes[owner][hash]`, slot 8 in every version since 1.0.0. */
function approvedOnChain({ tx, safeTxHash }: CeremonyTx, owner: Address): Pretence {
  return { account: tx.safe, slot: mapped(safeTxHash, mapped(pad(owner), word(8n))), value: word(1n) };
}

/** TimelockController's `_timestamps`, slot 1 in OpenZeppelin 4 and 5: the upgrade done, its rollback ready since long. */
function asIfReady(timelock: Address, operation: Hex, predecessor: Hex): Pretence[] {
  const at = (id: Hex, value: bigint) => ({ account: timelock, slot: mapped(id, word(1n)), value: word(value) });
  return [at(predecessor, 1n), at(operation, 2n)];
}

const word = (value: bigint): Hex => encodeAbiParameters([{ type: "uint256" }], [value]);

/** The slot of a mapping's value: keccak256(key ‖ slot). */
const mapped = (key: Hex, slot: Hex): Hex => keccak256(concat([key, slot]));
