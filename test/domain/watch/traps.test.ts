/** What others fell into, each with the naive way beside it: the test would be green if both said the same. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { isDown } from "../../../src/domain/alerts/watchdog.ts";
import { elapsed, pointsLeft, startedAt } from "../../../src/domain/budget.ts";
import { canaryReport, notClean } from "../../../src/domain/canary.ts";
import type { Verdict } from "../../../src/domain/metrics.ts";
import { personOfAccount } from "../../../src/domain/policy.ts";
import type { Phase } from "../../../src/domain/release-package.ts";
import type { PhaseSample } from "../../../src/domain/watch/phase-tally.ts";
import { conditionOf, emptyWindow, fold } from "../../../src/domain/watch/window.ts";
import { openStore } from "../../../src/store/open-store.ts";
import { ceremonyAt, given } from "../../support/given.ts";
import { mainnet, samplePackage, samplePolicy } from "../../support/sample-council.ts";
import { WatchDriver } from "../../support/watch-driver.ts";
import { metricWith, samplesOf } from "./sample-metric.ts";

const [sample] = samplePackage(samplePolicy()).phases;
if (sample === undefined) throw new Error("There is a phase.");
const phase: Phase = { ...sample, metrics: ["solvency"] };
const canarySamples = (letters: string): PhaseSample[] =>
  samplesOf(letters).map((one) => ({ ...one, metric: "solvency" }));
const isClean = (samples: PhaseSample[], of = phase) => {
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

  it("is missed from the moment on at which it was registered, and nothing goes on without it", () => {
    const never = { armed: true, arrived: false, age: 0n };
    const naive = (last: bigint | undefined, now: bigint) => last !== undefined && now - last > 180n;
    expect(naive(undefined, 1_000_000n)).toBe(false);
    expect([isDown(never), isDown({ ...never, age: 181n })]).toEqual([true, true]);
    expect(isDown({ armed: true, arrived: true, age: 180n })).toBe(false);
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

describe("the samples of a long ceremony", () => {
  it("are all there at its end, whatever was superseded meanwhile", async () => {
    const dataDir = mkdtempSync(join(tmpdir(), "quorate-traps-"));
    const store = await openStore({ dataDir });
    const rows = samplesOf("P".repeat(500)).map((one) => ({
      ...{ ...one, ceremony: "UP-1", metric: "solvency", chain: mainnet, observedAt: one.blockTime, reason: "" },
    }));
    await store.addSamples(rows);
    const kept = await store.samples("UP-1", "solvency");
    await store.close();
    rmSync(dataDir, { recursive: true });
    expect(kept.map((one) => one.blockNumber)).toEqual(rows.map((one) => one.blockNumber));
  });
});

describe("an alert that was raised in a silence", () => {
  it("is heard when the silence is over, although nobody was ever called for it", () => {
    const watch = new WatchDriver();
    watch.does("caro", { kind: "silence", subject: { metric: "liveness" }, lasts: 3_600n, reason: "Maintenance." });
    watch.measures("firing", 2, { metric: "liveness" });
    watch.waits(59, 6n);
    expect(watch.pages).toEqual([]);
    const naive = watch.state.alerts.filter((one) => one.paging.posts > 0);
    expect(naive).toEqual([]);
    watch.waits(1, 6n);
    expect(watch.pages).toMatchObject([{ alert: "alert-1", cause: "silence ended" }]);
  });
});

describe("an admin", () => {
  it("does not approve what they wrote themselves, as little as anybody", () => {
    const policy = samplePolicy();
    policy.people = policy.people.map((one) => (one.id === "ada" ? { ...one, roles: [...one.roles, "admin"] } : one));
    const naive = policy.people.find((one) => one.id === "ada")?.roles.includes("admin");
    expect(naive).toBe(true);
    given("in review", { policy })
      .when((one) => one.approve("ada"))
      .refused("separation/proposer-approves");
    given("held", { policy })
      .when((one) => one.resume("ada"))
      .refused("separation/proposer-resumes");
  });
});

describe("another account of the same person", () => {
  it("is not another person: it neither approves what they wrote nor counts a second time", () => {
    const ceremony = ceremonyAt("in review");
    const [first, second] = ["console:ada", "discord:ada"];
    const naive = first !== second;
    expect(naive).toBe(true);
    expect(personOfAccount(ceremony.policy, second ?? "")?.id).toBe("ada");
    given(ceremony)
      .when((one) => one.approve("ada", "discord"))
      .refused("separation/proposer-approves");
    ceremony.must(ceremony.approve("ben"));
    given(ceremony)
      .when((one) => one.approve("ben", "discord"))
      .refused("vote/again");
    expect(ceremony.state.quorumMet).toBe(false);
  });
});

describe("a crash between saving and posting", () => {
  it("loses no message: what is to be posted is written with what it is about, or neither is", async () => {
    const dataDir = mkdtempSync(join(tmpdir(), "quorate-traps-"));
    const event = { type: "breached", data: { metric: "solvency" } };
    const entry = { kind: "post", key: "page", lane: "channel", payload: { text: "SEV1" } };
    const first = await openStore({ dataDir });
    await first.append("UP-1", 0, [event], 1n, { outbox: [entry] });
    // Another was quicker: the event is not written, and so nothing is posted of it either.
    await first.append("UP-1", 0, [event], 1n, { outbox: [{ ...entry, key: "never" }] });
    await first.close();
    const second = await openStore({ dataDir });
    const [events, due] = [await second.read("UP-1"), await second.due(2n, 10)];
    await second.close();
    rmSync(dataDir, { recursive: true });
    expect(events.map((one) => one.type)).toEqual(["breached"]);
    expect(due.map((one) => one.key)).toEqual(["page"]);
  });
});
