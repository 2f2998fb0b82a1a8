/** What the samples of a phase say: whether it may be advanced, and why not. Absence is never success. */

import { type Budget, elapsed, type Meter, type MeterSetting, pointsLeft, spentInWords } from "./budget.ts";
import { duration } from "./duration.ts";
import { type ExposureReport, exposureProblem, exposureReport } from "./exposure.ts";
import type { Metric } from "./metrics.ts";
import type { Phase } from "./release-package.ts";
import {
  type MetricTally,
  noTally,
  type PhaseSample,
  type PhaseTally,
  tallied,
  withFinal,
} from "./watch/phase-tally.ts";

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

/** Of samples that are all at hand, in any order. */
export function canaryReport(phase: Phase, samples: readonly PhaseSample[], setting: CanarySetting): CanaryReport {
  const { metrics = [], budget } = setting;
  const by = { phase, metrics, since: budget?.since ?? 0n };
  return reportOn(phase, tallied(by, noTally(by), samples), setting);
}

/** What the samples taken since the phase was executed add up to; the tally is of this phase, and of this budget. */
export function reportOn(phase: Phase, tally: PhaseTally, setting: CanarySetting): CanaryReport {
  const { headTime, finalTo, metrics = [], budget } = setting;
  const { newest, run } = tally;
  const final = finalTo === undefined ? undefined : withFinal(tally, finalTo).run.final;
  const cleanBlocks = final?.blocks ?? 0;
  const known = [...new Set(phase.metrics)].flatMap((id) => tally.metrics.get(id) ?? []);
  const sum = (of: (one: MetricTally) => number) => known.reduce((all, one) => all + of(one), 0);
  const least = (id: string) => metrics.find((one) => one.id === id)?.minSamples ?? 1n;
  const isTooFew = (id: string) => {
    const own = tally.metrics.get(id);
    return own !== undefined && BigInt(own.passes + own.fails) < least(id);
  };
  return {
    phase: phase.id,
    cleanBlocks,
    cleanFor: final === undefined ? 0n : final.last - final.first,
    notFinal: run.final.blocks + run.open.length - cleanBlocks,
    knowsFinal: finalTo !== undefined,
    fails: sum((one) => one.fails),
    unknown: sum((one) => one.samples - one.passes - one.fails),
    unmeasured: phase.metrics.filter((id) => !tally.metrics.has(id)),
    tooFew: phase.metrics.filter(isTooFew),
    newestAge: newest === undefined ? undefined : headTime - newest.time,
    exposure: exposureReport(phase, tally.metrics),
    budget: budget === undefined ? undefined : budgetReport({ phase, metrics }, tally.meter, headTime, budget),
  };
}

function budgetReport(
  setting: Pick<MeterSetting, "phase" | "metrics">,
  measured: Meter,
  headTime: bigint,
  budget: Budget,
): { left: number; spent: string } {
  const meter = elapsed({ ...setting, since: budget.since }, measured, headTime);
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
  const more =
    report.notFinal === 0 ? "" : ` (${report.notFinal} more ${report.notFinal === 1 ? "is" : "are"} not final yet)`;
  if (BigInt(report.cleanBlocks) < needed)
    reasons.push(
      `${report.cleanBlocks} clean ${report.cleanBlocks === 1 ? "block" : "blocks"} in a row, and ${needed} ${needed === 1n ? "is" : "are"} needed${more}`,
    );
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
