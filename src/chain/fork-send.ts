/** One step on a fork: sent without a signature, mined, and looked at. */

import { numberToHex } from "viem";
import { z } from "zod";
import type { SimulationStep, StepReport } from "../chain-facts.ts";
import { type Address, emptyCodeHash, zeroHash } from "../domain/primitives.ts";
import { anything } from "./fork.ts";
import { logForm } from "./logs.ts";
import { runningBy, runningCode, runningSlots } from "./proxies.ts";
import { codeHashIn, codeHashRead } from "./reads.ts";
import { hexBytes, hexQuantity, hexWord, type Rpc } from "./rpc.ts";
import { minedTrace } from "./trace.ts";

/** The most that one transaction may use since Osaka (EIP-7825). */
export const transactionGas = 16_777_216n;

/**
 * In a block of its own, in few messages. anvil takes the parts of a message in their order; that the time is the one that
 * was set is looked at afterwards, and with another base fee than zero it would have refused the transaction.
 */
export async function send(rpc: Rpc, step: SimulationStep, watch: readonly Address[]): Promise<StepReport> {
  const { obstacle, parent } = await beforeSending(rpc, step);
  if (obstacle !== undefined) return notSent(step.name, obstacle, await runningCode(rpc, watch, "latest"));
  // Left alone, anvil may give the first block of a fork its parent's timestamp.
  const time = parent + (step.after > 1n ? step.after : 1n);
  const { from, to, data } = step;
  const gas = numberToHex(transactionGas);
  const transaction = { from, to, data, value: numberToHex(step.value), gas, gasPrice: "0x0" };
  const answers = await rpc.batch([
    { method: "evm_setNextBlockTimestamp", params: [numberToHex(time)] },
    { method: "anvil_setNextBlockBaseFeePerGas", params: ["0x0"] },
    { method: "eth_sendTransactionSync", params: [transaction] },
  ]);
  for (const [index, method] of ["evm_setNextBlockTimestamp", "anvil_setNextBlockBaseFeePerGas"].entries())
    rpc.take(answers[index] ?? unanswered, method, anything);
  const receipt = rpc.take(answers[2] ?? unanswered, "eth_sendTransactionSync", minedForm);
  const success = receipt.status === 1n;
  const slots = runningSlots(watch, "latest");
  const { storage, reason, timestamp, words } = await minedTrace(rpc, receipt.transactionHash, success, slots);
  if (timestamp !== time) throw new Error("a step was mined at another time than it was to be");
  const implementations = await runningBy(rpc, watch, words, "latest");
  return { name: step.name, success, reason, gasUsed: receipt.gasUsed, events: receipt.logs, storage, implementations };
}

const unanswered = { ok: true, result: undefined } as const;
const minedForm = z.object({
  transactionHash: hexWord,
  status: hexQuantity,
  gasUsed: hexQuantity,
  logs: z.array(logForm),
});

/** The block's time, and what would make the transaction a success that did nothing, or one that no node takes. */
async function beforeSending(
  rpc: Rpc,
  step: SimulationStep,
): Promise<{ obstacle: string | undefined; parent: bigint }> {
  const [head, balance, code] = await rpc.batch([
    { method: "eth_getBlockByNumber", params: ["latest", false] },
    { method: "eth_getBalance", params: [step.from, "latest"] },
    codeHashRead(step.to, "latest"),
  ]);
  const { timestamp: parent } = rpc.take(head ?? unanswered, "eth_getBlockByNumber", timedForm);
  const found = (what: string) => ({ obstacle: what, parent });
  if (step.value > 0n && rpc.take(balance ?? unanswered, "eth_getBalance", hexQuantity) < step.value)
    return found(`${step.from} has less than the ${step.value} wei that the step sends`);
  const hash = codeHashIn(rpc.take(code ?? unanswered, "eth_call", hexBytes));
  if (step.data !== "0x" && (hash === undefined || hash === zeroHash || hash === emptyCodeHash))
    return found(`${step.to} has no code, so the call would do nothing`);
  return { obstacle: undefined, parent };
}

const timedForm = z.object({ timestamp: hexQuantity });

function notSent(name: string, reason: string, implementations: StepReport["implementations"]): StepReport {
  return { name, success: false, reason, gasUsed: 0n, events: [], storage: [], implementations };
}
