/** The digest of a phase: one message, edited in place while the phase is observed, and left as it is after it. */

import type { CanaryView } from "../../canary-view.ts";
import { budgetInWords } from "../../domain/budget.ts";
import { type CanaryReport, notClean } from "../../domain/canary.ts";
import type { CeremonyState } from "../../domain/ceremony.ts";
import { duration } from "../../domain/duration.ts";
import { phaseKind } from "../../domain/exposure.ts";
import { oldestSample } from "../../domain/guarding.ts";
import type { Phase } from "../../domain/release-package.ts";
import type { Card } from "../../view.ts";
import { metricLines } from "./metric-lines.ts";

export function canaryCard(
  state: CeremonyState,
  phase: Phase,
  { report, metrics, pictures }: CanaryView,
  block: bigint,
): Card {
  const enough = notClean(phase, report, oldestSample).length === 0;
  const kind = phaseKind(state.package.phases, state.currentPhase);
  const failing = state.breaches.some((one) => one.open);
  const advance = {
    label: "Advance",
    command: "canary",
    options: { ceremony: state.id, action: "advance" },
    revision: state.revision,
    style: "primary",
  } as const;
  return {
    kind: "card",
    key: `${state.id}/canary/${phase.id}`,
    revision: Number(block),
    audience: { kind: "channel" },
    tone: failing ? "bad" : enough ? "good" : "progress",
    status: failing ? "breach" : enough ? "clean" : "measuring",
    title: `${state.id} ${kind} · ${phase.id}`,
    summary: summaryOf(state, phase, report, failing, enough),
    facts: [
      { label: "Clean blocks in a row", value: `${report.cleanBlocks} of ${phase.minSamples}` },
      { label: "Clean for", value: `${duration(report.cleanFor)} of ${duration(phase.minDuration)}` },
      ...(report.notFinal === 0 ? [] : [{ label: "Not final yet", value: `${report.notFinal} clean blocks` }]),
      ...(report.budget === undefined ? [] : [{ label: "Budget left", value: budgetInWords(report.budget) }]),
      { label: "At risk", value: atRisk(report, phase) },
      { label: "Failed samples", value: `${report.fails}` },
      { label: "Without a verdict", value: `${report.unknown}` },
    ],
    sections: [{ title: "Metrics", lines: metricLines(metrics), style: "list" }],
    pictures,
    actions: enough && !failing && state.status === "canary" ? [advance] : [],
    footer: `measured to block ${block}`,
    mentions: [],
  };
}

/** What was measured beside what the phase allows; said where nothing measures or limits it. */
function atRisk({ exposure }: CanaryReport, phase: Phase): string {
  const limit = phase.exposure.cap === undefined ? "nothing on the chain limits it" : "capped on the chain";
  if (exposure === undefined) return `not measured; ${phase.exposure.maxValue} is allowed, and ${limit}`;
  return `${exposure.newest ?? "not known"} of ${exposure.max}; ${limit}`;
}

function summaryOf(
  state: CeremonyState,
  phase: Phase,
  report: CanaryReport,
  failing: boolean,
  enough: boolean,
): string {
  if (failing)
    return state.breaches
      .filter((one) => one.open)
      .map((one) => `${one.sentence}.`)
      .join(" ");
  if (report.unmeasured.length > 0)
    return `Not measured yet: ${report.unmeasured.join(", ")}. Nothing advances without samples.`;
  return enough
    ? `The phase ${phase.id} was clean long enough; an approver may advance it.`
    : "Every invariant of the phase is measured on every block.";
}
