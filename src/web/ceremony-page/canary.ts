/** What was measured after each phase: charts beside the words that say the same. */

import { budgetInWords } from "../../domain/budget.ts";
import { type CanaryReport, notClean, reportOn } from "../../domain/canary.ts";
import type { PhaseRun } from "../../domain/ceremony.ts";
import { duration } from "../../domain/duration.ts";
import { phaseKind, riskInWords } from "../../domain/exposure.ts";
import { oldestSample } from "../../domain/guarding.ts";
import { conditionInWords, type Metric } from "../../domain/metrics.ts";
import type { Phase } from "../../domain/release-package.ts";
import { livePhase } from "../../domain/watch/measured.ts";
import type { MeasuredPhase, PageFacts } from "./facts.ts";
import { facts, type Html, html, own, pill, said, section } from "./markup.ts";
import { chainNow } from "./times.ts";

export function canarySection(it: PageFacts): Html {
  const runs = it.state.phases.filter((one) => one.executedAt !== undefined).sort((a, b) => a.phase - b.phase);
  if (runs.length === 0)
    return section("canary", "Canary", html`<p>Nothing has been executed yet, so nothing is measured.</p>`);
  return section(
    "canary",
    "Canary",
    runs.map((run) => phaseBody(run, it)),
  );
}

function phaseBody(run: PhaseRun, it: PageFacts): Html {
  const { state, policy } = it;
  const phase = state.package.phases[run.phase];
  const measured = it.measured.get(run.phase);
  const { executedAt } = run;
  if (phase === undefined || executedAt === undefined || measured === undefined) return html``;
  const { tally } = measured;
  const headTime = chainNow(executedAt.chain, it);
  const isCurrent = run.phase === state.currentPhase && it.canary?.phase === phase.id;
  // Of a phase that was passed, what was clean was final then.
  const report =
    isCurrent && it.canary !== undefined
      ? it.canary
      : reportOn(livePhase(phase, policy.metrics), tally, {
          headTime,
          finalTo: tally.newest?.number,
          metrics: policy.metrics,
        });
  const fails = (id: string) => (tally.metrics.get(id)?.fails ?? 0) > 0;
  const named = [...new Set([...phase.metrics, ...phase.stopOn])];
  const watched = [...named.filter(fails), ...named.filter((id) => !fails(id))];
  return html`<h3>Phase ${said(phase.id)} ${verdict(run, phase, report)}</h3>
${summary(phase, report, executedAt.number, phaseKind(state.package.phases, run.phase), policy.metrics)}
<p class="note">Dashed: what it must be; dotted: where it fails. Above a block: ${it.words.signs}.</p>
<div class="charts">${watched.map((id) => metricBody(id, measured, `p${run.phase}`, it))}</div>`;
}

function verdict(run: PhaseRun, phase: Phase, report: CanaryReport): Html {
  if (run.advanced) return pill("good", "Passed");
  if (report.fails > 0) return pill("bad", `${report.fails} failed samples`);
  return notClean(phase, report, oldestSample).length === 0
    ? pill("good", "Clean long enough")
    : pill("progress", "Measuring");
}

function summary(phase: Phase, report: CanaryReport, from: bigint, kind: string, metrics: readonly Metric[]): Html {
  const { exposure, notFinal } = report;
  const risk = (value: bigint) => riskInWords(value, phase, metrics);
  return facts([
    ["Kind of phase", kind],
    ["Measured from", `block ${from}`],
    ["Clean blocks in a row", `${report.cleanBlocks} of ${phase.minSamples}`],
    ["Clean for", `${duration(report.cleanFor)} of ${duration(phase.minDuration)}`],
    notFinal === 0 ? undefined : ["Clean, and not final yet", `${notFinal} ${notFinal === 1 ? "block" : "blocks"}`],
    report.budget === undefined ? undefined : ["Budget left", budgetInWords(report.budget)],
    exposure === undefined
      ? undefined
      : [
          "At risk",
          `${typeof exposure.newest === "bigint" ? risk(exposure.newest) : "not known"} of ${risk(exposure.max)} at most`,
        ],
    ["Failed samples", `${report.fails}`],
    ["Without a verdict", `${report.unknown}`],
    report.unmeasured.length === 0
      ? undefined
      : ["Never measured", html`${said(report.unmeasured.join(", "))}. Nothing advances without samples.`],
  ]);
}

function metricBody(id: string, { tally, newest }: MeasuredPhase, place: string, { words, policy }: PageFacts): Html {
  const metric = policy.metrics.find((one) => one.id === id);
  if (metric === undefined) return html`<p>Policy does not know the metric ${said(id)} any more.</p>`;
  const known = tally.metrics.get(id);
  const chart = known && words.draw(metric, known, newest.get(id) ?? [], `${place}-${id}`);
  const { samples = 0, passes = 0, fails = 0 } = known ?? {};
  const unknown = samples - passes - fails;
  const mark =
    samples === 0
      ? pill("warning", "Never measured")
      : fails > 0
        ? pill("bad", `${fails} of ${samples} failed`)
        : unknown > 0
          ? pill("warning", `${unknown} of ${samples} without a verdict`)
          : pill("good", `All ${samples} passed`);
  return html`<figure class="metric">
<figcaption><strong>${said(metric.title)}</strong> ${mark}<br><span class="note">Must be ${conditionInWords(metric)} (dashed); fails when ${conditionInWords(metric, "fail")}: SEV${metric.severity}</span></figcaption>
${chart === undefined ? html`<p class="note">There is no value to draw.</p>` : html`<div class="chart" role="img" aria-label="${chart.alt}">${own(chart.svg)}</div>`}
</figure>`;
}
