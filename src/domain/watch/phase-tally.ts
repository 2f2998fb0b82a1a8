/**
 * What the samples of a phase add up to, block after block. Everything that is said of a phase hangs on this, and on no
 * sample before its newest blocks: nothing is read twice however long a phase is.
 */

import { longestGap, type Meter, metered, startedAt } from "../budget.ts";
import type { Metric, Verdict } from "../metrics.ts";
import type { Phase } from "../release-package.ts";

export interface PhaseSample {
  metric: string;
  blockNumber: bigint;
  blockHash?: string | undefined;
  /** Block timestamp, seconds. */
  blockTime: bigint;
  verdict: Verdict;
  /** Null where nothing could be read. */
  value?: bigint | null | undefined;
}

export interface MetricTally {
  samples: number;
  passes: number;
  fails: number;
  /** Stale, or not readable. */
  unread: number;
  /** Of the newest sample, and the first block of those in a row that have it. */
  verdict: Verdict;
  since: bigint;
  /** Of the newest sample. */
  value: bigint | null;
  /** The newest value there is, with its block, and the bounds of all; undefined where there never was one. */
  known: { value: bigint; block: bigint; low: bigint; high: bigint } | undefined;
}

/** Blocks in a row in which everything passed, without a gap; the newest there are. */
export interface CleanRun {
  /** Those that nothing replaces any more, and the block times of the first and the last; see {@link withFinal}. */
  final: { blocks: number; first: bigint; last: bigint };
  /** Those after them, in order. */
  open: readonly { number: bigint; time: bigint }[];
}

export interface PhaseTally {
  /** By metric: those of the phase, and whatever else was measured with them. */
  metrics: ReadonlyMap<string, MetricTally>;
  /** The newest block in which a metric of the phase was measured. */
  newest: { number: bigint; time: bigint; hash: string | undefined } | undefined;
  run: CleanRun;
  /** The newest sample of each metric of the phase. */
  last: Meter["last"];
  /** What it costs of the budget. */
  meter: Meter;
}

/** What the tally is made with: another phase, catalogue or `since` makes another one, from the first sample on. */
export interface TallySetting {
  phase: Phase;
  metrics: readonly Metric[];
  /** Block time from which on the budget is charged. */
  since: bigint;
}

interface PhaseBlock {
  number: bigint;
  time: bigint;
  hash: string | undefined;
  verdicts: Map<string, Verdict>;
}

const noRun: CleanRun = { final: { blocks: 0, first: 0n, last: 0n }, open: [] };

/** Before the first sample. */
export function noTally({ since }: TallySetting): PhaseTally {
  return { metrics: new Map(), newest: undefined, run: noRun, last: new Map(), meter: startedAt(since) };
}

/**
 * With more samples: all that there are of blocks after those it has, in any order. A block counts as clean only when all
 * the phase's metrics passed in it; a block with any other verdict, or a metric missing, starts the clean run anew. So does
 * a time without samples that is longer than the phase's own density (minDuration / minSamples): what nobody measured was
 * not clean.
 */
export function tallied(setting: TallySetting, before: PhaseTally, samples: readonly PhaseSample[]): PhaseTally {
  if (samples.length === 0) return before;
  const ordered = samples.toSorted((a, b) => Number(a.blockNumber - b.blockNumber));
  const metrics = new Map(before.metrics);
  for (const one of ordered) metrics.set(one.metric, withSample(metrics.get(one.metric), one));
  const blocks = blocksOf(ordered, new Set(setting.phase.metrics));
  const last = new Map(before.last);
  let { meter, run } = before;
  let open = [...run.open];
  for (const block of blocks) {
    for (const [id, verdict] of block.verdicts) last.set(id, { time: block.time, verdict });
    const isClean = passesAll(setting, last, block.time);
    const latest = open.at(-1)?.time ?? (run.final.blocks > 0 ? run.final.last : block.time);
    if (!isClean || block.time - latest > longestGap(setting.phase)) {
      run = noRun;
      open = [];
    }
    if (isClean) open.push({ number: block.number, time: block.time });
    if (block.time >= setting.since) meter = metered(setting, meter, block);
  }
  const newest = blocks.at(-1) ?? before.newest;
  return {
    ...{ metrics, last, meter, run: { ...run, open } },
    newest: newest && { number: newest.number, time: newest.time, hash: newest.hash },
  };
}

/** With the clean blocks up to a final one counted: of those only how many they are, and how long, is still asked. */
export function withFinal(tally: PhaseTally, finalTo: bigint | undefined): PhaseTally {
  const { final, open } = tally.run;
  const more = finalTo === undefined ? [] : open.filter(({ number }) => number <= finalTo);
  const [first, last] = [more[0], more.at(-1)];
  if (first === undefined || last === undefined) return tally;
  const run = {
    final: {
      blocks: final.blocks + more.length,
      first: final.blocks === 0 ? first.time : final.first,
      last: last.time,
    },
    open: open.slice(more.length),
  };
  return { ...tally, run };
}

function withSample(before: MetricTally | undefined, one: PhaseSample): MetricTally {
  const { verdict, value = null, blockNumber: block } = one;
  const { samples = 0, passes = 0, fails = 0, unread = 0 } = before ?? {};
  const { low = value, high = value } = before?.known ?? {};
  return {
    samples: samples + 1,
    passes: passes + (verdict === "pass" ? 1 : 0),
    fails: fails + (verdict === "fail" ? 1 : 0),
    unread: unread + (verdict === "stale" || verdict === "error" ? 1 : 0),
    ...{ verdict, value, since: before?.verdict === verdict ? before.since : block },
    known:
      value === null || low === null || high === null
        ? before?.known
        : { value, block, low: value < low ? value : low, high: value > high ? value : high },
  };
}

/** The samples by block, in order. Of two samples of one block, from two forks or two readers, the one that did not pass counts. */
function blocksOf(ordered: readonly PhaseSample[], wanted: ReadonlySet<string>): PhaseBlock[] {
  const blocks = new Map<bigint, PhaseBlock>();
  for (const { metric, blockNumber: number, blockTime: time, blockHash: hash, verdict } of ordered) {
    if (!wanted.has(metric)) continue;
    const block = blocks.get(number) ?? { number, time, hash, verdicts: new Map() };
    const known = block.verdicts.get(metric);
    if (known === undefined || known === "pass") block.verdicts.set(metric, verdict);
    blocks.set(number, block);
  }
  return [...blocks.values()];
}

/** Whether the newest sample of every metric passed, and none is older than it may be at this block time. */
function passesAll({ phase, metrics }: TallySetting, last: Meter["last"], time: bigint): boolean {
  return phase.metrics.every((id) => {
    const known = last.get(id);
    const interval = metrics.find((one) => one.id === id)?.interval ?? 0n;
    return known?.verdict === "pass" && known.time + interval >= time;
  });
}
