/** Draws what the canary measured: one small panel a metric, its bound as a dashed line, failed samples in red. */

import { LineChart } from "echarts/charts";
import { GridComponent, MarkLineComponent, TitleComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { conditionInWords, type Metric } from "../domain/metrics.ts";
import type { SampleRow } from "../ports.ts";
import type { Picture } from "../view.ts";
import { grouped } from "./grouped.ts";

use([LineChart, GridComponent, MarkLineComponent, TitleComponent, SVGRenderer]);

const COLUMNS = 2;
const PANEL = { width: 340, height: 120 };
/** Samples drawn; the newest. All of them are in the store. */
const MOST = 240;
const ink = { text: "#1f2430", quiet: "#697084", line: "#3b5bdb", bad: "#c92a2a", bound: "#a0a7b8" };

/** Undefined where nothing was measured yet. `alt` says the same in words. */
export function canaryChart(
  title: string,
  metrics: readonly Metric[],
  samples: readonly SampleRow[],
): Picture | undefined {
  const panels = metrics
    .map((metric) => ({
      metric,
      rows: samples.filter((row) => row.metric === metric.id && row.value !== null).slice(-MOST),
    }))
    .filter((panel) => panel.rows.length > 0);
  if (panels.length === 0) return undefined;
  const rows = Math.ceil(panels.length / COLUMNS);
  const chart = init(null, null, {
    renderer: "svg",
    ssr: true,
    width: PANEL.width * COLUMNS,
    height: PANEL.height * rows,
  });
  const places = panels.map((_panel, index) => ({
    left: (index % COLUMNS) * PANEL.width,
    top: Math.floor(index / COLUMNS) * PANEL.height,
  }));
  chart.setOption({
    animation: false,
    backgroundColor: "#ffffff",
    title: panels.map((panel, index) => heading(panel.metric, panel.rows, places[index] ?? { left: 0, top: 0 })),
    grid: places.map(({ left, top }) => ({
      left: left + 14,
      top: top + 48,
      width: PANEL.width - 30,
      height: PANEL.height - 62,
    })),
    xAxis: panels.map((_panel, gridIndex) => ({
      type: "value",
      gridIndex,
      show: false,
      min: "dataMin",
      max: "dataMax",
    })),
    yAxis: panels.map((_panel, gridIndex) => ({ type: "value", gridIndex, show: false, scale: true })),
    series: panels.map((panel, index) => line(panel.metric, panel.rows, index)),
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return { title, alt: `${title}. ${panels.map((panel) => inWords(panel.metric, panel.rows)).join(" ")}`, svg };
}

function heading(metric: Metric, rows: readonly SampleRow[], place: { left: number; top: number }) {
  const fails = rows.filter((row) => row.verdict === "fail").length;
  const mark = fails > 0 ? `✕ ${fails} failed` : "✓ all passed";
  return {
    left: place.left + 10,
    top: place.top + 6,
    text: metric.title,
    subtext: `${shown(rows.at(-1)?.value ?? 0n, metric)}   ${bounds(metric)}   ${mark}`,
    textStyle: { fontSize: 12, fontWeight: 600, color: ink.text },
    subtextStyle: { fontSize: 10, color: fails > 0 ? ink.bad : ink.quiet },
    itemGap: 3,
  };
}

/** Blocks across, values up. Numbers are rounded for drawing only; every judgement was made in bigint. */
function line(metric: Metric, rows: readonly SampleRow[], index: number) {
  const bound = metric.fail.value ?? metric.pass.value;
  const data = rows.map((row) => ({
    value: [Number(row.blockNumber), Number(row.value)],
    symbol: row.verdict === "fail" ? "circle" : "none",
    itemStyle: { color: ink.bad },
  }));
  return {
    type: "line",
    xAxisIndex: index,
    yAxisIndex: index,
    data,
    symbolSize: 5,
    lineStyle: { width: 1.6, color: ink.line },
    areaStyle: { color: ink.line, opacity: 0.06, origin: "start" },
    ...(bound === undefined
      ? {}
      : {
          markLine: {
            silent: true,
            symbol: "none",
            label: { show: false },
            lineStyle: { type: "dashed", color: ink.bound },
            data: [{ yAxis: Number(bound) }],
          },
        }),
  };
}

const signs = { "<": "<", "<=": "≤", "=": "=", ">=": "≥", ">": ">" } as const;

/** Short enough for a panel; the whole condition is in the words below the picture. */
function bounds(metric: Metric): string {
  if (metric.pass.value === undefined) return `${signs[metric.pass.is]} ${metric.pass.baselineBps} bps of before`;
  return `${signs[metric.pass.is]} ${shown(metric.pass.value, metric)}`;
}

function shown(value: bigint, metric: Metric): string {
  return metric.unit === "none" ? grouped(value) : `${grouped(value)} ${metric.unit}`;
}

function inWords(metric: Metric, rows: readonly SampleRow[]): string {
  const fails = rows.filter((row) => row.verdict === "fail").length;
  return `${metric.title}: ${rows.length} samples, the newest ${shown(rows.at(-1)?.value ?? 0n, metric)}, must be ${conditionInWords(metric)}, ${fails === 0 ? "none failed" : `${fails} failed`}.`;
}
