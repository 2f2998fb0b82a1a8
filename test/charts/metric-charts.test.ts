/** Charts of metrics: what they say is in the picture and in its words, silence stays a gap, and nothing in them runs. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canaryChart } from "../../src/charts/canary-chart.ts";
import { type ChartMark, marksOf } from "../../src/charts/chart-marks.ts";
import { metricChart } from "../../src/charts/metric-chart.ts";
import { drawing } from "../../src/charts/metric-drawing.ts";
import { toPng } from "../../src/charts/png.ts";
import type { LoggedEvent } from "../../src/domain/events.ts";
import { type Metric, metric, type Verdict } from "../../src/domain/metrics.ts";
import { type MetricTally, noTally, tallied } from "../../src/domain/watch/phase-tally.ts";
import type { SampleRow } from "../../src/ports.ts";
import { addressOf, samplePackage, samplePolicy } from "../support/sample-council.ts";

const solvency = metricOf({ id: "solvency", title: "Vault solvency" });
const executed: ChartMark = { block: 100n, word: "executed" };

function metricOf(more: Record<string, unknown>): Metric {
  return metric.parse({
    ...{ class: "asset", chain: "eip155:1", unit: "bps", severity: 1, containment: "pause", owner: "caro" },
    ...{ title: "A metric", read: { kind: "balance", of: addressOf("vault") } },
    ...{ pass: { is: ">=", value: "10000" }, fail: { is: "<", value: "10000" } },
    ...more,
  });
}

function row(
  of: Metric,
  block: bigint,
  value: bigint | null,
  verdict: Verdict = "pass",
  time = block * 12n,
): SampleRow {
  return {
    ...{ ceremony: "UP-1", metric: of.id, chain: of.chain, blockNumber: block, blockHash: "0x00" },
    ...{ blockTime: time, observedAt: time, value, verdict, reason: "" },
  };
}

/** What all of them add up to. */
function tallyOf(of: Metric, rows: SampleRow[]): MetricTally {
  const [any] = samplePackage(samplePolicy()).phases;
  if (any === undefined) throw new Error("There is a phase.");
  const phase = { ...any, metrics: [of.id] };
  const setting = { phase, metrics: [of], since: 0n };
  const tally = tallied(setting, noTally(setting), rows).metrics.get(of.id);
  if (tally === undefined) throw new Error("There is a sample.");
  return tally;
}

const passing = (of: Metric, count: number) =>
  Array.from({ length: count }, (_none, index) => row(of, 100n + BigInt(index), 10_002n));
const inks = { text: "t", line: "l", bound: "b", fail: "f", bad: "x", axis: "a", mark: "m" };
const drawnPoints = (of: Metric, rows: SampleRow[]) =>
  drawing({ metric: of, rows, marks: [] }, inks).series.data.map((one) => one.value[1]);

describe("silence is not drawn over", () => {
  test("what could not be read breaks the line", () => {
    const rows = [row(solvency, 100n, 10_002n), row(solvency, 101n, null, "error"), row(solvency, 102n, 10_001n)];
    expect(drawnPoints(solvency, rows)).toEqual([10_002, null, 10_001]);
  });

  test("so does a time without samples that is longer than the chain's rhythm, and not one within it", () => {
    const near = [row(solvency, 100n, 10_002n, "pass", 0n), row(solvency, 101n, 10_001n, "pass", 120n)];
    const far = [row(solvency, 100n, 10_002n, "pass", 0n), row(solvency, 101n, 10_001n, "pass", 121n)];
    expect(drawnPoints(solvency, near)).toEqual([10_002, 10_001]);
    expect(drawnPoints(solvency, far)).toEqual([10_002, null, 10_001]);
  });

  test("a verdict that came without its value is no gap", () => {
    const rows = [row(solvency, 100n, 10_002n), row(solvency, 101n, null), row(solvency, 102n, 10_001n)];
    expect(drawnPoints(solvency, rows)).toEqual([10_002, 10_001]);
  });

  test("a value alone between gaps is a point", () => {
    const rows = [row(solvency, 100n, null, "stale"), row(solvency, 101n, 10_002n), row(solvency, 102n, null, "stale")];
    const { data } = drawing({ metric: solvency, rows, marks: [] }, inks).series;
    expect(data.map((one) => one.symbol)).toEqual(["none", "circle", "none"]);
    expect(data[1]?.itemStyle.color).toBe(inks.line);
  });

  test("only what failed has the colour of what failed", () => {
    const rows = [row(solvency, 100n, 10_002n), row(solvency, 101n, 9_000n, "fail")];
    const { data } = drawing({ metric: solvency, rows, marks: [] }, inks).series;
    expect(data.map((one) => [one.symbol, one.itemStyle.color])).toEqual([
      ["none", inks.line],
      ["circle", inks.bad],
    ]);
  });

  test("what happened in one block stands above it side by side", () => {
    const marks: ChartMark[] = [executed, { block: 100n, word: "breach" }, { block: 101n, word: "cleared" }];
    const { data } = drawing({ metric: solvency, rows: passing(solvency, 3), marks }, inks).series.markLine;
    expect(data.flatMap((one) => ("label" in one ? [[one.xAxis, one.label.formatter]] : []))).toEqual([
      [100, "▲ ✕"],
      [101, "✓"],
    ]);
  });
});

describe("beside the axis", () => {
  const labels = (of: Metric, ...values: number[]) =>
    values.map((value) =>
      drawing({ metric: of, rows: passing(of, 3), marks: [] }, inks).yAxis.axisLabel.formatter(value),
    );

  test("wei are told in the power of ten that the words beside it have, and no float shows", () => {
    const cash = metricOf({ id: "cash", unit: "wei" });
    expect(labels(cash, 0, 2e21, 1e23, 2e23, 5e24, -3e21)).toEqual([
      ...["0", "2,000e18", "100,000e18", "200,000e18", "5,000,000e18", "-3,000e18"],
    ]);
  });

  test("what is so or not so is yes or no", () => {
    const owner = metricOf({
      id: "owner",
      ...{ class: "authorization", unit: "none", pass: { is: "=", value: 1 }, fail: { is: "=", value: 0 } },
      read: { kind: "codeHash", account: addressOf("vault"), equals: `0x${"11".repeat(32)}` },
    });
    expect(labels(owner, 0, 1, 2)).toEqual(["no", "yes", ""]);
  });
});

test("what happened on the metric's chain is marked, in block order, and nothing of other metrics", () => {
  const at = (number: bigint, chain = "eip155:1") => ({ block: { chain, number, hash: "0x00", timestamp: 0n } });
  const log = [
    { type: "executed", data: { phase: 0, ...at(100n) } },
    { type: "executed", data: { phase: 0, ...at(7n, "eip155:10") } },
    { type: "contained", data: { containment: "pause", ...at(109n) } },
    { type: "breached", data: { metric: "solvency", ...at(108n) } },
    { type: "breached", data: { metric: "other", ...at(107n) } },
    { type: "breachCleared", data: { metric: "solvency", ...at(112n) } },
  ] as unknown as LoggedEvent[];
  expect(marksOf(log, solvency).map((one) => `${one.word} ${one.block}`)).toEqual([
    "executed 100",
    "breach 108",
    "contained 109",
    "cleared 112",
  ]);
});

describe("the picture for a chat", () => {
  interface Panel {
    of: Metric;
    rows: SampleRow[];
    marks: ChartMark[];
  }
  const panelOf = (of: Metric, rows: SampleRow[], marks: ChartMark[] = []): Panel => ({ of, rows, marks });
  const drawn = (...panels: Panel[]) =>
    canaryChart(
      "Canary",
      panels.map(({ of, rows, marks }) => ({ metric: of, tally: tallyOf(of, rows), marks, isExposure: false })),
      async (metric) => panels.find((one) => one.of.id === metric.id)?.rows ?? [],
    );

  test("puts what fails first, and says in words what has no room", async () => {
    const calm = ["a", "b"].map((id) => metricOf({ id, title: `Calm ${id}` }));
    const failing = metricOf({ id: "z", title: "Broken", severity: 3 });
    const rows = [row(failing, 100n, 10_002n), row(failing, 101n, 9871n, "fail")];
    const picture = await drawn(...calm.map((one) => panelOf(one, passing(one, 3))), panelOf(failing, rows));
    expect(picture?.svg).toContain("✕ fails");
    expect(picture?.svg.indexOf("Broken")).toBeLessThan(picture?.svg.indexOf("Calm a") ?? -1);
    expect(picture?.svg).not.toContain("Calm b");
    expect(picture?.alt).toMatch(/Calm b: 3 samples.* 1 more is not drawn\.$/);
    expect(picture?.alt).toContain("Broken: 2 samples, the newest 9,871 bps at block 101");
  });

  test("is as wide as a phone needs, with no letter below 11 there", async () => {
    const picture = await drawn(panelOf(solvency, passing(solvency, 30), [executed]));
    const width = Number(/width="(\d+)"/.exec(picture?.svg ?? "")?.[1]);
    const sizes = [...(picture?.svg.matchAll(/font-size:\s*(\d+)px/g) ?? [])].map((one) => Number(one[1]));
    expect(sizes.length).toBeGreaterThan(3);
    // A phone of 390 leaves a picture 374 of them.
    for (const size of sizes) expect((size * 374) / width).toBeGreaterThanOrEqual(11);
    expect((await toPng({ title: "", alt: "", svg: picture?.svg ?? "" })).length).toBeGreaterThan(1000);
  });

  test("says in signs and words what happened", async () => {
    const marks: ChartMark[] = [executed, { block: 104n, word: "breach" }, { block: 106n, word: "contained" }];
    const picture = await drawn(panelOf(solvency, passing(solvency, 12), marks));
    expect(picture?.svg).toContain("✕ breach   ■ contained");
    expect(picture?.alt).toContain("executed at block 100, breach at block 104, contained at block 106");
  });

  test("without a value there is none", async () => {
    expect(await drawn(panelOf(solvency, [row(solvency, 100n, null, "error")]))).toBeUndefined();
    expect(await drawn()).toBeUndefined();
  });
});

test("any samples give a picture with finite places and words with the newest value, and nothing in it is style or script", () => {
  const verdicts = fc.constantFrom<Verdict>("pass", "fail", "inconclusive", "stale", "error");
  const sample = fc.record({ value: fc.option(fc.bigInt({ min: -(2n ** 255n), max: 2n ** 256n })), verdict: verdicts });
  const units = fc.constantFrom("wei", "bps", "count", "s", "usd_e8", "none");
  fc.assert(
    fc.property(fc.array(sample, { minLength: 1, maxLength: 30 }), units, (samples, unit) => {
      const of = metricOf({ id: "any", unit });
      const rows = samples.map((one, index) => row(of, 100n + BigInt(index), one.value, one.verdict));
      const chart = metricChart(of, tallyOf(of, rows), rows, [executed], "p0-any");
      const newest = rows.findLast((one) => one.value !== null);
      if (newest === undefined) {
        expect(chart).toBeUndefined();
        return;
      }
      expect(chart?.svg).not.toMatch(/NaN|Infinity|<style|<script| style="/);
      expect(chart?.alt).toContain(`at block ${newest.blockNumber}`);
      if (unit === "wei") expect(chart?.alt?.replaceAll(/,(?=\d)/g, "")).toContain(`the newest ${newest.value} wei`);
    }),
    { numRuns: 40 },
  );
});
