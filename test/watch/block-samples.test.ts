/** What was said of a metric at the newest head, where that head is old. */

import { describe, expect, test } from "vitest";
import type { Block } from "../../src/block-reads.ts";
import type { Agreed } from "../../src/domain/watch/agreement.ts";
import { type MeasuredMetric, planOf } from "../../src/domain/watch/measured.ts";
import { datedAtHead } from "../../src/watch/block-samples.ts";
import { metricWith } from "../domain/watch/sample-metric.ts";
import { hashOf, mainnet } from "../support/sample-council.ts";

const block = (number: bigint): Block => ({
  ...{ number, timestamp: 1_000n, hash: hashOf(`block ${number}`), parent: hashOf(`block ${number - 1n}`) },
});
const start = { chain: mainnet, number: 1n, hash: hashOf("block 1"), timestamp: 900n };
const measured = (id: string, maxBlockAge: number): MeasuredMetric => ({
  ...{ key: `UP-1/${id}`, ceremony: "UP-1", metric: metricWith({ id, maxBlockAge }), start, known: undefined },
});
const [quick, slow] = [measured("quick", 60), measured("slow", 600)];
/** Of severity 1, by enough sources: what would be contained, and what would wake people. */
const failing: Agreed = {
  ...{ verdict: "fail", value: 9n, reason: "", agreeing: 2, asked: 3, suspected: true, mayContain: true },
};
const at = (newest: Promise<Block>, now: bigint) =>
  datedAtHead({ newestBlock: () => newest }, planOf([quick, slow]), block(9n), now);

describe("a head that is too old for a metric, and that the node has none after", () => {
  test.each([
    ["the node says so", () => Promise.resolve(block(9n))],
    ["the node does not answer", () => Promise.reject(new Error("No route to it."))],
  ])("makes what was said stale where %s: it contains nothing, and is no suspicion", async (_what, newest) => {
    const dated = await at(newest(), 1_061n);
    expect(dated(quick, failing)).toEqual({
      ...failing,
      ...{ verdict: "stale", reason: "the newest block, 9, is 1 min 1 s old", suspected: false, mayContain: false },
    });
    expect(dated(slow, failing)).toBe(failing);
  });
});

test("what was said of a head that is new enough, or that is only ours that lags, is left as it is", async () => {
  expect((await at(Promise.resolve(block(9n)), 1_060n))(quick, failing)).toBe(failing);
  expect((await at(Promise.resolve(block(10n)), 1_500n))(quick, failing)).toBe(failing);
});
