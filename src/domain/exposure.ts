/** How much a phase puts at risk: what it is called by that, whether it is a canary at all, and what was measured. */

import { amount } from "./amount.ts";
import { judge, type Metric } from "./metrics.ts";
import type { MetricTally } from "./watch/phase-tally.ts";
import type { Reading } from "./watch/sources.ts";

/** A phase of a package or of a target, as far as its exposure goes. */
interface Exposed {
  id: string;
  exposure: { maxValue: bigint; metric?: string | undefined; cap?: Reading | undefined };
}

/**
 * "canary" where the protocol itself caps what is at risk; where it does not, nothing is limited and the phase is called what
 * it is: only watched, or the soak of everything after the phases before it.
 */
export function phaseKind(phases: readonly Exposed[], index: number): "canary" | "watch-only" | "full-exposure soak" {
  if (phases[index]?.exposure.cap !== undefined) return "canary";
  return index > 0 && index === phases.length - 1 ? "full-exposure soak" : "watch-only";
}

/**
 * Why the phases are a canary in name only, in a clause; undefined where they are none or a real one. `full`: the value at
 * risk once everything runs.
 */
export function symbolicCanary(phases: readonly Exposed[], full: bigint): string | undefined {
  const [first, ...later] = phases;
  if (first === undefined) return undefined;
  const { maxValue, cap } = first.exposure;
  const most = later.reduce((a, { exposure }) => (exposure.maxValue > a ? exposure.maxValue : a), 0n);
  if (later.length > 0 && maxValue >= most)
    return `the first phase, ${first.id}, already puts ${maxValue} at risk, and no later one more: a canary in name only`;
  return cap !== undefined && maxValue >= full
    ? `the phase ${first.id} is called a canary, and puts all of ${full} at risk: a canary in name only`
    : undefined;
}

/** What is at risk once everything of a target runs: as policy says, or what its largest phase may. */
export function fullExposure(phases: readonly Exposed[], said: bigint | undefined): bigint {
  return said ?? phases.reduce((a, { exposure }) => (exposure.maxValue > a ? exposure.maxValue : a), 0n);
}

/** Why a metric cannot measure a phase's exposure, in a clause; undefined where it can. */
export function unfitExposure(metric: Metric, maxValue: bigint): string | undefined {
  if (metric.pass.value === undefined || metric.fail.value === undefined)
    return `${metric.id} has to compare with values, because the phase's maximum is one`;
  if (!metric.report) return `${metric.id} needs report: true, so that what is at risk is known of every block`;
  return judge(metric, maxValue + 1n, undefined) === "fail" && judge(metric, maxValue, undefined) !== "fail"
    ? undefined
    : `${metric.id} has to fail above ${maxValue}, which the phase may put at risk, and not before`;
}

/** In the unit of what measures it; where nothing does, it is the asset's smallest unit. */
export function riskInWords(value: bigint, { exposure }: Exposed, metrics: readonly Metric[]): string {
  const metric = metrics.find((one) => one.id === exposure.metric);
  return amount(value, metric?.unit ?? "wei");
}

export interface ExposureReport {
  max: bigint;
  /** Of the newest sample; null where it could not be read. */
  newest: bigint | null | undefined;
  highest: bigint | undefined;
}

/** What the samples of the phase's exposure metric add up to; undefined where the phase names none. */
export function exposureReport(
  { exposure }: Exposed,
  tallies: ReadonlyMap<string, Pick<MetricTally, "value" | "known">>,
): ExposureReport | undefined {
  if (exposure.metric === undefined) return undefined;
  const own = tallies.get(exposure.metric);
  return { max: exposure.maxValue, newest: own?.value, highest: own?.known?.high };
}

/** Why what is at risk stops the phase from going on, in a clause; undefined where it does not. */
export function exposureProblem(report: ExposureReport | undefined): string | undefined {
  if (report === undefined) return undefined;
  if (report.newest === undefined || report.newest === null)
    return "what is at risk was not measured in the newest block";
  return report.newest > report.max
    ? `${report.newest} is at risk, and the phase may put ${report.max} there`
    : undefined;
}
