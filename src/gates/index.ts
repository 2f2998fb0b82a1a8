/** The gates, in the order in which their findings are shown. */

import { keccak256, stringToBytes } from "viem";
import type { SimulationReport } from "../chain-facts.ts";
import { canonicalJson } from "../domain/canonical.ts";
import type { Finding } from "../domain/events.ts";
import type { Hex } from "../domain/primitives.ts";
import { authorityGate } from "./authority.ts";
import { findings as findingsOf, type Gate, type GateInput } from "./gate.ts";
import { preflightGate } from "./preflight.ts";
import { simulationGate } from "./simulation.ts";

export const gates: readonly Gate[] = [preflightGate, authorityGate, simulationGate];

export interface Examination {
  findings: Finding[];
  reports: SimulationReport[];
  /** RFC 8785 JSON of findings and reports, in UTF-8. */
  evidence: Uint8Array;
  /** keccak256 of the evidence: the approval digest binds it. */
  evidenceHash: Hex;
}

/** Asks every gate. One that could not run refuses (trust rule 8). */
export async function examine(input: GateInput, list: readonly Gate[] = gates): Promise<Examination> {
  const findings: Finding[] = [];
  const reports: SimulationReport[] = [];
  for (const gate of list) {
    try {
      const result = await gate.run(input);
      findings.push(...result.findings);
      reports.push(...(result.reports ?? []));
    } catch (fault) {
      const reason = fault instanceof Error ? fault.message : String(fault);
      findings.push(
        findingsOf(gate.name).refuse("could-not-run", `The ${gate.name} gate could not run, so it refuses. ${reason}`),
      );
    }
  }
  const evidence = stringToBytes(canonicalJson({ findings, reports }));
  return { findings, reports, evidence, evidenceHash: keccak256(evidence) };
}
