/** From an answer to a number, from a number to a verdict: exact, and the same as before for what councils approved. */

import { describe, expect, it } from "vitest";
import { canonicalHash } from "../../../src/domain/canonical.ts";
import { conditionInWords, judge } from "../../../src/domain/metrics.ts";
import { metricsHash } from "../../../src/domain/policy.ts";
import type { Hex } from "../../../src/domain/primitives.ts";
import { boundOf, type Condition, holds, overlap } from "../../../src/domain/watch/conditions.ts";
import { isOfState, type Reading, readingsOf, type Source } from "../../../src/domain/watch/sources.ts";
import { callOf, combined, readingValue } from "../../../src/domain/watch/values.ts";
import { addressOf, hashOf, samplePolicy } from "../../support/sample-council.ts";
import { metricWith } from "./sample-metric.ts";

const word = (value: bigint): Hex => `0x${BigInt.asUintN(256, value).toString(16).padStart(64, "0")}`;
const call = (signature: string, more: object = {}): Reading => ({
  ...{ kind: "call", to: addressOf("vault"), signature, args: [] },
  ...more,
});

describe("a reading", () => {
  it("is the integer, bool, address or bytes that a call returns", () => {
    expect(readingValue(call("function a() view returns (int256)"), word(-5n))).toBe(-5n);
    expect(readingValue(call("function a() view returns (bool)"), word(1n))).toBe(1n);
    expect(readingValue(call("function a() view returns (address)"), word(7n))).toBe(7n);
    expect(readingValue(call("function a() view returns (bytes32)"), word(9n))).toBe(9n);
    expect(readingValue(call("function a() view returns (string)"), word(9n))).toBeNull();
  });

  it("is the one of several values that policy asks for", () => {
    const round = "function latestRoundData() view returns (uint80, int256, uint256, uint256, uint80)";
    const answer: Hex = `0x${[1n, 2n, 3n, 4n, 5n].map((one) => word(one).slice(2)).join("")}`;
    expect(readingValue(call(round, { output: 3 }), answer)).toBe(4n);
  });

  it("is nothing, and never zero, where nothing came back", () => {
    for (const reading of [
      call("function a() view returns (uint256)"),
      { kind: "balance", of: addressOf("a"), token: addressOf("t") } as const,
      { kind: "slot", account: addressOf("a"), slot: hashOf("s") } as const,
    ]) {
      expect(readingValue(reading, null)).toBeNull();
      expect(readingValue(reading, "0x")).toBeNull();
      expect(readingValue(reading, "0x01")).toBeNull();
    }
  });

  it("of storage is signed only where policy says so", () => {
    const slot = { kind: "slot", account: addressOf("a"), slot: hashOf("s") } as const;
    expect(readingValue(slot, word(-1n))).toBe(2n ** 256n - 1n);
    expect(readingValue({ ...slot, signed: true }, word(-1n))).toBe(-1n);
  });

  it("asks a token for a balance, with the arguments that policy gives a call", () => {
    const token = addressOf("token");
    expect(callOf({ kind: "balance", of: addressOf("a"), token })).toEqual({
      to: token,
      data: `0x70a08231${addressOf("a").slice(2).toLowerCase().padStart(64, "0")}`,
    });
    const args = [addressOf("a"), 5n, true, hashOf("role")] as const;
    const data = callOf(call("function f(address, uint256, bool, bytes32) view returns (bool)", { args }))?.data;
    expect(data?.slice(-64)).toBe(hashOf("role").slice(2));
    expect(callOf({ kind: "balance", of: addressOf("a") })).toBeUndefined();
  });
});

describe("a source", () => {
  const a = call("function a() view returns (uint256)");
  const of = (read: object, ...values: (bigint | null)[]) => combined(read as Source, values, 1_000n);

  it("combines what was read, exactly, and is nothing where a part is missing", () => {
    expect(of({ kind: "ratioBps", numerator: a, denominator: a }, 9_999n, 20_000n)).toBe(4_999n);
    expect(of({ kind: "ratioBps", numerator: a, denominator: a }, 1n, 0n)).toBeNull();
    expect(of({ kind: "difference", a, b: a }, 2n ** 200n, 2n ** 200n + 1n)).toBe(-1n);
    expect(of({ kind: "difference", a, b: a }, 1n, null)).toBeNull();
    expect(of({ kind: "age", of: a }, 990n)).toBe(10n);
    expect(of({ kind: "addressIs", of: a, equals: addressOf("x") }, BigInt(addressOf("x")))).toBe(1n);
    expect(of({ kind: "addressIs", of: a, equals: addressOf("x") }, 1n)).toBe(0n);
  });

  it("knows what it is made of, and whether a call can answer it", () => {
    const kinds: object[] = [
      ...[
        a,
        { kind: "ratioBps", numerator: a, denominator: a },
        { kind: "difference", a, b: a },
        { kind: "age", of: a },
      ],
      ...[{ kind: "codeHash" }, { kind: "event" }, { kind: "http" }],
    ];
    expect(kinds.map((one) => readingsOf(one as Source).length)).toEqual([1, 2, 2, 1, 0, 0, 0]);
    expect(kinds.map((one) => isOfState(one as Source))).toEqual([true, true, true, true, true, false, false]);
  });

  it("refuses an address with a typing error as an argument", () => {
    const wrong = addressOf("vault").replace(/[a-f]/, (letter) => letter.toUpperCase());
    const read = { kind: "call", to: addressOf("vault"), signature: "function f(address) view returns (bool)" };
    expect(() => metricWith({ read: { ...read, args: [wrong] } })).toThrow(/checksum/);
    expect(metricWith({ read: { ...read, args: ["7", true, "0x1234"] } }).read).toMatchObject({
      args: [7n, true, "0x1234"],
    });
  });
});

describe("a condition on a baseline", () => {
  const rule = (is: Condition["is"], baselineBps: bigint, plus?: bigint): Condition =>
    plus === undefined ? { is, baselineBps } : { is, baselineBps, plus };

  it("holds for the integers for which it holds exactly", () => {
    // 95 % of 101 is 95.95.
    expect([95n, 96n].map((value) => holds(rule(">=", 9_500n), value, 101n))).toEqual([false, true]);
    expect([95n, 96n].map((value) => holds(rule("<", 9_500n), value, 101n))).toEqual([true, false]);
    expect([95n, 96n].map((value) => holds(rule("<=", 9_500n), value, 101n))).toEqual([true, false]);
    expect([95n, 96n].map((value) => holds(rule(">", 9_500n), value, 101n))).toEqual([false, true]);
    expect([95n, 96n].map((value) => holds(rule("=", 9_500n), value, 101n))).toEqual([false, false]);
    expect([-96n, -95n].map((value) => holds(rule(">=", 9_500n), value, -101n))).toEqual([false, true]);
    expect(boundOf(rule(">=", 10_000n, -3n), 100n)).toBe(97n);
  });

  it("takes policy's own number without reading anything, and says what it compares with", () => {
    const fixed = metricWith({
      baseline: { mode: "fixed", value: 200 },
      pass: { is: ">=", baselineBps: 10_000, plus: -10 },
      fail: { is: "<", baselineBps: 5_000 },
    });
    expect([190n, 189n, 99n].map((value) => judge(fixed, value, undefined))).toEqual(["pass", "inconclusive", "fail"]);
    expect(conditionInWords(fixed)).toBe("at least 10,000 bps of 200 bps less 10 bps");
    expect(conditionInWords(metricWith({ pass: { is: ">=", baselineBps: 9_500 } }))).toBe(
      "at least 9,500 bps of the value before the upgrade",
    );
  });

  it("is told where it can hold together with the other", () => {
    const value = (is: Condition["is"], of: bigint): Condition => ({ is, value: of });
    expect(overlap(value(">=", 5n), value("<", 5n))).toBeUndefined();
    expect(overlap(value(">", 5n), value("<", 6n))).toBeUndefined();
    expect(overlap(value(">=", 5n), value("<=", 5n))).toBe(5n);
    expect(overlap(value("=", 5n), value(">", 4n))).toBe(5n);
    expect(overlap(rule(">=", 9_500n), rule("<", 9_000n))).toBeUndefined();
    expect(overlap(rule(">=", 9_000n), rule("<", 9_500n))).toBeDefined();
    expect(overlap(rule(">=", 9_000n), value("<", 5n))).toBeUndefined();
    expect(overlap(rule(">=", 9_000n), value("<", 5n), 1n)).toBe(1n);
  });
});

describe("a bool or bytes32", () => {
  it("is compared by equality, and a bool is 0 or 1", () => {
    const yes = { valueType: "bool", pass: { is: "=", value: 1 }, fail: { is: "=", value: 0 } };
    expect([0n, 1n, 2n].map((value) => judge(metricWith(yes), value, undefined))).toEqual(["fail", "pass", "error"]);
    expect(() => metricWith({ ...yes, pass: { is: ">=", value: 1 } })).toThrow(/a bool is compared by =/);
    const hash = { valueType: "bytes32", pass: { is: "=", value: hashOf("x") }, fail: { is: "=", value: "0x0" } };
    expect(judge(metricWith(hash), BigInt(hashOf("x")), undefined)).toBe("pass");
  });
});

it("a catalogue that says nothing of what came later has the hash that councils approved", () => {
  const policy = samplePolicy();
  const old = policy.metrics
    .filter((one) => one.severity === 1)
    .map(({ id, class: kind, chain, read, unit, pass, fail, containment }) => ({
      ...{ id, class: kind, chain, read, unit, pass, fail, containment },
      ...{ failN: 1n, ofM: 1n, maxBlockAge: 60n, severity: 1 },
    }));
  const severe = { ...policy, metrics: policy.metrics.filter((one) => one.severity === 1) };
  expect(old.length).toBeGreaterThan(0);
  expect(metricsHash(severe)).toBe(canonicalHash(old));
  for (const change of [
    { agree: 2 },
    { warmup: 1n },
    { mode: "shadow" as const },
    { clearN: 9n },
    { invariant: false },
  ])
    expect(metricsHash({ ...severe, metrics: severe.metrics.map((one) => ({ ...one, ...change })) })).not.toBe(
      canonicalHash(old),
    );
});
