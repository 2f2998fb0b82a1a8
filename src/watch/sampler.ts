/** Measures the phase under its canary on every block, all metrics in one request pinned to the block's hash. */

import type { Head } from "../chain-facts.ts";
import type { CeremonyState } from "../domain/ceremony.ts";
import type { Observation } from "../domain/intent.ts";
import { endings } from "../domain/lifecycle.ts";
import { conditionInWords, judge, type Metric, needsBaseline } from "../domain/metrics.ts";
import type { Policy } from "../domain/policy.ts";
import type { ChainId, Hex } from "../domain/primitives.ts";
import { readingsOf } from "../domain/watch/sources.ts";
import { callOf, combined, readingValue } from "../domain/watch/values.ts";
import { emptyWindow, fold, inBlockOrder, type MetricWindow } from "../domain/watch/window.ts";
import type { Chain, Chains, Clock, SampleRow, Store } from "../ports.ts";
import { type BudgetMeters, spending } from "./spending.ts";

export interface SamplerParts {
  store: Store;
  chains: Chains;
  clock: Clock;
  policy: Policy;
}

/** Blocks in one go after a gap; what is left comes with the next head. */
const MOST_BLOCKS = 500n;

/** How far a metric of a ceremony was measured. It is rebuilt from the store: nothing is lost with it. */
interface Progress {
  window: MetricWindow;
  /** The last block that was looked at. */
  block: bigint;
  /** Block time of the last sample, seconds. */
  time: bigint;
}
/** By ceremony and metric; and what each ceremony's budget was spent on. */
export interface Remembered {
  metrics: Map<string, Progress>;
  budgets: BudgetMeters;
}

const notMeasured: Progress = { window: emptyWindow, block: -1n, time: 0n };

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
  remembered: Remembered,
): Promise<Observation[]> {
  const run = measuredRun(state);
  if (run?.executedAt === undefined || run.executedAt.chain !== chain || !isMeasured(state)) return [];
  const { number: start, timestamp: since } = run.executedAt;
  const metrics = metricsOf(state, chain, parts.policy);
  const at = await progressOf(state, metrics, since, parts, remembered);
  // Metric by metric: a phase brings metrics that the one before did not measure, and each starts at its execution.
  const oldest = [...at.values()].reduce((a, one) => (one.block < a ? one.block : a), head.number);
  const from = oldest >= start ? oldest + 1n : start;
  const to = head.number - from > MOST_BLOCKS ? from + MOST_BLOCKS : head.number;
  const baseline = await baselines(metrics, start, parts.chains.get(chain));
  const rows: SampleRow[] = [];
  const now = new Map([...at].map(([id, { block, time }]) => [id, { block, time }]));
  for (let number = from; number <= to; number += 1n) {
    const block = number === head.number ? head : await parts.chains.get(chain).block(number);
    const due = metrics.filter(({ id, interval }) => {
      const last = now.get(id) ?? notMeasured;
      return last.block < number && block.timestamp >= last.time + interval;
    });
    for (const { id } of due) now.set(id, { block: number, time: block.timestamp });
    if (due.length > 0) rows.push(...(await measure(state.id, due, block, baseline, parts, chain)));
  }
  if (rows.length > 0) await parts.store.addSamples(rows);
  const found = metrics.flatMap((metric) => {
    const before = at.get(metric.id) ?? notMeasured;
    const own = rows.filter((one) => one.metric === metric.id);
    const open = state.breaches.some((one) => one.metric === metric.id && one.open);
    const setting = { metric, known: baseline.get(metric.id) ?? undefined, since };
    const { window, changes } = fold(setting, own, { ...before.window, open });
    const time = own.at(-1)?.blockTime ?? before.time;
    remembered.metrics.set(`${state.id}/${metric.id}`, { window, block: to > before.block ? to : before.block, time });
    return changes.flatMap((one) => observationOf(metric, one.kind, one.at));
  });
  return [...found, ...(await spending(state, rows, parts, remembered.budgets))];
}

/** What is remembered of each metric; of one that is not, everything that was ever measured counts again. */
async function progressOf(
  { id: ceremony }: CeremonyState,
  metrics: readonly Metric[],
  since: bigint,
  { store }: SamplerParts,
  { metrics: progress }: Remembered,
): Promise<Map<string, Progress>> {
  const found = new Map<string, Progress>();
  for (const metric of metrics) {
    const known = progress.get(`${ceremony}/${metric.id}`);
    const rows = known === undefined ? inBlockOrder(await store.samples(ceremony, metric.id)) : [];
    const last = rows.at(-1);
    const rebuilt =
      last === undefined
        ? notMeasured
        : { window: fold({ metric, since }, rows).window, block: last.blockNumber, time: last.blockTime };
    found.set(metric.id, known ?? rebuilt);
  }
  return found;
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

/** A ceremony's log knows breaches and clearings. */
function observationOf(metric: Metric, kind: string, at: SampleRow): Observation[] {
  const block = blockOf(at);
  if (kind === "cleared") return [{ what: "cleared", metric: metric.id, block }];
  return kind === "breach"
    ? [{ what: "breach", metric: metric.id, block, value: String(at.value), sentence: inWords(metric, at.value) }]
    : [];
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
