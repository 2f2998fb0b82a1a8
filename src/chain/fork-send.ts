/** One step on a fork: sent without a signature, mined, and looked at. */

import { numberToHex } from "viem";
import { z } from "zod";
import type { Head, SimulationStep, StepReport } from "../chain-facts.ts";
import { type Address, emptyCodeHash, type Hex, zeroHash } from "../domain/primitives.ts";
import { anything } from "./fork.ts";
import { logForm } from "./logs.ts";
import { keyOfCall, runningBy, runningCode, runningSlots } from "./proxies.ts";
import { codeHashIn, codeHashRead } from "./reads.ts";
import { hexBytes, hexQuantity, hexWord, type Rpc, type RpcCall } from "./rpc.ts";
import { minedTrace } from "./trace.ts";

/** The most that one transaction may use since Osaka (EIP-7825). */
export const transactionGas = 16_777_216n;

/** What one step leaves for the next of the same fork. */
export interface StepMemory {
  /** The fork's newest block. */
  head: Head;
  /** Accounts that were seen to have code: none loses it any more (EIP-6780). */
  coded: Set<Address>;
  /** What was asked of the code that runs: most likely it has to be asked again. */
  likely: Map<string, RpcCall>;
}

/**
 * In a block of its own, in two messages. anvil begins with the parts of a message in their order; that the time is the one
 * that was set is looked at afterwards, and with another base fee than zero it would have refused the transaction.
 */
export async function send(
  rpc: Rpc,
  step: SimulationStep,
  watch: readonly Address[],
  memory: StepMemory,
): Promise<StepReport> {
  const led = (call: RpcCall) => void memory.likely.set(keyOfCall(call), call);
  const obstacle = await obstacleTo(rpc, step, memory.coded);
  if (obstacle !== undefined)
    return { ...notSent(step.name, obstacle), implementations: await runningCode(rpc, watch, "latest", led) };
  // Left alone, anvil may give the first block of a fork its parent's timestamp.
  const time = memory.head.timestamp + (step.after > 1n ? step.after : 1n);
  const { from, to, data } = step;
  const gas = numberToHex(transactionGas);
  const transaction = { from, to, data, value: numberToHex(step.value), gas, gasPrice: "0x0" };
  const sent = await rpc.batch([
    { method: "evm_setNextBlockTimestamp", params: [numberToHex(time)] },
    { method: "anvil_setNextBlockBaseFeePerGas", params: ["0x0"] },
    { method: "eth_sendTransactionSync", params: [transaction] },
  ]);
  for (const [index, method] of ["evm_setNextBlockTimestamp", "anvil_setNextBlockBaseFeePerGas"].entries())
    rpc.take(sent[index] ?? unanswered, method, anything);
  const receipt = rpc.take(sent[2] ?? unanswered, "eth_sendTransactionSync", minedForm);
  const success = receipt.status === 1n;
  const likely = [...memory.likely.values()];
  const traced = await minedTrace(rpc, receipt.transactionHash, success, runningSlots(watch, "latest"), likely);
  if (traced.head.timestamp !== time) throw new Error("a step was mined at another time than it was to be");
  memory.head = traced.head;
  const along = new Map(likely.map((call, index) => [keyOfCall(call), traced.along[index] ?? unanswered] as const));
  const implementations = await runningBy(rpc, watch, traced.words, "latest", along, led);
  const { storage, reason } = traced;
  return { name: step.name, success, reason, gasUsed: receipt.gasUsed, events: receipt.logs, storage, implementations };
}

const unanswered = { ok: true, result: undefined } as const;
const minedForm = z.object({
  transactionHash: hexWord,
  status: hexQuantity,
  gasUsed: hexQuantity,
  logs: z.array(logForm),
});

/** What would make the transaction a success that did nothing, or one that no node takes. `known`: the sender's balance in wei. */
export async function obstacleTo(
  rpc: Rpc,
  { from, to, value, data }: SimulationStep,
  coded: Set<Address>,
  known?: bigint,
): Promise<string | undefined> {
  const isCoded = data === "0x" || coded.has(to);
  if (value === 0n && isCoded) return undefined;
  const [balance, code] = await rpc.batch([
    { method: "eth_getBalance", params: [from, "latest"] },
    codeHashRead(to, "latest"),
  ]);
  if (value > 0n && (known ?? rpc.take(balance ?? unanswered, "eth_getBalance", hexQuantity)) < value)
    return `${from} has less than the ${value} wei that the step sends`;
  const hash = codeHashIn(rpc.take(code ?? unanswered, "eth_call", hexBytes));
  const has = hash !== undefined && hash !== zeroHash && hash !== emptyCodeHash;
  if (has) coded.add(to);
  return isCoded || has ? undefined : `${to} has no code, so the call would do nothing`;
}

export function notSent(name: string, reason: string): Omit<StepReport, "implementations"> {
  return { name, success: false, reason, gasUsed: 0n, events: [], storage: [] };
}

/** What runs now, where the slots were read: what was asked of it before comes in one message. */
export async function runningLikely(
  rpc: Rpc,
  watch: readonly Address[],
  words: readonly (Hex | null)[],
  { likely }: StepMemory,
): Promise<StepReport["implementations"]> {
  const calls = [...likely.values()];
  const answers = await rpc.batch(calls);
  const along = new Map(calls.map((call, index) => [keyOfCall(call), answers[index] ?? unanswered] as const));
  return runningBy(rpc, watch, words, "latest", along, (call) => void likely.set(keyOfCall(call), call));
}
