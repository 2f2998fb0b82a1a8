/** What a gate is: one question about something to be signed, asked of its bytes and of the chain, answered in findings. */

import type { Builds } from "../build-facts.ts";
import type { SimulationReport } from "../chain-facts.ts";
import type { Finding } from "../domain/events.ts";
import type { Policy } from "../domain/policy.ts";
import type { Hex } from "../domain/primitives.ts";
import type { ReleasePackage } from "../domain/release-package.ts";
import type { SafeTx } from "../domain/safe-tx.ts";
import type { Chains } from "../ports.ts";

/** A release package, or one Safe transaction by itself. */
export type Subject =
  | { kind: "package"; package: ReleasePackage; packageHash: Hex }
  | { kind: "transaction"; tx: SafeTx };

export interface GateInput<S extends Subject = Subject> {
  subject: S;
  policy: Policy;
  chains: Chains;
  builds: Builds;
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
  /** Feeds the gate's own judgement something known to be bad. A gate that finds nothing to refuse there is broken, and refuses. */
  proof(): Finding[];
  run(input: GateInput): Promise<GateResult>;
}

export interface Detail {
  evidence?: string;
  fix?: string;
}

/** Findings of one gate: `code` without the gate's name, `message` one sentence. */
export function findings(gate: string) {
  const of =
    (severity: Finding["severity"]) =>
    (code: string, message: string, { evidence = "", fix = "" }: Detail = {}): Finding => ({
      gate,
      code: `${gate}/${code}`,
      severity,
      message,
      evidence,
      fix,
    });
  return { refuse: of("refuse"), flag: of("flag"), info: of("info") };
}
