/** When measured values become a breach, and when a breach is over: a fold over one metric's samples, in block order. */

import { baselineOf, type Metric, type Verdict } from "../metrics.ts";
import type { Hex } from "../primitives.ts";
import { holdsBeyond } from "./conditions.ts";

/** What of a sample the window needs. */
export interface WatchSample {
  blockNumber: bigint;
  blockHash: Hex;
  /** Block timestamp, seconds. */
  blockTime: bigint;
  value: bigint | null;
  verdict: Verdict;
  /** Sources disagree, and at least one of them says that it fails. */
  suspected?: boolean;
}

export interface MetricWindow {
  /** The last `ofM` conclusive samples that count, oldest first. */
  recent: readonly ("pass" | "fail")[];
  /** Passes beyond the margin since the last sample that was anything else. */
  passes: bigint;
  /** Samples in a row without a value. */
  unread: bigint;
  /** All samples that were conclusive. */
  conclusive: bigint;
  open: boolean;
  unwatched: boolean;
  suspected: boolean;
}

export const emptyWindow: MetricWindow = {
  recent: [],
  passes: 0n,
  unread: 0n,
  conclusive: 0n,
  open: false,
  unwatched: false,
  suspected: false,
};

/** `unwatched`: it could not be measured for too long. `suspected`: one source of several says that it fails. */
export interface WindowChange<T extends WatchSample = WatchSample> {
  kind: "breach" | "cleared" | "unwatched" | "watched again" | "suspected";
  /** The sample that made it so. */
  at: T;
}

/** What a window is judged by, besides the metric itself. */
export interface WindowSetting {
  metric: Metric;
  /** What `baselineBps` is a part of, where it was read. */
  known?: bigint | undefined;
  /** Block time of the execution, seconds: warm-up counts from here. Undefined where nothing was executed. */
  since?: bigint | undefined;
}

/** One sample more. A metric in shadow changes its window and nothing else. */
export function step<T extends WatchSample>(
  setting: WindowSetting,
  window: MetricWindow,
  sample: T,
): { window: MetricWindow; changes: WindowChange<T>[] } {
  const next = judged(setting, counted(setting, window, sample), sample);
  if (setting.metric.mode === "shadow")
    return { window: { ...next, open: false, unwatched: false, suspected: false }, changes: [] };
  const changes = (
    [
      ["breach", next.open && !window.open],
      ["cleared", !next.open && window.open],
      ["unwatched", next.unwatched && !window.unwatched],
      ["watched again", !next.unwatched && window.unwatched],
      ["suspected", next.suspected && !window.suspected],
    ] as const
  ).flatMap(([kind, isSo]): WindowChange<T>[] => (isSo ? [{ kind, at: sample }] : []));
  return { window: next, changes };
}

/** What the sample adds to the counts. Only a pass continues the streak of passes; only a conclusive one fills the window. */
function counted({ metric, known, since }: WindowSetting, window: MetricWindow, sample: WatchSample): MetricWindow {
  const { verdict, value, blockTime } = sample;
  const isConclusive = verdict === "pass" || verdict === "fail";
  const isWarm = since === undefined || blockTime >= since + metric.warmup;
  const counts = isConclusive && (verdict === "pass" || isWarm || metric.invariant);
  return {
    ...window,
    recent: counts ? [...window.recent, verdict].slice(-Number(metric.ofM)) : window.recent,
    passes: verdict === "pass" && isBeyond(metric, value, known) ? window.passes + 1n : 0n,
    unread: verdict === "stale" || verdict === "error" ? window.unread + 1n : 0n,
    conclusive: isConclusive ? window.conclusive + 1n : window.conclusive,
  };
}

/** Whether a pass is far enough from the bound to count for clearing; one whose value nobody kept is not. */
function isBeyond(metric: Metric, value: bigint | null, known: bigint | undefined): boolean {
  if (metric.clearMargin === 0n) return true;
  return value !== null && holdsBeyond(metric.pass, metric.clearMargin, value, baselineOf(metric, known));
}

function judged({ metric }: WindowSetting, window: MetricWindow, { verdict, suspected = false }: WatchSample) {
  const fails = window.recent.filter((one) => one === "fail").length;
  const failsEnough = verdict === "fail" && BigInt(fails) >= metric.failN;
  return {
    ...window,
    open: window.open ? window.passes < metric.clearN : failsEnough,
    unwatched: window.unread >= metric.errorLimit,
    suspected: suspected || (window.suspected && window.unread > 0n),
  };
}

/** All of `samples`, in the order in which they are given, after what `window` has seen. */
export function fold<T extends WatchSample>(
  setting: WindowSetting,
  samples: readonly T[],
  window: MetricWindow = emptyWindow,
): { window: MetricWindow; changes: WindowChange<T>[] } {
  const changes: WindowChange<T>[] = [];
  let now = window;
  for (const sample of samples) {
    const after = step(setting, now, sample);
    now = after.window;
    changes.push(...after.changes);
  }
  return { window: now, changes };
}

/** Samples in block order, each block once: how they have to be folded, whichever way they came. */
export function inBlockOrder<T extends WatchSample>(samples: readonly T[]): T[] {
  const byHash = new Map(samples.map((one) => [one.blockHash, one]));
  return [...byHash.values()].sort((a, b) => (a.blockNumber < b.blockNumber ? -1 : 1));
}

/** The condition axis of an alert. */
export type AlertCondition = "unmeasured" | "quiet" | "pending" | "firing" | "clearing";

/** `unmeasured`: there was never a conclusive sample, which is not quiet. `pending`: it fails, and not often enough yet. */
export function conditionOf({ open, passes, recent, conclusive }: MetricWindow): AlertCondition {
  if (open) return passes > 0n ? "clearing" : "firing";
  if (conclusive === 0n) return "unmeasured";
  return recent.includes("fail") ? "pending" : "quiet";
}
