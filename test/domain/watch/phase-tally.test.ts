/** What samples add up to, piece by piece: the same as reading all of them at once, in whatever pieces they come. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type CanaryReport, reportOn } from "../../../src/domain/canary.ts";
import type { Metric, Verdict } from "../../../src/domain/metrics.ts";
import type { Phase } from "../../../src/domain/release-package.ts";
import { metricsNow } from "../../../src/domain/watch/metric-now.ts";
import {
  noTally,
  type PhaseSample,
  type PhaseTally,
  type TallySetting,
  tallied,
  withFinal,
} from "../../../src/domain/watch/phase-tally.ts";
import { before, thinned } from "../../../src/domain/watch/rungs.ts";
import { samplePackage, samplePolicy } from "../../support/sample-council.ts";
import { metricWith } from "./sample-metric.ts";

const [any] = samplePackage(samplePolicy()).phases;
if (any === undefined) throw new Error("There is a phase.");
const metrics: Metric[] = [metricWith({ id: "a" }), metricWith({ id: "b", interval: 24 }), metricWith({ id: "c" })];
const phase: Phase = {
  ...any,
  ...{ metrics: ["a", "b"], stopOn: ["c"], minDuration: 60n, minSamples: 4n },
  exposure: { ...any.exposure, metric: "c" },
};
const setting: TallySetting = { phase, metrics, since: 40n };

const verdict = fc.constantFrom<Verdict>("pass", "pass", "pass", "fail", "inconclusive", "stale", "error");
const value = fc.option(fc.bigInt({ min: -9n, max: 9n }), { freq: 9 });
const reading = fc.option(fc.record({ verdict, value }), { freq: 9 });
/** Of a few blocks in a row: what each metric said, and how long after the block before it came. */
const blocks = fc.array(
  fc.record({
    said: fc.record({ a: reading, b: reading, c: reading }),
    twice: fc.option(reading, { freq: 1 }),
    after: fc.constantFrom(12n, 12n, 12n, 24n, 121n),
    pieceEnds: fc.boolean(),
    final: fc.boolean(),
  }),
  { maxLength: 40 },
);

type Drawn = typeof blocks extends fc.Arbitrary<infer T> ? T : never;

function samplesOf(drawn: Drawn): PhaseSample[][] {
  let blockTime = 0n;
  return drawn.map(({ said, twice, after }, index) => {
    blockTime += after;
    const own = Object.entries(twice === null ? said : { ...said, again: twice });
    return own.flatMap(([metric, one]): PhaseSample[] =>
      one === null
        ? []
        : [{ metric: metric === "again" ? "a" : metric, blockNumber: BigInt(index), blockTime, ...one }],
    );
  });
}

/** Clean blocks as they are told from all samples, newest first, without adding anything up. */
function plainRun(all: readonly PhaseSample[]): { number: bigint; time: bigint }[] {
  const own = all.filter((one) => phase.metrics.includes(one.metric));
  const numbers = [...new Set(own.map((one) => one.blockNumber))];
  const worst = (metric: string, number: bigint) => {
    const said = own.filter((one) => one.metric === metric && one.blockNumber === number);
    return said.find((one) => one.verdict !== "pass") ?? said[0];
  };
  const run: { number: bigint; time: bigint }[] = [];
  for (const number of numbers.toReversed()) {
    const time = own.find((one) => one.blockNumber === number)?.blockTime ?? 0n;
    const isClean = metrics
      .filter(({ id }) => phase.metrics.includes(id))
      .every(({ id, interval }) => {
        const newest = numbers.findLast((one) => one <= number && worst(id, one) !== undefined);
        const said = newest === undefined ? undefined : worst(id, newest);
        return said?.verdict === "pass" && said.blockTime + interval >= time;
      });
    const next = run.at(-1);
    if (!isClean || (next !== undefined && next.time - time > 120n)) break;
    run.push({ number, time });
  }
  return run.toReversed();
}

function plainReport(all: readonly PhaseSample[], finalTo: bigint): Partial<CanaryReport> {
  const own = all.filter((one) => phase.metrics.includes(one.metric));
  const run = plainRun(all);
  const final = run.filter((one) => one.number <= finalTo);
  const counted = (of: Verdict[]) => own.filter((one) => of.includes(one.verdict)).length;
  const risk = all.filter((one) => one.metric === "c");
  const known = risk.flatMap((one) => (one.value === null || one.value === undefined ? [] : [one.value]));
  return {
    cleanBlocks: final.length,
    cleanFor: (final.at(-1)?.time ?? 0n) - (final[0]?.time ?? 0n),
    notFinal: run.length - final.length,
    fails: counted(["fail"]),
    unknown: counted(["inconclusive", "stale", "error"]),
    unmeasured: phase.metrics.filter((id) => !own.some((one) => one.metric === id)),
    exposure: {
      max: phase.exposure.maxValue,
      newest: risk.at(-1)?.value,
      highest: known.length === 0 ? undefined : known.reduce((a, b) => (a > b ? a : b)),
    },
  };
}

test("in pieces it is what all samples say at once, however much of it was final by then", () => {
  fc.assert(
    fc.property(blocks, (drawn) => {
      const all = samplesOf(drawn);
      let tally: PhaseTally = noTally(setting);
      let piece: PhaseSample[] = [];
      let finalTo = -1n;
      for (const [index, { pieceEnds, final }] of drawn.entries()) {
        piece.push(...(all[index] ?? []));
        if (!pieceEnds) continue;
        tally = tallied(setting, tally, piece);
        piece = [];
        if (final) finalTo = BigInt(index - (index % 3));
        tally = withFinal(tally, finalTo);
      }
      tally = tallied(setting, tally, piece);
      const at = { headTime: 5_000n, finalTo, metrics };
      const once = tallied(setting, noTally(setting), all.flat());
      expect(reportOn(phase, tally, at)).toEqual(reportOn(phase, once, at));
      expect({ ...tally, run: withFinal(tally, 99n).run }).toEqual({ ...once, run: withFinal(once, 99n).run });
      expect(reportOn(phase, tally, at)).toMatchObject(plainReport(all.flat(), finalTo));
    }),
    { numRuns: 300 },
  );
});

test("says of each metric what a plain look at its samples says", () => {
  fc.assert(
    fc.property(blocks, (drawn) => {
      const all = samplesOf(drawn).flat();
      const found = metricsNow(metrics, tallied(setting, noTally(setting), all).metrics);
      for (const { metric, ...now } of found) {
        const own = all.filter((one) => one.metric === metric.id);
        const newest = own.at(-1)?.verdict;
        expect(now).toEqual({
          verdict: newest,
          value: own.findLast((one) => one.value !== null)?.value ?? undefined,
          since: own[own.findLastIndex((one) => one.verdict !== newest) + 1]?.blockNumber,
          samples: own.length,
          fails: own.filter((one) => one.verdict === "fail").length,
        });
      }
    }),
    { numRuns: 100 },
  );
});

test("what is final is counted, and its blocks are not kept", () => {
  const clean = Array.from({ length: 500 }, (_none, index): PhaseSample[] =>
    ["a", "b"].map((metric) => ({
      ...{ metric, blockNumber: BigInt(index), blockTime: BigInt(index) * 12n, verdict: "pass", value: 1n },
    })),
  ).flat();
  const { run } = withFinal(tallied(setting, noTally(setting), clean), 489n);
  expect(run).toMatchObject({ final: { blocks: 490, first: 0n, last: 489n * 12n } });
  expect(run.open).toHaveLength(10);
});

test("what was before the budget's beginning costs nothing of it", () => {
  const stale = [0n, 12n, 24n, 60n].map(
    (blockTime): PhaseSample => ({ metric: "a", blockNumber: blockTime, blockTime, verdict: "stale", value: null }),
  );
  const { meter } = tallied(setting, noTally(setting), stale);
  expect(meter).toMatchObject({ time: 60n, blind: 0n, inconclusive: 0n });
  const earlier = { ...setting, since: 0n };
  expect(tallied(earlier, noTally(earlier), stale).meter.blind).toBe(60n);
});

describe("the blocks up to which it was added up", () => {
  const grown = (count: number) => {
    let rungs: { to: bigint; tally: undefined }[] = [];
    for (let to = 1n; to <= count; to += 1n) rungs = thinned([...rungs, { to, tally: undefined }]);
    return rungs.map((one) => one.to);
  };

  test("are few, however many blocks there were", () => {
    expect(grown(2_000).length).toBeLessThan(20);
    expect(grown(4_000).length - grown(2_000).length).toBeLessThan(4);
  });

  test("leave one less than twice as far back as whatever changed, and nothing from there on", () => {
    const rungs = grown(2_000).map((to) => ({ to, tally: undefined }));
    for (let back = 0n; back < 900n; back += 1n) {
      const left = before(rungs, 2_000n - back);
      expect(left.every(({ to }) => to < 2_000n - back)).toBe(true);
      expect(2_000n - (left.at(-1)?.to ?? 0n)).toBeLessThanOrEqual(2n * back + 2n);
    }
  });
});
