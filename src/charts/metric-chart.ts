/** One metric over the blocks since its phase was executed, for a page: the bound dashed, failed samples as marks of their own. */

import { LineChart } from "echarts/charts";
import { GridComponent, MarkLineComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { conditionInWords, type Metric } from "../domain/metrics.ts";
import type { SampleRow } from "../ports.ts";
import { grouped } from "./grouped.ts";

use([LineChart, GridComponent, MarkLineComponent, SVGRenderer]);

const size = { width: 420, height: 180 };
/** Samples drawn; the newest. */
const most = 400;

/** What stands for which ink while it is drawn; the page's style gives each class its colour, in light and in dark. */
const inks = {
  "ink-text": "#010101",
  "ink-line": "#020202",
  "ink-bound": "#040404",
  "ink-fail": "#030303",
  "ink-bad": "#050505",
  "ink-axis": "#060606",
};

export interface MetricChart {
  /** An SVG element without style or script; colours come by the classes `ink-…`. */
  svg: string;
  alt: string;
}

/** Undefined where nothing was measured. `id` makes the picture's own ids unique within a page. */
export function metricChart(metric: Metric, samples: readonly SampleRow[], id: string): MetricChart | undefined {
  const measured = samples.filter((one) => one.value !== null);
  const rows = measured.slice(-most);
  const newest = rows.at(-1);
  if (newest === undefined) return undefined;
  const chart = init(null, null, { renderer: "svg", ssr: true, ...size });
  chart.setOption(option(metric, rows));
  const svg = plainSvg(chart.renderToSVGString(), id);
  chart.dispose();
  return { svg, alt: inWords(metric, measured, newest) };
}

/** Numbers are rounded for drawing only; every judgement was made in bigint. */
function option(metric: Metric, rows: readonly SampleRow[]) {
  const bounds = [metric.pass.value, metric.fail.value].filter((one) => one !== undefined);
  const label = { color: inks["ink-text"], fontSize: 11 };
  const axis = { show: true, lineStyle: { color: inks["ink-axis"] } };
  return {
    animation: false,
    grid: { left: 58, right: 18, top: 12, bottom: 26 },
    xAxis: {
      ...{ type: "value", min: "dataMin", max: "dataMax", splitNumber: 3, splitLine: { show: false } },
      ...{ axisLine: axis, axisTick: { show: false } },
      axisLabel: {
        ...label,
        hideOverlap: true,
        formatter: (value: number) => (Number.isInteger(value) ? `#${value}` : ""),
      },
    },
    yAxis: {
      ...{ type: "value", scale: true, splitNumber: 3, min: (at: Range) => within(at, bounds).min },
      ...{ max: (at: Range) => within(at, bounds).max, splitLine: axis },
      ...{ axisLine: { show: false }, axisTick: { show: false } },
      axisLabel: { ...label, showMinLabel: false, showMaxLabel: false, formatter: (value: number) => short(value) },
    },
    series: [
      {
        type: "line",
        data: rows.map((one) => ({
          value: [Number(one.blockNumber), Number(one.value)],
          symbol: one.verdict === "fail" ? "diamond" : "none",
        })),
        symbolSize: 9,
        itemStyle: { color: inks["ink-bad"] },
        lineStyle: { width: 1.8, color: inks["ink-line"] },
        ...(bounds.length === 0 ? {} : { markLine: boundLines(metric) }),
      },
    ],
  };
}

/** What it must be, and where it fails where that is another value; a bound that compares with before is told in words. */
function boundLines({ pass, fail }: Metric) {
  const line = (value: bigint | undefined, type: string, color: string) =>
    value === undefined ? [] : [{ yAxis: Number(value), lineStyle: { type, width: 1.6, color } }];
  const failing = fail.value === pass.value || pass.is === "=" ? [] : line(fail.value, "dotted", inks["ink-fail"]);
  const data = [...line(pass.value, "dashed", inks["ink-bound"]), ...failing];
  return { silent: true, symbol: "none", label: { show: false }, data };
}

interface Range {
  min: number;
  max: number;
}

/** The bounds are always in the picture: how far away they are, is what one looks for. */
function within({ min, max }: Range, bounds: readonly bigint[]): Range {
  const low = Math.min(min, ...bounds.map(Number));
  const high = Math.max(max, ...bounds.map(Number));
  const room = (high - low || Math.abs(high) || 1) * 0.08;
  return { min: low - room, max: high + room };
}

const steps = [
  [1e9, "e9"],
  [1e6, "M"],
  [1e3, "k"],
] as const;

/** For an axis: `1.25M`, and powers of ten where that is no number that anybody reads. */
function short(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e12) return value.toExponential(2).replace("+", "");
  if (size < 1e5) return Number.isInteger(value) ? grouped(BigInt(value)) : `${Number(value.toPrecision(4))}`;
  const [unit, name] = steps.find(([one]) => size >= one) ?? [1, ""];
  return `${Number((value / unit).toPrecision(4))}${name}`;
}

function inWords(metric: Metric, rows: readonly SampleRow[], newest: SampleRow): string {
  const fails = rows.filter((one) => one.verdict === "fail").length;
  const values = rows.map((one) => one.value ?? 0n);
  const [first = 0n] = values;
  const low = values.reduce((a, b) => (a < b ? a : b), first);
  const high = values.reduce((a, b) => (a > b ? a : b), first);
  const unit = metric.unit === "none" ? "" : ` ${metric.unit}`;
  return `${metric.title}: ${rows.length} samples up to block ${newest.blockNumber}, the newest ${grouped(newest.value ?? 0n)}${unit}, between ${grouped(low)} and ${grouped(high)}${unit}. It must be ${conditionInWords(metric)}; ${fails === 0 ? "none failed" : `${fails} failed`}.`;
}

/** Without what a strict Content-Security-Policy refuses and what two pictures on one page would share. */
function plainSvg(svg: string, id: string): string {
  let plain = svg
    .replace(/<style[^>]*>[\s\S]*?<\/style>/g, "")
    .replace(/ class="[^"]*"/g, "")
    .replace(/ ecmeta_[a-z_]+="[^"]*"/g, "")
    .replace(/ style="([^"]*)"/g, (_, style: string) => attributes(style))
    .replace(/zr[0-9]+-c/g, `${id}-c`)
    .replace("<svg ", '<svg aria-hidden="true" focusable="false" ');
  for (const [name, colour] of Object.entries(inks))
    plain = plain.replaceAll(new RegExp(` (fill|stroke)="${colour}"`, "g"), ` $1="${colour}" class="${name}"`);
  return plain;
}

/** `font-size:11px;` as ` font-size="11px"`: presentation attributes are not style that the policy would have to allow. */
function attributes(style: string): string {
  return style
    .split(";")
    .map((one) => one.split(":"))
    .flatMap(([name = "", value = ""]) => (name.trim() === "" ? [] : [` ${name.trim()}="${value.trim()}"`]))
    .join("");
}
