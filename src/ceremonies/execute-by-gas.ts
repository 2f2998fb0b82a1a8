/**
 * What the gas key runs in the timelock, where policy lets it: asked for by a person, looked at once more right before it is
 * signed and right before it is sent, stored before it leaves. It is the executor's transaction, signed by another key.
 */

import type { CeremonyState, SentTransaction } from "../domain/ceremony.ts";
import type { Rules } from "../domain/decision.ts";
import { type Actor, system } from "../domain/events.ts";
import type { ExecutorTransaction, Intent } from "../domain/intent.ts";
import type { Policy } from "../domain/policy.ts";
import { type Hex, zeroHash } from "../domain/primitives.ts";
import { stopsSending } from "../domain/release.ts";
import { legById } from "../domain/release-package.ts";
import { executeBatchData } from "../domain/timelock.ts";
import { rollbackBatch, timelockOf, upgradeBatch } from "../domain/transactions.ts";
import { ChainFault, type Chains, type OutboxItem } from "../ports.ts";
import { readLeg } from "./facts.ts";
import type { Ledger } from "./ledger.ts";

export interface GasExecutionParts {
  chains: Chains;
  policy: Policy;
  ledger: Ledger;
  rules: Rules;
}

type Purpose = "upgrade" | "rollback";

/** Signs what was asked for and hands it to the ledger, whose relay sends it. Nothing is signed that may not be sent. */
export async function executeByGas(
  { payload }: Pick<OutboxItem, "payload">,
  parts: GasExecutionParts,
): Promise<Record<string, unknown>> {
  const { ceremony, leg, purpose, seq } = payload as { ceremony: string; leg: string; purpose: Purpose; seq: number };
  const state = await parts.ledger.load(ceremony);
  const asked = state?.gasRequests.find((one) => one.leg === leg && one.purpose === purpose && one.seq === seq);
  if (state === undefined || asked === undefined) return { skipped: "nobody asks for it any more" };
  if (state.sent.some((one) => one.leg === leg && one.purpose === purpose)) return { skipped: "it is on its way" };
  const refused = (reason: string) => notSent(ceremony, { leg, purpose }, { reason }, parts);
  const call = batchCall(state, leg, purpose);
  const unsigned = { ...call, hash: zeroHash, raw: zeroHash, from: parts.chains.get(call.chain).gasAccount };
  const early = await stopped(unsigned, asked.by, state, parts);
  if (early !== undefined) return refused(early);
  const signed = await sign(call, parts);
  if ("fault" in signed) return refused(signed.fault);
  const sent = { ...unsigned, hash: signed.hash, raw: signed.hash };
  const bytes = Buffer.from(signed.raw.slice(2), "hex");
  const intent = await sending(sent, asked.by, state, parts);
  const outcome = await parts.ledger.handle(ceremony, intent, [{ hash: signed.hash, bytes }]);
  return outcome.ok ? { hash: signed.hash } : refused(outcome.refusal.sentence);
}

/** Why stored bytes of the gas key may not leave, perhaps long after they were signed; undefined where they may. */
export async function mayNotLeave(
  state: CeremonyState,
  { leg, purpose, hash, raw, from }: SentTransaction,
  parts: GasExecutionParts,
): Promise<string | undefined> {
  const asked = state.gasRequests.find((one) => one.leg === leg && one.purpose === purpose);
  if (asked === undefined) return "Nobody asks for it any more.";
  return stopped({ ...batchCall(state, leg, purpose), hash, raw, from }, asked.by, state, parts);
}

/** Whoever asked is told in the thread, and asks again. `replacedBy`: by which what had been sent was taken back. */
export async function notSent(
  ceremony: string,
  { leg, purpose }: Pick<SentTransaction, "leg" | "purpose">,
  { reason, replacedBy }: { reason: string; replacedBy?: Hex },
  { ledger }: Pick<GasExecutionParts, "ledger">,
): Promise<Record<string, unknown>> {
  const seen = { what: "notSent", leg, purpose, reason, ...(replacedBy && { replacedBy }) } as const;
  await ledger.handle(ceremony, { kind: "observe", by: system, seen });
  return { refused: reason };
}

async function stopped(
  sent: ExecutorTransaction,
  by: Actor,
  state: CeremonyState,
  parts: GasExecutionParts,
): Promise<string | undefined> {
  const { policy, rules, ledger } = parts;
  const intent = await sending(sent, by, state, parts);
  return stopsSending(intent, { state, policy, now: await ledger.now(state.package), rules })?.sentence;
}

/** The intent to send, with everything read from the chain anew. */
async function sending(
  sent: ExecutorTransaction,
  by: Actor,
  state: CeremonyState,
  { chains }: GasExecutionParts,
): Promise<Extract<Intent, { kind: "send" }>> {
  const chain = chains.get(sent.chain);
  const { executors } = await chain.timelock(sent.to);
  const legs = [await readLeg(chains, state, sent.leg, sent.purpose)];
  return { kind: "send", by, sent, legs, executors, gasAccount: chain.gasAccount };
}

type Call = Pick<ExecutorTransaction, "leg" | "purpose" | "chain" | "to" | "value" | "data">;

/** The approved batch as one call. Throws where there is no review to take it from. */
function batchCall(state: CeremonyState, id: string, purpose: Purpose): Call {
  if (state.review === undefined) throw new RangeError(`${state.id} has no review, so no batch.`);
  const leg = legById(state.package, id);
  const anchor = { packageHash: state.packageHash, auditHead: state.review.auditHead };
  const batch = (purpose === "upgrade" ? upgradeBatch : rollbackBatch)(state.package, leg, anchor);
  return {
    ...{ leg: id, purpose, chain: leg.chain, to: timelockOf(leg).timelock },
    // The gas key sends no value; a batch that needs some is not this one, and is refused as such.
    ...{ value: 0n, data: executeBatchData(batch) },
  };
}

/** A fault of the connection is thrown, and tried again; what the chain answers is for whoever asked. */
async function sign(
  { chain, to, data }: Call,
  { chains }: GasExecutionParts,
): Promise<{ raw: Hex; hash: Hex } | { fault: string }> {
  try {
    return await chains.get(chain).signWithGasKey({ to, data });
  } catch (fault) {
    if (fault instanceof ChainFault && (fault.kind === "reverted" || fault.kind === "rejected"))
      return { fault: fault.message };
    throw fault;
  }
}
