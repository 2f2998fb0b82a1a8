/** Runs a simulation plan on a fork and reports what each step did. The engine of record: see DESIGN, Simulation. */

import { type Hex, numberToHex } from "viem";
import { z } from "zod";
import type { Receipt, SimulationPlan, SimulationReport, SimulationStep, StepReport } from "../chain-facts.ts";
import { type Address, emptyCodeHash, zeroHash } from "../domain/primitives.ts";
import { anything, onFork } from "./fork.ts";
import { findReceipt } from "./gas.ts";
import { runningCode } from "./proxies.ts";
import { balanceOf, latestHead, readCodeHash } from "./reads.ts";
import { hexWord, type Rpc } from "./rpc.ts";
import { failureReason, storageChanges } from "./trace.ts";

/** The most that one transaction may use since Osaka (EIP-7825). */
const transactionGas = 16_777_216n;

/**
 * Runs the plan on a fork pinned at the newest block, one block a step, each strictly later than the one before.
 * Senders are impersonated and pay no gas (base fee zero), so that no balance is made up; a step's value must be there.
 * A step that reverts is part of the report; a ChainFault means that the simulation could not run.
 */
export async function simulate(upstream: Rpc, plan: SimulationPlan, timeoutMs: number): Promise<SimulationReport> {
  return onFork(upstream, timeoutMs, async ({ rpc, block }) => {
    const before = await runningCode(rpc, plan.watch, "latest");
    const steps = await runSteps(rpc, plan.steps, plan.watch);
    const branches: SimulationReport["branches"] = [];
    for (const branch of plan.branches) {
      const snapshot = await rpc.request("evm_snapshot", [], z.string());
      branches.push({ name: branch.name, steps: await runSteps(rpc, branch.steps, plan.watch) });
      if (!(await rpc.request("evm_revert", [snapshot], z.boolean())))
        throw new Error("the state after the steps could not be put back between branches");
    }
    return { chain: upstream.endpoint.chain, block, before, steps, branches };
  });
}

async function runSteps(rpc: Rpc, steps: readonly SimulationStep[], watch: readonly Address[]): Promise<StepReport[]> {
  const reports: StepReport[] = [];
  for (const step of steps) {
    const report = await runStep(rpc, step, watch);
    reports.push(report);
    if (!report.success) break;
  }
  return reports;
}

async function runStep(rpc: Rpc, step: SimulationStep, watch: readonly Address[]): Promise<StepReport> {
  const obstacle = await whyNotSent(rpc, step);
  if (obstacle !== undefined) return notSent(step.name, obstacle, await runningCode(rpc, watch, "latest"));
  const parent = await latestHead(rpc);
  // Left alone, anvil may give the first block of a fork its parent's timestamp.
  const time = parent.timestamp + (step.after > 1n ? step.after : 1n);
  await rpc.request("evm_setNextBlockTimestamp", [numberToHex(time)], anything);
  await rpc.request("anvil_setNextBlockBaseFeePerGas", ["0x0"], anything);
  const { from, to, data } = step;
  const gas = numberToHex(transactionGas);
  const transaction = { from, to, data, value: numberToHex(step.value), gas, gasPrice: "0x0" };
  const hash = await rpc.request("eth_sendTransaction", [transaction], hexWord);
  const receipt = await minedReceipt(rpc, hash);
  return {
    name: step.name,
    success: receipt.success,
    reason: receipt.success ? "" : await failureReason(rpc, hash),
    gasUsed: receipt.gasUsed,
    events: receipt.logs,
    storage: await storageChanges(rpc, hash),
    implementations: await runningCode(rpc, watch, "latest"),
  };
}

/** What would make the transaction a success that did nothing, or one that no node takes. */
async function whyNotSent(rpc: Rpc, step: SimulationStep): Promise<string | undefined> {
  if (step.value > 0n && (await balanceOf(rpc, step.from)) < step.value)
    return `${step.from} has less than the ${step.value} wei that the step sends`;
  if (step.data === "0x") return undefined;
  const code = await readCodeHash(rpc, step.to, "latest");
  return code === zeroHash || code === emptyCodeHash
    ? `${step.to} has no code, so the call would do nothing`
    : undefined;
}

function notSent(name: string, reason: string, implementations: StepReport["implementations"]): StepReport {
  return { name, success: false, reason, gasUsed: 0n, events: [], storage: [], implementations };
}

/** anvil mines at once, but may answer a moment before: 2 seconds is far more than that. */
async function minedReceipt(rpc: Rpc, hash: Hex): Promise<Receipt> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const receipt = await findReceipt(rpc, hash);
    if (receipt) return receipt;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error("a step's transaction was not mined");
}
