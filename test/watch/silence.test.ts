/** When a chain counts as silent: from what moment on, how often that is said, and what a block that comes takes back. */

import { expect, test } from "vitest";
import type { Block } from "../../src/block-reads.ts";
import type { MeasuredMetric } from "../../src/domain/watch/measured.ts";
import type { Entry } from "../../src/watch/block-samples.ts";
import { silence } from "../../src/watch/silence.ts";
import { metricWith } from "../domain/watch/sample-metric.ts";
import { hashOf, mainnet } from "../support/sample-council.ts";

const block = (number: bigint, timestamp: bigint): Block => ({
  ...{ number, timestamp, hash: hashOf(`block ${number}`), parent: hashOf(`block ${number - 1n}`) },
});
const executed = { chain: mainnet, number: 1n, hash: hashOf("block 1"), timestamp: 1_000n };
const measured = (id: string, maxBlockAge = 60): MeasuredMetric => ({
  ...{
    key: `UP-1/${id}`,
    ceremony: "UP-1",
    metric: metricWith({ id, maxBlockAge }),
    start: executed,
    known: undefined,
  },
});

/** A chain of which nothing is heard unless it is said; `at` is when the program started. */
function quiet(
  at: bigint,
  { metrics = [measured("solvency")], recorded }: { metrics?: MeasuredMetric[]; recorded?: Block } = {},
) {
  const clock = { wall: at };
  const kept: { after: bigint; entries: readonly Entry[]; now: bigint }[] = [];
  const one = silence({
    clock: { now: () => clock.wall },
    measured: async () => metrics,
    recorded: async () => recorded,
    keep: async (after, entries, now) => void kept.push({ after: after.number, entries, now }),
    inTurn: (work) => work(),
  });
  let hurried = 0;
  return {
    heard: one.heard,
    hurried: () => hurried,
    /** Which metrics were said to be silent at that moment; `brings`: the block that comes when the chain is asked again. */
    async listens(now: bigint, brings?: Block): Promise<string[]> {
      clock.wall = now;
      kept.length = 0;
      await one.listen(async () => {
        hurried += 1;
        if (brings !== undefined) one.heard(brings);
      });
      return kept.flatMap(({ entries }) => entries.map(({ sample }) => `${sample.metric} ${sample.verdict}`));
    },
    kept,
  };
}

test("it is silent once nothing was heard for longer than a metric allows, and again each time that long", async () => {
  const chain = quiet(1_000n, { metrics: [measured("solvency"), measured("price", 100)] });
  chain.heard(block(9n, 2_000n));
  expect(await chain.listens(2_060n)).toEqual([]);
  expect(chain.hurried()).toBe(0);
  expect(await chain.listens(2_061n)).toEqual(["solvency stale"]);
  expect(await chain.listens(2_062n)).toEqual([]);
  expect(await chain.listens(2_101n)).toEqual(["price stale"]);
  expect(await chain.listens(2_121n)).toEqual([]);
  expect(await chain.listens(2_122n)).toEqual(["solvency stale"]);
  expect(chain.kept).toMatchObject([
    {
      after: 9n,
      now: 2_122n,
      entries: [{ sample: { value: null, reason: "nothing was measured since block 9, 2 min 2 s ago" } }],
    },
  ]);
});

test("a block takes all of it back: what was said before counts from there", async () => {
  const chain = quiet(1_000n);
  chain.heard(block(9n, 2_000n));
  expect(await chain.listens(2_061n)).toEqual(["solvency stale"]);
  chain.heard(block(10n, 2_110n));
  expect(await chain.listens(2_130n)).toEqual([]);
  expect(await chain.listens(2_171n)).toEqual(["solvency stale"]);
});

test("a newer block that the node has, and was slow to say, is waited for", async () => {
  const chain = quiet(1_000n);
  chain.heard(block(9n, 2_000n));
  expect(await chain.listens(2_100n, block(10n, 2_090n))).toEqual([]);
  expect(chain.hurried()).toBe(1);
  // One that is as old brings nothing.
  expect(await chain.listens(2_151n, block(10n, 2_090n))).toEqual(["solvency stale"]);
});

test("a program that was down listens for as long as a metric allows, from its start on, after what it recorded last", async () => {
  const chain = quiet(5_000n, { recorded: block(70n, 3_000n) });
  expect(await chain.listens(5_060n)).toEqual([]);
  expect(await chain.listens(5_061n)).toEqual(["solvency stale"]);
  expect(chain.kept[0]?.after).toBe(70n);
});

test("a head that is old already when the program starts hides nothing", async () => {
  const chain = quiet(5_000n);
  chain.heard(block(70n, 4_900n));
  expect(await chain.listens(5_001n)).toEqual(["solvency stale"]);
});

test("where nothing was ever recorded it is the execution that is long ago, and where nothing is measured nobody listens", async () => {
  const chain = quiet(900n);
  expect(await chain.listens(1_061n)).toEqual(["solvency stale"]);
  expect(chain.kept[0]?.after).toBe(1n);
  const idle = quiet(900n, { metrics: [] });
  expect(await idle.listens(99_999n)).toEqual([]);
  expect(idle.hurried()).toBe(0);
});
