/** What the samples of a phase say: whether it may be advanced, and why not. Absence is never success. */

import { duration } from "./duration.ts";
import type { Verdict } from "./metrics.ts";
import type { Phase } from "./release-package.ts";

export interface CanarySample {
  metric: string;
  blockNumber: bigint;
  /** Block timestamp, seconds. */
  blockTime: bigint;
  verdict: Verdict;
}

export interface CanaryReport {
  phase: string;
  /** Blocks in which every metric of the phase passed, since the last one in which any did not. */
  cleanBlocks: number;
  /** Seconds of block time those blocks span. */
  cleanFor: bigint;
  fails: number;
  /** Stale, error and inconclusive samples. */
  unknown: number;
  /** Metrics of the phase without a single sample. */
  unmeasured: string[];
  /** Seconds between the newest sample and the head. */
  newestAge: bigint | undefined;
}

/** Seconds between two samples that never break a run, however dense the phase wants them. */
const LEAST_GAP = 120n;

/**
 * Summarises the samples taken since the phase was executed. A block counts as clean only when all the phase's metrics
 * passed in it; a block with any other verdict, or a metric missing, starts the clean run anew. So does a time without
 * samples that is longer than the phase's own density (minDuration / minSamples): what nobody measured was not clean.
 */
export function canaryReport(phase: Phase, samples: readonly CanarySample[], headTime: bigint): CanaryReport {
  const ofPhase = samples.filter((one) => phase.metrics.includes(one.metric));
  const blocks = new Map<bigint, { time: bigint; verdicts: Map<string, Verdict> }>();
  for (const one of ofPhase) {
    const block = blocks.get(one.blockNumber) ?? { time: one.blockTime, verdicts: new Map<string, Verdict>() };
    // Two samples of one block, from two forks or two readers: the one that did not pass counts.
    const known = block.verdicts.get(one.metric);
    if (known === undefined || known === "pass") block.verdicts.set(one.metric, one.verdict);
    blocks.set(one.blockNumber, block);
  }
  const ordered = [...blocks.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, block]) => block);
  const isClean = (block: { verdicts: Map<string, Verdict> }) =>
    phase.metrics.every((metric) => block.verdicts.get(metric) === "pass");
  const clean = ordered.slice(ordered.findLastIndex((block) => !isClean(block)) + 1);
  const gap = longestGap(phase);
  const afterGap = clean.findLastIndex(({ time }, index) => time - (clean[index - 1]?.time ?? time) > gap);
  const cleanRun = clean.slice(Math.max(0, afterGap));
  const first = cleanRun[0]?.time;
  const last = cleanRun.at(-1)?.time;
  const newest = ordered.at(-1)?.time;
  return {
    phase: phase.id,
    cleanBlocks: cleanRun.length,
    cleanFor: first === undefined || last === undefined ? 0n : last - first,
    fails: ofPhase.filter((one) => one.verdict === "fail").length,
    unknown: ofPhase.filter((one) => one.verdict !== "fail" && one.verdict !== "pass").length,
    unmeasured: phase.metrics.filter((metric) => !ofPhase.some((one) => one.metric === metric)),
    newestAge: newest === undefined ? undefined : headTime - newest,
  };
}

/** Seconds of block time between two samples of one run, at most. */
function longestGap({ minDuration, minSamples }: Phase): bigint {
  const density = minSamples === 0n ? 0n : minDuration / minSamples;
  return density > LEAST_GAP ? density : LEAST_GAP;
}

/** Why the phase may not be advanced, each in a clause; empty where it may. */
export function notClean(phase: Phase, report: CanaryReport, maxSampleAge: bigint): string[] {
  const reasons: string[] = [];
  if (report.unmeasured.length > 0)
    reasons.push(`${report.unmeasured.join(", ")} ${report.unmeasured.length === 1 ? "was" : "were"} never measured`);
  const needed = phase.minSamples > 1n ? phase.minSamples : 1n;
  if (BigInt(report.cleanBlocks) < needed)
    reasons.push(`${report.cleanBlocks} clean blocks in a row, and ${needed} are needed`);
  if (report.cleanFor < phase.minDuration)
    reasons.push(`clean for ${duration(report.cleanFor)} of block time, and ${duration(phase.minDuration)} are needed`);
  if (report.newestAge === undefined || report.newestAge > maxSampleAge)
    reasons.push(
      report.newestAge === undefined ? "there is no sample at all" : `the newest sample is ${report.newestAge} s old`,
    );
  return reasons;
}
