/** An execution that was signed, by its executor's own wallet or for them by the gas key, on its way to the chain. */

import { keccak256 } from "viem";
import type { Receipt } from "../chain-facts.ts";
import type { CeremonyState, SentTransaction } from "../domain/ceremony.ts";
import { system } from "../domain/events.ts";
import type { Hex } from "../domain/primitives.ts";
import { legById } from "../domain/release-package.ts";
import type { Chain, OutboxItem } from "../ports.ts";
import { minedOf, refusedOnChain, sentHashes } from "../sent-hashes.ts";
import type { EffectParts } from "./effects.ts";
import { mayNotLeave, notSent } from "./execute-by-gas.ts";
import { ceremonyOf } from "./ledger.ts";
import { isRejected, mined, raisedIfPayable } from "./sent-bytes.ts";
import { takeBack, whyTakenBack } from "./take-back.ts";

/** Only the gas key's fee can be raised, by the gas key: a wallet's transaction is its owner's. */
export async function relay(item: OutboxItem, parts: EffectParts): Promise<Record<string, unknown>> {
  const state = await ceremonyOf(parts.ledger, item);
  const { leg, hash } = item.payload as { leg: string; hash: Hex };
  const entry = state.sent.find((one) => one.hash === hash);
  if (entry === undefined) return { skipped: "it is known to be mined" };
  const original = await storedBytes(item, parts);
  const chain = parts.chains.get(legById(state.package, leg).chain);
  const hashes = [...new Set([...sentHashes(item.progress), hash])];
  if ((await minedOf(chain, hashes)) === undefined) {
    const stopped = entry.byGasKey ? (whyTakenBack(item) ?? (await mayNotLeave(state, entry, parts))) : undefined;
    if (stopped !== undefined) return held(item, { state, entry, hashes, chain }, stopped, parts);
    const { raw, isRaised } = await atItsFee(item, entry, original, chain, parts);
    try {
      hashes.push(await chain.broadcast(raw));
    } catch (fault) {
      if (!isRejected(fault)) throw fault;
      if (isRaised) {
        await parts.store.saveProgress(item.id, item.progress ?? {});
        throw fault;
      }
      // It can never be mined as it is; the executor is told, and signs another. Unless it just was, at another fee.
      if ((await minedOf(chain, hashes)) === undefined) return failed(item, entry, fault.message, parts);
    }
  }
  return ended(item, { state, entry }, await mined(chain, ...new Set(hashes)), parts);
}

interface Way {
  state: CeremonyState;
  entry: SentTransaction;
  hashes: readonly Hex[];
  chain: Chain;
}

/** What has left may be mined whatever is said now, so it is said once it cannot be any more. */
async function held(
  item: OutboxItem,
  { state, entry, hashes, chain }: Way,
  reason: string,
  parts: EffectParts,
): Promise<Record<string, unknown>> {
  if (sentHashes(item.progress).length === 0) return notSent(state.id, entry, { reason }, parts);
  const back = await takeBack(item, hashes, reason, chain, parts.store);
  if ("ran" in back) return ended(item, { state, entry }, back.ran, parts);
  if ("replacedBy" in back) return notSent(state.id, entry, { reason, ...back }, parts);
  return failed(item, entry, "its nonce was used by another transaction of the gas account", parts);
}

async function ended(
  item: OutboxItem,
  { state, entry }: Pick<Way, "state" | "entry">,
  receipt: Receipt,
  parts: EffectParts,
): Promise<Record<string, unknown>> {
  // What the log knows is observed as any execution is; of another fee's bytes it is said here.
  if (!receipt.success && receipt.hash !== entry.hash) return failed(item, entry, refusedOnChain, parts);
  await parts.observe(state.id);
  return { hash: receipt.hash };
}

async function storedBytes({ payload }: OutboxItem, { store }: EffectParts): Promise<Hex> {
  const { leg, hash, raw } = payload as { leg: string; hash: Hex; raw: Hex };
  const bytes = await store.blob(raw);
  if (bytes === undefined) throw new Error(`The executor's transaction ${hash} is not in the store.`);
  if (keccak256(bytes) !== hash)
    throw new Error(`What is to be sent for ${leg} is not the transaction ${hash} that the executor signed.`);
  return `0x${Buffer.from(bytes).toString("hex")}`;
}

/** As it was sent last, or anew at a higher fee where the gas key's would wait for ever. The gas key's is stored before it leaves. */
async function atItsFee(
  item: OutboxItem,
  { byGasKey }: SentTransaction,
  original: Hex,
  chain: Chain,
  { store }: EffectParts,
): Promise<{ raw: Hex; isRaised: boolean }> {
  const last = (item.progress?.raw as Hex | undefined) ?? original;
  if (!byGasKey) return { raw: last, isRaised: false };
  const raised = await raisedIfPayable(chain, last);
  const before = sentHashes(item.progress);
  if (raised !== undefined) await store.saveProgress(item.id, { ...raised, before });
  // That it leaves is stored too: from now on it may be mined.
  else if (before.length === 0) await store.saveProgress(item.id, { raw: last, hash: keccak256(last) });
  return { raw: raised?.raw ?? last, isRaised: raised !== undefined };
}

async function failed(
  { payload }: OutboxItem,
  { purpose }: SentTransaction,
  reason: string,
  { ledger }: EffectParts,
): Promise<Record<string, unknown>> {
  const { ceremony, leg, hash } = payload as { ceremony: string; leg: string; hash: Hex };
  const seen = { what: "reverted", leg, purpose, hash, reason } as const;
  await ledger.handle(ceremony, { kind: "observe", by: system, seen });
  return { rejected: reason };
}
