/** What the steps of a run cost. Pure. */

import type { StepReport } from "../../chain-facts.ts";
import type { Finding } from "../../domain/events.ts";
import { findings } from "../gate.ts";

const { flag } = findings("simulation");

/** EIP-7825: no transaction gets more. Half of it is near enough for a person to look. */
const mostGas = 16_777_216n;

export function gasOf(steps: readonly StepReport[]): Finding[] {
  return steps
    .filter((step) => step.gasUsed > mostGas / 2n)
    .map((step) =>
      flag(
        "gas",
        `The step "${step.name}" uses more than half of the gas that one transaction may use (EIP-7825): if the work grows on the way, it cannot run.`,
        {
          evidence: `${step.gasUsed} of ${mostGas}`,
          fix: "Split the batch, or move work out of the initialiser.",
        },
      ),
    );
}
