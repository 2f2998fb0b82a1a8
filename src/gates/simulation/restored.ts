/** Whether a rehearsed rollback really put everything back. Pure. */

import type { StepReport } from "../../chain-facts.ts";
import type { Finding } from "../../domain/events.ts";
import type { Leg } from "../../domain/release-package.ts";
import { findings } from "../gate.ts";

const { refuse } = findings("rehearsal");

export function restoredOrNot(
  legs: readonly { rollback: Pick<Leg["rollback"], "restores"> }[],
  steps: readonly StepReport[],
): Finding[] {
  const after = steps.at(-1)?.implementations ?? [];
  return legs
    .flatMap((leg) => leg.rollback.restores)
    .filter((back) => {
      const now = after.find((one) => one.address === back.contract);
      return now?.implementation !== back.implementation || now.codeHash !== back.codeHash;
    })
    .map((back) =>
      refuse(
        "rollback-result",
        `The rehearsed rollback did not put ${back.contract} back to ${back.implementation}: there is no way back yet.`,
        {
          evidence: `code hash wanted: ${back.codeHash}`,
          fix: "Correct the rollback's calls: they must reverse every upgrade of the leg.",
        },
      ),
    );
}
