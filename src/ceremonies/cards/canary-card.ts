/** The digest of a phase: one message, edited in place while the phase is observed, and left as it is after it. */

import type { CanaryView } from "../../canary-view.ts";
import { budgetInWords } from "../../domain/budget.ts";
import { type CanaryReport, notClean } from "../../domain/canary.ts";
import type { CeremonyState } from "../../domain/ceremony.ts";
import { duration } from "../../domain/duration.ts";
import { phaseKind, riskInWords } from "../../domain/exposure.ts";
import { oldestSample } from "../../domain/guarding.ts";
import { endings } from "../../domain/lifecycle.ts";
import type { Phase } from "../../domain/release-package.ts";
import type { MetricNow } from "../../domain/watch/metric-now.ts";
import type { Card, Fact, Picture, Section } from "../../view.ts";
import { metricLines } from "./metric-lines.ts";

/** Of a phase that is over: newer than whatever was still being said of it, of any block. */
const lastRevision = Number.MAX_SAFE_INTEGER;

export function canaryCard(
  state: CeremonyState,
  phase: Phase,
  { report, facts, sections, pictures }: CanaryView,
  block: bigint,
): Card {
  const enough = notClean(phase, report, oldestSample).length === 0;
  const index = state.package.phases.findIndex((one) => one.id === phase.id);
  const over = phaseOver(state, index);
  const failing = over === undefined && state.breaches.some((one) => one.open);
  const kind = phaseKind(state.package.phases, index);
  const advance = {
    label: "Advance",
    command: "canary",
    options: { ceremony: state.id, action: "advance", phase: phase.id },
    revision: state.revision,
    style: "primary",
  } as const;
  return {
    kind: "card",
    key: `${state.id}/canary/${phase.id}`,
    // What changed without a new block is newer too.
    revision: over === undefined ? Number(block) * 100_000 + Math.min(state.seq, 99_999) : lastRevision,
    audience: { kind: "channel" },
    tone: over?.tone ?? (failing ? "bad" : stops(state) ? "warning" : enough ? "good" : "progress"),
    status: over?.status ?? (failing ? "breach" : stops(state) ? state.status : enough ? "clean" : "measuring"),
    title: `${state.id} ${kind} · ${phase.id}`,
    summary: over?.summary ?? summaryOf(state, phase, report, failing, enough),
    ...{ facts, sections, pictures },
    actions: enough && !failing && over === undefined && state.status === "canary" ? [advance] : [],
    footer: `measured to block ${block}`,
    mentions: [],
  };
}

/** What was measured, as a message says it. */
export function canaryView(phase: Phase, report: CanaryReport, metrics: MetricNow[], pictures: Picture[]): CanaryView {
  const sections: Section[] = [{ title: "Metrics", lines: metricLines(metrics), style: "list" }];
  return { report, metrics, facts: canaryFacts(phase, report, metrics), sections, pictures };
}

function canaryFacts(phase: Phase, report: CanaryReport, metrics: readonly MetricNow[]): Fact[] {
  const { notFinal } = report;
  return [
    { label: "Clean blocks in a row", value: `${report.cleanBlocks} of ${phase.minSamples}` },
    { label: "Clean for", value: `${duration(report.cleanFor)} of ${duration(phase.minDuration)}` },
    ...(notFinal === 0
      ? []
      : [{ label: "Not final yet", value: `${notFinal} clean ${notFinal === 1 ? "block" : "blocks"}` }]),
    ...(report.budget === undefined ? [] : [{ label: "Budget left", value: budgetInWords(report.budget) }]),
    { label: "At risk", value: atRisk(report, phase, metrics) },
    { label: "Failed samples", value: `${report.fails}` },
    { label: "Without a verdict", value: `${report.unknown}` },
  ];
}

/** Of a phase that is passed, or of a ceremony that is over, the message stays, and offers nothing. */
export function phaseOver(state: CeremonyState, index: number): Pick<Card, "tone" | "status" | "summary"> | undefined {
  const { id = "" } = state.package.phases[index] ?? {};
  if (state.phases.some((one) => one.phase === index && one.advanced))
    return { tone: "good", status: "passed", summary: `The phase ${id} passed its canary.` };
  if (!endings.includes(state.status)) return undefined;
  return {
    tone: "neutral",
    status: state.status,
    summary: `${state.id} is ${state.status}: nothing is measured any more.`,
  };
}

/** What was measured beside what the phase allows; said where nothing measures or limits it. */
function atRisk({ exposure }: CanaryReport, phase: Phase, metrics: readonly MetricNow[]): string {
  const words = (value: bigint) =>
    riskInWords(
      value,
      phase,
      metrics.map((one) => one.metric),
    );
  const limit = phase.exposure.cap === undefined ? "nothing on the chain limits it" : "capped on the chain";
  if (exposure === undefined) return `not measured; ${words(phase.exposure.maxValue)} are allowed, and ${limit}`;
  const newest = typeof exposure.newest === "bigint" ? words(exposure.newest) : "not known";
  return `${newest} of ${words(exposure.max)}; ${limit}`;
}

/** Measured as before, and kept from going on. */
const stops = ({ status }: CeremonyState) => status === "held" || status === "contained";

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
      .map((one) => `At block ${one.block.number}: ${one.sentence}.`)
      .join(" ");
  if (stops(state))
    return `${state.id} is ${state.status}: it is measured on, and nothing advances until it is resumed.`;
  if (report.unmeasured.length > 0)
    return `Not measured yet: ${report.unmeasured.join(", ")}. Nothing advances without samples.`;
  return enough
    ? `The phase ${phase.id} was clean long enough; an approver may advance it.`
    : "Every invariant of the phase is measured on every block.";
}
