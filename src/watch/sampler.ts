/** Measures the phase under its canary on every block, all metrics in one request pinned to the block's hash. */

import type { Head } from "../chain-facts.ts";
import { breachChanges } from "../domain/breach.ts";
import type { CeremonyState } from "../domain/ceremony.ts";
import type { Observation } from "../domain/intent.ts";
import { endings } from "../domain/lifecycle.ts";
import { conditionInWords, judge, type Metric, needsBaseline } from "../domain/metrics.ts";
import type { Policy } from "../domain/policy.ts";
import type { ChainId, Hex } from "../domain/primitives.ts";
import { readingsOf } from "../domain/watch/sources.ts";
import { callOf, combined, readingValue } from "../domain/watch/values.ts";
import type { Chain, Chains, Clock, SampleRow, Store } from "../ports.ts";

export interface SamplerParts {
  store: Store;
  chains: Chains;
  clock: Clock;
  policy: Policy;
}

/** Blocks in one go after a gap; what is left comes with the next head. */
const MOST_BLOCKS = 500n;

/** Blocks of earlier samples that a breach rule may look back on. */
const LONGEST_WINDOW = 20;

type Call = { to: `0x${string}`; data: Hex };

/**
 * Takes the samples of every block since the last measured one, up to `head`, and hands back breaches and clearings.
 * Blocks are never skipped: a gap is filled by number, each block read at its own hash.
 */
export async function sample(
  state: CeremonyState,
  chain: ChainId,
  head: Head,
  parts: SamplerParts,
): Promise<Observation[]> {
  const run = measuredRun(state);
  if (run?.executedAt === undefined || run.executedAt.chain !== chain || !isMeasured(state)) return [];
  const metrics = metricsOf(state, chain, parts.policy);
  const taken = await parts.store.samples(state.id, undefined, metrics.length * LONGEST_WINDOW);
  // Metric by metric: a phase brings metrics that the one before did not measure, and each starts at its execution.
  const last = new Map(metrics.map(({ id }) => [id, taken.findLast((one) => one.metric === id)?.blockNumber ?? -1n]));
  const oldest = [...last.values()].reduce((a, b) => (a < b ? a : b), head.number);
  const from = oldest >= run.executedAt.number ? oldest + 1n : run.executedAt.number;
  const to = head.number - from > MOST_BLOCKS ? from + MOST_BLOCKS : head.number;
  const baseline = await baselines(metrics, run.executedAt.number, parts.chains.get(chain));
  const rows: SampleRow[] = [];
  for (let number = from; number <= to; number += 1n) {
    const block = number === head.number ? head : await parts.chains.get(chain).block(number);
    const due = metrics.filter(({ id }) => (last.get(id) ?? -1n) < number);
    rows.push(...(await measure(state.id, due, block, baseline, parts, chain)));
  }
  if (rows.length > 0) await parts.store.addSamples(rows);
  return verdicts(state, metrics, rows, taken);
}

/** From execution on, also while held or contained, and while the next phase waits: what runs is never unwatched. */
function isMeasured(state: CeremonyState): boolean {
  return !endings.includes(state.status) && !state.closing;
}

/** The phase that was executed last: the one under its canary, or until the next one runs the one before. */
function measuredRun(state: CeremonyState): CeremonyState["phases"][number] | undefined {
  return [...state.phases].sort((a, b) => b.phase - a.phase).find((one) => one.executedAt !== undefined);
}

/** The catalogue's metrics that the phase executed last names. */
export function metricsOf(state: CeremonyState, chain: ChainId, policy: Policy): Metric[] {
  const phase = state.package.phases[measuredRun(state)?.phase ?? state.currentPhase];
  const names = new Set([...(phase?.metrics ?? []), ...(phase?.stopOn ?? [])]);
  return policy.metrics.filter((one) => names.has(one.id) && one.chain === chain);
}

async function measure(
  ceremony: string,
  metrics: readonly Metric[],
  block: Head,
  baseline: ReadonlyMap<string, bigint | null>,
  { chains, clock }: SamplerParts,
  chain: ChainId,
): Promise<SampleRow[]> {
  const values = await readValues(metrics, block, chains.get(chain));
  return metrics.map((metric) => {
    const value = values.get(metric.id) ?? null;
    const verdict = judge(metric, value, baseline.get(metric.id) ?? undefined);
    const reason = value === null ? "could not be read" : `${value}; must be ${conditionInWords(metric)}`;
    return {
      ceremony,
      metric: metric.id,
      chain,
      blockNumber: block.number,
      blockHash: block.hash,
      blockTime: block.timestamp,
      observedAt: clock.now(),
      value,
      verdict,
      reason,
    };
  });
}

/** Values at the block before the execution, for conditions that compare with it. */
async function baselines(
  metrics: readonly Metric[],
  executedAt: bigint,
  chain: Chain,
): Promise<Map<string, bigint | null>> {
  const needed = metrics.filter(needsBaseline);
  if (needed.length === 0) return new Map();
  return readValues(needed, await chain.block(executedAt - 1n), chain);
}

/**
 * Asks once more for what could not be read: a node in the middle of a new block may answer for the newest one from half
 * of the next (anvil does), and one such answer would begin a clean run anew.
 */
async function answersAt(asked: Call[], block: Head, chain: Chain): Promise<(Hex | null)[]> {
  const at = { blockHash: block.hash };
  const answers = await chain.callMany(asked, at);
  if (!answers.includes(null)) return answers;
  const again = await chain.callMany(asked, at);
  return answers.map((answer, index) => answer ?? again[index] ?? null);
}

/** What contracts answer; a source of another kind has no value here. */
async function readValues(metrics: readonly Metric[], block: Head, chain: Chain): Promise<Map<string, bigint | null>> {
  const perMetric = metrics.map((metric) => ({
    metric,
    readings: readingsOf(metric.read).map((reading) => ({ reading, call: callOf(reading) })),
  }));
  const asked = perMetric.flatMap(({ readings }) => readings.flatMap(({ call }) => call ?? []));
  const answers = await answersAt(asked, block, chain);
  let next = 0;
  return new Map(
    perMetric.map(({ metric, readings }) => {
      const own = readings.map(({ reading, call }) =>
        call === undefined ? null : readingValue(reading, answers[next++] ?? null),
      );
      return [metric.id, combined(metric.read, own, block.timestamp)] as const;
    }),
  );
}

/** What the fresh samples change, metric by metric. */
function verdicts(
  state: CeremonyState,
  metrics: readonly Metric[],
  fresh: readonly SampleRow[],
  earlier: readonly SampleRow[],
): Observation[] {
  return metrics.flatMap((metric) => {
    const own = (rows: readonly SampleRow[]) => rows.filter((one) => one.metric === metric.id);
    const open = state.breaches.some((one) => one.metric === metric.id && one.open);
    return breachChanges(metric, own(earlier), own(fresh), open).map(({ kind, at }): Observation => {
      const block = blockOf(at);
      return kind === "cleared"
        ? { what: "cleared", metric: metric.id, block }
        : { what: "breach", metric: metric.id, block, value: String(at.value), sentence: inWords(metric, at.value) };
    });
  });
}

const blockOf = (row: SampleRow) => ({
  chain: row.chain,
  number: row.blockNumber,
  hash: row.blockHash,
  timestamp: row.blockTime,
});

function inWords(metric: Metric, value: bigint | null): string {
  const unit = metric.unit === "none" ? "" : ` ${metric.unit}`;
  return `${metric.title} is ${value ?? "unknown"}${unit}, and must be ${conditionInWords(metric)}`;
}
