/** What a simulation gives to compare with: which metrics are asked for after which leg, and what has no value refuses. */

import { expect, test } from "vitest";
import { metric } from "../../src/domain/metrics.ts";
import type { Fork } from "../../src/fork.ts";
import { endedBy, valuesAfter } from "../../src/gates/simulation/phase-values.ts";
import type { Path } from "../../src/gates/simulation/release-path.ts";
import { expectFindingStyle } from "../support/house-style.ts";
import { addressOf, mainnet, samplePackage, samplePolicy } from "../support/sample-council.ts";

const relative = { pass: { is: ">=", baselineBps: 9_000 }, fail: { is: "<", baselineBps: 8_000 } };
const metricWith = (id: string, change: object = {}) =>
  metric.parse({
    ...{ id, title: `What ${id} is`, class: "asset", chain: mainnet, unit: "wei", severity: 2, owner: "caro" },
    ...{ containment: "pause-vault", baseline: { mode: "simulation" }, ...relative },
    read: { kind: "call", to: addressOf(id), signature: "function value() view returns (uint256)" },
    ...change,
  });
const policy = {
  ...samplePolicy(),
  metrics: [
    metricWith("cash"),
    metricWith("debt"),
    metricWith("price", { baseline: { mode: "preUpgradeBlock" } }),
    metricWith("fixed", { pass: { is: ">=", value: 1 }, fail: { is: "<", value: 1 } }),
    metricWith("elsewhere", { chain: "eip155:10" }),
    metricWith("unnamed"),
  ],
};
const names = ["cash", "price", "fixed", "elsewhere"];
const [sample] = samplePackage(samplePolicy()).phases;
if (sample === undefined) throw new Error("There is a phase.");
const phase = { ...sample, metrics: names, stopOn: ["debt"] };

/** A fork on which these metrics have a value; tells what it was asked for. */
function forkWith(values: Record<string, bigint>) {
  const asked: string[][] = [];
  const evaluate: Fork["evaluate"] = async ({ entries }) => {
    const ids = entries.map((one) => one.metric);
    asked.push(ids);
    const found = ids.flatMap((id, index): [number, bigint][] => {
      const value = values[id];
      return value === undefined ? [] : [[index, value]];
    });
    return { verdicts: [], values: new Map(found), timestamp: 1n, gas: 0n, requests: 1 };
  };
  return { fork: { chain: mainnet, evaluate } as unknown as Fork, asked };
}

test("only what the phase names and compares with a simulation is asked for, and all of it is kept", async () => {
  const { fork, asked } = forkWith({ cash: 7n, debt: -1n });
  expect(await valuesAfter(fork, phase, policy)).toEqual([
    {
      phase: phase.id,
      values: [
        { metric: "cash", value: 7n },
        { metric: "debt", value: -1n },
      ],
    },
    [],
  ]);
  expect(asked).toEqual([["cash", "debt"]]);
});

test("where nothing is compared with it, nothing is asked", async () => {
  const { fork, asked } = forkWith({});
  const none = { ...policy, metrics: policy.metrics.filter((one) => one.baseline.mode !== "simulation") };
  expect(await valuesAfter(fork, phase, none)).toEqual([undefined, []]);
  expect(asked).toEqual([]);
});

test("what has no value there refuses: every sample of it would be an error", async () => {
  const [values, found] = await valuesAfter(forkWith({ debt: 3n }).fork, phase, policy);
  expect(values?.values).toEqual([{ metric: "debt", value: 3n }]);
  expect(found).toMatchObject([{ severity: "refuse", code: "simulation/no-value", evidence: "cash" }]);
  for (const one of found) expectFindingStyle(one);
});

test("a phase ends with its last leg on the chain, in the order in which they run", () => {
  const pkg = samplePackage(samplePolicy());
  const [first] = pkg.legs;
  if (first === undefined) throw new Error("There is a leg.");
  const leg = (id: string) => ({ ...first, id });
  const legs = ["a", "b", "c"].map(leg);
  const phases = [
    { ...sample, id: "one", legs: ["a", "b"] },
    { ...sample, id: "two", legs: ["c"] },
  ];
  const paths = legs.map((one) => ({ leg: one }) as unknown as Path);
  const ended = paths.map((path) => endedBy({ ...pkg, legs, phases }, paths, path)?.id);
  expect(ended).toEqual([undefined, "one", "two"]);
});
