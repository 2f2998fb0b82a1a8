/**
 * Compares what the log says with what the chain says and turns every difference into an observation. It looks at
 * levels, not edges: run twice, or after a crash, it says the same.
 */

import type { Head } from "../chain-facts.ts";
import type { BlockRef } from "../domain/ceremony.ts";
import { type CeremonyState, onChainOf, pendingOperations, schedules, transactionById } from "../domain/ceremony.ts";
import type { Observation } from "../domain/intent.ts";
import { endings } from "../domain/lifecycle.ts";
import { isPresigned, scheduledAtOnce, unsentRollbacks } from "../domain/presigned.ts";
import { type Address, type Hex, zeroAddress, zeroHash } from "../domain/primitives.ts";
import { legById } from "../domain/release-package.ts";
import { type CeremonyTx, timelockOf } from "../domain/transactions.ts";
import type { Chain, Chains, Outbox } from "../ports.ts";
import { minedOf, refusedOnChain, sentHashes } from "../sent-hashes.ts";
import { isUnsetAt, nonceAt } from "./pinned.ts";

/** What is to be recorded now; the caller hands each to the ledger and asks again while there are any. */
export async function observations(state: CeremonyState, chains: Chains, outbox: Sending): Promise<Observation[]> {
  const blocks = new Map<string, BlockRef>();
  for (const id of new Set(state.package.legs.map((leg) => leg.chain))) {
    const head = await chains.get(id).head();
    blocks.set(id, { chain: id, ...head });
  }
  const at = (chain: string): BlockRef => {
    const block = blocks.get(chain);
    if (block === undefined) throw new RangeError(`The head of ${chain} was not read.`);
    return block;
  };
  const found: Observation[] = [];
  found.push(...(await noncesTaken(state, chains, at)));
  found.push(...(await scheduled(state, chains, outbox, at)));
  found.push(...(await lateRollbacks(state, chains, outbox, at)));
  found.push(...(await operations(state, chains, at)));
  found.push(...(await reverted(state, chains)));
  found.push(...(await contained(state, chains, at)));
  found.push(...(await woundDown(state, chains, at)));
  found.push(...(await superseded(state, chains, at)));
  const [first] = blocks.values();
  if (first !== undefined) found.push({ what: "time", block: first });
  return found;
}

/** Seconds of block time for which an operation must have stood before its absence is believed. */
const SETTLED = 120n;

/** What is being sent: the first open entry of every lane, whenever it is due. */
type Sending = Pick<Outbox, "due">;
const forever = 2n ** 62n;

type At = (chain: string) => BlockRef;

const isReviewing = (state: CeremonyState) => ["in review", "approved", "signing"].includes(state.status);

/** Somebody used a nonce that the approval is bound to. */
async function noncesTaken(state: CeremonyState, chains: Chains, at: At): Promise<Observation[]> {
  if (!isReviewing(state)) return [];
  if (state.scheduleRequestedBy !== undefined) return noncesTakenWhileSending(state, chains, at);
  const found: Observation[] = [];
  for (const safe of state.review?.safes ?? []) {
    const { nonce } = await chains.get(safe.chain).safe(safe.address);
    if (nonce > safe.nonce) found.push({ what: "nonceTaken", safe: safe.address, nonce, expected: safe.nonce });
  }
  return found;
}

/** A nonce is used and its schedule does not stand, both read at one block: another transaction took it. */
async function noncesTakenWhileSending(state: CeremonyState, chains: Chains, at: At): Promise<Observation[]> {
  for (const tx of schedules(state).filter((one) => onChainOf(state, one.id) === undefined)) {
    const chain = chains.get(tx.tx.chain);
    const block = at(tx.tx.chain);
    const nonce = await nonceAt(chain, tx.tx.safe, block);
    if (nonce > tx.tx.nonce && (await isUnsetAt(chain, timelockFor(state, tx), tx.operationId ?? zeroHash, block)))
      return [{ what: "nonceTaken", safe: tx.tx.safe, nonce, expected: tx.tx.nonce }];
  }
  return [];
}

/** Schedules that stand in the timelock, whoever sent them; also after the end, as long as their signatures are about. */
async function scheduled(state: CeremonyState, chains: Chains, outbox: Sending, at: At): Promise<Observation[]> {
  const isSending = state.status === "signing" && state.scheduleRequestedBy !== undefined;
  if (!isSending && !endings.includes(state.status)) return [];
  const found: Observation[] = [];
  const readyAt: { tx: string; readyAt: bigint }[] = [];
  for (const tx of schedules(state)) {
    if (!isSending && onChainOf(state, tx.id) !== undefined) continue;
    const operation = await operationState(state, tx, chains);
    if (operation.state === "Unset") continue;
    readyAt.push({ tx: tx.id, readyAt: operation.readyAt });
    if (onChainOf(state, tx.id) === undefined) found.push(await minedObservation(state, tx, chains, outbox, at));
  }
  if (isSending && scheduledAtOnce(state).every((tx) => readyAt.some((one) => one.tx === tx.id)))
    found.push({ what: "operations", readyAt });
  return found;
}

/**
 * Presigned rollbacks, whenever somebody sends what was signed for them; or their nonce went to another transaction, and
 * they are dead. Both are read at one block. `scheduled` looks at them while the release is being sent, and after the end.
 */
async function lateRollbacks(state: CeremonyState, chains: Chains, outbox: Sending, at: At): Promise<Observation[]> {
  const isRunning = !["drafted", "checked", "in review", "approved", "signing"].includes(state.status);
  if (!isRunning || state.closing || endings.includes(state.status)) return [];
  const found: Observation[] = [];
  for (const tx of unsentRollbacks(state)) {
    const chain = chains.get(tx.tx.chain);
    const block = at(tx.tx.chain);
    if (!(await isUnsetAt(chain, timelockFor(state, tx), tx.operationId ?? zeroHash, block))) {
      const { readyAt } = await operationState(state, tx, chains);
      const seen = await minedObservation(state, tx, chains, outbox, at);
      found.push({ ...seen, readyAt });
    } else if ((await nonceAt(chain, tx.tx.safe, block)) > tx.tx.nonce)
      found.push({ what: "nonceUsed", tx: tx.id, block });
  }
  return found;
}

/** In our own transaction, where the outbox is still at it; otherwise somebody else sent it, in one that is not known. */
async function minedObservation(
  state: CeremonyState,
  tx: CeremonyTx,
  chains: Chains,
  outbox: Sending,
  at: At,
): Promise<Extract<Observation, { what: "mined" }>> {
  const open = await outbox.due(forever, 1000);
  const sending = open.find(
    ({ kind, payload }) => kind === "broadcast" && payload.ceremony === state.id && payload.tx === tx.id,
  );
  const receipt = await minedOf(chains.get(tx.tx.chain), sentHashes(sending?.progress));
  return receipt?.success
    ? { what: "mined", tx: tx.id, hash: receipt.hash, block: { chain: tx.tx.chain, ...receipt.block } }
    : { what: "mined", tx: tx.id, hash: zeroHash, block: at(tx.tx.chain) };
}

function operationState(state: CeremonyState, tx: CeremonyTx, chains: Chains): ReturnType<Chain["operation"]> {
  return chains.get(tx.tx.chain).operation(timelockFor(state, tx), tx.operationId ?? zeroHash);
}

function timelockFor(state: CeremonyState, tx: CeremonyTx): Address {
  return timelockOf(legById(state.package, tx.subject)).timelock;
}

/** Ready, or Done: read of every operation that still stands. */
async function operations(state: CeremonyState, chains: Chains, at: At): Promise<Observation[]> {
  const found: Observation[] = [];
  const ready: string[] = [];
  for (const tx of pendingOperations(state)) {
    const operation = await operationState(state, tx, chains);
    if (operation.state === "Ready") ready.push(tx.id);
    if (operation.state === "Unset" && (await isRemoved(state, tx, chains, at)))
      found.push({ what: "operationRemoved", tx: tx.id, block: at(tx.tx.chain) });
    if (operation.state === "Done") found.push(await executedObservation(state, tx, chains, at));
  }
  const phase = state.package.phases[state.currentPhase];
  const [leg] = phase?.legs ?? [];
  if (
    state.status === "scheduled" &&
    phase !== undefined &&
    leg !== undefined &&
    phase.legs.every((id) => ready.includes(`${id}/upgrade`))
  )
    found.push({ what: "ready", phase: state.currentPhase, block: at(legById(state.package, leg).chain) });
  const [back] = state.rollbackBy?.legs ?? [];
  if (
    back !== undefined &&
    state.rollbackBy?.legs.every((id) => isPresigned(state.package, id) && ready.includes(`${id}/rollback`))
  )
    found.push({ what: "rollbackReady", block: at(legById(state.package, back).chain) });
  return found;
}

/**
 * Whether somebody took an operation out of the timelock. Only what was seen standing for a while can be gone: a node
 * that lags behind, or a short reorganisation, also answers that there is no such operation.
 */
async function isRemoved(state: CeremonyState, tx: CeremonyTx, chains: Chains, at: At): Promise<boolean> {
  const chain = chains.get(tx.tx.chain);
  const block = at(tx.tx.chain);
  const known = onChainOf(state, tx.id);
  const { delay } = timelockOf(legById(state.package, tx.subject));
  const stoodAt =
    known?.readyAt === undefined ? (await minedBlock(chain, known?.hash))?.timestamp : known.readyAt - delay;
  if (stoodAt === undefined || block.timestamp < stoodAt + SETTLED) return false;
  return isUnsetAt(chain, timelockFor(state, tx), tx.operationId ?? zeroHash, block);
}

/** The block from which the execution of an operation is looked for: that of its schedule, as far as it is known. */
async function since(state: CeremonyState, tx: CeremonyTx, chain: Chain): Promise<bigint> {
  return (await minedBlock(chain, onChainOf(state, tx.id)?.hash))?.number ?? 0n;
}

async function minedBlock(chain: Chain, hash: Hex | undefined): Promise<Head | undefined> {
  return hash === undefined || hash === zeroHash ? undefined : (await chain.receipt(hash))?.block;
}

async function executedObservation(state: CeremonyState, tx: CeremonyTx, chains: Chains, at: At): Promise<Observation> {
  const purpose = tx.purpose === "rollback" ? "rollback" : "upgrade";
  for (const sent of state.sent.filter((one) => one.leg === tx.subject && one.purpose === purpose)) {
    const receipt = await chains.get(tx.tx.chain).receipt(sent.hash);
    if (receipt?.success)
      return {
        what: "executed",
        leg: tx.subject,
        purpose,
        hash: sent.hash,
        block: { chain: tx.tx.chain, ...receipt.block },
        from: receipt.from,
      };
  }
  // Done, but by no transaction that the bot was given: the chain's own log says by which.
  const chain = chains.get(tx.tx.chain);
  const receipt = await chain.execution(
    timelockFor(state, tx),
    tx.operationId ?? zeroHash,
    await since(state, tx, chain),
  );
  if (receipt !== undefined) {
    const block = { chain: tx.tx.chain, ...receipt.block };
    return { what: "executed", leg: tx.subject, purpose, hash: receipt.hash, block, from: receipt.from };
  }
  return { what: "executed", leg: tx.subject, purpose, hash: zeroHash, block: at(tx.tx.chain), from: zeroAddress };
}

/** The executor's transaction was mined and failed. */
async function reverted(state: CeremonyState, chains: Chains): Promise<Observation[]> {
  const found: Observation[] = [];
  for (const sent of state.sent) {
    const receipt = await chains.get(legById(state.package, sent.leg).chain).receipt(sent.hash);
    if (receipt !== undefined && !receipt.success)
      found.push({
        what: "reverted",
        leg: sent.leg,
        purpose: sent.purpose,
        hash: sent.hash,
        reason: refusedOnChain,
      });
  }
  return found;
}

/** Schedules of earlier revisions that somebody sent after all. Their timelock is whom the Safe transaction calls. */
async function superseded(state: CeremonyState, chains: Chains, at: At): Promise<Observation[]> {
  const found: Observation[] = [];
  for (const { tx, safeTxHash, operationId } of state.abandoned) {
    if (operationId === undefined || state.supersededSeen.includes(safeTxHash)) continue;
    const operation = await chains.get(tx.chain).operation(tx.to, operationId);
    if (operation.state !== "Unset") found.push({ what: "superseded", safeTxHash, block: at(tx.chain) });
  }
  return found;
}

/** "Contained" is read back, never concluded from a submitted hash. */
async function contained(state: CeremonyState, chains: Chains, at: At): Promise<Observation[]> {
  for (const id of await containmentsUnderWay(state, chains, at)) {
    const prepared = state.package.containment.find((one) => one.id === id);
    if (prepared === undefined) continue;
    const block = at(prepared.chain);
    const { to, data, returns } = prepared.readBack;
    const answer = await chains.get(prepared.chain).call(to, data, { blockHash: block.hash });
    if (answer === returns) return [{ what: "contained", containment: id, block }];
  }
  return [];
}

/**
 * What the word was given for; otherwise what an open breach is to be answered by, where the guardians used the nonce that
 * it was signed for: they may have done it by hand.
 */
async function containmentsUnderWay(state: CeremonyState, chains: Chains, at: At): Promise<string[]> {
  if (state.containment !== undefined) return state.containment.confirmed ? [] : [state.containment.id];
  const found: string[] = [];
  for (const id of new Set(state.breaches.filter((one) => one.open).map((one) => one.containment))) {
    const tx = transactionById(state, `containment/${id}`)?.tx;
    if (tx !== undefined && (await nonceAt(chains.get(tx.chain), tx.safe, at(tx.chain))) > tx.nonce) found.push(id);
  }
  return found;
}

/** Cancelled operations and used nonces, read back. */
async function woundDown(state: CeremonyState, chains: Chains, at: At): Promise<Observation[]> {
  const found: Observation[] = [];
  for (const tx of state.windDown?.transactions ?? []) {
    if (onChainOf(state, tx.id) !== undefined) continue;
    if (tx.purpose === "cancel") {
      const scheduledTx = state.review?.transactions.find((one) => one.id === tx.subject);
      if (scheduledTx === undefined) continue;
      const { state: standing } = await operationState(state, scheduledTx, chains);
      if (standing === "Unset") found.push({ what: "operationCancelled", tx: tx.id, block: at(tx.tx.chain) });
    } else {
      const { nonce } = await chains.get(tx.tx.chain).safe(tx.tx.safe);
      if (nonce > tx.tx.nonce) found.push({ what: "nonceUsed", tx: tx.id, block: at(tx.tx.chain) });
    }
  }
  return found;
}
