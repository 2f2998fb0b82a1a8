/** What a phase may cost in doubt before it is held: 100 points, no refill, more only by a fresh quorum. */

import type { CeremonyState } from "./ceremony.ts";
import { duration } from "./duration.ts";
import type { LoggedEvent } from "./events.ts";
import type { Metric, Verdict } from "./metrics.ts";
import type { Phase } from "./release-package.ts";

export const fullBudget = 100;

/** Points a breach costs, and points a minute of block time without a clear verdict. */
const cost = { severe: 100n, warning: 10n, inconclusive: 2n, blind: 5n } as const;

/** Seconds without a sample that cost nothing, however dense the phase wants them. */
const leastGap = 120n;

/** Seconds of block time between two samples of one run, at most. */
export function longestGap({ minDuration, minSamples }: Pick<Phase, "minDuration" | "minSamples">): bigint {
  const density = minSamples === 0n ? 0n : minDuration / minSamples;
  return density > leastGap ? density : leastGap;
}

/** The part of a ceremony's state that the budget is. */
export interface Budget {
  phase: number;
  /** Block time from which on it is charged, seconds: the execution, or the last extension. */
  since: bigint;
  /** The lowest that was recorded. */
  left: number;
  /** Breaches since then: of severity 1, and of any other. */
  severe: number;
  warnings: number;
}

/** How long what was measured said nothing, in seconds of block time. */
export interface Meter {
  /** Block time up to which it is counted. */
  time: bigint;
  /** Of the last block. */
  clarity: "clear" | "inconclusive" | "blind";
  inconclusive: bigint;
  /** Stale, unreadable, or not measured at all. */
  blind: bigint;
  last: ReadonlyMap<string, { time: bigint; verdict: Verdict }>;
}

export function startedAt(time: bigint): Meter {
  return { time, clarity: "clear", inconclusive: 0n, blind: 0n, last: new Map() };
}

export interface MeterSetting {
  phase: Phase;
  /** The catalogue; one that the phase names and that is not there counts as measured in every block. */
  metrics: readonly Metric[];
  since: bigint;
}

/** Up to `until`, as the last block left it, and blind from where the next sample is overdue. */
export function elapsed({ phase }: MeterSetting, meter: Meter, until: bigint): Meter {
  if (until <= meter.time) return meter;
  const span = until - meter.time;
  const gap = longestGap(phase);
  const covered = span < gap ? span : gap;
  return {
    ...meter,
    time: until,
    inconclusive: meter.inconclusive + (meter.clarity === "inconclusive" ? covered : 0n),
    blind: meter.blind + (meter.clarity === "blind" ? span : span - covered),
  };
}

/** One block more, in block order: its verdicts by metric. */
export function metered(
  setting: MeterSetting,
  meter: Meter,
  block: { time: bigint; verdicts: ReadonlyMap<string, Verdict> },
): Meter {
  const last = new Map(meter.last);
  for (const [id, verdict] of block.verdicts) last.set(id, { time: block.time, verdict });
  return { ...elapsed(setting, meter, block.time), clarity: clarityOf(setting, last, block.time), last };
}

function clarityOf({ phase, metrics, since }: MeterSetting, last: Meter["last"], time: bigint): Meter["clarity"] {
  let clarity: Meter["clarity"] = "clear";
  for (const id of phase.metrics) {
    const metric = metrics.find((one) => one.id === id);
    if (metric?.mode === "shadow") continue;
    const known = last.get(id);
    const isFresh = known !== undefined && known.time + (metric?.interval ?? 0n) >= time;
    if (!isFresh || known.verdict === "stale" || known.verdict === "error") return "blind";
    const isWarmingUp = metric !== undefined && !metric.invariant && time < since + metric.warmup;
    if (known.verdict === "inconclusive" && !isWarmingUp) clarity = "inconclusive";
  }
  return clarity;
}

/** Points that are left, 0 to 100, rounded up: nothing is zero before all is spent. */
export function pointsLeft(
  { inconclusive, blind }: Pick<Meter, "inconclusive" | "blind">,
  { severe, warnings }: Pick<Budget, "severe" | "warnings">,
): number {
  const spent =
    60n * (BigInt(severe) * cost.severe + BigInt(warnings) * cost.warning) +
    inconclusive * cost.inconclusive +
    blind * cost.blind;
  const left = 60n * BigInt(fullBudget) - spent;
  return left <= 0n ? 0 : Number((left + 59n) / 60n);
}

/** What it went on, in a clause: "2 warning breaches, 3 min inconclusive"; empty where nothing did. */
export function spentInWords(
  { inconclusive, blind }: Pick<Meter, "inconclusive" | "blind">,
  { severe, warnings }: Pick<Budget, "severe" | "warnings">,
): string {
  const breaches = (count: number, what: string) =>
    count === 0 ? [] : [`${count} ${what} breach${count === 1 ? "" : "es"}`];
  return [
    ...breaches(severe, "SEV1"),
    ...breaches(warnings, "warning"),
    ...(inconclusive === 0n ? [] : [`${duration(inconclusive)} inconclusive`]),
    ...(blind === 0n ? [] : [`${duration(blind)} without a reading`]),
  ].join(", ");
}

/** "80 of 100 points: 2 warning breaches". */
export function budgetInWords({ left, spent }: { left: number; spent: string }): string {
  return `${left} of ${fullBudget} points${spent === "" ? "" : `: ${spent}`}`;
}

/** The budget that is being spent; undefined before an execution and once the phase was let through. */
export function runningBudget(state: CeremonyState): Budget | undefined {
  const { budget, closing } = state;
  const at = state.status === "held" || state.status === "contained" ? state.before : state.status;
  return budget !== undefined && at === "canary" && !closing && budget.phase === state.currentPhase
    ? budget
    : undefined;
}

/** The fold's part: a phase begins with all of its points, and only an extension gives any back. */
export function budgetAfter({ budget }: CeremonyState, one: LoggedEvent): Budget | undefined {
  const fresh = (phase: number, since: bigint) => ({ phase, since, left: fullBudget, severe: 0, warnings: 0 });
  switch (one.type) {
    case "executed":
      return fresh(one.data.phase, one.data.block.timestamp);
    case "budgetExtended":
      return fresh(one.data.phase, one.data.block.timestamp);
    case "budgetSpent":
      return budget && { ...budget, left: Math.min(budget.left, one.data.left) };
    case "breached": {
      if (budget === undefined) return undefined;
      const isSevere = one.data.severity === 1;
      return { ...budget, severe: budget.severe + (isSevere ? 1 : 0), warnings: budget.warnings + (isSevere ? 0 : 1) };
    }
    default:
      return budget;
  }
}
