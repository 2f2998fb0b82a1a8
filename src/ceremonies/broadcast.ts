/** Safe transactions that are fully signed, sent with the gas key: those made ready beforehand at once, the others the long way. */

import { parseTransaction } from "viem";
import type { Receipt } from "../chain-facts.ts";
import { type CeremonyState, onChainOf, transactionById } from "../domain/ceremony.ts";
import { system } from "../domain/events.ts";
import { endings } from "../domain/lifecycle.ts";
import { isLateRollback } from "../domain/presigned.ts";
import type { Hex } from "../domain/primitives.ts";
import { legById } from "../domain/release-package.ts";
import { execTransactionData } from "../domain/safe-signatures.ts";
import type { CeremonyTx } from "../domain/transactions.ts";
import { timelockOf } from "../domain/transactions.ts";
import { handedOver } from "../handed-over.ts";
import { type Chain, ChainFault, type OutboxItem } from "../ports.ts";
import { sentHashes } from "../sent-hashes.ts";
import type { EffectParts } from "./effects.ts";
import { ceremonyOf } from "./ledger.ts";
import { packedSignatures } from "./packed-signatures.ts";
import { isRejected, mined, raisedIfPayable } from "./sent-bytes.ts";
import { takeBack, whyTakenBack } from "./take-back.ts";

/** Sends a fully signed Safe transaction with the gas key. The raw bytes are stored before they leave. */
export async function broadcast(item: OutboxItem, parts: EffectParts): Promise<Record<string, unknown>> {
  const state = await ceremonyOf(parts.ledger, item);
  const tx = transactionById(state, String(item.payload.tx));
  const isOut = sentHashes(item.progress).length > 0;
  if (tx === undefined) {
    const gone = "the ceremony does not ask for it any more";
    if (isOut) await withdrawn(item, gone, chainOf(item, parts), parts.store);
    return { skipped: gone };
  }
  const chain = parts.chains.get(tx.tx.chain);
  const over = onChainOf(state, tx.id) === undefined ? ends(state, tx) : "it is on the chain already";
  const stopped = over ?? waits(state, tx);
  const why = whyTakenBack(item) ?? stopped;
  if (why !== undefined && isOut) {
    const ran = await withdrawn(item, why, chain, parts.store);
    if (ran === undefined) return broadcast({ ...item, progress: {} }, parts);
    // Where it is over, whatever became of these bytes: somebody else may have been first.
    if (over === undefined) return arrived(item, state, tx, ran, parts);
    await parts.observe(state.id);
  }
  if (over !== undefined) return { skipped: over };
  if (stopped !== undefined) throw new Error(stopped);
  const quick = await sentWarm(item, tx, chain, parts);
  if (quick !== undefined) {
    await parts.observe(state.id);
    return quick;
  }
  const { nonce } = await chain.safe(tx.tx.safe);
  if (nonce > tx.tx.nonce) {
    await parts.observe(state.id);
    const used = `Nonce ${tx.tx.nonce} of the Safe has been used by another transaction.`;
    const outcome = tx.purpose === "containment" ? await containmentFailed(state, tx, used, parts) : { skipped: used };
    if (isOut) await withdrawn(item, used, chain, parts.store);
    return outcome;
  }
  if (nonce < tx.tx.nonce) throw new Error(`The Safe is at nonce ${nonce}; ${tx.id} waits for ${tx.tx.nonce}.`);
  let bytes: Bytes;
  try {
    bytes = await toSend(item, state, tx, chain, parts);
  } catch (fault) {
    // Sent, it would only revert: a guardian who believes that it is on its way has to know at once.
    if (tx.purpose !== "containment" || !(isReverted(fault) || fault instanceof NotAccepted)) throw fault;
    return containmentFailed(state, tx, fault.message, parts);
  }
  await sent(chain, bytes.raw, parts).catch(async (fault: unknown) => {
    // These bytes are dead, such as by their nonce: new ones are signed. What runs is guarded by the Safe's own nonce.
    if (isRejected(fault)) await parts.store.saveProgress(item.id, bytes.otherwise);
    throw fault;
  });
  return arrived(item, state, tx, await mined(chain, ...bytes.hashes), parts);
}

async function arrived(
  item: OutboxItem,
  state: CeremonyState,
  tx: CeremonyTx,
  { hash, success, ...receipt }: Receipt,
  parts: EffectParts,
): Promise<Record<string, unknown>> {
  if (!success) {
    if (tx.purpose === "containment")
      return containmentFailed(state, tx, `The Safe refused it in transaction ${hash}.`, parts);
    await parts.store.saveProgress(item.id, {});
    throw new Error(`The Safe refused ${tx.id} in transaction ${hash}.`);
  }
  if (tx.purpose === "upgrade" || tx.purpose === "rollback") {
    const block = { chain: tx.tx.chain, ...receipt.block };
    const late = isLateRollback(state, tx)
      ? { readyAt: block.timestamp + timelockOf(legById(state.package, tx.subject)).delay }
      : {};
    const seen = { what: "mined", tx: tx.id, hash, block, ...late } as const;
    await parts.ledger.handle(state.id, { kind: "observe", by: system, seen });
  }
  await parts.observe(state.id);
  return { hash };
}

interface Bytes {
  raw: Hex;
  /** Any of which may be mined. */
  hashes: readonly Hex[];
  /** What is kept of the entry where the node refuses these bytes. */
  otherwise: Record<string, unknown>;
}

/** Stored before it leaves: signed now, or what was sent before, at a higher fee where it would wait for ever. */
async function toSend(
  item: OutboxItem,
  state: CeremonyState,
  tx: CeremonyTx,
  chain: Chain,
  parts: EffectParts,
): Promise<Bytes> {
  const known = item.progress?.raw as Hex | undefined;
  if (known === undefined) {
    const { raw, hash } = await signed(state, tx, chain, parts);
    await parts.store.saveProgress(item.id, { raw, hash });
    return { raw, hashes: [hash], otherwise: {} };
  }
  const before = sentHashes(item.progress);
  const raised = await raisedIfPayable(chain, known);
  if (raised === undefined) return { raw: known, hashes: before, otherwise: {} };
  await parts.store.saveProgress(item.id, { ...raised, before });
  return { raw: raised.raw, hashes: [raised.hash, ...before], otherwise: item.progress ?? {} };
}

/** What was made ready beforehand leaves at once; where the node or the Safe refuses it, it is made anew. */
async function sentWarm(
  item: OutboxItem,
  tx: CeremonyTx,
  chain: Chain,
  parts: EffectParts,
): Promise<Record<string, unknown> | undefined> {
  const { store, warm } = parts;
  const made = item.progress === undefined ? await warm?.sign(tx) : undefined;
  if (made === undefined) return undefined;
  await store.saveProgress(item.id, { ...made });
  const hash = await sent(chain, made.raw, parts).catch((fault: unknown) => {
    if (!isRejected(fault)) throw fault;
    return undefined;
  });
  if (hash !== undefined && (await mined(chain, hash)).success) return { hash };
  await store.saveProgress(item.id, {});
  return undefined;
}

/** Handed over, it is on its way: its answer is waited for by whoever sent it. */
function sent(chain: Chain, raw: Hex, { left }: EffectParts): Promise<Hex> {
  const hash = chain.broadcast(raw);
  void handedOver().then(left);
  return hash;
}

async function containmentFailed(
  state: CeremonyState,
  { subject }: CeremonyTx,
  reason: string,
  { ledger }: EffectParts,
): Promise<Record<string, unknown>> {
  const seen = { what: "containmentFailed", containment: subject, reason } as const;
  await ledger.handle(state.id, { kind: "observe", by: system, seen });
  return { refused: reason };
}

const isScheduled = ({ purpose }: CeremonyTx) => purpose === "upgrade" || purpose === "rollback";

/** Nothing is scheduled for a ceremony that has ended. */
function ends(state: CeremonyState, tx: CeremonyTx): string | undefined {
  if (!isScheduled(tx)) return undefined;
  if (endings.includes(state.status)) return `${state.id} is ${state.status}`;
  return isLateRollback(state, tx) && state.rollbackBy === undefined ? "nobody is rolling back any more" : undefined;
}

/** One that is held goes on when it is released. Asked for, a rollback is sent in every state that hears of one. */
function waits(state: CeremonyState, tx: CeremonyTx): string | undefined {
  if (!isScheduled(tx) || isLateRollback(state, tx) || state.status !== "held") return undefined;
  return `${state.id} is held: ${tx.id} is not sent until it goes on.`;
}

/** For which its bytes were signed. */
function chainOf({ progress }: OutboxItem, { chains }: EffectParts): Chain {
  const { chainId = 0 } = parseTransaction(progress?.raw as Hex);
  return chains.get(`eip155:${chainId}`);
}

/** What was sent and may not be any more would hold up all that the gas account sends after it, a containment among them. */
async function withdrawn(
  item: OutboxItem,
  reason: string,
  chain: Chain,
  store: EffectParts["store"],
): Promise<Receipt | undefined> {
  const back = await takeBack(item, sentHashes(item.progress), reason, chain, store);
  await store.saveProgress(item.id, {});
  return "ran" in back ? back.ran : undefined;
}

async function signed(
  state: CeremonyState,
  tx: CeremonyTx,
  chain: Chain,
  parts: EffectParts,
): Promise<{ raw: Hex; hash: Hex }> {
  const signatures = await packedSignatures(state, tx, parts);
  if (!(await chain.checkSignatures(tx.tx, signatures)))
    throw new NotAccepted(`The Safe does not accept the signatures for ${tx.id}.`);
  return chain.signWithGasKey({ to: tx.tx.safe, data: execTransactionData(tx.tx, signatures) });
}

/** More of the same will not do. */
class NotAccepted extends Error {
  override readonly name = "NotAccepted";
}

const isReverted = (fault: unknown): fault is ChainFault => fault instanceof ChainFault && fault.kind === "reverted";
