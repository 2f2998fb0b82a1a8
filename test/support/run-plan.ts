/** Steps in blocks of a fork of their own, and what each did. */

import type { SimulationReport, SimulationStep, StepReport } from "../../src/chain-facts.ts";
import type { Address } from "../../src/domain/primitives.ts";
import type { Fork } from "../../src/fork.ts";
import type { Chain } from "../../src/ports.ts";

export interface SimulationPlan {
  /** Steps run one after another, and stop at the first that reverts. */
  steps: SimulationStep[];
  /** Contracts whose code hash, and implementation if a proxy, are read before and after every step. */
  watch: Address[];
  /** Alternative ends: each is run on the state after `steps`, which is put back afterwards. */
  branches: { name: string; steps: SimulationStep[] }[];
}

/** As {@link runPlan}, on a fork of its own. */
export function simulate(chain: Chain, plan: SimulationPlan): Promise<SimulationReport> {
  return chain.onFork((fork) => runPlan(fork, plan));
}

/**
 * One block a step, each strictly later than the one before. Senders are impersonated and pay no gas (base fee zero), so
 * that no balance is made up; a step's value must be there. A step that reverts is part of the report.
 */
async function runPlan(fork: Fork, plan: SimulationPlan): Promise<SimulationReport> {
  const before = await fork.running(plan.watch);
  const steps = await runSteps(fork, plan.steps, plan.watch);
  const branches: SimulationReport["branches"] = [];
  for (const { name, steps: wanted } of plan.branches)
    branches.push({ name, steps: await fork.aside(() => runSteps(fork, wanted, plan.watch)) });
  return { chain: fork.chain, block: fork.block, before, steps, branches };
}

async function runSteps(
  fork: Fork,
  steps: readonly SimulationStep[],
  watch: readonly Address[],
): Promise<StepReport[]> {
  const reports: StepReport[] = [];
  for (const step of steps) {
    const report = await fork.send(step, watch);
    reports.push(report);
    if (!report.success) break;
  }
  return reports;
}
