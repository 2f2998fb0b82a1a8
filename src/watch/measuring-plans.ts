/** What is to be measured on a chain now: put together once, and again only where a ceremony, its phase or a baseline is another. */

import type { Block } from "../block-reads.ts";
import type { CeremonyState } from "../domain/ceremony.ts";
import type { Metric } from "../domain/metrics.ts";
import type { Policy } from "../domain/policy.ts";
import type { ChainId } from "../domain/primitives.ts";
import {
  type MeasuredMetric,
  type MeasuringPlan,
  measuredIn,
  measuredRun,
  metricsOf,
  planOf,
} from "../domain/watch/measured.ts";
import type { Baselines } from "./baselines.ts";

export interface MeasuringPlans {
  /** Of all ceremonies; by which blocks their metrics are judged in. */
  now(states: readonly CeremonyState[]): Promise<Plans>;
  /** Of one ceremony alone, in every block. */
  of(state: CeremonyState): Promise<MeasuringPlan>;
}

export type Plans = Readonly<Record<Metric["finality"], MeasuringPlan>>;

/** What a metric was judged by in a block that was before its execution is nothing. */
export const hasBegun = ({ start }: MeasuredMetric, block: Block): boolean => block.number >= start.number;

export function measuringPlans(id: ChainId, policy: Policy, baselines: Baselines): MeasuringPlans {
  let kept: { inputs: unknown[]; plans: Plans } | undefined;

  async function gathered(state: CeremonyState): Promise<{ inputs: unknown[]; measured: MeasuredMetric[] }> {
    const start = measuredRun(state)?.executedAt;
    if (start?.chain !== id) return { inputs: [], measured: [] };
    const known = await baselines.of(state, metricsOf(state, id, policy), start);
    const measured = measuredIn(state, id, policy, known);
    return { inputs: measured.length === 0 ? [] : [state.id, start.hash, known, policy.metrics], measured };
  }

  return {
    async now(states) {
      const found = await Promise.all(states.map(gathered));
      const inputs = found.flatMap((one) => one.inputs);
      if (
        kept !== undefined &&
        inputs.length === kept.inputs.length &&
        inputs.every((one, at) => one === kept?.inputs[at])
      )
        return kept.plans;
      const all = found.flatMap(({ measured }) => measured);
      const by = (finality: Metric["finality"]) => planOf(all.filter(({ metric }) => metric.finality === finality));
      const plans = { latest: by("latest"), safe: by("safe"), finalized: by("finalized") };
      kept = { inputs, plans };
      return plans;
    },
    async of(state) {
      const { measured } = await gathered(state);
      return planOf(measured.filter(({ metric }) => metric.finality === "latest"));
    },
  };
}
