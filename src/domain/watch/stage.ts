/** What is judged at one moment and not on every block: before approval, and before a phase or a rollback is let through. */

import { titleWithValue } from "../amount.ts";
import type { BlockRef, CeremonyState } from "../ceremony.ts";
import { conditionInWords, type Metric, type Verdict } from "../metrics.ts";
import type { Policy } from "../policy.ts";
import type { Phase, ReleasePackage } from "../release-package.ts";
import { measuredRun } from "./measured.ts";

/** A metric at one block. `reason`: a clause where its sources were not of one mind, or did not answer. */
export interface StageReading {
  metric: Metric;
  verdict: Verdict;
  value: bigint | null;
  reason: string;
  block: BlockRef;
}

/** What has to hold before anybody approves: of every phase. */
export function preMetrics({ phases }: ReleasePackage, policy: Policy): Metric[] {
  return staged("pre", phases, policy);
}

/** What has to hold before the next phase, or a rollback, is let through: of the phase that was executed last. */
export function gateMetrics(state: CeremonyState, policy: Policy): Metric[] {
  const phase = state.package.phases[measuredRun(state)?.phase ?? state.currentPhase];
  return phase === undefined ? [] : staged("rollback-gate", [phase], policy);
}

function staged(stage: "pre" | "rollback-gate", phases: readonly Phase[], policy: Policy): Metric[] {
  const names = new Set(phases.flatMap((one) => [...one.metrics, ...one.stopOn]));
  return policy.metrics.filter((one) => names.has(one.id) && one.stage.includes(stage) && one.mode === "enforce");
}

/** "Cash in the pool is 12 wei at block 7 and must be at least 20 wei"; a clause. */
export function readingInWords({ metric, value, verdict, reason, block }: StageReading): string {
  const must = `must be ${conditionInWords(metric)}`;
  if (verdict === "error" || verdict === "stale" || value === null)
    return `${metric.title} could not be read at block ${block.number}${reason === "" ? "" : ` (${reason})`}, and ${must}`;
  return `${titleWithValue(metric, value)} at block ${block.number}, and ${must}`;
}
