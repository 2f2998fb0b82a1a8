/** What samples say: absence, age and doubt are never clean. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canaryReport, notClean } from "../../src/domain/canary.ts";
import { judge, type Metric, metric, type Verdict } from "../../src/domain/metrics.ts";
import type { Phase } from "../../src/domain/release-package.ts";
import type { PhaseSample } from "../../src/domain/watch/phase-tally.ts";
import { addressOf, mainnet, samplePackage, samplePolicy } from "../support/sample-council.ts";

const [sample] = samplePackage(samplePolicy()).phases;
if (sample === undefined) throw new Error("There is a phase.");
const phase: Phase = sample;
const verdicts: readonly Verdict[] = ["pass", "fail", "inconclusive", "stale", "error"];

/** Blocks 60 seconds apart, each with both metrics; `verdict` says otherwise for some. */
function blocks(
  count: number,
  verdict: (block: number, metric: string) => Verdict | undefined = () => "pass",
  every = 60n,
): PhaseSample[] {
  return Array.from({ length: count }, (_, block) =>
    phase.metrics.flatMap((one) => {
      const said = verdict(block, one);
      return said === undefined
        ? []
        : [{ metric: one, blockNumber: BigInt(block), blockTime: 1_000n + BigInt(block) * every, verdict: said }];
    }),
  ).flat();
}
/** Every block is final. */
const final = (headTime: bigint) => ({ headTime, finalTo: 1_000_000n });
const head = (samples: readonly PhaseSample[]) => samples.at(-1)?.blockTime ?? 1_000n;
const reasons = (samples: PhaseSample[], of = phase, at = head(samples)) =>
  notClean(of, canaryReport(of, samples, final(at)), 120n);

describe("a canary", () => {
  it("is clean when every metric passed in enough blocks for long enough", () => {
    expect(reasons(blocks(11))).toEqual([]);
  });

  it("needs minSamples and minDuration of the unbroken run, to the sample and the second", () => {
    expect(reasons(blocks(10))).toEqual(["clean for 9 min of block time, and 10 min are needed"]);
    expect(reasons(blocks(10, undefined, 67n))).toEqual([]);
    expect(reasons(blocks(9, undefined, 75n))).toEqual(["9 clean blocks in a row, and 10 are needed"]);
    expect(reasons(blocks(11), { ...phase, minDuration: 601n })).toHaveLength(1);
    expect(reasons(blocks(11), { ...phase, minDuration: 600n })).toEqual([]);
  });

  it("goes on by final blocks alone: what a reorganisation may still replace is counted apart", () => {
    const upTo = (finalTo: bigint | undefined, samples = blocks(21)) =>
      canaryReport(phase, samples, { headTime: head(samples), finalTo });
    expect(upTo(10n)).toMatchObject({ cleanBlocks: 11, cleanFor: 600n, notFinal: 10, knowsFinal: true });
    expect(notClean(phase, upTo(10n), 120n)).toEqual([]);
    expect(notClean(phase, upTo(9n), 120n)).toEqual(["clean for 9 min of block time, and 10 min are needed"]);
    // What failed is counted from the head on, final or not: what was final before it is no clean window any more.
    const failing = blocks(21, (block) => (block === 20 ? "fail" : "pass"));
    expect(upTo(10n, failing)).toMatchObject({ cleanBlocks: 0, notFinal: 0 });
  });

  it("goes on by nothing where nobody knows which blocks are final", () => {
    const report = canaryReport(phase, blocks(21), { headTime: head(blocks(21)) });
    expect(report).toMatchObject({ cleanBlocks: 0, cleanFor: 0n, notFinal: 21, knowsFinal: false });
    expect(notClean(phase, report, 120n)[0]).toBe("it is not known which blocks are final");
  });

  it("starts anew after any verdict but a pass", () => {
    for (const verdict of verdicts.filter((one) => one !== "pass")) {
      const report = canaryReport(
        phase,
        blocks(30, (block, one) => (block === 20 && one === "liveness" ? verdict : "pass")),
        final(0n),
      );
      expect(report.cleanBlocks).toBe(9);
      expect(report.fails + report.unknown).toBe(1);
    }
  });

  it("starts anew after a block in which a single metric is missing", () => {
    expect(
      canaryReport(
        phase,
        blocks(30, (block, one) => (block === 20 && one === "liveness" ? undefined : "pass")),
        final(0n),
      ).cleanBlocks,
    ).toBe(9);
  });

  it("starts anew after a time in which nobody measured", () => {
    const withGap = (gap: bigint) => [
      ...blocks(11),
      ...blocks(3).map((one) => ({
        ...one,
        blockNumber: one.blockNumber + 100n,
        blockTime: one.blockTime + 600n + gap,
      })),
    ];
    expect(canaryReport(phase, withGap(120n), final(0n)).cleanBlocks).toBe(14);
    expect(canaryReport(phase, withGap(121n), final(0n)).cleanBlocks).toBe(3);
    const sparse = { ...phase, minDuration: 36_000n };
    expect(canaryReport(sparse, withGap(3_600n), final(0n)).cleanBlocks).toBe(14);
    expect(canaryReport(sparse, withGap(3_601n), final(0n)).cleanBlocks).toBe(3);
    expect(canaryReport({ ...phase, minSamples: 0n }, withGap(121n), final(0n)).cleanBlocks).toBe(3);
  });

  it("is not clean without samples, whatever the phase asks for", () => {
    const easy = { ...phase, minSamples: 0n, minDuration: 0n };
    expect(reasons([], easy)).toEqual([
      "solvency, liveness were never measured",
      "0 clean blocks in a row, and 1 is needed",
      "there is no sample at all",
    ]);
    expect(
      reasons(
        blocks(3, (block) => (block === 2 ? "fail" : "pass")),
        easy,
      ),
    ).toEqual(["0 clean blocks in a row, and 1 is needed"]);
    expect(
      reasons(
        blocks(3, (_block, one) => (one === "solvency" ? "pass" : undefined)),
        easy,
      ),
    ).toContain("liveness was never measured");
    expect(reasons(blocks(1), easy)).toEqual([]);
  });

  it("is not clean once its newest sample is old, to the second", () => {
    const samples = blocks(11);
    expect(reasons(samples, phase, head(samples) + 120n)).toEqual([]);
    expect(reasons(samples, phase, head(samples) + 121n)).toEqual(["the newest sample is 121 s old"]);
  });

  it("believes the worse of two samples of one block, in either order", () => {
    const samples = blocks(11);
    const worse = { ...samples.at(-1), verdict: "fail" } as PhaseSample;
    for (const both of [
      [...samples, worse],
      [worse, ...samples],
    ])
      expect(canaryReport(phase, both, final(0n)).cleanBlocks).toBe(0);
  });

  it("does not look at metrics of other phases", () => {
    const strange = { metric: "other", blockNumber: 10n, blockTime: 1_600n, verdict: "fail" as const };
    expect(reasons([...blocks(11), strange])).toEqual([]);
  });

  it("never counts more than a plain reading of the samples does, in any order of arrival", () => {
    const grid = fc.array(
      fc.tuple(
        ...phase.metrics.map(() => fc.option(fc.constantFrom<Verdict>("pass", "pass", "pass", "pass", ...verdicts))),
      ),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(grid, fc.infiniteStream(fc.nat()), (rows, order) => {
        const samples = blocks(
          rows.length,
          (block, one) => rows[block]?.[phase.metrics.indexOf(one)] ?? undefined,
          12n,
        );
        const mixed = samples
          .map((one) => ({ one, key: order.next().value ?? 0 }))
          .sort((a, b) => a.key - b.key)
          .map(({ one }) => one);
        const isClean = (row: readonly (Verdict | null)[]) => row.every((one) => one === "pass");
        const measured = rows.filter((row) => row.some((one) => one !== null));
        const broken = measured.findLastIndex((row) => !isClean(row));
        const report = canaryReport(phase, mixed, final(10_000n));
        expect(report).toEqual(canaryReport(phase, samples, final(10_000n)));
        expect(report.cleanBlocks).toBeLessThanOrEqual(measured.length - 1 - broken);
        if (measured.length === rows.length) expect(report.cleanBlocks).toBe(rows.length - 1 - broken);
      }),
      { numRuns: 200, seed: 3 },
    );
  });
});

describe("a value", () => {
  const one = (change: object): Metric =>
    metric.parse({
      id: "solvency",
      title: "Solvency",
      class: "asset",
      chain: mainnet,
      unit: "bps",
      severity: 1,
      containment: "pause",
      owner: "caro",
      read: { kind: "call", to: addressOf("vault"), signature: "function value() view returns (uint256)" },
      pass: { is: ">=", value: 10_000 },
      fail: { is: "<", value: 9_900 },
      ...change,
    });

  it.each([
    [10_000n, "pass"],
    [9_999n, "inconclusive"],
    [9_900n, "inconclusive"],
    [9_899n, "fail"],
    [null, "error"],
  ] as const)("of %s is %s", (value, verdict) => {
    expect(judge(one({}), value, undefined)).toBe(verdict);
  });

  it("fails where both conditions hold", () => {
    expect(judge(one({ fail: { is: ">", value: 0 } }), 10_000n, undefined)).toBe("fail");
  });

  it("is inconclusive without the baseline that it is compared with", () => {
    const relative = one({ pass: { is: ">=", baselineBps: 9_500 }, fail: { is: "<", baselineBps: 9_000 } });
    expect(judge(relative, 100n, undefined)).toBe("inconclusive");
    expect([95n, 94n, 90n, 89n].map((value) => judge(relative, value, 100n))).toEqual([
      "pass",
      "inconclusive",
      "inconclusive",
      "fail",
    ]);
  });

  it.each([
    ["<", [9n]],
    ["<=", [9n, 10n]],
    ["=", [10n]],
    [">=", [10n, 11n]],
    [">", [11n]],
  ] as const)("passes %s 10 as it reads", (is, passing) => {
    const rule = one({ pass: { is, value: 10 }, fail: { is: "=", value: 999 } });
    expect([9n, 10n, 11n].filter((value) => judge(rule, value, undefined) === "pass")).toEqual(passing);
  });

  it("has a metric that says either a value or a baseline", () => {
    expect(() => one({ pass: { is: ">=" } })).toThrow(/either value or baselineBps/);
    expect(() => one({ fail: { is: "<", value: 1, baselineBps: 1 } })).toThrow(/either value or baselineBps/);
  });
});
