/**
 * Containment without a person's word. An alarm must not become somebody's weapon: only what enough sources agree on, what
 * no stranger could bring about in a simulation, and once a ceremony; a person's hold outranks it.
 */

import { type CeremonyState, isFullySigned, onChainOf, transactionById } from "./ceremony.ts";
import { type CeremonyEvent, event, type Finding, system } from "./events.ts";
import { heardIn } from "./lifecycle.ts";
import type { Metric } from "./metrics.ts";

/** Codes of what the check found out about a metric with automatic containment; the metric is their evidence. */
export const griefing = { moved: "simulation/griefable", unmoved: "simulation/unmoved" } as const;

/** How a finding says which metric it speaks of. */
export const metricOfEvidence = (metric: string) => `metric ${metric}`;

/** What happened, as the watch tells it. */
export interface FailingSample {
  /** Enough sources say that it fails, and none says otherwise (domain/watch/agreement.ts). */
  mayContain: boolean;
  sentence: string;
}

/** The request in the program's own name; empty where a person has to give the word. */
export function automaticContainment(state: CeremonyState, metric: Metric, sample: FailingSample): CeremonyEvent[] {
  if (notAutomatic(state, metric) !== undefined || !sample.mayContain) return [];
  const reason = `by itself, as policy has it for ${metric.id}: ${sample.sentence}`;
  return [event("containmentRequested", { containment: metric.containment, by: system, reason })];
}

/** Why a breach of the metric would not be contained by itself now, in a clause; undefined where it would. */
export function notAutomatic(state: CeremonyState, metric: Metric): string | undefined {
  if (!metric.automatic) return "policy leaves it to a person";
  if (metric.mode !== "enforce") return "it is in shadow";
  const proof = proofOf(state.check?.findings ?? [], metric.id);
  if (proof !== undefined) return proof;
  const tx = transactionById(state, `containment/${metric.containment}`);
  const prepared = state.package.containment.find((one) => one.id === metric.containment);
  if (tx === undefined || prepared === undefined) return `nothing called ${metric.containment} is prepared`;
  if (prepared.heldBack) return "a signature is held back until a person gives the word";
  if (prepared.bound === undefined) return "it is bound to no code";
  if (!isFullySigned(state, tx)) return "it is not fully signed";
  if (onChainOf(state, tx.id) !== undefined) return "it has been used";
  if (state.containedByItself) return "it happens once a ceremony, and has happened";
  if (state.containment !== undefined) return `${state.containment.id} is on its way, or holds`;
  if (state.status === "held" && state.heldBy?.person !== system.person) return "a person holds the ceremony";
  return heardIn.contain.includes(state.status) ? undefined : `the ceremony is ${state.status}`;
}

/** What a check has to say, and has to have said: that a stranger tried, and could not. */
function proofOf(findings: readonly Finding[], metric: string): string | undefined {
  const said = findings.filter((one) => one.evidence === metricOfEvidence(metric)).map((one) => one.code);
  if (said.includes(griefing.moved)) return "a stranger could bring it about";
  return said.includes(griefing.unmoved) ? undefined : "no check has shown that no stranger can bring it about";
}
