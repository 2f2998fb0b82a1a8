/** How a metric is drawn, wherever it is: its values, its bounds, what happened, and nothing where nobody measured. */

import { grouped } from "../domain/amount.ts";
import { baselineOf, type Metric } from "../domain/metrics.ts";
import { boundOf } from "../domain/watch/conditions.ts";
import { isYesOrNo } from "../domain/watch/sources.ts";
import type { SampleRow } from "../ports.ts";
import { axisAmount } from "./axis-amount.ts";
import { type ChartMark, markSigns } from "./chart-marks.ts";

/** Samples drawn; the newest. All of them are in the store. */
export const mostDrawn = 400;
/** Marks drawn; the newest, or they would hide the line. */
const mostMarks = 6;

export interface Inks {
  text: string;
  line: string;
  bound: string;
  fail: string;
  bad: string;
  axis: string;
  mark: string;
}

export interface Drawn {
  metric: Metric;
  /** Its newest samples, oldest first, with those that have no value. */
  rows: readonly SampleRow[];
  marks: readonly ChartMark[];
}

/**
 * ECharts' axes and series for one metric. Numbers are rounded for drawing only; every judgement was made in bigint. Blocks
 * go across. A sample that could not be read, and a time without any, breaks the line: silence is not drawn over.
 */
export function drawing({ metric, rows, marks }: Drawn, inks: Inks) {
  const bounds = boundsOf(metric);
  const label = { color: inks.text, fontSize: 11 };
  const axis = { show: true, lineStyle: { color: inks.axis } };
  const newest = rows.slice(-mostDrawn);
  return {
    xAxis: {
      ...{ type: "value" as const, min: "dataMin" as const, max: "dataMax" as const, splitNumber: 3 },
      ...{ splitLine: { show: false }, axisLine: axis, axisTick: { show: false } },
      // The first and the last block: those between are told by their distance.
      axisLabel: {
        ...label,
        ...{ showMinLabel: true, showMaxLabel: true, alignMinLabel: "left" as const, alignMaxLabel: "right" as const },
        formatter: (value: number) => (isEnd(value, newest) ? `block ${grouped(BigInt(value))}` : ""),
      },
    },
    yAxis: {
      ...{ type: "value" as const, scale: true, splitNumber: 3, minInterval: metric.unit === "usd_e8" ? 1e6 : 1 },
      ...{ min: (at: Range) => within(at, bounds).min, max: (at: Range) => within(at, bounds).max },
      ...{ splitLine: axis, axisLine: { show: false }, axisTick: { show: false } },
      axisLabel: {
        ...label,
        ...{ showMinLabel: false, showMaxLabel: false },
        formatter: (value: number) => axisWords(metric, value),
      },
    },
    series: {
      type: "line" as const,
      data: points(metric, newest, inks),
      connectNulls: false,
      showAllSymbol: true,
      symbolSize: 7,
      lineStyle: { width: 1.8, color: inks.line },
      markLine: {
        ...{ silent: true, symbol: "none", label: { show: false } },
        data: [...boundLines(metric, inks), ...markLines(marks, newest, inks)],
      },
    },
  };
}

/** What is so or not so has no values between. */
function axisWords({ read, unit }: Metric, value: number): string {
  if (!isYesOrNo(read)) return axisAmount(value, unit);
  return value === 1 ? "yes" : value === 0 ? "no" : "";
}

interface Point {
  value: [number, number | null];
  symbol: string;
  itemStyle: { color: string };
}

function points(metric: Metric, rows: readonly SampleRow[], inks: Inks): Point[] {
  const found: Point[] = [];
  let before: SampleRow | undefined;
  for (const one of rows) {
    // A verdict that came without its value was measured all the same.
    if (one.value === null && one.verdict !== "stale" && one.verdict !== "error") continue;
    const at = Number(one.blockNumber);
    if (before !== undefined && one.blockTime - before.blockTime > longestSilence(metric))
      found.push({ value: [at, null], symbol: "none", itemStyle: { color: inks.line } });
    const value = one.value === null ? null : Number(one.value);
    const fails = one.verdict === "fail";
    const color = fails ? inks.bad : inks.line;
    found.push({ value: [at, value], symbol: value !== null && fails ? "circle" : "none", itemStyle: { color } });
    before = one;
  }
  return found.map((one, index) => (isAlone(found, index) ? { ...one, symbol: "circle" } : one));
}

const isEnd = (value: number, rows: readonly SampleRow[]) =>
  value === Number(rows[0]?.blockNumber) || value === Number(rows.at(-1)?.blockNumber);

/** A value between two gaps has no line to show it. */
function isAlone(all: readonly Point[], index: number): boolean {
  const at = all[index];
  if (at?.value[1] === null || at?.symbol !== "none") return false;
  return (all[index - 1]?.value[1] ?? null) === null && (all[index + 1]?.value[1] ?? null) === null;
}

/** Seconds of block time without a sample that are no longer the rhythm of the chain. */
const longestSilence = ({ interval, maxBlockAge }: Metric): bigint => 2n * interval + 2n * maxBlockAge;

/** What it must be, and where it fails where that is another value; a bound that compares with before is told in words. */
function boundLines({ pass, fail }: Metric, inks: Inks) {
  const line = (value: bigint | undefined, type: "dashed" | "dotted", color: string) =>
    value === undefined ? [] : [{ yAxis: Number(value), lineStyle: { type, width: 1.6, color } }];
  const failing = fail.value === pass.value || pass.is === "=" ? [] : line(fail.value, "dotted", inks.fail);
  return [...line(pass.value, "dashed", inks.bound), ...failing];
}

/** Each block has its signs above one line, or they would lie on one another. */
function markLines(marks: readonly ChartMark[], rows: readonly SampleRow[], inks: Inks) {
  const [from = 0n, to = 0n] = [rows[0]?.blockNumber, rows.at(-1)?.blockNumber];
  const inside = marks.filter(({ block }) => block >= from && block <= to).slice(-mostMarks);
  const blocks = [...new Set(inside.map((one) => one.block))];
  return blocks.map((block) => {
    const words = inside.filter((one) => one.block === block).map((one) => one.word);
    const isBreach = words.includes("breach");
    return {
      xAxis: Number(block),
      lineStyle: { type: "solid" as const, width: 1, color: isBreach ? inks.fail : inks.mark },
      label: {
        ...{ show: true, formatter: words.map((word) => markSigns[word]).join(" ") },
        ...{ color: isBreach ? inks.bad : inks.text, fontSize: 13, position: "end" as const, distance: 3 },
      },
    };
  });
}

interface Range {
  min: number;
  max: number;
}

function boundsOf(metric: Metric): bigint[] {
  const known = baselineOf(metric, undefined);
  return [boundOf(metric.pass, known), boundOf(metric.fail, known)].filter((one) => one !== undefined);
}

/** The bounds are always in the picture: how far away they are, is what one looks for. */
function within({ min, max }: Range, bounds: readonly bigint[]): Range {
  const low = Math.min(min, ...bounds.map(Number));
  const high = Math.max(max, ...bounds.map(Number));
  const room = (high - low || Math.abs(high) || 1) * 0.08;
  return { min: low - room, max: high + room };
}
