/** What a gate is: one question about a package, asked of the chain, answered in findings. */

import type { SimulationReport } from "../chain-facts.ts";
import type { Finding } from "../domain/events.ts";
import type { Policy } from "../domain/policy.ts";
import type { Hex } from "../domain/primitives.ts";
import type { ReleasePackage } from "../domain/release-package.ts";
import type { Chains } from "../ports.ts";

export interface GateInput {
  package: ReleasePackage;
  packageHash: Hex;
  policy: Policy;
  chains: Chains;
  /** EXTCODEHASH of Quorate's Preconditions contract, the same on every chain. */
  preconditionsCodeHash: Hex;
  progress(text: string): void;
}

export interface GateResult {
  findings: Finding[];
  /** Simulation reports, for the evidence. */
  reports?: SimulationReport[];
}

export interface Gate {
  name: string;
  run(input: GateInput): Promise<GateResult>;
}

export function finding(gate: string, code: string, severity: Finding["severity"], message: string): Finding {
  return { gate, code: `${gate}/${code}`, severity, message };
}
