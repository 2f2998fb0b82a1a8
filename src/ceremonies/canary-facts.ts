/** What the store and the chains say of a ceremony under its canary. */

import { simulatedValues } from "../check-evidence.ts";
import { runningBudget } from "../domain/budget.ts";
import { type CanaryReport, reportOn } from "../domain/canary.ts";
import type { Breach, CeremonyState } from "../domain/ceremony.ts";
import { comparesWithSimulation } from "../domain/metrics.ts";
import type { Policy } from "../domain/policy.ts";
import { breachNow } from "../domain/watch/breach-now.ts";
import { livePhase, measuredRun } from "../domain/watch/measured.ts";
import type { PhaseTally } from "../domain/watch/phase-tally.ts";
import { gateMetrics, type StageReading } from "../domain/watch/stage.ts";
import type { PhaseTallies } from "../phase-tallies.ts";
import type { Chains, Store } from "../ports.ts";
import { judgedNow } from "../stage-judgement.ts";

interface CanaryParts {
  store: Pick<Store, "samples" | "blob">;
  tallies: PhaseTallies;
  chains: Chains;
  policy: Policy;
}

/** What the samples of the phase under way, or of another, add up to and say; undefined before it was executed. */
export async function measuredPhase(
  { tallies, chains, policy }: Pick<CanaryParts, "tallies" | "chains" | "policy">,
  state: CeremonyState,
  index: number | undefined = state.currentPhase,
): Promise<{ tally: PhaseTally; report: CanaryReport } | undefined> {
  const run = state.phases.find((one) => one.phase === index);
  const phase = state.package.phases[index];
  if (run?.executedAt === undefined || phase === undefined) return undefined;
  const chain = chains.get(run.executedAt.chain);
  // A node that does not know finality says nothing of what is final: then nothing advances, and everything else goes on.
  const final = await chain.finalBlock().catch(() => undefined);
  const tally = await tallies.of(state, index, final?.number);
  if (tally === undefined) return undefined;
  const head = await chain.head();
  const { metrics } = policy;
  const report = reportOn(livePhase(phase, metrics), tally, {
    ...{ headTime: head.timestamp, finalTo: final?.number, metrics },
    budget: runningBudget(state),
  });
  return { tally, report };
}

/** What the samples of the phase under way, or of another, say; undefined before it was executed. */
export async function reportOf(
  parts: Pick<CanaryParts, "tallies" | "chains" | "policy">,
  state: CeremonyState,
  index?: number,
): Promise<CanaryReport | undefined> {
  return (await measuredPhase(parts, state, index))?.report;
}

/** The ceremony as it is told to people: its open breaches as they were measured last. */
export async function withBreachesNow(
  state: CeremonyState,
  { store, policy }: { store: Pick<Store, "samples">; policy: Policy },
): Promise<CeremonyState> {
  const told = state.breaches.map(async (one): Promise<Breach> => {
    const metric = policy.metrics.find(({ id }) => id === one.metric);
    if (!one.open || metric === undefined) return one;
    const [newest] = await store.samples(state.id, metric.id, { newest: 1 });
    return breachNow(one, metric, newest);
  });
  return { ...state, breaches: await Promise.all(told) };
}

/** What has to hold before the next phase or a rollback; values before the execution as they were kept then. */
export async function gateOf(
  { store, chains, policy }: Omit<CanaryParts, "tallies">,
  state: CeremonyState,
): Promise<StageReading[]> {
  const metrics = gateMetrics(state, policy);
  if (metrics.length === 0) return [];
  const before = measuredRun(state)?.executedAt?.number ?? 0n;
  const simulated = metrics.some(comparesWithSimulation) ? await simulatedValues(state, store) : undefined;
  const known = metrics.map(async (one): Promise<[string, bigint | null | undefined]> => {
    if (comparesWithSimulation(one)) return [one.id, simulated?.get(one.id)];
    const [row] = await store.samples(state.id, one.id, { newest: 1, below: before });
    return [one.id, row?.blockNumber === before - 1n ? row.value : undefined];
  });
  const baselines = (await Promise.all(known)).flatMap(([id, value]): [string, bigint][] =>
    value === undefined || value === null ? [] : [[id, value]],
  );
  return judgedNow(chains, metrics, new Map(baselines));
}

/** Read back from the chain: whether a confirmed containment still holds. */
export async function stillContained({ chains }: Pick<CanaryParts, "chains">, state: CeremonyState): Promise<boolean> {
  const prepared = state.package.containment.find((one) => one.id === state.containment?.id);
  if (prepared === undefined) return false;
  const { readBack, chain } = prepared;
  return (await chains.get(chain).call(readBack.to, readBack.data)) === readBack.returns;
}
