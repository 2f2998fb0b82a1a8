/** What is measured on a chain: the live metrics of every ceremony whose phase was executed there, as one catalogue. */

import type { BlockRef, CeremonyState } from "../ceremony.ts";
import { endings } from "../lifecycle.ts";
import { type Metric, needsBaseline } from "../metrics.ts";
import type { Policy } from "../policy.ts";
import type { ChainId } from "../primitives.ts";
import type { Phase } from "../release-package.ts";
import type { Agreed } from "./agreement.ts";
import { type Catalogue, compile } from "./catalogue.ts";

/** A metric for one ceremony: the same metric may be measured for several, each against its own baseline. */
export interface MeasuredMetric {
  /** By which it is known: ceremony and metric. */
  key: string;
  ceremony: string;
  metric: Metric;
  /** The execution that it is measured from. */
  start: BlockRef;
  /** What `baselineBps` is a part of, where it was read. */
  known: bigint | undefined;
}

export interface MeasuringPlan {
  /** In the order of the catalogue's entries. */
  measured: readonly MeasuredMetric[];
  catalogue: Catalogue;
}

/** From execution on, also while held or contained, and while the next phase waits: what runs is never unwatched. */
export function isMeasured(state: CeremonyState): boolean {
  return !endings.includes(state.status) && !state.closing;
}

/** The phase that was executed last: the one under its canary, or until the next one runs the one before. */
export function measuredRun(state: CeremonyState): CeremonyState["phases"][number] | undefined {
  return [...state.phases].sort((a, b) => b.phase - a.phase).find((one) => one.executedAt !== undefined);
}

/** The catalogue's live metrics that a phase names: the one executed last, or another. */
export function metricsOf(state: CeremonyState, chain: ChainId, policy: Policy, index?: number): Metric[] {
  const phase = state.package.phases[index ?? measuredRun(state)?.phase ?? state.currentPhase];
  const names = new Set([...(phase?.metrics ?? []), ...(phase?.stopOn ?? [])]);
  return policy.metrics.filter((one) => names.has(one.id) && one.chain === chain && isLive(one));
}

const isLive = ({ stage }: Metric): boolean => stage.includes("live");

/** A phase without what is only judged before it: that has no samples, and is waited for by nobody. */
export function livePhase<P extends Phase>(phase: P, metrics: readonly Metric[]): P {
  const other = new Set(metrics.filter((one) => !isLive(one)).map((one) => one.id));
  return other.size === 0 ? phase : { ...phase, metrics: phase.metrics.filter((id) => !other.has(id)) };
}

export const metricKey = (ceremony: string, metric: string): string => `${ceremony}/${metric}`;

/** What is measured of one ceremony on a chain; `baselines` by metric. */
export function measuredIn(
  state: CeremonyState,
  chain: ChainId,
  policy: Policy,
  baselines: ReadonlyMap<string, bigint>,
): MeasuredMetric[] {
  const start = measuredRun(state)?.executedAt;
  if (start?.chain !== chain || !isMeasured(state)) return [];
  return metricsOf(state, chain, policy).map((metric) => ({
    ...{ key: metricKey(state.id, metric.id), ceremony: state.id, metric, start },
    known: baselines.get(metric.id),
  }));
}

/** Compared with a value that nobody knows, nothing passes: it counts only where it fails whatever that value is. */
export function comparable({ metric, known }: Pick<MeasuredMetric, "metric" | "known">, said: Agreed): Agreed {
  const isJudged = said.verdict === "pass" || said.verdict === "inconclusive";
  if (!isJudged || known !== undefined || !needsBaseline(metric)) return said;
  const what = metric.baseline.mode === "simulation" ? "what the simulation gave" : "the value before the execution";
  return { ...said, verdict: "error", reason: `it is compared with ${what}, and that is not known` };
}

/** Compiled once, and kept for as long as the same is measured. */
export function planOf(measured: readonly MeasuredMetric[]): MeasuringPlan {
  const baselines = new Map(measured.flatMap(({ key, known }) => (known === undefined ? [] : [[key, known]])));
  // How far beyond its bound a pass is decides about clearing: that takes the value.
  const asked = measured.map(({ key, metric }) => ({
    ...{ ...metric, id: key },
    report: metric.report || metric.clearMargin > 0n,
  }));
  return { measured, catalogue: compile(asked, baselines) };
}
