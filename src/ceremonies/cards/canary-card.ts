/** What the canary measures right now, with its picture: edited in place while the phase is observed. */

import type { CanaryReport } from "../../domain/canary.ts";
import type { CeremonyState } from "../../domain/ceremony.ts";
import { duration } from "../../domain/duration.ts";
import type { Phase } from "../../domain/release-package.ts";
import type { Card, Picture } from "../../view.ts";

export function canaryCard(
  state: CeremonyState,
  phase: Phase,
  report: CanaryReport,
  pictures: Picture[],
  block: bigint,
): Card {
  const enough = BigInt(report.cleanBlocks) >= phase.minSamples && report.cleanFor >= phase.minDuration;
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
    title: `${state.id} canary · ${phase.id}`,
    summary: summaryOf(state, phase, report, failing, enough),
    facts: [
      { label: "Clean blocks in a row", value: `${report.cleanBlocks} of ${phase.minSamples}` },
      { label: "Clean for", value: `${duration(report.cleanFor)} of ${duration(phase.minDuration)}` },
      { label: "Failed samples", value: `${report.fails}` },
      { label: "Without a verdict", value: `${report.unknown}` },
    ],
    sections: [],
    pictures,
    actions: enough && !failing && state.status === "canary" ? [advance] : [],
    footer: `measured to block ${block}`,
    mentions: [],
  };
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
