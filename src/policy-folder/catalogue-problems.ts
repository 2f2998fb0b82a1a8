/** Phases and metrics that could not do what they are there for; and what is only odd about them, and told. */

import { mayBeAsked } from "../domain/chain-policy.ts";
import { fullExposure, symbolicCanary, unfitExposure } from "../domain/exposure.ts";
import type { Metric } from "../domain/metrics.ts";
import type { Policy } from "../domain/policy.ts";
import { overlap } from "../domain/watch/conditions.ts";
import type { PolicyFiles } from "./policy-files.ts";

/** Each problem as `FILE: path: reason`. */
export function catalogueProblems(files: PolicyFiles): string[] {
  const metrics = files.invariants.flatMap((one) => one.value.metrics);
  return [
    ...files.canaries.flatMap((one) => canaryProblems(one, metrics)),
    ...files.invariants.flatMap(({ file, value }) =>
      value.metrics.flatMap((metric) =>
        sourceProblems(metric, files).map((text) => `${file}: metrics.${metric.id}: ${text}`),
      ),
    ),
  ];
}

function canaryProblems({ file, value }: PolicyFiles["canaries"][number], metrics: readonly Metric[]): string[] {
  const { phases, fullExposure: said } = value;
  const symbolic = symbolicCanary(phases, fullExposure(phases, said));
  return [
    ...(symbolic === undefined ? [] : [`${file}: phases: ${symbolic}`]),
    ...phases.flatMap(({ id, metrics: measured, stopOn, exposure }) => {
      const at = `${file}: phases.${id}`;
      const shadows = metrics.filter((one) => one.mode === "shadow" && [...measured, ...stopOn].includes(one.id));
      return [
        ...shadows.map((one) => `${at}: the invariant ${one.id} is in shadow, and nothing would come of it`),
        ...exposureProblems(measured, exposure, metrics).map((text) => `${at}.exposure: ${text}`),
      ];
    }),
  ];
}

type PhaseShape = PolicyFiles["canaries"][number]["value"]["phases"][number];

function exposureProblems(
  measured: readonly string[],
  { metric: wanted, maxValue }: PhaseShape["exposure"],
  metrics: readonly Metric[],
): string[] {
  if (wanted === undefined) return [];
  const metric = metrics.find((one) => one.id === wanted);
  if (metric === undefined) return [`there is no invariant ${wanted}`];
  if (!measured.includes(wanted)) return [`${wanted} has to stand among the phase's metrics, or nobody measures it`];
  const unfit = unfitExposure(metric, maxValue);
  return unfit === undefined ? [] : [unfit];
}

function sourceProblems({ read, chain, agree }: Metric, { chains }: PolicyFiles): string[] {
  const where = chains.value.chains.find((one) => one.id === chain);
  if (where === undefined) return [];
  const asked = where.sources?.of ?? 1;
  const isPlain = read.kind === "http" && !mayBeAsked(new URL(read.url), where);
  return [
    ...(agree > asked ? [`${agree} sources have to agree, and chains.yaml asks ${asked} of ${chain}`] : []),
    ...(isPlain ? [`${read.url} must be https: whoever is in between could say what it wants`] : []),
  ];
}

/** What a right policy is told all the same, each as `FOLDER: path: reason`. */
export function catalogueWarnings({ metrics, targets }: Policy): string[] {
  return [...metrics.flatMap(overlaps), ...targets.flatMap((target) => gaps(target, metrics))];
}

function overlaps(metric: Metric): string[] {
  const { id, pass, fail, baseline } = metric;
  const value = overlap(pass, fail, baseline.mode === "fixed" ? baseline.value : undefined);
  if (value === undefined) return [];
  const at = pass.value === undefined && baseline.mode !== "fixed" ? "for some baselines" : `at ${value}, for one`;
  return [`invariants: metrics.${id}: pass and fail both hold ${at}; fail wins there`];
}

const classes = ["asset", "authorization", "economic", "liveness"] as const;

function gaps({ id, phases }: Policy["targets"][number], metrics: readonly Metric[]): string[] {
  const used = new Set(phases.flatMap((phase) => [...phase.metrics, ...phase.stopOn]));
  const has = new Set(metrics.filter((one) => used.has(one.id)).map((one) => one.class));
  return [
    ...classes
      .filter((one) => !has.has(one))
      .map((one) => `canary: ${id}: no phase measures an invariant of the class ${one}`),
    ...phases
      .filter((phase) => phase.exposure.metric === undefined)
      .map((phase) => `canary: ${id}: nothing measures what the phase ${phase.id} puts at risk`),
  ];
}
