/**
 * Simulation on a fork at the head: the council Safe schedules, the delay passes, an executor runs each phase, and the
 * implementations are what the package says. Then, on the post-upgrade state, the rollback (presigned, it is scheduled only
 * then) and every containment.
 */

import type { SimulationPlan, SimulationReport, SimulationStep, StepReport } from "../chain-facts.ts";
import type { Finding } from "../domain/events.ts";
import { type Address, type Hex, zeroHash } from "../domain/primitives.ts";
import { type Leg, proxyChanges, type ReleasePackage } from "../domain/release-package.ts";
import { executeBatchData, scheduleBatchData } from "../domain/timelock.ts";
import { legsInOrder, rollbackBatch, timelockOf, upgradeBatch } from "../domain/transactions.ts";
import type { Chain } from "../ports.ts";
import { finding, type Gate } from "./gate.ts";

export const simulationGate: Gate = {
  name: "simulation",
  async run({ package: pkg, packageHash, chains, progress }) {
    const findings: Finding[] = [];
    const reports: SimulationReport[] = [];
    for (const id of new Set(pkg.legs.map((leg) => leg.chain))) {
      progress(`Simulating schedule, delay, execution, rollback and containment on a fork of ${id}…`);
      const chain = chains.get(id);
      const legs = legsInOrder(pkg).filter((leg) => leg.chain === id);
      const report = await chain.simulate(await plan(pkg, packageHash, legs, chain));
      reports.push(report);
      findings.push(...judge(legs, report));
    }
    return { findings, reports };
  },
};

/** Salt and operation ids are those of a rehearsal: the audit head of the check is not known yet. */
async function plan(
  pkg: ReleasePackage,
  packageHash: Hex,
  legs: readonly Leg[],
  chain: Chain,
): Promise<SimulationPlan> {
  const anchor = { packageHash, auditHead: zeroHash };
  const [first] = legs;
  if (first === undefined) throw new RangeError(`The package has no leg on ${chain.id}.`);
  const executor = await executorOf(chain, timelockOf(first).timelock);
  const step = (name: string, from: Address, to: Address, data: Hex, after: bigint, value = 0n): SimulationStep => ({
    name,
    from,
    to,
    data,
    after,
    value,
  });
  const isPresigned = (leg: Leg) => leg.rollback.mode === "presigned";
  const schedule = (leg: Leg, purpose: "upgrade" | "rollback") => {
    const { timelock, delay } = timelockOf(leg);
    const batch = (purpose === "upgrade" ? upgradeBatch : rollbackBatch)(pkg, leg, anchor);
    return step(`${leg.id}: schedule ${purpose}`, leg.authority.safe, timelock, scheduleBatchData(batch, delay), 0n);
  };
  const schedules = legs.flatMap((leg) =>
    (isPresigned(leg) ? (["upgrade"] as const) : (["upgrade", "rollback"] as const)).map((one) => schedule(leg, one)),
  );
  const executes = legs.map((leg, index) => {
    const { timelock, delay } = timelockOf(leg);
    const value = leg.calls.reduce((sum, call) => sum + call.value, 0n);
    return step(
      `${leg.id}: execute`,
      executor,
      timelock,
      executeBatchData(upgradeBatch(pkg, leg, anchor)),
      index === 0 ? delay : 0n,
      value,
    );
  });
  const late = legs.filter(isPresigned);
  const wait = late.map((leg) => timelockOf(leg).delay).reduce((a, b) => (a > b ? a : b), 0n);
  const undo = [...legs].reverse().map((leg, index) => {
    const data = executeBatchData(rollbackBatch(pkg, leg, anchor));
    return step(`${leg.id}: roll back`, executor, timelockOf(leg).timelock, data, index === 0 ? wait : 0n);
  });
  const contain = pkg.containment
    .filter((one) => one.chain === chain.id)
    .map((one) => ({
      name: one.id,
      steps: one.calls.map((call) => step(`${one.id}: ${one.action}`, one.safe, call.to, call.data, 0n)),
    }));
  return {
    steps: [...schedules, ...executes],
    watch: legs.flatMap((leg) => proxyChanges(leg).map((change) => change.proxy)),
    branches: [{ name: "rollback", steps: [...late.map((leg) => schedule(leg, "rollback")), ...undo] }, ...contain],
  };
}

async function executorOf(chain: Chain, timelock: Address): Promise<Address> {
  const [executor] = (await chain.timelock(timelock)).executors;
  if (executor === undefined) throw new Error(`Nobody may execute on the timelock ${timelock}.`);
  return executor;
}

function judge(legs: readonly Leg[], report: SimulationReport): Finding[] {
  const refuse = (code: string, message: string) => finding("simulation", code, "refuse", message);
  const failed = (steps: readonly StepReport[]) => steps.find((step) => !step.success);
  const found: Finding[] = [];
  const bad = failed(report.steps);
  if (bad !== undefined) return [refuse("outcome", `In the simulation "${bad.name}" failed: ${bad.reason}.`)];
  const after = report.steps.at(-1)?.implementations ?? [];
  for (const change of legs.flatMap(proxyChanges)) {
    const now = after.find((one) => one.address === change.proxy);
    if (now?.implementation !== change.toImplementation || now.codeHash !== change.toCodeHash)
      found.push(
        refuse(
          "result",
          `After the simulated upgrade ${change.name} runs ${now?.implementation ?? "nothing"}, not ${change.toImplementation}.`,
        ),
      );
  }
  const changed = new Set(legs.flatMap(proxyChanges).map((one) => one.name));
  for (const branch of report.branches) {
    const broke = failed(branch.steps);
    if (broke !== undefined) {
      found.push(
        refuse(
          branch.name === "rollback" ? "rollback" : "containment",
          `Rehearsed on the upgraded state, "${broke.name}" failed: ${broke.reason}.`,
        ),
      );
    } else if (branch.name === "rollback") {
      found.push(...notRestored(legs, branch.steps));
    }
  }
  if (found.length === 0)
    found.push(
      finding(
        "simulation",
        "passed",
        "info",
        `On a fork at block ${report.block.number} the upgrade of ${[...changed].join(", ")} went through, its rollback put the old code back, and every containment worked.`,
      ),
    );
  return found;
}

function notRestored(legs: readonly Leg[], steps: readonly StepReport[]): Finding[] {
  const after = steps.at(-1)?.implementations ?? [];
  return legs
    .flatMap((leg) => leg.rollback.restores)
    .filter((back) => {
      const now = after.find((one) => one.address === back.contract);
      return now?.implementation !== back.implementation || now.codeHash !== back.codeHash;
    })
    .map((back) =>
      finding(
        "simulation",
        "rollback-result",
        "refuse",
        `The rehearsed rollback did not put ${back.contract} back to ${back.implementation}.`,
      ),
    );
}
