/** Metrics about events on a real chain: the same answer after a start, a gap and a reorganisation as by having seen it all. */

import { concat, type Hex, numberToHex, toEventSelector } from "viem";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Block } from "../../src/block-reads.ts";
import type { Metric } from "../../src/domain/metrics.ts";
import type { Address } from "../../src/domain/primitives.ts";
import type { OutsideReading } from "../../src/domain/watch/outside.ts";
import { type EventLogs, eventFilter, eventLogs } from "../../src/watch/outside-logs.ts";
import { account } from "../chain/evaluator-world.ts";
import { startWorld, type World } from "../chain/world.ts";
import { metricWith } from "../domain/watch/sample-metric.ts";

let world: World;
let requests: string[] = [];
let broken = false;
let faults: string[] = [];
const emitter = account("emitter");
const paused = "event Paused(address account)";

beforeAll(async () => {
  world = await startWorld();
  // Emits a log without data whose topic is the calldata: CALLDATALOAD 0, LOG1 of nothing.
  await world.client.setCode({ address: emitter, bytecode: "0x6000355f5fa1" });
});
afterAll(() => world.stop());
afterEach(() => {
  broken = false;
  faults = [];
});

const chain = {
  logsIn: (...args: [Hex, readonly Address[], readonly Hex[]]) => told("logsIn", () => world.chain.logsIn(...args)),
  logsOver: (...args: [bigint, bigint, readonly Address[], readonly Hex[]]) =>
    told("logsOver", () => world.chain.logsOver(...args)),
  blocks: (numbers: readonly bigint[]) => world.chain.blocks(numbers),
};

async function told<T>(name: string, ask: () => Promise<T>): Promise<T> {
  requests.push(name);
  if (broken) throw new Error("The node is away.");
  return ask();
}

const fresh = () => eventLogs(chain, (fault) => faults.push(fault.message));

const emit = (signature = paused) => world.send(account("anybody"), emitter, toEventSelector(signature));
async function mine(count = 1): Promise<Block> {
  await world.client.mine({ blocks: count });
  return world.chain.newestBlock();
}

function eventMetric(must: "occur" | "not occur", within: bigint, signature = paused): Metric {
  return metricWith({
    ...{ id: `${must === "occur" ? "must" : "not"}-${within}`, unit: "none" },
    ...{ pass: { is: "=", value: 1 }, fail: { is: "=", value: 0 } },
    read: { kind: "event", address: emitter, signature, within, must },
  });
}

async function verdicts(
  events: EventLogs,
  block: Block,
  metrics: readonly Metric[],
  since?: bigint,
): Promise<string[]> {
  const asked = metrics.map((metric) => ({ key: metric.id, metric, since }));
  const found: [string, OutsideReading][] = await events.readings(asked, block);
  return found.map(([, reading]) => reading.verdict);
}

test("a block costs one request, what was before the first one more, and a start forgets nothing", async () => {
  const metrics = [eventMetric("not occur", 5n), eventMetric("occur", 8n)];
  await emit();
  const at = await world.chain.newestBlock();
  await mine(3);
  const seen = fresh();
  requests = [];
  expect(await verdicts(seen, await mine(), metrics)).toEqual(["fail", "pass"]);
  expect(requests.sort()).toEqual(["logsIn", "logsOver"]);
  requests = [];
  const fifth = await mine();
  expect(fifth.number).toBe(at.number + 5n);
  expect(await verdicts(seen, fifth, metrics)).toEqual(["pass", "pass"]);
  expect(requests).toEqual(["logsIn"]);
  expect(await verdicts(fresh(), fifth, metrics)).toEqual(["pass", "pass"]);
  for (const expected of ["pass", "pass", "fail"])
    expect(await verdicts(seen, await mine(), metrics)).toEqual(["pass", expected]);
  expect(await verdicts(fresh(), await world.chain.newestBlock(), metrics)).toEqual(["pass", "fail"]);
});

test("what counts only from the execution on is not looked for before it", async () => {
  await emit();
  const { number } = await world.chain.newestBlock();
  const metrics = [eventMetric("not occur", 50n), eventMetric("occur", 50n)];
  requests = [];
  expect(await verdicts(fresh(), await mine(), metrics, number + 1n)).toEqual(["pass", "inconclusive"]);
  expect(requests).toEqual(["logsIn"]);
  expect(await verdicts(fresh(), await mine(), metrics, number)).toEqual(["fail", "pass"]);
});

test("an event that a reorganisation took out did not occur, and one that it brought did", async () => {
  const metrics = [eventMetric("not occur", 10n)];
  const seen = fresh();
  await mine(20);
  expect(await verdicts(seen, await mine(), metrics)).toEqual(["pass"]);
  const fork = await world.client.snapshot();
  await emit();
  expect(await verdicts(seen, await world.chain.newestBlock(), metrics)).toEqual(["fail"]);
  expect(await verdicts(seen, await mine(), metrics)).toEqual(["fail"]);
  await world.client.revert({ id: fork });
  await world.client.increaseTime({ seconds: 7 });
  requests = [];
  const [instead, next] = [await mine(), await mine()];
  expect(await verdicts(seen, instead, metrics)).toEqual(["pass"]);
  expect(await verdicts(seen, next, metrics)).toEqual(["pass"]);
  await emit();
  expect(await verdicts(seen, await world.chain.newestBlock(), metrics)).toEqual(["fail"]);
  expect(requests).toEqual(["logsIn", "logsIn", "logsIn"]);
});

test("what a branch had that nobody saw leave is not believed of the one that came instead", async () => {
  const metrics = [eventMetric("not occur", 10n)];
  const seen = fresh();
  await mine(20);
  const fork = await world.client.snapshot();
  await emit();
  expect(await verdicts(seen, await world.chain.newestBlock(), metrics)).toEqual(["fail"]);
  await world.client.revert({ id: fork });
  await world.client.increaseTime({ seconds: 7 });
  await mine();
  // Its parent has the number of the block that is gone, and is another.
  expect(await verdicts(seen, await mine(), metrics)).toEqual(["pass"]);
});

test("a gap is read at once, and filling it in asks for its own blocks alone", async () => {
  const metrics = [eventMetric("not occur", 6n)];
  const seen = fresh();
  await mine(20);
  const before = await mine();
  expect(await verdicts(seen, before, metrics)).toEqual(["pass"]);
  await emit();
  await mine(2);
  const head = await mine();
  expect(await verdicts(seen, head, metrics)).toEqual(["fail"]);
  requests = [];
  const gap = await world.chain.blocks([before.number + 1n, before.number + 2n]);
  for (const block of gap) {
    if (block === undefined) throw new Error("a block of the gap is missing");
    expect(await verdicts(seen, block, metrics)).toEqual(["fail"]);
  }
  expect(await verdicts(seen, await mine(), metrics)).toEqual(["fail"]);
  expect(requests).toEqual(["logsIn", "logsIn", "logsIn"]);
});

test("what could not be read is an error whichever way it must be, and is read again afterwards", async () => {
  const metrics = [eventMetric("not occur", 4n), eventMetric("occur", 4n)];
  const seen = fresh();
  await mine(10);
  broken = true;
  expect(await verdicts(seen, await mine(), metrics)).toEqual(["error", "error"]);
  expect(faults).toEqual(["The node is away."]);
  broken = false;
  expect(await verdicts(seen, await mine(), metrics)).toEqual(["pass", "fail"]);
  await emit();
  const missed = await world.chain.newestBlock();
  broken = true;
  expect(await verdicts(seen, missed, metrics)).toEqual(["error", "error"]);
  broken = false;
  // The block that could not be read is no block without events.
  expect(await verdicts(seen, await mine(), metrics)).toEqual(["fail", "pass"]);
});

test("logs that somebody has fetched already are taken, and told apart from what else is among them", async () => {
  const other = "event Unpaused(address account)";
  const metrics = [eventMetric("not occur", 4n), eventMetric("occur", 3n, other)];
  await mine(10);
  await emit(other);
  const block = await world.chain.newestBlock();
  const { accounts, events } = eventFilter(metrics.map((metric) => ({ metric })));
  expect(accounts).toEqual([emitter]);
  const logs = await world.chain.logsIn(block.hash, accounts, [...events, toEventSelector("event More()")]);
  requests = [];
  const asked = metrics.map((metric) => ({ key: metric.id, metric }));
  const found = await fresh().readings(asked, block, logs);
  expect(found.map(([key, { verdict }]) => [key, verdict])).toEqual([
    ["not-4", "pass"],
    ["must-3", "pass"],
  ]);
  expect(requests).toEqual(["logsOver"]);
});

test("a metric that is asked for later has its own past read", async () => {
  await mine(10);
  await emit();
  const seen = fresh();
  expect(await verdicts(seen, await mine(), [eventMetric("not occur", 1n)])).toEqual(["pass"]);
  expect(await verdicts(seen, await mine(), [eventMetric("not occur", 1n), eventMetric("not occur", 30n)])).toEqual([
    "pass",
    "fail",
  ]);
  const other = "event Unpaused(address account)";
  await emit(other);
  const both = [eventMetric("not occur", 30n), { ...eventMetric("not occur", 30n, other), id: "other" }];
  const again = fresh();
  await verdicts(again, await mine(), both.slice(0, 1));
  expect(await verdicts(again, await mine(), both)).toEqual(["fail", "fail"]);
});

test("an event that comes in masses is kept within bounds", async () => {
  const topic = toEventSelector(paused);
  const block = (number: bigint): Block => ({
    number,
    hash: word(number),
    parent: word(number - 1n),
    timestamp: number,
  });
  const many = Array.from({ length: 3_000 }, (_none, index) => ({
    ...{ address: emitter, topics: [topic], data: "0x" as const, transaction: word(1n), index: BigInt(index) },
  }));
  const seen = eventLogs({ ...chain, logsOver: async () => [], blocks: async () => [block(1_000n)] }, () => undefined);
  const asked = [{ key: "it", metric: eventMetric("occur", 100n) }];
  let found: [string, OutsideReading][] = [];
  for (let number = 1_001n; number <= 1_050n; number += 1n) found = await seen.readings(asked, block(number), many);
  expect(found[0]?.[1]).toMatchObject({
    verdict: "pass",
    reason: expect.stringMatching(/^1000 times, last in block 1050/),
  });
});

const word = (number: bigint): Hex => concat([numberToHex(number, { size: 32 })]);
