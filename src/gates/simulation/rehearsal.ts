/** The way back and the ways to contain an upgrade, tried out on what it leaves behind. */

import type { SimulationReport, SimulationStep, StepReport } from "../../chain-facts.ts";
import { containmentCalls } from "../../domain/containment.ts";
import type { Finding } from "../../domain/events.ts";
import type { Address, Hex } from "../../domain/primitives.ts";
import type { Leg, ReleasePackage } from "../../domain/release-package.ts";
import type { Fork } from "../../fork.ts";
import { findings } from "../gate.ts";
import { failed, type Path, undoing } from "./release-path.ts";
import { restoredOrNot } from "./restored.ts";

const rehearsal = findings("rehearsal");

/** Rollback and every containment, each on the upgraded state. */
export async function rehearse(fork: Fork, pkg: ReleasePackage, paths: readonly Path[], watch: readonly Address[]) {
  const undo = undoing(paths);
  const contain = pkg.containment
    .filter((one) => one.chain === fork.chain)
    .map((one) => ({
      name: one.id,
      readBack: one.readBack,
      steps: containmentCalls(one).map(
        (call): SimulationStep => ({
          name: `${one.id}: ${one.action}`,
          from: one.safe,
          to: call.to,
          value: call.value,
          data: call.data,
          after: 0n,
        }),
      ),
    }));
  const all = [{ name: "rollback", steps: undo, readBack: undefined }, ...contain];
  const legs = paths.map(({ leg }) => leg);
  const done = await Promise.all(
    all.map(async ({ name, steps, readBack }) => {
      const reads = readBack === undefined ? [] : [{ to: readBack.to, data: readBack.data }];
      const played = await fork.play(steps, watch, reads);
      return { name, ...played, findings: judgeBranch(name, played.steps, legs, readBack, played.answers[0]) };
    }),
  );
  const branches: SimulationReport["branches"] = done.map(({ name, steps }) => ({ name, steps }));
  return { branches, findings: done.flatMap((one) => one.findings) };
}

function judgeBranch(
  name: string,
  steps: readonly StepReport[],
  legs: readonly Leg[],
  readBack: { returns: Hex } | undefined,
  answer: Hex | null | undefined,
): Finding[] {
  const kind = name === "rollback" ? "rollback" : "containment";
  const stopped = failed(steps);
  if (stopped !== undefined)
    return [
      rehearsal.refuse(kind, `Rehearsed on the upgraded state, "${stopped.name}" failed: ${stopped.reason}.`, {
        evidence: `${stopped.gasUsed} gas used`,
        fix: `Without a ${kind} that works there is no way back: change the new code or the ${kind}.`,
      }),
    ];
  if (readBack !== undefined && answer !== readBack.returns)
    return [
      rehearsal.refuse(
        "containment-result",
        `Rehearsed on the upgraded state, the containment ${name} went through and its effect could not be read back: nobody would see whether it stopped anything.`,
        {
          evidence: `${answer ?? "a revert"} in place of ${readBack.returns}`,
          fix: "Correct the containment or what shows that it worked.",
        },
      ),
    ];
  return kind === "rollback" ? restoredOrNot(legs, steps) : [];
}
