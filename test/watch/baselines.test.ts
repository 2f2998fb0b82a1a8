/** What conditions compare with: the value before the execution, or what the simulation gave; never a guess. */

import { keccak256, stringToBytes } from "viem";
import { describe, expect, test } from "vitest";
import { canonicalJson } from "../../src/domain/canonical.ts";
import type { CeremonyState } from "../../src/domain/ceremony.ts";
import type { Metric } from "../../src/domain/metrics.ts";
import { comparable } from "../../src/domain/watch/measured.ts";
import type { Chain, SampleRow } from "../../src/ports.ts";
import { createBaselines } from "../../src/watch/baselines.ts";
import { metricWith } from "../domain/watch/sample-metric.ts";
import { ceremonyAt } from "../support/given.ts";
import { hashOf, mainnet } from "../support/sample-council.ts";

const relative = { pass: { is: ">=", baselineBps: 9_000 }, fail: { is: "<", baselineBps: 8_000 } };
const simulated = metricWith({ ...relative, baseline: { mode: "simulation" } });
const other = metricWith({ ...relative, id: "price", baseline: { mode: "simulation" } });
const before = metricWith({ ...relative, id: "cash" });
const { state } = ceremonyAt("canary");
const run = state.phases[0]?.executedAt;
const phase = state.package.phases[0]?.id ?? "";
if (run === undefined || state.check === undefined) throw new Error("It was checked and executed.");
const start = run;
const check = state.check;

const reports = (values: { metric: string; value: unknown }[], of = phase, chain: string = mainnet) => ({
  findings: [],
  reports: [{ chain, steps: [], phaseValues: [{ phase: of, values }] }],
});

/** Baselines whose store keeps this evidence, or rejects; the chain had 700 of everything before the execution. */
function baselinesWith(evidence: unknown, rows: SampleRow[] = []) {
  const bytes = stringToBytes(typeof evidence === "string" ? evidence : canonicalJson(evidence ?? {}));
  const asked = { blobs: [] as string[], evaluations: 0 };
  const faults: string[] = [];
  const values = new Map([[0, 700n]]);
  const found = createBaselines({
    store: {
      samples: async () => rows,
      addSamples: async () => undefined,
      async blob(hash) {
        asked.blobs.push(hash);
        if (evidence instanceof Error) throw evidence;
        return evidence === undefined ? undefined : bytes;
      },
    },
    chains: {
      ids: [mainnet],
      get: () =>
        ({
          blocks: async () => [{ number: start.number - 1n, hash: hashOf("before"), parent: "0x", timestamp: 1n }],
          async evaluate() {
            asked.evaluations += 1;
            return { verdicts: ["pass"], values, timestamp: 1n, gas: 0n, requests: 1 };
          },
        }) as unknown as Chain,
    },
    clock: { now: () => 0n },
    onFault: (where, fault) => void faults.push(`${where}: ${(fault as Error).message}`),
  });
  const checked: CeremonyState = { ...state, check: { ...check, evidenceHash: keccak256(bytes) } };
  const of = (...metrics: Metric[]) => found.of(checked, metrics, start);
  return { of, asked, faults, hash: keccak256(bytes) };
}

describe("what is compared with the simulation", () => {
  test("gets the value from the evidence that the votes bind, whatever the chain had before", async () => {
    const { of, asked, hash } = baselinesWith(reports([{ metric: "solvency", value: 12_345n }]));
    expect(await of(simulated, before)).toEqual(
      new Map([
        ["solvency", 12_345n],
        ["cash", 700n],
      ]),
    );
    expect(asked).toEqual({ blobs: [hash], evaluations: 1 });
  });

  test("is looked up once, also where a value is missing, and who asks again gets the same map", async () => {
    const { of, asked } = baselinesWith(reports([{ metric: "solvency", value: -3n }]));
    const first = await of(simulated, other);
    expect(first).toEqual(new Map([["solvency", -3n]]));
    expect(await of(simulated, other)).toBe(first);
    expect(asked.blobs).toHaveLength(1);
  });

  test.each([
    ["of another phase", reports([{ metric: "solvency", value: 5n }], "another")],
    ["of another chain", reports([{ metric: "solvency", value: 5n }], phase, "eip155:10")],
    ["of another metric", reports([{ metric: "other", value: 5n }])],
    ["that is no number", reports([{ metric: "solvency", value: "many" }])],
    ["in no report, as before there were any", { findings: [], reports: [{ chain: mainnet }] }],
    ["in what is no evidence", "this is no JSON"],
    ["in evidence that is not kept", undefined],
  ])("gets none %s", async (_what, evidence) => {
    const { of, faults } = baselinesWith(evidence);
    expect(await of(simulated)).toEqual(new Map());
    expect(faults).toEqual([]);
  });

  test("gets none out of evidence that was changed: that is told, and the others are read all the same", async () => {
    const { of, faults } = baselinesWith(new Error("It is not what was written."));
    expect(await of(simulated, before)).toEqual(new Map([["cash", 700n]]));
    expect(faults).toEqual([`values of ${state.id} in its simulation: It is not what was written.`]);
  });
});

test("the value before the execution is that of the very block before it, and of none further back", async () => {
  const at = (blockNumber: bigint): SampleRow => ({
    ...{ ceremony: state.id, metric: "cash", chain: mainnet, blockNumber, blockHash: hashOf("kept"), blockTime: 1n },
    ...{ observedAt: 1n, value: 500n, verdict: "pass", reason: "" },
  });
  expect(await baselinesWith({}, [at(start.number - 1n)]).of(before)).toEqual(new Map([["cash", 500n]]));
  expect(await baselinesWith({}, [at(start.number - 2n)]).of(before)).toEqual(new Map([["cash", 700n]]));
});

describe("compared with what nobody knows", () => {
  const said = (verdict: "pass" | "fail" | "inconclusive" | "stale") => ({
    ...{ verdict, value: 9_500n, reason: "", agreeing: 1, asked: 1, suspected: false, mayContain: true },
  });

  test.each([
    [simulated, "it is compared with what the simulation gave, and that is not known"],
    [before, "it is compared with the value before the execution, and that is not known"],
  ])("nothing passes, and nothing is merely unclear: it is an error", (metric, reason) => {
    for (const verdict of ["pass", "inconclusive"] as const)
      expect(comparable({ metric, known: undefined }, said(verdict))).toMatchObject({ verdict: "error", reason });
  });

  test("what fails whatever that is still fails, and what is stale stays so", () => {
    for (const verdict of ["fail", "stale"] as const)
      expect(comparable({ metric: simulated, known: undefined }, said(verdict))).toEqual(said(verdict));
  });

  test("what is known, fixed or not compared with anything is left as it is", () => {
    const fixed = metricWith({ ...relative, baseline: { mode: "fixed", value: 10 } });
    expect(comparable({ metric: simulated, known: 1n }, said("pass"))).toEqual(said("pass"));
    expect(comparable({ metric: fixed, known: undefined }, said("pass"))).toEqual(said("pass"));
    expect(comparable({ metric: metricWith(), known: undefined }, said("inconclusive"))).toEqual(said("inconclusive"));
  });
});

test("another server cannot be compared with what was before: nobody asked it then", () => {
  const read = { kind: "http", url: "https://prices.example.org/v1", pointer: "/price" };
  const sentence = /another server is not asked what was before: compare with a value, or with a fixed baseline/;
  expect(() => metricWith({ ...relative, read })).toThrow(sentence);
  expect(() => metricWith({ ...relative, read, baseline: { mode: "simulation" } })).toThrow(sentence);
  expect(() => metricWith({ ...relative, read, baseline: { mode: "fixed", value: 10 } })).not.toThrow();
});
