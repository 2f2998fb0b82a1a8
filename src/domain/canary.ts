/** What the samples of a phase say: whether it may be advanced, and why not. Absence is never success. */

import { type Budget, elapsed, longestGap, metered, pointsLeft, spentInWords, startedAt } from "./budget.ts";
import { duration } from "./duration.ts";
import { type ExposureReport, exposureProblem, exposureReport } from "./exposure.ts";
import type { Metric, Verdict } from "./metrics.ts";
import type { Phase } from "./release-package.ts";

export interface CanarySample {
  metric: string;
  blockNumber: bigint;
  /** Block timestamp, seconds. */
  blockTime: bigint;
  verdict: Verdict;
  /** Null where nothing could be read. */
  value?: bigint | null;
}

export interface CanaryReport {
  phase: string;
  /** Final blocks in which every metric of the phase passed, since the last block in which any did not. */
  cleanBlocks: number;
  /** Seconds of block time those blocks span. */
  cleanFor: bigint;
  /** Clean blocks after them that a reorganisation may still replace. */
  notFinal: number;
  /** Whether somebody asked which blocks are final: without that nothing advances. */
  knowsFinal: boolean;
  fails: number;
  /** Stale, error and inconclusive samples. */
  unknown: number;
  /** Metrics of the phase without a single sample. */
  unmeasured: string[];
  /** Metrics of the phase with fewer conclusive samples than they have to have. */
  tooFew: string[];
  /** Seconds between the newest sample and the head. */
  newestAge: bigint | undefined;
  exposure: ExposureReport | undefined;
  /** Points of 100, and what the others went on, in a clause; undefined before anything was executed. */
  budget: { left: number; spent: string } | undefined;
}

/** What the report is made with, besides the phase's samples. */
export interface CanarySetting {
  /** The newest head's block time, seconds. */
  headTime: bigint;
  /** Number of the newest block that is final; undefined where nobody asked, and then no block counts as such. */
  finalTo?: bigint | undefined;
  /** The catalogue: how often each is measured, and how often it has to be. */
  metrics?: readonly Metric[];
  /** As the log has it. */
  budget?: Budget | undefined;
}

interface PhaseBlock {
  number: bigint;
  time: bigint;
  verdicts: Map<string, Verdict>;
}

/**
 * Summarises the samples taken since the phase was executed. A block counts as clean only when all the phase's metrics
 * passed in it; a block with any other verdict, or a metric missing, starts the clean run anew. So does a time without
 * samples that is longer than the phase's own density (minDuration / minSamples): what nobody measured was not clean.
 */
export function canaryReport(phase: Phase, samples: readonly CanarySample[], setting: CanarySetting): CanaryReport {
  const { headTime, finalTo, metrics = [], budget } = setting;
  const ofPhase = samples.filter((one) => phase.metrics.includes(one.metric));
  const ordered = blocksOf(ofPhase);
  const cleanRun = cleanRunOf(phase, ordered, metrics);
  const final = cleanRun.filter((block) => finalTo !== undefined && block.number <= finalTo);
  const [first, last] = [final[0]?.time, final.at(-1)?.time];
  const newest = ordered.at(-1)?.time;
  const conclusive = (id: string) =>
    ofPhase.filter((one) => one.metric === id && (one.verdict === "pass" || one.verdict === "fail")).length;
  const least = (id: string) => metrics.find((one) => one.id === id)?.minSamples ?? 1n;
  const unmeasured = phase.metrics.filter((id) => !ofPhase.some((one) => one.metric === id));
  return {
    phase: phase.id,
    cleanBlocks: final.length,
    cleanFor: first === undefined || last === undefined ? 0n : last - first,
    notFinal: cleanRun.length - final.length,
    knowsFinal: finalTo !== undefined,
    fails: ofPhase.filter((one) => one.verdict === "fail").length,
    unknown: ofPhase.filter((one) => one.verdict !== "fail" && one.verdict !== "pass").length,
    unmeasured,
    tooFew: phase.metrics.filter((id) => !unmeasured.includes(id) && BigInt(conclusive(id)) < least(id)),
    newestAge: newest === undefined ? undefined : headTime - newest,
    exposure: exposureReport(phase, samples),
    budget: budget === undefined ? undefined : budgetReport(phase, ordered, setting, budget),
  };
}

/** The samples by block, in order. Of two samples of one block, from two forks or two readers, the one that did not pass counts. */
function blocksOf(samples: readonly CanarySample[]): PhaseBlock[] {
  const blocks = new Map<bigint, PhaseBlock>();
  for (const one of samples) {
    const block = blocks.get(one.blockNumber) ?? { number: one.blockNumber, time: one.blockTime, verdicts: new Map() };
    const known = block.verdicts.get(one.metric);
    if (known === undefined || known === "pass") block.verdicts.set(one.metric, one.verdict);
    blocks.set(one.blockNumber, block);
  }
  return [...blocks.values()].sort((a, b) => (a.number < b.number ? -1 : 1));
}

/** The newest blocks without anything that is not clean, and without a gap. */
function cleanRunOf(phase: Phase, ordered: readonly PhaseBlock[], metrics: readonly Metric[]): PhaseBlock[] {
  const intervals = new Map(metrics.map((one) => [one.id, one.interval]));
  const last = new Map<string, { time: bigint; verdict: Verdict }>();
  const isClean = ordered.map(({ time, verdicts }) => {
    for (const [id, verdict] of verdicts) last.set(id, { time, verdict });
    return phase.metrics.every((id) => {
      const known = last.get(id);
      return known?.verdict === "pass" && known.time + (intervals.get(id) ?? 0n) >= time;
    });
  });
  const clean = ordered.slice(isClean.lastIndexOf(false) + 1);
  const gap = longestGap(phase);
  const afterGap = clean.findLastIndex(({ time }, index) => time - (clean[index - 1]?.time ?? time) > gap);
  return clean.slice(Math.max(0, afterGap));
}

function budgetReport(
  phase: Phase,
  ordered: readonly PhaseBlock[],
  { headTime, metrics = [] }: CanarySetting,
  budget: Budget,
): { left: number; spent: string } {
  const setting = { phase, metrics, since: budget.since };
  const blocks = ordered.filter((one) => one.time >= budget.since);
  const measured = blocks.reduce((meter, block) => metered(setting, meter, block), startedAt(budget.since));
  const meter = elapsed(setting, measured, headTime);
  return { left: Math.min(budget.left, pointsLeft(meter, budget)), spent: spentInWords(meter, budget) };
}

/** Why the phase may not be advanced, each in a clause; empty where it may. */
export function notClean(phase: Phase, report: CanaryReport, maxSampleAge: bigint): string[] {
  const reasons: string[] = [];
  const listed = (ids: readonly string[]) => `${ids.join(", ")} ${ids.length === 1 ? "was" : "were"}`;
  if (report.unmeasured.length > 0) reasons.push(`${listed(report.unmeasured)} never measured`);
  if (report.tooFew.length > 0) reasons.push(`${listed(report.tooFew)} not measured often enough`);
  if (!report.knowsFinal) reasons.push("it is not known which blocks are final");
  const needed = phase.minSamples > 1n ? phase.minSamples : 1n;
  const more = report.notFinal === 0 ? "" : ` (${report.notFinal} more are not final yet)`;
  if (BigInt(report.cleanBlocks) < needed)
    reasons.push(`${report.cleanBlocks} clean blocks in a row, and ${needed} are needed${more}`);
  if (report.cleanFor < phase.minDuration)
    reasons.push(`clean for ${duration(report.cleanFor)} of block time, and ${duration(phase.minDuration)} are needed`);
  if (report.newestAge === undefined || report.newestAge > maxSampleAge)
    reasons.push(
      report.newestAge === undefined ? "there is no sample at all" : `the newest sample is ${report.newestAge} s old`,
    );
  const risk = exposureProblem(report.exposure);
  if (risk !== undefined) reasons.push(risk);
  if (report.budget?.left === 0) reasons.push(`its budget is spent: ${report.budget.spent}`);
  return reasons;
}
