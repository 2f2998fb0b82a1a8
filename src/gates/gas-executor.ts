/** Whether the gas key may execute on a timelock, and whether policy wants that (trust rule 1). Pure. */

import type { ChainPolicy } from "../domain/chain-policy.ts";
import type { Finding } from "../domain/events.ts";
import type { Address } from "../domain/primitives.ts";
import type { Leg } from "../domain/release-package.ts";
import { findings } from "./gate.ts";

const { refuse } = findings("authority");

/** The gas key executes where policy says so and nothing but the upgrade stands in the timelock; nowhere else. */
export function gasExecutorFindings(
  { id, timelock, executor }: ChainPolicy,
  gas: Address,
  executors: readonly Address[],
  legs: readonly Leg[],
): Finding[] {
  const may = executors.includes(gas);
  const evidence = `EXECUTOR_ROLE of ${timelock}: ${executors.join(", ")}`;
  const standing = legs.find((leg) => leg.chain === id && leg.rollback.mode !== "presigned");
  if (may && executor !== "gas-key")
    return [
      refuse(
        "gas-executor",
        `The gas account ${gas} may execute on the timelock ${timelock}, and policy leaves that to a person's wallet.`,
        { evidence, fix: "Revoke its EXECUTOR_ROLE, or say executor: gas-key in chains.yaml." },
      ),
    ];
  if (may && standing !== undefined)
    return [
      refuse(
        "gas-executor",
        `The gas account ${gas} may execute on the timelock ${timelock}, where the prescheduled rollback of ${standing.id} would stand: a stolen key could undo the upgrade.`,
        { evidence, fix: "Propose it again, with a rollback that is presigned." },
      ),
    ];
  return executor === "gas-key" && !may
    ? [
        refuse(
          "gas-no-executor",
          `Policy says that the gas key executes on ${id}, and the gas account ${gas} may not execute on the timelock ${timelock}.`,
          {
            evidence: `EXECUTOR_ROLE of ${timelock}: ${executors.join(", ") || "nobody"}`,
            fix: "Have EXECUTOR_ROLE granted to the gas account, or say executor: person in chains.yaml.",
          },
        ),
      ]
    : [];
}
