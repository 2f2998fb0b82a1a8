/** Works the outbox off: every entry at least once, in order within its lane, and taken up again after a crash. */

import { keccak256 } from "viem";
import type { Receipt } from "../chain-facts.ts";
import { type CeremonyState, onChainOf, transactionById } from "../domain/ceremony.ts";
import type { Rules } from "../domain/decision.ts";
import { system } from "../domain/events.ts";
import { endings } from "../domain/lifecycle.ts";
import type { Policy } from "../domain/policy.ts";
import { isLateRollback, unsentRollbacks } from "../domain/presigned.ts";
import type { Address, Hex } from "../domain/primitives.ts";
import { legById } from "../domain/release-package.ts";
import { execTransactionData } from "../domain/safe-signatures.ts";
import type { CeremonyTx } from "../domain/transactions.ts";
import { safeKey, timelockOf } from "../domain/transactions.ts";
import { windDownSafes } from "../domain/wind-down.ts";
import type { Pager } from "../pager-port.ts";
import type { PhaseTallies } from "../phase-tallies.ts";
import {
  type Chain,
  ChainFault,
  type Chains,
  type ChatPlatform,
  type Clock,
  type OutboxItem,
  type Store,
} from "../ports.ts";
import type { Card, Picture } from "../view.ts";
import { kinds } from "./consequences.ts";
import { executeByGas, mayNotLeave } from "./execute-by-gas.ts";
import { readSafe, readSafes } from "./facts.ts";
import { showLastDigest } from "./last-digest.ts";
import type { Ledger } from "./ledger.ts";
import { packedSignatures } from "./packed-signatures.ts";
import type { WarmContainments } from "./warm-containments.ts";
import { sendHeartbeat, tellPager } from "./watch-effects.ts";

export interface EffectParts {
  store: Store;
  chains: Chains;
  clock: Clock;
  policy: Policy;
  ledger: Ledger;
  /** All of them, unless a test leaves one out. */
  rules: Rules;
  platforms: readonly ChatPlatform[];
  /** Puts a signature into Safe's Transaction Service; undefined where none is configured. */
  mirror?:
    | ((state: CeremonyState, tx: CeremonyTx, owner: Address, signature: Hex) => Promise<Record<string, unknown>>)
    | undefined;
  /** What pages people besides chat. */
  pagers?: readonly Pager[];
  /** A pager will never take what it was told: that has to be said where somebody reads it. */
  pagerRefused?(pager: string, sentence: string): void;
  /** A platform took the watchdog's heartbeat of a moment. */
  heartbeat?(platform: string, at: bigint): Promise<void>;
  /** Containments made ready beforehand; left out, each is made when it is asked for. */
  warm?: Pick<WarmContainments, "sign"> | undefined;
  tallies: PhaseTallies;
  /** Draws the samples of a phase, by its index. */
  draw(state: CeremonyState, phase: number): Promise<Picture[]>;
  /** Looks at the chain for a ceremony right away: a transaction of it was mined. */
  observe(ceremony: string): Promise<void>;
}

type Handler = (item: OutboxItem, parts: EffectParts) => Promise<Record<string, unknown>>;

/** By outbox kind. A handler that throws is tried again; what it hands back is kept with the entry. */
export const handlers: Record<string, Handler> = {
  [kinds.card]: show,
  [kinds.page]: show,
  [kinds.openReview]: openReview,
  [kinds.broadcast]: broadcast,
  [kinds.relay]: relay,
  [kinds.windDown]: windDown,
  [kinds.executeByGas]: executeByGas,
  [kinds.mirror]: mirror,
  [kinds.pager]: tellPager,
  [kinds.heartbeat]: sendHeartbeat,
  [kinds.lastDigest]: showLastDigest,
};

async function show(item: OutboxItem, { platforms }: EffectParts): Promise<Record<string, unknown>> {
  const name = String(item.payload.platform);
  const platform = platforms.find((one) => one.name === name);
  if (platform === undefined) return { skipped: `${name} is not configured any more` };
  await platform.show(item.payload.card as Card);
  return { shownOn: name };
}

async function openReview(item: OutboxItem, { ledger, chains }: EffectParts): Promise<Record<string, unknown>> {
  const state = await load(ledger, item);
  if (state.status !== "checked") return { skipped: `it is ${state.status}` };
  const safes = await readSafes(chains, state);
  const rivals = await rivalsOf(ledger, state);
  const outcome = await ledger.handle(state.id, { kind: "openReview", by: system, safes, rivals });
  return outcome.ok ? { digest: outcome.state.review?.digest } : { refused: outcome.refusal.code };
}

/** Ceremonies that hold unsent nonces of a Safe this one needs. */
async function rivalsOf(ledger: Ledger, state: CeremonyState): Promise<string[]> {
  const needed = new Set(state.package.legs.map((leg) => safeKey(leg.chain, leg.authority.safe)));
  const others = await ledger.list();
  return others
    .filter((other) => other.id !== state.id && holdsNonces(other))
    .filter((other) => other.package.legs.some((leg) => needed.has(safeKey(leg.chain, leg.authority.safe))))
    .map((other) => other.id);
}

/** Before its schedules are sent, and as long as a presigned rollback keeps nonces of its own. */
function holdsNonces(other: CeremonyState): boolean {
  if (["in review", "approved", "signing"].includes(other.status)) return true;
  return !endings.includes(other.status) && unsentRollbacks(other).length > 0;
}

async function windDown(item: OutboxItem, { ledger, chains, policy }: EffectParts): Promise<Record<string, unknown>> {
  const state = await load(ledger, item);
  const wanted = windDownSafes(state, policy);
  const safes = await Promise.all(wanted.map(({ chain, address }) => readSafe(chains, chain, address)));
  const outcome = await ledger.handle(state.id, { kind: "windDown", by: system, safes });
  return outcome.ok ? {} : { refused: outcome.refusal.code };
}

/** Sends a fully signed Safe transaction with the gas key. The raw bytes are stored before they leave. */
async function broadcast(item: OutboxItem, parts: EffectParts): Promise<Record<string, unknown>> {
  const state = await load(parts.ledger, item);
  const tx = transactionById(state, String(item.payload.tx));
  if (tx === undefined) return { skipped: "the ceremony does not ask for it any more" };
  if (onChainOf(state, tx.id) !== undefined) return { skipped: "it is on the chain already" };
  const stopped = stops(state, tx);
  if (stopped !== undefined) return { skipped: stopped };
  const chain = parts.chains.get(tx.tx.chain);
  const quick = await sentWarm(item, tx, chain, parts);
  if (quick !== undefined) {
    await parts.observe(state.id);
    return quick;
  }
  const { nonce } = await chain.safe(tx.tx.safe);
  if (nonce > tx.tx.nonce) {
    await parts.observe(state.id);
    const used = `Nonce ${tx.tx.nonce} of the Safe has been used by another transaction.`;
    return tx.purpose === "containment" ? containmentFailed(state, tx, used, parts) : { skipped: used };
  }
  if (nonce < tx.tx.nonce) throw new Error(`The Safe is at nonce ${nonce}; ${tx.id} waits for ${tx.tx.nonce}.`);
  let raw = item.progress?.raw as Hex | undefined;
  try {
    raw ??= await signed(item, state, tx, chain, parts);
  } catch (fault) {
    // Sent, it would only revert: a guardian who believes that it is on its way has to know at once.
    if (tx.purpose !== "containment" || !(isReverted(fault) || fault instanceof NotAccepted)) throw fault;
    return containmentFailed(state, tx, fault.message, parts);
  }
  const hash = await chain.broadcast(raw).catch(async (fault: unknown) => {
    // These bytes are dead, such as by their nonce: new ones are signed. What runs is guarded by the Safe's own nonce.
    if (isRejected(fault)) await parts.store.saveProgress(item.id, {});
    throw fault;
  });
  const receipt = await mined(chain, hash);
  if (!receipt.success) {
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

/** What was made ready beforehand leaves at once; where the node or the Safe refuses it, it is made anew. */
async function sentWarm(
  item: OutboxItem,
  tx: CeremonyTx,
  chain: Chain,
  { store, warm }: EffectParts,
): Promise<Record<string, unknown> | undefined> {
  const made = item.progress === undefined ? await warm?.sign(tx) : undefined;
  if (made === undefined) return undefined;
  await store.saveProgress(item.id, { ...made });
  const hash = await chain.broadcast(made.raw).catch((fault: unknown) => {
    if (!isRejected(fault)) throw fault;
    return undefined;
  });
  if (hash !== undefined && (await mined(chain, hash)).success) return { hash };
  await store.saveProgress(item.id, {});
  return undefined;
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

/** Nothing is scheduled for a ceremony that has ended; one that is held goes on when it is released. */
function stops(state: CeremonyState, tx: CeremonyTx): string | undefined {
  if (tx.purpose !== "upgrade" && tx.purpose !== "rollback") return undefined;
  if (endings.includes(state.status)) return `${state.id} is ${state.status}`;
  // Asked for, a rollback is sent in every state that hears of one; given up, it stays where it is.
  if (isLateRollback(state, tx)) return state.rollbackBy === undefined ? "nobody is rolling back any more" : undefined;
  if (state.status === "held") throw new Error(`${state.id} is held: ${tx.id} is not sent until it goes on.`);
  return undefined;
}

async function signed(
  item: OutboxItem,
  state: CeremonyState,
  tx: CeremonyTx,
  chain: Chain,
  parts: EffectParts,
): Promise<Hex> {
  const signatures = await packedSignatures(state, tx, parts);
  if (!(await chain.checkSignatures(tx.tx, signatures)))
    throw new NotAccepted(`The Safe does not accept the signatures for ${tx.id}.`);
  const { raw, hash } = await chain.signWithGasKey({ to: tx.tx.safe, data: execTransactionData(tx.tx, signatures) });
  await parts.store.saveProgress(item.id, { raw, hash });
  return raw;
}

/** More of the same will not do. */
class NotAccepted extends Error {
  override readonly name = "NotAccepted";
}

/** Sends what the executor's own wallet signed. */
async function relay(item: OutboxItem, parts: EffectParts): Promise<Record<string, unknown>> {
  const state = await load(parts.ledger, item);
  const { leg, hash } = item.payload as { leg: string; hash: Hex };
  const entry = state.sent.find((one) => one.hash === hash);
  if (entry === undefined) return { skipped: "it is known to be mined" };
  const bytes = await parts.store.blob(item.payload.raw as Hex);
  if (bytes === undefined) throw new Error(`The executor's transaction ${hash} is not in the store.`);
  if (keccak256(bytes) !== hash)
    throw new Error(`What is to be sent for ${leg} is not the transaction ${hash} that the executor signed.`);
  const chain = parts.chains.get(legById(state.package, leg).chain);
  const stopped = entry.byGasKey ? await mayNotLeave(state, entry, parts) : undefined;
  if (stopped !== undefined) return stopped;
  try {
    await chain.broadcast(`0x${Buffer.from(bytes).toString("hex")}`);
  } catch (fault) {
    if (!isRejected(fault)) throw fault;
    // It can never be mined as it is; the executor is told, and signs another.
    const { purpose } = entry;
    const seen = { what: "reverted", leg, purpose, hash, reason: fault.message } as const;
    await parts.ledger.handle(state.id, { kind: "observe", by: system, seen });
    return { rejected: fault.message };
  }
  await mined(chain, hash);
  await parts.observe(state.id);
  return { hash };
}

async function mirror({ payload, ...item }: OutboxItem, parts: EffectParts): Promise<Record<string, unknown>> {
  if (parts.mirror === undefined) return { skipped: "no Transaction Service is configured any more" };
  const state = await load(parts.ledger, { payload, ...item });
  const tx = transactionById(state, String(payload.tx));
  if (tx === undefined || tx.safeTxHash !== payload.safeTxHash || onChainOf(state, tx.id) !== undefined)
    return { skipped: "the ceremony does not ask for it any more" };
  const bytes = await parts.store.blob(payload.signature as Hex);
  if (bytes === undefined) throw new Error(`The signature of ${payload.owner} for ${tx.id} is not in the store.`);
  return parts.mirror(state, tx, payload.owner as Address, `0x${Buffer.from(bytes).toString("hex")}`);
}

/** The chain answered, and refused the bytes; anything else may have been a bad connection. */
const isRejected = (fault: unknown): fault is ChainFault => fault instanceof ChainFault && fault.kind === "rejected";

const isReverted = (fault: unknown): fault is ChainFault => fault instanceof ChainFault && fault.kind === "reverted";

async function load(ledger: Ledger, item: OutboxItem): Promise<CeremonyState> {
  const id = String(item.payload.ceremony);
  const state = await ledger.load(id);
  if (state === undefined) throw new Error(`There is no ceremony ${id}.`);
  return state;
}

/** Polls for a few seconds; throws where it is not mined by then, so that the bytes are sent again. */
async function mined(chain: Chain, hash: Hex): Promise<Receipt> {
  for (let attempt = 0; attempt < 40; attempt += 1) {
    const receipt = await chain.receipt(hash);
    if (receipt !== undefined) return receipt;
    await new Promise((resolve) => setTimeout(resolve, attempt < 10 ? 20 : 100));
  }
  throw new Error(`Transaction ${hash} is not mined yet.`);
}
