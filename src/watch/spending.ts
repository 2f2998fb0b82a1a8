/** What the samples of a phase cost of its budget, block by block: what a ceremony is told is judged by the domain. */

import { type Meter, metered, pointsLeft, runningBudget, spentInWords, startedAt } from "../domain/budget.ts";
import type { CeremonyState } from "../domain/ceremony.ts";
import type { Observation } from "../domain/intent.ts";
import type { Metric, Verdict } from "../domain/metrics.ts";
import type { Policy } from "../domain/policy.ts";
import { phaseAt } from "../domain/release.ts";
import { livePhase } from "../domain/watch/measured.ts";
import type { SampleRow, SampleStore } from "../ports.ts";
import { sampleParts } from "../sample-parts.ts";

/** By ceremony. Each is rebuilt from the store, where it is not there or of another phase or extension. */
export type BudgetMeters = Map<string, { since: bigint; block: bigint; meter: Meter }>;

/**
 * The budget after `fresh` samples, whether they are in the store already or not; nothing where no budget is running.
 * `until`: wall time in seconds up to which no block came, where that is why it is asked for.
 */
export async function spending(
  state: CeremonyState,
  fresh: readonly SampleRow[],
  { store, policy, until }: { store: Pick<SampleStore, "samples">; policy: Policy; until?: bigint | undefined },
  meters: BudgetMeters,
): Promise<Observation[]> {
  const budget = runningBudget(state);
  if (budget === undefined) return [];
  const { since, phase: index } = budget;
  const setting = { phase: livePhase(phaseAt(state), policy.metrics), metrics: policy.metrics, since };
  const known = meters.get(state.id);
  const before = known?.since === since ? known : { since, block: -1n, meter: startedAt(since) };
  const rows = before.block === -1n ? [...(await storedOf(state, index, store)), ...fresh] : fresh;
  const blocks = blocksOf(rows, setting.phase.metrics).filter((one) => one.time >= since && one.number > before.block);
  const seen = blocks.reduce((so, block) => metered(setting, so, block), before.meter);
  const silent = until === undefined ? undefined : blocksOf(fresh, setting.phase.metrics).at(-1);
  const newest = blocks.at(-1) ?? silent;
  // What no block came to say is stale from then on.
  const meter =
    until === undefined || silent === undefined
      ? seen
      : metered(setting, seen, { time: until, verdicts: silent.verdicts });
  meters.set(state.id, { since, block: blocks.at(-1)?.number ?? before.block, meter });
  if (newest === undefined) return [];
  const { chain, number, hash, time } = newest;
  const left = pointsLeft(meter, budget);
  const block = { chain, number, hash, timestamp: time };
  return left >= budget.left
    ? []
    : [{ what: "budget", phase: index, left, reason: spentInWords(meter, budget), block }];
}

/** Of a phase. */
async function storedOf(
  state: CeremonyState,
  index: number,
  store: Pick<SampleStore, "samples">,
): Promise<SampleRow[]> {
  const from = state.phases.find((one) => one.phase === index)?.executedAt?.number ?? 0n;
  const found: SampleRow[] = [];
  for await (const rows of sampleParts(store, state.id, { from })) found.push(...rows);
  return found;
}

interface SampledBlock {
  chain: SampleRow["chain"];
  number: bigint;
  hash: SampleRow["blockHash"];
  time: bigint;
  verdicts: Map<Metric["id"], Verdict>;
}

function blocksOf(rows: readonly SampleRow[], metrics: readonly string[]): SampledBlock[] {
  const blocks = new Map<bigint, SampledBlock>();
  for (const { chain, metric, verdict, blockNumber: number, blockHash: hash, blockTime: time } of rows) {
    if (!metrics.includes(metric)) continue;
    const block = blocks.get(number) ?? { chain, number, hash, time, verdicts: new Map() };
    const known = block.verdicts.get(metric);
    if (known === undefined || known === "pass") block.verdicts.set(metric, verdict);
    blocks.set(number, block);
  }
  return [...blocks.values()].sort((a, b) => (a.number < b.number ? -1 : 1));
}
