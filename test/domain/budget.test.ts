/** A phase's budget: what doubt costs, that nothing refills it, and who lets a phase go on once it is spent. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Budget,
  budgetAfter,
  elapsed,
  type MeterSetting,
  metered,
  pointsLeft,
  runningBudget,
  spentInWords,
  startedAt,
} from "../../src/domain/budget.ts";
import { canaryReport, notClean } from "../../src/domain/canary.ts";
import { event, system } from "../../src/domain/events.ts";
import { exposureProblem, fullExposure, phaseKind, symbolicCanary } from "../../src/domain/exposure.ts";
import type { Intent, Observation } from "../../src/domain/intent.ts";
import type { Verdict } from "../../src/domain/metrics.ts";
import type { Phase } from "../../src/domain/release-package.ts";
import type { PhaseSample } from "../../src/domain/watch/phase-tally.ts";
import type { Reading } from "../../src/domain/watch/sources.ts";
import { nextSteps } from "../../src/domain/why.ts";
import type { Ceremony } from "../support/ceremony-driver.ts";
import { ceremonyAt, given } from "../support/given.ts";
import { addressOf, hashOf, mainnet, samplePackage, samplePolicy } from "../support/sample-council.ts";
import { metricWith } from "./watch/sample-metric.ts";

const [sample] = samplePackage(samplePolicy()).phases;
if (sample === undefined) throw new Error("There is a phase.");
const phase: Phase = { ...sample, metrics: ["solvency"] };
const setting: MeterSetting = { phase, metrics: [metricWith()], since: 0n };
const none = { severe: 0, warnings: 0 };

/** Each verdict (undefined: no sample) at its time; then time passes until `until`. */
function meterOf(blocks: readonly [bigint, Verdict | undefined][], until: bigint, of = setting) {
  const meter = blocks.reduce(
    (so, [time, verdict]) =>
      metered(of, so, { time, verdicts: new Map(verdict === undefined ? [] : [["solvency", verdict]]) }),
    startedAt(of.since),
  );
  return elapsed(of, meter, until);
}
/** A block a minute, all of one verdict. */
const minutes = (count: number, verdict: Verdict | undefined): [bigint, Verdict | undefined][] =>
  Array.from({ length: count }, (_, index) => [BigInt(index) * 60n, verdict]);

describe("what a budget is spent on", () => {
  it("is 10 points a warning breach and all of them for one of severity 1", () => {
    const clear = startedAt(0n);
    expect(pointsLeft(clear, none)).toBe(100);
    expect(pointsLeft(clear, { severe: 0, warnings: 1 })).toBe(90);
    expect(pointsLeft(clear, { severe: 0, warnings: 9 })).toBe(10);
    expect(pointsLeft(clear, { severe: 0, warnings: 10 })).toBe(0);
    expect(pointsLeft(clear, { severe: 1, warnings: 0 })).toBe(0);
  });

  it("is 2 points a minute without a verdict, and 5 a minute without a reading", () => {
    expect(pointsLeft(meterOf(minutes(10, "pass"), 600n), none)).toBe(100);
    expect(pointsLeft(meterOf(minutes(10, "fail"), 600n), none)).toBe(100);
    expect(pointsLeft(meterOf(minutes(10, "inconclusive"), 600n), none)).toBe(80);
    for (const verdict of ["stale", "error", undefined] as const)
      expect(pointsLeft(meterOf(minutes(10, verdict), 600n), none), verdict).toBe(50);
  });

  it("is zero only when all is spent, to the second", () => {
    expect(pointsLeft({ inconclusive: 0n, blind: 1_199n }, none)).toBe(1);
    expect(pointsLeft({ inconclusive: 0n, blind: 1_200n }, none)).toBe(0);
    expect(pointsLeft({ inconclusive: 2_999n, blind: 0n }, none)).toBe(1);
    expect(pointsLeft({ inconclusive: 3_000n, blind: 0n }, none)).toBe(0);
  });

  it("is the time in which nobody measured, from the execution on: a canary without samples runs dry", () => {
    expect(elapsed(setting, startedAt(0n), 120n)).toMatchObject({ blind: 0n });
    expect(elapsed(setting, startedAt(0n), 180n)).toMatchObject({ blind: 60n });
    expect(pointsLeft(elapsed(setting, startedAt(0n), 1_320n), none)).toBe(0);
    expect(
      meterOf(
        [
          [0n, "pass"],
          [600n, "pass"],
        ],
        600n,
      ),
    ).toMatchObject({ blind: 480n });
    expect(
      meterOf(
        [
          [0n, "inconclusive"],
          [600n, "pass"],
        ],
        600n,
      ),
    ).toMatchObject({ blind: 480n, inconclusive: 120n });
  });

  it("leaves warm-up and shadow out, and waits for what is measured less often", () => {
    const with_ = (change: object) => ({ ...setting, metrics: [metricWith(change)] });
    expect(meterOf(minutes(10, "inconclusive"), 600n, with_({ warmup: 300 }))).toMatchObject({ inconclusive: 300n });
    expect(meterOf(minutes(10, "error"), 600n, with_({ mode: "shadow" }))).toMatchObject({ blind: 0n });
    const rare: [bigint, Verdict | undefined][] = [
      [0n, "pass"],
      [60n, undefined],
      [120n, undefined],
      [180n, undefined],
    ];
    expect(meterOf(rare, 180n, with_({ interval: 120 }))).toMatchObject({ blind: 0n });
    expect(meterOf(rare, 240n, with_({ interval: 120 }))).toMatchObject({ blind: 60n });
  });

  it("never comes back, whatever is measured and however it is cut", () => {
    const verdict = fc.constantFrom<Verdict | undefined>(
      "pass",
      "pass",
      "fail",
      "inconclusive",
      "stale",
      "error",
      undefined,
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.bigInt(1n, 400n), verdict), { maxLength: 40 }), (steps) => {
        let [meter, time, left] = [startedAt(0n), 0n, 100];
        for (const [pause, what] of steps) {
          time += pause;
          meter = metered(setting, meter, { time, verdicts: new Map(what === undefined ? [] : [["solvency", what]]) });
          const now = pointsLeft(meter, none);
          expect(now).toBeLessThanOrEqual(left);
          expect(meter.blind + meter.inconclusive).toBeLessThanOrEqual(time);
          left = now;
        }
      }),
      { numRuns: 200, seed: 5 },
    );
  });

  it("is said in words", () => {
    expect(spentInWords({ inconclusive: 120n, blind: 60n }, { severe: 1, warnings: 2 })).toBe(
      "1 SEV1 breach, 2 warning breaches, 2 min inconclusive, 1 min without a reading",
    );
    expect(spentInWords(startedAt(0n), none)).toBe("");
  });
});

describe("a ceremony's budget", () => {
  const seen =
    (what: (it: Ceremony) => Observation) =>
    (it: Ceremony): Intent => ({ kind: "observe", by: system, seen: what(it) });
  const breach = (metric: string) =>
    seen((it) => ({ what: "breach", metric, block: it.block(mainnet), value: "9", sentence: "It is 9." }));
  const cleared = seen((it) => ({ what: "cleared", metric: "solvency", block: it.block(mainnet) }));
  const left = (points: number) =>
    seen((it) => ({ what: "budget", phase: 0, left: points, reason: "3 min inconclusive", block: it.block(mainnet) }));
  const budget = (it: Ceremony) => it.state.budget as Budget;

  it("begins with the execution, full", () => {
    expect(ceremonyAt("ready").state.budget).toBeUndefined();
    const it = ceremonyAt("canary");
    expect(budget(it)).toEqual({ phase: 0, since: it.state.phases[0]?.executedAt?.timestamp, left: 100, ...none });
  });

  it("counts warning breaches, and holds the phase at once with one of severity 1", () => {
    const { ceremony } = given("canary").when(breach("liveness")).then("breached").isNow("canary");
    expect(budget(ceremony)).toMatchObject({ warnings: 1, severe: 0, left: 100 });
    given(ceremony).when(breach("solvency")).then("breached", "budgetSpent", "held").isNow("held");
    expect(budget(ceremony)).toMatchObject({ warnings: 1, severe: 1, left: 0 });
    expect(ceremony.state.heldBy).toEqual({
      person: "quorate",
      reason: `the budget of the phase phase-1 is spent: It is 9 (block ${ceremony.state.breaches.at(-1)?.block.number})`,
    });
  });

  it("is written down every ten points, never refilled, and holds at zero", () => {
    const { ceremony } = given("canary").when(left(91)).then();
    given(ceremony).when(left(90)).then("budgetSpent");
    given(ceremony).when(left(85)).then();
    given(ceremony).when(left(100)).then();
    expect(budget(ceremony).left).toBe(90);
    given(ceremony).when(left(40)).then("budgetSpent").isNow("canary");
    given(ceremony).when(left(0)).then("budgetSpent", "held").isNow("held");
    given(ceremony).when(left(0)).then();
    given(ceremony).when(left(50)).then();
    expect(budget(ceremony).left).toBe(0);
  });

  it("is what the log has at least, whatever is written or reckoned later", () => {
    const it = ceremonyAt("canary");
    it.must(left(40)(it));
    const late = event("budgetSpent", { phase: 0, left: 70, reason: "late", block: it.block(mainnet) });
    expect(budgetAfter(it.state, { ...late, seq: 1, at: 0n, hash: hashOf("late") })?.left).toBe(40);
    // Samples that were lost, or came after a reorganisation, say that nothing was spent.
    const time = budget(it).since;
    const samples: PhaseSample[] = [{ metric: "solvency", blockNumber: 1n, blockTime: time, verdict: "pass" }];
    const report = canaryReport(phase, samples, { headTime: time, finalTo: 9n, budget: budget(it) });
    expect(report.budget?.left).toBe(40);
  });

  it("of another phase changes nothing, and neither does one after the phase was let through", () => {
    given("canary")
      .when(seen((it) => ({ what: "budget", phase: 1, left: 0, reason: "x", block: it.block(mainnet) })))
      .then();
    const advanced = ceremonyAt("canary");
    advanced.must(advanced.advance("ben"));
    expect(runningBudget(advanced.state)).toBeUndefined();
    given(advanced).when(left(0)).then();
    given(advanced).when(breach("solvency")).then("breached").isNow("scheduled");
  });

  it("takes a fresh quorum to extend, once the phase is clean again, and begins anew then", () => {
    const it = ceremonyAt("canary");
    it.must(breach("solvency")(it));
    given(it)
      .when((one) => one.resume("ben"))
      .refused("resume/breach");
    it.must(cleared(it));
    expect(nextSteps(it.state, it.policy)[0]?.sentence).toMatch(
      /It goes on once it is clean and 3 more people want it/,
    );
    for (const who of ["ben", "caro"])
      given(it)
        .when((one) => one.resume(who))
        .then("resumeSupported")
        .isNow("held");
    given(it)
      .when((one) => one.resume("caro"))
      .refused("resume/alone", /it takes 3 people/);
    given(it)
      .when((one) => one.resume("ada"))
      .refused("separation/proposer-resumes");
    it.passTime(60n);
    given(it)
      .when((one) => one.resume("dev"))
      .then("resumeSupported", "budgetExtended", "released")
      .isNow("canary");
    expect(budget(it)).toEqual({ phase: 0, since: it.time, left: 100, ...none });
  });

  it("is not extended on what is not final, or old", () => {
    const it = ceremonyAt("canary");
    it.must(breach("solvency")(it)).must(cleared(it));
    for (const change of [{ cleanBlocks: 0 }, { knowsFinal: false }])
      given(it)
        .when((one) => ({ ...one.resume("ben"), report: one.report(change) }))
        .refused("resume/final");
    given(it)
      .when((one) => ({ ...one.resume("ben"), report: one.report({ newestAge: 121n }) }))
      .refused("resume/unmeasured");
  });

  it("forgets who wanted to go on when something else breaks", () => {
    const it = ceremonyAt("canary");
    it.must(breach("solvency")(it)).must(cleared(it)).must(it.resume("ben")).must(it.resume("caro"));
    it.must(breach("liveness")(it));
    it.must(seen((one) => ({ what: "cleared", metric: "liveness", block: one.block(mainnet) }))(it));
    given(it)
      .when((one) => one.resume("dev"))
      .then("resumeSupported")
      .isNow("held");
  });

  it("that is spent keeps a contained ceremony held after the containment is lifted", () => {
    const it = ceremonyAt("canary");
    it.must(breach("solvency")(it)).must(it.contain("gus")).containmentMined();
    it.must(cleared(it)).must(it.resimulate()).must(it.resume("ben"));
    given(it)
      .when((one) => one.resume("dev"))
      .then("resumeSupported", "resumed", "held")
      .isNow("held");
  });

  it("gives way to a person: their hold takes the program's place, and automation never lifts it", () => {
    const it = ceremonyAt("canary");
    it.must(breach("solvency")(it)).must(it.hold("caro"));
    expect(it.state.heldBy?.person).toBe("caro");
    given(it)
      .when((one) => one.hold("dev"))
      .refused("hold/again", /^Caro holds UP-1 already/);
    given(it).when(cleared).then("breachCleared").isNow("held");
    given(it)
      .when((one) => one.resume("caro"))
      .refused("separation/container-resumes");
    const other = ceremonyAt("canary");
    other.must(other.hold("caro"));
    given(other).when(breach("solvency")).then("breached", "budgetSpent").isNow("held");
    expect(other.state.heldBy?.person).toBe("caro");
  });

  it("stops an advance that is asked for with a report of its own", () => {
    given("canary")
      .when((it) => it.advance("ben", { budget: { left: 0, spent: "20 min without a reading" } }))
      .refused("advance/window", /its budget is spent: 20 min without a reading/);
  });
});

describe("advancing", () => {
  const two: Phase = { ...sample, metrics: ["solvency"], minSamples: 3n, minDuration: 120n };
  const blocks = (count: number, verdict: Verdict = "pass"): PhaseSample[] =>
    Array.from({ length: count }, (_, index) => ({
      metric: "solvency",
      blockNumber: BigInt(index),
      blockTime: BigInt(index) * 60n,
      verdict,
      value: 10_000n,
    }));
  const reasons = (samples: PhaseSample[], change: object = {}, of = two) =>
    notClean(
      of,
      canaryReport(of, samples, { headTime: samples.at(-1)?.blockTime ?? 0n, finalTo: 1_000n, ...change }),
      120n,
    );

  it("counts final blocks alone, and says how many are not yet", () => {
    expect(reasons(blocks(5))).toEqual([]);
    expect(reasons(blocks(5), { finalTo: 2n })).toEqual([]);
    expect(reasons(blocks(5), { finalTo: 1n })).toEqual([
      "2 clean blocks in a row, and 3 are needed (3 more are not final yet)",
      "clean for 1 min of block time, and 2 min are needed",
    ]);
  });

  it("is stopped by the newest block, final or not", () => {
    const failing = { ...blocks(6)[5], verdict: "fail" } as PhaseSample;
    expect(reasons([...blocks(5), failing], { finalTo: 4n })).toContain("0 clean blocks in a row, and 3 are needed");
  });

  it("does not happen where nobody knows what is final", () => {
    expect(reasons(blocks(5), { finalTo: undefined })).toContain("it is not known which blocks are final");
  });

  it("needs every metric as often as it asks for", () => {
    expect(reasons(blocks(5), { metrics: [metricWith({ minSamples: 6 })] })).toEqual([
      "solvency was not measured often enough",
    ]);
    expect(reasons(blocks(5), { metrics: [metricWith({ minSamples: 5 })] })).toEqual([]);
  });

  it("carries a rare metric's pass to the blocks in between, and no further", () => {
    const rare = { ...two, metrics: ["solvency", "liveness"] };
    const slow = { metrics: [metricWith({ id: "liveness", interval: 120 })] };
    const other = blocks(5).map((one) => ({ ...one, metric: "liveness" }));
    const some = (...numbers: bigint[]) => other.filter((one) => numbers.includes(one.blockNumber));
    expect(reasons([...blocks(5), ...some(0n, 2n, 4n)], slow, rare)).toEqual([]);
    expect(reasons([...blocks(5), ...some(0n, 4n)], slow, rare)).toContain("1 clean block in a row, and 3 are needed");
  });

  it("waits while more is at risk than the phase allows, or while nobody knows how much", () => {
    const exposed: Phase = { ...two, exposure: { ...two.exposure, maxValue: 9_999n, metric: "solvency" } };
    expect(reasons(blocks(5), {}, exposed)).toEqual(["10000 is at risk, and the phase may put 9999 there"]);
    const allowed = { ...exposed, exposure: { ...exposed.exposure, maxValue: 10_000n } };
    expect(reasons(blocks(5), {}, allowed)).toEqual([]);
    const unread = blocks(5).map((one, index) => (index === 4 ? { ...one, value: null } : one));
    expect(reasons(unread, {}, allowed)).toContain("what is at risk was not measured in the newest block");
    expect(exposureProblem(undefined)).toBeUndefined();
  });
});

describe("a phase", () => {
  const cap: Reading = {
    kind: "call",
    to: addressOf("vault"),
    signature: "function cap() view returns (uint256)",
    args: [],
  };
  const of = (id: string, maxValue: bigint, capped = false) => ({
    id,
    exposure: { maxValue, ...(capped ? { cap } : {}) },
  });

  it("is called a canary only where the chain caps it", () => {
    expect([0, 1].map((index) => phaseKind([of("a", 1n, true), of("b", 9n)], index))).toEqual([
      "canary",
      "full-exposure soak",
    ]);
    expect(phaseKind([of("a", 1n)], 0)).toBe("watch-only");
    expect(phaseKind([of("a", 1n), of("b", 2n), of("c", 9n)], 1)).toBe("watch-only");
  });

  it("that begins with everything at risk is a canary in name only", () => {
    expect(symbolicCanary([of("a", 1n, true), of("b", 9n)], 9n)).toBeUndefined();
    expect(symbolicCanary([of("a", 9n), of("b", 9n)], 9n)).toMatch(/^the first phase, a, already puts 9 at risk/);
    expect(symbolicCanary([of("a", 9n, true)], 9n)).toMatch(/called a canary, and puts all of 9 at risk/);
    expect(symbolicCanary([of("a", 8n, true)], 9n)).toBeUndefined();
    // It claims nothing, and is called what it is.
    expect(symbolicCanary([of("a", 9n)], 9n)).toBeUndefined();
    expect([fullExposure([of("a", 1n), of("b", 9n)], undefined), fullExposure([of("a", 1n)], 50n)]).toEqual([9n, 50n]);
  });

  it("cannot be proposed so", () => {
    const policy = samplePolicy();
    const pkg = samplePackage(policy);
    const phases = pkg.phases.map((one) => ({ ...one, exposure: { ...one.exposure, maxValue: 5n } }));
    given(ceremonyAt("drafted", { policy, package: pkg }))
      .when((it) => it.propose("ada", { ...pkg, phases }))
      .refused("package", /a canary in name only\.$/);
  });
});
