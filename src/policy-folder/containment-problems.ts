/** Containments that do not answer what they are named for, and such that may not be sent without a person's word. */

import { effectOf, unfit } from "../domain/containment.ts";
import type { Metric } from "../domain/metrics.ts";
import { isOfState } from "../domain/watch/sources.ts";
import type { PolicyFiles } from "./policy-files.ts";

type Prepared = PolicyFiles["targets"][number]["value"]["containment"][number];
interface Known extends Prepared {
  chain: string;
}

/** Each problem as `FILE: path: reason`. */
export function containmentProblems(files: PolicyFiles): string[] {
  const known = files.targets.flatMap(({ value }) =>
    value.containment.map((one): Known => ({ ...one, chain: value.chain })),
  );
  return files.invariants.flatMap(({ file, value }) =>
    value.metrics.flatMap((metric) => {
      const named = known.filter((one) => one.id === metric.containment);
      const problems = named.flatMap((one) => [
        ...answerProblems(metric, one),
        ...automaticProblems(metric, one, files),
      ]);
      return [...new Set(problems)].map((text) => `${file}: metrics.${metric.id}: ${text}`);
    }),
  );
}

function answerProblems(metric: Metric, { id, effect, call }: Known): string[] {
  const reason = unfit(metric.class, effectOf(effect, call.signature));
  return reason === undefined || metric.containmentReason !== undefined
    ? []
    : [`${reason}: name another than ${id}, or say under containmentReason why this one`];
}

/** What a program may do by itself is what could be tried beforehand on a copy of the chain. */
function automaticProblems(metric: Metric, prepared: Known, { chains }: PolicyFiles): string[] {
  if (!metric.automatic) return [];
  const where = chains.value.chains.find((one) => one.id === metric.chain);
  const reasons = [
    ...(isOfState(metric.read)
      ? []
      : [`a source of the kind ${metric.read.kind} cannot be tried on a copy of the chain`]),
    ...(prepared.chain === metric.chain ? [] : [`it is read on ${metric.chain}, and contained on ${prepared.chain}`]),
    ...(metric.mode === "enforce" ? [] : ["nothing comes of an invariant in shadow"]),
    ...(prepared.heldBack === undefined
      ? []
      : [`a signature of ${prepared.id} is held back until a person gives the word`]),
    ...(prepared.wayBack === undefined ? [`${prepared.id} does not say its wayBack: who lifts it, and how`] : []),
    ...(where === undefined || where.multiSendCallOnly !== undefined
      ? []
      : [`without multiSendCallOnly in chains.yaml ${prepared.id} is bound to no code and to no end`]),
  ];
  return reasons.map((reason) => `automatic cannot be: ${reason}`);
}
