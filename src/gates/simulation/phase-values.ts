/** What metrics come to once a phase was executed: policy may have them compared with that afterwards (baseline `simulation`). */

import type { PhaseValues } from "../../chain-facts.ts";
import type { Finding } from "../../domain/events.ts";
import { comparesWithSimulation, type Metric } from "../../domain/metrics.ts";
import type { Policy } from "../../domain/policy.ts";
import { type Phase, phaseOfLeg, type ReleasePackage } from "../../domain/release-package.ts";
import { compile } from "../../domain/watch/catalogue.ts";
import type { Fork } from "../../fork.ts";
import { findings } from "../gate.ts";
import type { Path } from "./release-path.ts";

const { refuse } = findings("simulation");

/** The phase whose last leg on this chain the path is; undefined where another one of it follows. */
export function endedBy(pkg: ReleasePackage, paths: readonly Path[], path: Path): Phase | undefined {
  const phase = phaseOfLeg(pkg, path.leg.id);
  const last = paths.findLast(({ leg }) => phaseOfLeg(pkg, leg.id) === phase);
  return last === path ? pkg.phases[phase] : undefined;
}

/** Nothing is asked where policy compares nothing with a simulation. What has no value refuses: it could never pass. */
export async function valuesAfter(
  fork: Fork,
  { id, metrics: named, stopOn }: Phase,
  { metrics }: Policy,
): Promise<[values: PhaseValues | undefined, unread: Finding[]]> {
  const wanted = metrics.filter(
    (one) => one.chain === fork.chain && comparesWithSimulation(one) && [...named, ...stopOn].includes(one.id),
  );
  if (wanted.length === 0) return [undefined, []];
  const { values } = await fork.evaluate(compile(wanted, new Map()));
  const found = wanted.map((metric, index) => ({ metric, value: values.get(index) }));
  return [
    {
      phase: id,
      values: found.flatMap(({ metric, value }) => (value === undefined ? [] : [{ metric: metric.id, value }])),
    },
    found.filter(({ value }) => value === undefined).map(({ metric }) => noValue(metric, id)),
  ];
}

const noValue = ({ id, title }: Metric, phase: string): Finding =>
  refuse(
    "no-value",
    `${title} is compared with what the simulation gives, and after the phase ${phase} it had no value there.`,
    {
      evidence: id,
      fix: "Compare its source with the new code, or have it compared with the value before the upgrade.",
    },
  );
