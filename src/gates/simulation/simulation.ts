/** Simulation: what really happens, on a copy of the chain, from the signatures to thirty days after. */

import { slots } from "../../domain/known-slots.ts";
import { type Address, type ChainId, zeroHash } from "../../domain/primitives.ts";
import { findings, type Gate, type GateInput, type GateResult } from "../gate.ts";
import { upgradesOf } from "../upgrades.ts";
import { judgeSlots } from "./changed-slots.ts";
import { type Run, runPackage } from "./package-run.ts";
import { restoredOrNot } from "./restored.ts";
import { runTransaction } from "./transaction-run.ts";

const { refuse } = findings("rehearsal");

/** Two gates look at one run: it is made once for each check. */
const runs = new WeakMap<GateInput, Promise<Run[]>>();

export const simulationGate: Gate = {
  name: "simulation",
  proof: () => judgeSlots(proofRun),
  async run(input): Promise<GateResult> {
    const made = await runsOf(input);
    return {
      findings: made.flatMap((one) => one.findings).filter((one) => one.gate === "simulation"),
      reports: made.map((one) => one.report),
    };
  },
};

/** Rehearsal: the way back works on what the upgrade leaves behind, and so does every prepared containment. */
export const rehearsalGate: Gate = {
  name: "rehearsal",
  proof: () => restoredOrNot(proofRestores, []),
  run: async (input) => {
    if (input.subject.kind !== "package") return { findings: [] };
    const made = await runsOf(input);
    const unrehearsed = made.filter(({ report }) => report.branches.length === 0);
    return {
      findings: [
        ...made.flatMap((one) => one.findings).filter((one) => one.gate === "rehearsal"),
        ...unrehearsed.map(({ report }) =>
          refuse(
            "not-rehearsed",
            `Rollback and containments were not rehearsed on ${report.chain}, because the upgrade itself did not go through.`,
            {
              fix: "Mend what the simulation gate names, and check again.",
            },
          ),
        ),
      ],
    };
  },
};

const nobody: Address = "0x0000000000000000000000000000000000000001";
/** An admin slot that is written, and nobody says why. */
const proofRun: Parameters<typeof judgeSlots>[0] = {
  ...{ upgrades: [], safes: [], timelocks: [], meant: [], expected: [], variableOf: () => undefined },
  steps: [
    {
      ...{ name: "proof", success: true, reason: "", gasUsed: 0n, events: [], implementations: [] },
      storage: [{ address: nobody, slot: slots.admin, before: zeroHash, after: zeroHash }],
    },
  ],
};
/** A rollback that put nothing back. */
const proofRestores = [{ rollback: { restores: [{ contract: nobody, implementation: nobody, codeHash: zeroHash }] } }];

function runsOf(input: GateInput): Promise<Run[]> {
  const known = runs.get(input) ?? make(input);
  runs.set(input, known);
  return known;
}

async function make(input: GateInput): Promise<Run[]> {
  const { subject, policy, chains } = input;
  const upgrades = await upgradesOf(subject, policy, chains);
  if (subject.kind === "transaction")
    return [await runTransaction({ ...input, subject }, chains.get(subject.tx.chain), upgrades)];
  const ids = [...new Set<ChainId>(subject.package.legs.map((leg) => leg.chain))];
  return Promise.all(
    ids.map((id) => {
      input.progress(`Simulating schedule, delay, execution, rollback and containment on a fork of ${id}…`);
      return runPackage(
        { ...input, subject },
        chains.get(id),
        upgrades.filter((one) => one.chain === id),
      );
    }),
  );
}
