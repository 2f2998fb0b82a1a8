/** One metric over the blocks since its phase was executed, for a page: the bound dashed, failed samples as marks of their own. */

import { LineChart } from "echarts/charts";
import { GridComponent, MarkLineComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import type { Metric } from "../domain/metrics.ts";
import type { MetricTally } from "../domain/watch/phase-tally.ts";
import type { SampleRow } from "../ports.ts";
import type { ChartMark } from "./chart-marks.ts";
import { chartInWords } from "./chart-words.ts";
import { drawing } from "./metric-drawing.ts";

use([LineChart, GridComponent, MarkLineComponent, SVGRenderer]);

const size = { width: 420, height: 190 };

/** What stands for which ink while it is drawn; the page's style gives each class its colour, in light and in dark. */
const inks = {
  text: "#010101",
  line: "#020202",
  fail: "#030303",
  bound: "#040404",
  bad: "#050505",
  axis: "#060606",
  mark: "#070707",
};

export interface MetricChart {
  /** An SVG element without style or script; colours come by the classes `ink-…`. */
  svg: string;
  alt: string;
}

/** Undefined where there never was a value. `rows`: its newest samples. `id` makes the picture's own ids unique within a page. */
export function metricChart(
  metric: Metric,
  tally: MetricTally,
  rows: readonly SampleRow[],
  marks: readonly ChartMark[],
  id: string,
): MetricChart | undefined {
  const alt = chartInWords(metric, tally, marks);
  if (alt === undefined) return undefined;
  const chart = init(null, null, { renderer: "svg", ssr: true, ...size });
  const { xAxis, yAxis, series } = drawing({ metric, rows, marks }, inks);
  const grid = { left: 82, right: 18, top: 22, bottom: 26 };
  chart.setOption({ animation: false, grid, xAxis, yAxis, series: [series] });
  const svg = plainSvg(chart.renderToSVGString(), id);
  chart.dispose();
  return { svg, alt };
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
    plain = plain.replaceAll(new RegExp(` (fill|stroke)="${colour}"`, "g"), ` $1="${colour}" class="ink-${name}"`);
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
