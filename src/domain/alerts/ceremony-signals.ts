/** What a ceremony's own log says of its breaches, as signals: said again and again, until the alerts say the same. */

import type { CeremonyState } from "../ceremony.ts";
import { exitSignals } from "../exits/exit-signals.ts";
import { riskInWords } from "../exposure.ts";
import type { Policy } from "../policy.ts";
import type { Containment, Severity } from "./alert.ts";
import { breachInWords } from "./breach-words.ts";
import type { AlertSignal } from "./watch-intent.ts";

export function ceremonySignals(state: CeremonyState, policy: Policy): AlertSignal[] {
  const breaches = state.breaches.map((breach): AlertSignal => {
    const { chain, number, hash } = breach.block;
    const metric = policy.metrics.find((one) => one.id === breach.metric);
    const prepared = state.package.containment.find((one) => one.id === breach.containment);
    const phase = state.package.phases[state.currentPhase];
    // What was said is what counts; of older logs only what policy asks for is known.
    const sources = breach.sources ?? policy.chains.find((one) => one.id === chain)?.sources ?? { agree: 1, of: 1 };
    const value = /^-?[0-9]+$/.test(breach.value) ? BigInt(breach.value) : null;
    return {
      ...{ ceremony: state.id, chain, metric: breach.metric, target: state.package.target },
      severity: severityOf(breach.severity),
      condition: breach.open ? "firing" : "cleared",
      ...contained(state, breach.containment),
      facts: {
        what: metric === undefined ? breach.sentence : breachInWords(metric, value),
        block: { number, hash },
        sources: { agree: sources.agree, of: sources.of },
        digest: state.review?.digest,
        exposure: phase === undefined ? "" : `at most ${riskInWords(phase.exposure.maxValue, phase, policy.metrics)}`,
        runbook: metric?.runbook ?? "",
        containment: prepared && { id: prepared.id, action: prepared.action },
      },
    };
  });
  return [...breaches, ...exitSignals(state, policy)];
}

const severityOf = (severity: number): Severity => (severity === 1 ? 1 : severity === 2 ? 2 : 3);

/** "Contained" was read back from the chain before the log said so; once the ceremony is resumed it knows of none. */
function contained(
  { containment, refusedContainments }: CeremonyState,
  id: string,
): { containment?: Containment; lifted?: boolean } {
  if (containment?.id !== id && refusedContainments.includes(id)) return { containment: "failed" };
  if (containment === undefined) return { lifted: true };
  if (containment.id !== id) return {};
  return { containment: containment.confirmed ? "confirmed" : "submitted" };
}
