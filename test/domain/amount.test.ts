/** Values as people read them: beside each other, at a glance, and never more than there is. */

import { describe, expect, test } from "vitest";
import { breachInWords } from "../../src/domain/alerts/breach-words.ts";
import { amount, boundInSigns, titleWithValue, valueInWords } from "../../src/domain/amount.ts";
import { conditionInWords, type Metric, metric } from "../../src/domain/metrics.ts";
import { addressOf } from "../support/sample-council.ts";

const metricOf = (more: Record<string, unknown>): Metric =>
  metric.parse({
    ...{ id: "cash", title: "Cash", class: "asset", chain: "eip155:1", unit: "wei", severity: 1, containment: "pause" },
    ...{ owner: "caro", read: { kind: "balance", of: addressOf("vault") } },
    ...{ pass: { is: ">=", value: "10000" }, fail: { is: "<", value: "10000" } },
    ...more,
  });
const owner = metricOf({
  ...{ title: "The vault belongs to the timelock", unit: "none", class: "authorization" },
  read: { kind: "codeHash", account: addressOf("vault"), equals: `0x${"11".repeat(32)}` },
  ...{ pass: { is: "=", value: "1" }, fail: { is: "=", value: "0" } },
});

describe("wei", () => {
  test.each([
    [0n, "0 wei"],
    [999_999_999_999_999n, "999,999,999,999,999 wei"],
    [10n ** 15n, "0.001e18 wei"],
    [10n ** 18n, "1e18 wei"],
    [5_004_210_000_000_000_000_000n, "5,004.21e18 wei"],
    [250_000n * 10n ** 18n, "250,000e18 wei"],
    [999_147_515_024_421_727_851_273n, "999,147.515e18 wei"],
    [10n ** 18n - 1n, "0.9999e18 wei"],
    [-15n * 10n ** 17n, "-1.5e18 wei"],
  ])("%s is %s: always in the same power of ten, and never rounded up", (value, words) => {
    expect(amount(value, "wei")).toBe(words);
  });

  test("two are compared by their digits, in the bound and in the page", () => {
    const cash = metricOf({
      pass: { is: ">=", value: `${10n ** 22n}` },
      fail: { is: "<", value: `${9n * 10n ** 21n}` },
    });
    expect(boundInSigns(cash)).toBe("≥ 10,000e18 wei");
    expect(conditionInWords(cash)).toBe("at least 10,000e18 wei");
    expect(breachInWords(cash, 8_999n * 10n ** 18n)).toBe("Cash 8,999e18 wei (< 9,000e18)");
    expect(titleWithValue(cash, 5n)).toBe("Cash is 5 wei");
    expect(titleWithValue(cash, null)).toBe("Cash is unknown");
  });
});

test("what is so or not so is yes or no, and no number that one has to know the meaning of", () => {
  expect([1n, 0n].map((value) => valueInWords(owner, value))).toEqual(["yes", "no"]);
  expect(titleWithValue(owner, 0n)).toBe("The vault belongs to the timelock: no");
  expect(boundInSigns(owner)).toBe("must be yes");
  expect([conditionInWords(owner), conditionInWords(owner, "fail")]).toEqual(["yes", "no"]);
  expect(breachInWords(owner, 0n)).toBe("The vault belongs to the timelock: no");
});

test("seconds are told as people say them, in the bound too", () => {
  const age = metricOf({ title: "Age", unit: "s", class: "liveness" });
  expect(breachInWords({ ...age, fail: { is: ">", value: 3600n } }, 7_200n)).toBe("Age 2 h (> 1 h)");
});
