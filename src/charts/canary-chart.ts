/**
 * What the canary measured, as one picture for a chat: a panel a metric, one below the other, so that its letters are still
 * letters where a phone shrinks it. The panels that matter most come first; what has no room is in the message's words.
 */

import { LineChart } from "echarts/charts";
import { GridComponent, MarkLineComponent, TitleComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { boundInSigns, valueInWords } from "../domain/amount.ts";
import type { Metric } from "../domain/metrics.ts";
import type { MetricTally } from "../domain/watch/phase-tally.ts";
import type { SampleRow } from "../ports.ts";
import type { Picture } from "../view.ts";
import { type ChartMark, markSigns } from "./chart-marks.ts";
import { chartInWords } from "./chart-words.ts";
import { drawing } from "./metric-drawing.ts";

use([LineChart, GridComponent, MarkLineComponent, TitleComponent, SVGRenderer]);

/** Points. Chats show it some 340 wide on a phone: letters of 14 are 11 there. Two fit into the height that a desktop leaves. */
const panel = { width: 440, height: 186 };
const mostPanels = 2;
/** Letters of a title in bold. */
const longest = 44;
/** It brings a ground of its own, so that it is read in a light chat and in a dark one. */
const inks = {
  ground: "#ffffff",
  text: "#4a5060",
  title: "#1f2430",
  line: "#2f4fc7",
  bound: "#8a5a00",
  fail: "#c92a2a",
  bad: "#c92a2a",
  axis: "#dfe2ea",
  mark: "#697084",
};

export interface CanaryPanel {
  metric: Metric;
  tally: MetricTally;
  marks: readonly ChartMark[];
  /** Whether it is what the phase puts at risk. */
  isExposure: boolean;
}

/**
 * Undefined where nothing was measured yet. `newest`: the samples of a metric that are drawn, asked for where it has a
 * panel. `alt` says the same in words, of every metric.
 */
export async function canaryChart(
  title: string,
  panels: readonly CanaryPanel[],
  newest: (metric: Metric) => Promise<readonly SampleRow[]>,
): Promise<Picture | undefined> {
  const measured = panels.filter(({ tally }) => tally.known !== undefined).sort((a, b) => urgency(a) - urgency(b));
  if (measured.length === 0) return undefined;
  const shown = measured.slice(0, mostPanels);
  const drawn = await Promise.all(
    shown.map(async ({ metric, marks }) => drawing({ metric, rows: await newest(metric), marks }, inks)),
  );
  const chart = init(null, null, {
    ...{ renderer: "svg", ssr: true },
    ...{ width: panel.width, height: panel.height * shown.length },
  });
  chart.setOption({
    animation: false,
    backgroundColor: inks.ground,
    title: shown.map(heading),
    grid: shown.map((_one, index) => ({
      ...{ left: 104, top: index * panel.height + 74 },
      ...{ width: panel.width - 124, height: panel.height - 104 },
    })),
    xAxis: drawn.map(({ xAxis }, gridIndex) => ({ ...xAxis, gridIndex, axisLabel: large(xAxis.axisLabel) })),
    yAxis: drawn.map(({ yAxis }, gridIndex) => ({ ...yAxis, gridIndex, axisLabel: large(yAxis.axisLabel) })),
    series: drawn.map(({ series }, index) => ({ ...series, xAxisIndex: index, yAxisIndex: index })),
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  const words = measured.flatMap(({ metric, tally, marks }) => chartInWords(metric, tally, marks) ?? []);
  const more = measured.length - shown.length;
  const rest = more === 0 ? "" : ` ${more} more ${more === 1 ? "is" : "are"} not drawn.`;
  return { title, alt: `${title}. ${words.join(" ")}${rest}`, svg };
}

/** What fails is first, then what cannot be read, then what is at risk, then by severity. */
function urgency({ metric, tally, isExposure }: CanaryPanel): number {
  const { verdict, fails } = tally;
  const state = verdict === "fail" ? 0 : verdict !== "pass" ? 10 : fails > 0 ? 20 : 30;
  return state + (isExposure ? 0 : metric.severity);
}

/** Letters that survive being shrunk. */
const large = <T extends object>(label: T) => ({ ...label, fontSize: 13 });

function heading({ metric, tally, marks }: CanaryPanel, index: number) {
  const { fails, verdict: last } = tally;
  const mark =
    last === "fail" ? "✕ fails" : fails > 0 ? `✕ ${fails} failed` : last === "pass" ? "✓ passes" : "? unknown";
  return {
    ...{ left: 12, top: index * panel.height + 8, itemGap: 4 },
    text: cut(metric.title),
    subtext: `${valueInWords(metric, tally.known?.value ?? 0n)}   ${boundInSigns(metric)}   ${mark}${legendOf(marks)}`,
    textStyle: { fontSize: 15, fontWeight: 600, color: inks.title },
    subtextStyle: { fontSize: 14, color: fails > 0 || last === "fail" ? inks.bad : inks.text },
  };
}

/** What has no room in a line is in the picture's words. */
function cut(title: string): string {
  const letters = [...title];
  return letters.length <= longest
    ? title
    : `${letters
        .slice(0, longest - 1)
        .join("")
        .trimEnd()}…`;
}

/** What the signs mean that are in the panel, in a line of its own. */
function legendOf(marks: readonly ChartMark[]): string {
  const words = [...new Set(marks.map((one) => one.word))].filter((one) => one !== "executed");
  return words.length === 0 ? "" : `\n${words.map((one) => `${markSigns[one]} ${one}`).join("   ")}`;
}
