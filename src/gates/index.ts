/** The gates, in the order in which their findings are shown, and what they say together. */

import { stringToBytes } from "viem";
import type { SimulationReport } from "../chain-facts.ts";
import { contentHash } from "../content-hash.ts";
import { canonicalJson } from "../domain/canonical.ts";
import { type GateVerdict, verdictOf } from "../domain/check-words.ts";
import type { Finding } from "../domain/events.ts";
import type { Hex } from "../domain/primitives.ts";
import { traced } from "../tracing.ts";
import { artefactGate } from "./artefact.ts";
import { authorityGate } from "./authority.ts";
import { decodeGate } from "./decode.ts";
import { envelopeGate } from "./envelope.ts";
import { findings as findingsOf, type Gate, type GateInput, type GateResult } from "./gate.ts";
import { invariantsGate } from "./invariants.ts";
import { layoutGate } from "./layout.ts";
import { opcodesGate } from "./opcodes.ts";
import { preflightGate } from "./preflight.ts";
import { rehearsalGate, simulationGate } from "./simulation/simulation.ts";
import { sourcesGate } from "./sources.ts";
import { textGate } from "./text.ts";
import { timelockGate } from "./timelock.ts";

export const gates: readonly Gate[] = [
  envelopeGate,
  decodeGate,
  sourcesGate,
  preflightGate,
  artefactGate,
  layoutGate,
  opcodesGate,
  authorityGate,
  invariantsGate,
  simulationGate,
  rehearsalGate,
  timelockGate,
  textGate,
];

export interface Examination {
  verdict: GateVerdict;
  findings: Finding[];
  reports: SimulationReport[];
  /** RFC 8785 JSON of findings and reports, in UTF-8. */
  evidence: Uint8Array;
  /** keccak256 of the evidence: the approval digest binds it. */
  evidenceHash: Hex;
}

/** Milliseconds that one gate may take: beyond that it has not answered, and refuses. */
const patience = 120_000;

/** Asks every gate, all at once. One that could not run, took too long or fails its own proof refuses (trust rule 8). */
export async function examine(input: GateInput, list: readonly Gate[] = gates, limit = patience): Promise<Examination> {
  const results = await together(input, () =>
    Promise.all(list.map((gate) => traced(`gate ${gate.name}`, {}, () => asked(gate, input, limit)))),
  );
  const findings = results.flatMap((one) => one.findings);
  const reports = results.flatMap((one) => one.reports ?? []);
  const evidence = stringToBytes(canonicalJson({ findings, reports }));
  return { verdict: verdictOf(findings), findings, reports, evidence, evidenceHash: contentHash(evidence) };
}

/** So that all of them see the same block of each chain, and what they ask at one moment is one request. */
function together<T>({ subject, chains }: GateInput, run: () => Promise<T>): Promise<T> {
  const named = subject.kind === "package" ? subject.package.legs.map((leg) => leg.chain) : [subject.tx.chain];
  const ids = chains.ids.filter((id) => named.includes(id));
  return ids.reduce<() => Promise<T>>((inner, id) => () => chains.get(id).atOneBlock(inner), run)();
}

/** A fault's own sentence, as the end of another one. Words that begin many sentences lose their capital, names keep it. */
function clause(reason: string): string {
  const text = reason.trim().replace(/\.+$/, "");
  return text.replace(/^(?:An?|The|This|That|These|It|There|No|Nobody|Nothing|None|Not|Only|What|Waited)\b/, (word) =>
    word.toLowerCase(),
  );
}

async function asked(gate: Gate, input: GateInput, limit: number): Promise<GateResult> {
  const { refuse } = findingsOf(gate.name);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<GateResult>((resolve) => {
    const finding = refuse(
      "timeout",
      `The ${gate.name} gate did not answer within ${limit / 1000} seconds, so it refuses.`,
      {
        fix: "Check again; if it happens again, look at how quickly the RPC answers.",
      },
    );
    timer = setTimeout(() => resolve({ findings: [finding] }), limit);
  });
  try {
    if (!gate.proof().some((one) => one.severity === "refuse"))
      return {
        findings: [
          refuse(
            "proof",
            `The ${gate.name} gate let something through that is known to be bad, so nothing it says counts, and it refuses.`,
            {
              fix: "Do not use this build of Quorate.",
            },
          ),
        ],
      };
    return await Promise.race([gate.run(input), late]);
  } catch (fault) {
    const reason = fault instanceof Error ? fault.message : String(fault);
    return {
      findings: [
        refuse("could-not-run", `The ${gate.name} gate could not run, so it refuses: ${clause(reason)}.`, {
          fix: "Mend what is named, and check again.",
        }),
      ],
    };
  } finally {
    clearTimeout(timer);
  }
}
