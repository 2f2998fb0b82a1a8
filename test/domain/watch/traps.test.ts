/** What others fell into, each with the naive way beside it: the test would be green if both said the same. */

import { describe, expect, it } from "vitest";
import { elapsed, pointsLeft, startedAt } from "../../../src/domain/budget.ts";
import { type CanarySample, canaryReport, notClean } from "../../../src/domain/canary.ts";
import type { Verdict } from "../../../src/domain/metrics.ts";
import type { Phase } from "../../../src/domain/release-package.ts";
import { conditionOf, emptyWindow, fold } from "../../../src/domain/watch/window.ts";
import { samplePackage, samplePolicy } from "../../support/sample-council.ts";
import { metricWith, samplesOf } from "./sample-metric.ts";

const [sample] = samplePackage(samplePolicy()).phases;
if (sample === undefined) throw new Error("There is a phase.");
const phase: Phase = { ...sample, metrics: ["solvency"] };
const canarySamples = (letters: string): CanarySample[] =>
  samplesOf(letters).map((one) => ({ ...one, metric: "solvency" }));
const isClean = (samples: CanarySample[], of = phase) => {
  const headTime = samples.at(-1)?.blockTime ?? 1_000n;
  return notClean(of, canaryReport(of, samples, { headTime, finalTo: 1_000_000n }), 120n).length === 0;
};
/** The share of samples that did not fail, in hundredths: what a score is in other tools. */
const naiveScore = (verdicts: readonly Verdict[]) =>
  verdicts.length === 0 ? 100 : (100 * verdicts.filter((one) => one !== "fail").length) / verdicts.length;

describe("a run that was stopped before its first measurement", () => {
  it("is no success, although nothing in it failed", () => {
    const easy = { ...phase, minSamples: 0n, minDuration: 0n };
    const verdicts: Verdict[] = [];
    expect(verdicts.every((one) => one === "pass")).toBe(true);
    expect(isClean([], easy)).toBe(false);
    expect(conditionOf(emptyWindow)).toBe("unmeasured");
  });
});

describe("no data", () => {
  it("scores nothing, and costs the budget what blindness costs", () => {
    expect(naiveScore([])).toBe(100);
    const setting = { phase, metrics: [metricWith()], since: 0n };
    expect(pointsLeft(elapsed(setting, startedAt(0n), 3_600n), { severe: 0, warnings: 0 })).toBe(0);
  });

  it("that only errors is as little a success as one that fails", () => {
    expect(naiveScore(samplesOf("EEEEEEEEEE").map((one) => one.verdict))).toBe(100);
    expect(isClean(canarySamples("E".repeat(60)))).toBe(false);
    expect(isClean(canarySamples("P".repeat(60)))).toBe(true);
  });
});

describe("missing data", () => {
  it("sends no false end of a breach: not by silence, not by errors, not by what is too old", () => {
    const metric = metricWith({ failN: 1, ofM: 1, errorLimit: 1_000 });
    for (const letters of ["F", `F${"E".repeat(100)}`, `F${"S".repeat(100)}`, `F${"I".repeat(100)}`]) {
      const last = samplesOf(letters).at(-1)?.verdict;
      const naiveOver = last !== "fail";
      const { window, changes } = fold({ metric }, samplesOf(letters));
      expect(naiveOver).toBe(letters.length > 1);
      expect(window.open).toBe(true);
      expect(changes.map(({ kind }) => kind)).toEqual(["breach"]);
    }
  });
});

describe("a heartbeat that never arrived", () => {
  it("runs out all the same: the budget is charged from the execution on, not from the first sample", () => {
    const setting = { phase, metrics: [metricWith()], since: 0n };
    const naive = (firstSample: bigint | undefined) => (firstSample === undefined ? 0n : 600n - firstSample);
    expect(naive(undefined)).toBe(0n);
    expect(elapsed(setting, startedAt(0n), 600n).blind).toBe(480n);
  });
});

describe("a limit", () => {
  it("is reached with the sample that it names, and not with the one after", () => {
    const metric = metricWith({ failN: 3, ofM: 5, errorLimit: 3 });
    const naive = (fails: number) => fails > 3;
    expect([naive(3), naive(4)]).toEqual([false, true]);
    expect(fold({ metric }, samplesOf("FF")).window.open).toBe(false);
    expect(fold({ metric }, samplesOf("FFF")).window.open).toBe(true);
    expect(fold({ metric }, samplesOf("EE")).window.unwatched).toBe(false);
    expect(fold({ metric }, samplesOf("EEE")).window.unwatched).toBe(true);
  });
});

describe("the last ten measurements", () => {
  it("are not all that counts: a failure twenty samples ago still breaks the run, and still fills its window", () => {
    const letters = `${"P".repeat(30)}F${"P".repeat(20)}`;
    const naiveRun = [...letters].slice(-10).every((one) => one === "P");
    expect(naiveRun).toBe(true);
    const report = canaryReport({ ...phase, minSamples: 40n }, canarySamples(letters), { headTime: 0n, finalTo: 99n });
    expect(report.cleanBlocks).toBe(20);
    const metric = metricWith({ failN: 3, ofM: 5, errorLimit: 1_000 });
    const apart = `F${"E".repeat(20)}F${"E".repeat(20)}F`;
    expect([...apart].slice(-10).filter((one) => one === "F")).toHaveLength(1);
    expect(fold({ metric }, samplesOf(apart)).window.open).toBe(true);
  });
});
