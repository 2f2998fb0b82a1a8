import { describe, expect, test } from "vitest";
import {
  allowanceOf,
  type Bucket,
  backOff,
  filled,
  type Interest,
  intervals,
  type Looked,
  nextLook,
} from "../../src/safe-service/budget.ts";

const month = 31 * 86_400;
const withKey = allowanceOf(true);

/** Simulated in steps of so many seconds. */
const step = 4;

interface Life {
  safes: number;
  seconds: number;
  interest(safe: number, at: number): Interest;
  /** Signatures put there in this step. */
  put?(at: number): number;
}

/** What a stretch of time costs: who is looked at when, and how many requests there are in all. */
function lived({ safes, seconds, interest, put = () => 0 }: Life) {
  let bucket: Bucket = { tokens: withKey.capacity, at: 0 };
  const all: Looked[] = Array.from({ length: safes }, (_, index) => ({
    key: `${index}`,
    interest: "idle",
    last: undefined,
  }));
  const looks: { safe: number; at: number }[] = [];
  let requests = 0;
  const spend = () => {
    requests += 1;
    bucket = { ...bucket, tokens: bucket.tokens - 1 };
  };
  let waiting = 0;
  for (let now = 0; now < seconds; now += step) {
    bucket = filled(bucket, now, withKey);
    for (const [index, one] of all.entries()) one.interest = interest(index, now);
    for (waiting += put(now); waiting > 0 && bucket.tokens >= 1; waiting -= 1) spend();
    // A step has room for no more than this many.
    for (let turn = 0; turn < (step * 1000) / withKey.spacingMs; turn += 1) {
      const due = nextLook(all, bucket, now, withKey);
      if (due === undefined) break;
      due.last = now;
      spend();
      looks.push({ safe: Number(due.key), at: now });
    }
  }
  return { looks, requests };
}

/** Seconds between the looks at one Safe in a stretch of time. */
function gaps(looks: { safe: number; at: number }[], safe: number, from: number, to: number): number[] {
  const at = looks.filter((one) => one.safe === safe && one.at >= from && one.at < to).map((one) => one.at);
  return at.slice(1).map((time, index) => time - (at[index] ?? 0));
}

describe("a month with 20 active ceremonies", () => {
  // A council Safe and a guardian Safe each; signing takes two hours a week, ceremony after ceremony.
  const week = 7 * 86_400;
  const signing = (safe: number, at: number) =>
    safe < 20 && at % week >= safe * 7_200 && at % week < (safe + 1) * 7_200;
  const { looks, requests } = lived({
    safes: 40,
    seconds: month,
    interest: (safe, at) => (signing(safe, at) ? "active" : safe < 20 ? "expected" : "idle"),
    // 10 transactions with 5 signatures each, as soon as a ceremony is being signed.
    put: (at) => (at % week < 20 * 7_200 && at % 7_200 === 0 ? 50 : 0),
  });

  test("stays below 50,000 requests, with what is put there", () => {
    expect(requests).toBeLessThan(50_000);
    expect(looks.length).toBeGreaterThan(40_000);
    expect(requests - looks.length).toBeGreaterThan(4_000);
  });

  test("and looks at a Safe where people sign every few seconds, as long as there is something saved up", () => {
    const first = gaps(looks, 0, 0, 3_600);
    expect(Math.max(...first)).toBeLessThanOrEqual(intervals.active + step);
    expect(first.length).toBeGreaterThan(250);
  });

  test("forgets no Safe", () => {
    for (let safe = 0; safe < 40; safe += 1)
      expect(Math.max(...gaps(looks, safe, 86_400, month))).toBeLessThan(6 * 3_600);
  });
});

test("the worst there can be costs a full bucket and what flows in, whatever is going on", () => {
  const seconds = 3 * 86_400;
  const { requests } = lived({ safes: 60, seconds, interest: () => "active" });
  expect(requests).toBeLessThanOrEqual(withKey.capacity + (withKey.monthly * seconds) / month);
  expect(requests).toBeGreaterThan(withKey.capacity);
  expect(withKey.monthly + withKey.capacity).toBeLessThanOrEqual(50_000);
  const withoutKey = allowanceOf(false);
  expect(withoutKey.monthly + withoutKey.capacity).toBeLessThanOrEqual(5_000);
});

test("never more than five requests in a second with a key, two without", () => {
  expect(1000 / allowanceOf(true).spacingMs).toBeLessThanOrEqual(5);
  expect(1000 / allowanceOf(false).spacingMs).toBeLessThanOrEqual(2);
});

test("what is not urgent leaves the rest of a bucket to what is, but for two hours at most", () => {
  const low = { tokens: withKey.capacity * 0.1, at: 0 };
  const looked = (interest: Interest): Looked => ({ key: interest, interest, last: 0 });
  const all = [looked("idle"), looked("expected"), looked("active")];
  expect(nextLook(all, low, 7_000, withKey)?.key).toBe("active");
  expect(nextLook(all.slice(0, 2), low, 7_000, withKey)).toBeUndefined();
  expect(nextLook(all.slice(0, 2), low, 7_200, withKey)?.key).toBe("expected");
  expect(nextLook(all, { tokens: 0.5, at: 0 }, 90_000, withKey)).toBeUndefined();
});

test("a service that is away is asked again after 5 seconds, then half as often each time, a quarter of an hour at most", () => {
  expect([1, 2, 3, 8, 50].map((failures) => backOff(failures, () => 0))).toEqual([5, 10, 20, 640, 900]);
  expect(backOff(1, () => 0.999)).toBeLessThan(7.5);
});
