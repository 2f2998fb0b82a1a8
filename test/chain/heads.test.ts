import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { startAnvil } from "../../src/chain/anvil.ts";
import { openChains } from "../../src/chain/open.ts";
import type { Head } from "../../src/chain-facts.ts";
import { compile } from "../../src/domain/watch/catalogue.ts";
import { metricWith } from "../domain/watch/sample-metric.ts";
import { type FaultyRpc, startFaultyRpc } from "../support/faulty-rpc.ts";
import { simulate } from "../support/run-plan.ts";
import { gasKey, startWorld, type World } from "./world.ts";

let world: World;
let rpc: FaultyRpc;
const ends: (() => void)[] = [];

beforeAll(async () => {
  world = await startWorld();
  rpc = await startFaultyRpc(world.anvil.url);
});
afterEach(async () => {
  for (const end of ends.splice(0)) end();
  await rpc.misbehave({ kind: "none" });
});
afterAll(async () => {
  await rpc.stop();
  await world.stop();
});

type Way = "polling" | "a WebSocket beside http" | "a ws URL beside the http URL" | "a ws URL";

/** Follows the heads in one of the three ways, and keeps what comes. */
function follow(way: Way) {
  const socket = rpc.url.replace("http", "ws");
  const both = `${socket} ${rpc.url}`;
  const url = way === "a ws URL" ? socket : way === "a ws URL beside the http URL" ? both : rpc.url;
  const ws = way === "a WebSocket beside http" ? [world.id] : [];
  const chains = openChains({ rpc: { [world.id]: url }, gasKey, timeoutMs: 1_000, ws, pollMs: 50 });
  const heads: Head[] = [];
  const faults: string[] = [];
  const stop = chains.get(world.id).onHead(
    (head) => heads.push(head),
    (fault) => faults.push(fault.message),
  );
  ends.push(stop, () => chains.close());
  return { heads, faults, stop, chain: chains.get(world.id) };
}

const numbers = (heads: Head[]) => heads.map((head) => head.number);
const sees = (heads: Head[], number: bigint) =>
  vi.waitFor(() => expect(numbers(heads)).toContain(number), { timeout: 5_000, interval: 5 });

const ways: Way[] = ["polling", "a WebSocket beside http", "a ws URL beside the http URL", "a ws URL"];

describe.each(ways)("heads by %s", (way) => {
  test("the present one, then every new one once", async () => {
    const { heads, faults } = follow(way);
    const start = await world.chain.head();
    await sees(heads, start.number);
    for (let block = 1n; block <= 2n; block++) {
      await world.client.mine({ blocks: 1 });
      await sees(heads, start.number + block);
    }
    expect(heads.at(-1)).toEqual(await world.chain.head());
    expect(numbers(heads)).toEqual([start.number, start.number + 1n, start.number + 2n]);
    expect(faults).toEqual([]);
  });

  test("an RPC that goes away is told, and found again when it is back", async () => {
    const { heads, faults } = follow(way);
    const start = await world.chain.head();
    await sees(heads, start.number);
    await rpc.misbehave({ kind: "down" });
    await vi.waitFor(() => expect(faults.length).toBeGreaterThan(1), { timeout: 5_000, interval: 5 });
    expect(faults.join()).toMatch(/chain eip155:31900 at 127\.0\.0\.1:\d+ (cannot be reached|cut the connection)/);
    await world.client.mine({ blocks: 1 });
    await rpc.misbehave({ kind: "none" });
    await sees(heads, start.number + 1n);
    await world.client.mine({ blocks: 1 });
    await sees(heads, start.number + 2n);
  });

  test("nothing comes after the end", async () => {
    const { heads, faults, stop } = follow(way);
    const start = await world.chain.head();
    await sees(heads, start.number);
    stop();
    await world.client.mine({ blocks: 1 });
    const other = follow(way);
    await sees(other.heads, start.number + 1n);
    expect(numbers(heads)).toEqual([start.number]);
    expect(faults).toEqual([]);
  });
});

test("how they come in is known: by questions, pushed, or cut off with nothing to fall back to", async () => {
  const [asked, pushed, cut] = [follow("polling"), follow("a WebSocket beside http"), follow("a ws URL")];
  const start = await world.chain.head();
  for (const { heads } of [asked, pushed, cut]) await sees(heads, start.number);
  const links = () => [asked, pushed, cut].map(({ chain }) => chain.headLink?.());
  expect(links().map((one) => one?.by)).toEqual(["polling", "push", "push"]);
  expect(links().map((one) => one?.reason)).toEqual(["", "", ""]);
  await rpc.misbehave({ kind: "http alone" });
  await vi.waitFor(() => expect(links().map((one) => one?.by)).toEqual(["polling", "polling", "nothing"]), 5_000);
  expect(asked.chain.headLink?.()?.reason).toBe("");
  expect(pushed.chain.headLink?.()?.reason).toMatch(/ new blocks are asked for every 50 ms over http\.$/);
  expect(cut.chain.headLink?.()?.reason).toMatch(/^The RPC of .*\.$/);
  await rpc.misbehave({ kind: "down" });
  await vi.waitFor(() => expect(pushed.chain.headLink?.()?.by).toBe("nothing"), 5_000);
  expect(pushed.chain.headLink?.()?.reason).toMatch(/cannot be reached/);
  await rpc.misbehave({ kind: "none" });
  await vi.waitFor(() => expect(links().map((one) => one?.by)).toEqual(["polling", "push", "push"]), 10_000);
  expect(links().map((one) => one?.reason)).toEqual(["", "", ""]);
});

test.each<Way>(["a WebSocket beside http", "a ws URL beside the http URL"])(
  "where %s cannot be reached any more blocks are asked for, which is told once; and pushed again when it is back",
  async (way) => {
    const { heads, faults, chain } = follow(way);
    const start = await world.chain.head();
    await sees(heads, start.number);
    await rpc.misbehave({ kind: "http alone" });
    await vi.waitFor(() => expect(faults).toHaveLength(1), { timeout: 5_000, interval: 5 });
    expect(faults[0]).toMatch(/ Until it is there again, new blocks are asked for every 50 ms over http\.$/);
    await world.client.mine({ blocks: 1 });
    await sees(heads, start.number + 1n);
    // What is judged on every block does not need the WebSocket either.
    const { hash } = await chain.head();
    const balance = metricWith({ read: { kind: "balance", of: world.deployer } });
    const found = await chain.evaluate(compile([balance], new Map()), { blockHash: hash });
    expect(found.verdicts).toEqual(["pass"]);
    expect(faults).toHaveLength(1);
    // Only what is pushed can come now.
    await rpc.misbehave({ kind: "refuse", methods: ["eth_getBlockByNumber"], message: "not today" });
    await world.client.mine({ blocks: 1 });
    await sees(heads, start.number + 2n);
  },
);

test.each<Way>(["a WebSocket beside http", "a ws URL"])(
  "by %s, nothing of another chain that answers there now",
  async (way) => {
    const { heads, faults } = follow(way);
    const start = await world.chain.head();
    await sees(heads, start.number);
    const other = await startAnvil({ chainId: 31901 });
    await rpc.misbehave({ kind: "elsewhere", upstream: other.url });
    rpc.cut();
    await vi.waitFor(() => expect(faults.join()).toContain("is on the wrong chain: it answers for eip155:31901."), {
      timeout: 5_000,
      interval: 5,
    });
    expect(heads.every((head) => head.hash === start.hash)).toBe(true);
    await rpc.misbehave({ kind: "none" });
    rpc.cut();
    await world.client.mine({ blocks: 1 });
    await sees(heads, start.number + 1n);
    await other.stop();
  },
);

test("everything else works over a ws URL too, simulations included", async () => {
  const { chain } = follow("a ws URL");
  const head = await chain.head();
  expect(await Promise.all([chain.balance(world.deployer), chain.head(), chain.codeHash(world.deployer)])).toHaveLength(
    3,
  );
  const calls = Array.from({ length: 20 }, () => ({ to: world.deployer, data: "0x" as const }));
  expect(await chain.callMany(calls, { blockHash: head.hash })).toEqual(calls.map(() => "0x"));
  const report = await simulate(chain, { steps: [], watch: [world.deployer], branches: [] });
  expect(report.block).toEqual(head);
  await rpc.misbehave({ kind: "down" });
  await expect(chain.head()).rejects.toThrow(/cannot be reached: the connection (was refused|was cut|failed)/);
});

test("a polled node that stands still, lags and catches up repeats nothing", async () => {
  await world.client.mine({ blocks: 3 });
  const { heads } = follow("polling");
  const start = await world.chain.head();
  const polledThrice = async () => {
    const before = rpc.messages();
    await vi.waitFor(() => expect(rpc.messages()).toBeGreaterThan(before + 3), { timeout: 5_000, interval: 5 });
  };
  await sees(heads, start.number);
  await polledThrice();
  await rpc.misbehave({ kind: "lag", blocks: 2 });
  await sees(heads, start.number - 2n);
  await polledThrice();
  await rpc.misbehave({ kind: "none" });
  await polledThrice();
  await world.client.mine({ blocks: 1 });
  await sees(heads, start.number + 1n);
  expect(numbers(heads)).toEqual([start.number, start.number - 2n, start.number + 1n]);
});
