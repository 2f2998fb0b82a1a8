/** A large catalogue over two connections: the verdicts are those of one, whatever the second one does. */

import { type Hex, keccak256, toHex } from "viem";
import { afterAll, beforeAll, expect, test } from "vitest";
import { evaluator } from "../../src/chain/evaluate.ts";
import { type Endpoint, httpEndpoint } from "../../src/chain/http-endpoint.ts";
import { openChains } from "../../src/chain/open.ts";
import { createRpc } from "../../src/chain/rpc.ts";
import { wsEndpoint } from "../../src/chain/ws-endpoint.ts";
import type { Verdict } from "../../src/domain/metrics.ts";
import { metric } from "../../src/domain/metrics.ts";
import type { ChainId } from "../../src/domain/primitives.ts";
import { type Catalogue, compile } from "../../src/domain/watch/catalogue.ts";
import { startFaultyRpc } from "../support/faulty-rpc.ts";
import { account, answering, chain, type EvaluatorWorld, startEvaluatorWorld } from "./evaluator-world.ts";

let world: EvaluatorWorld;
let large: Catalogue;
let blockHash: Hex;
/** Every seventh fails. */
const expected = Array.from({ length: 600 }, (_none, nth): Verdict => (nth % 7 === 0 ? "fail" : "pass"));

beforeAll(async () => {
  world = await startEvaluatorWorld();
  const names = expected.map((_verdict, nth) => account(`beside ${nth}`));
  const word = (value: number) => answering(toHex(value, { size: 32 }));
  await world.setCodes(new Map(names.map((to, nth) => [to, word(expected[nth] === "fail" ? 5 : 500)])));
  large = compile(
    names.map((to, nth) =>
      metric.parse({
        ...{ id: `m${nth}`, title: `m${nth}`, class: "asset", chain, unit: "wei", severity: 1, containment: "pause" },
        ...{ owner: "ada", pass: { is: ">=", value: 100 }, fail: { is: "<", value: 100 } },
        read: { kind: "call", to, signature: "function held() view returns (uint256)" },
      }),
    ),
    new Map(),
  );
  blockHash = await world.mine();
});
afterAll(() => world.stop());

/** A second connection that does what `send` does; how often it was used. */
function besides(send: Endpoint["send"]) {
  const used = { times: 0 };
  const url = new URL("http://127.0.0.1:1");
  const counting: Endpoint["send"] = (message, timeoutMs) => {
    used.times += 1;
    return send(message, timeoutMs);
  };
  return { used, rpc: createRpc({ chain, url, send: counting, generation: 0, close: () => undefined }, 30_000) };
}

test("half goes over each", async () => {
  const endpoint = wsEndpoint({ chain, url: new URL(world.anvil.wsUrl) });
  const { used, rpc } = besides((message, timeoutMs) => endpoint.send(message, timeoutMs));
  const { evaluate } = evaluator(world.rpc, { beside: rpc });
  world.forget();
  const { verdicts, requests } = await evaluate(large, { blockHash });
  expect(verdicts).toEqual(expected);
  // The second one is asked for its chain's id first.
  expect([requests, world.sent().length, used.times]).toEqual([2, 1, 2]);
  endpoint.close();
});

test("a small catalogue, or a large one without a second connection, is one message", async () => {
  const { used, rpc } = besides(() => Promise.reject(new Error("nobody is asked here")));
  const small = { ...large, entries: large.entries.slice(0, 100) };
  const { verdicts, requests } = await evaluator(world.rpc, { beside: rpc }).evaluate(small, { blockHash });
  expect([verdicts, requests, used.times]).toEqual([expected.slice(0, 100), 1, 0]);
  const alone = await evaluator(world.rpc).evaluate(large, { blockHash });
  expect([alone.verdicts, alone.requests]).toEqual([expected, 1]);
});

const http = () => httpEndpoint({ chain, url: new URL(world.anvil.url) });
/** Knows its chain, and nothing else. */
const knowing =
  (otherwise: Endpoint["send"]): Endpoint["send"] =>
  (message, timeoutMs) =>
    JSON.stringify(message).includes("eth_chainId") ? http().send(message, timeoutMs) : otherwise(message, timeoutMs);
const behind: Endpoint["send"] = async (message) => {
  const { id } = message as { id: number };
  return { jsonrpc: "2.0", id, error: { code: -32000, message: "header not found" } };
};

test.each<[string, () => Endpoint["send"]]>([
  [
    "refuses",
    () => (message, timeoutMs) => httpEndpoint({ chain, url: new URL("http://127.0.0.1:1") }).send(message, timeoutMs),
  ],
  ["hangs", () => () => new Promise(() => undefined)],
  ["hangs once it was asked its chain", () => knowing(() => new Promise(() => undefined))],
  ["is another server that lags behind", () => knowing(behind)],
])("a second connection that %s changes nothing, and is left alone for a while", async (_what, send) => {
  const { used, rpc } = besides(send());
  const { evaluate } = evaluator(world.rpc, { beside: rpc });
  const first = await evaluate(large, { blockHash });
  expect([first.verdicts, first.requests]).toEqual([expected, 3]);
  const times = used.times;
  for (let nth = 1; nth < 64; nth += 1) {
    const { verdicts, requests } = await evaluate(large, { blockHash });
    expect([verdicts, requests]).toEqual([expected, 1]);
  }
  expect(used.times).toBe(times);
  await evaluate(large, { blockHash });
  expect(used.times).toBeGreaterThan(times);
});

test("where the first connection fails while the second hangs there is one fault, and it is told", async () => {
  const first = besides(knowing(() => Promise.reject(new Error("cut"))));
  const { rpc } = besides(knowing(() => new Promise(() => undefined)));
  await expect(evaluator(first.rpc, { beside: rpc }).evaluate(large, { blockHash })).rejects.toThrow("cut");
});

test("what is too much for the node says nothing of the connection", async () => {
  const out: Endpoint["send"] = async (message) => {
    const { id } = message as { id: number };
    return { jsonrpc: "2.0", id, error: { code: -32000, message: "out of gas" } };
  };
  const { used, rpc } = besides(knowing(out));
  const { evaluate } = evaluator(world.rpc, { beside: rpc });
  expect((await evaluate(large, { blockHash })).verdicts).toEqual(expected);
  const times = used.times;
  expect((await evaluate(large, { blockHash })).verdicts).toEqual(expected);
  expect(used.times).toBeGreaterThan(times);
});

test.each<[string, () => { rpc: string; ws?: readonly ChainId[] }]>([
  ["http", () => ({ rpc: world.anvil.url })],
  ["a WebSocket", () => ({ rpc: world.anvil.wsUrl })],
  ["http with a WebSocket beside", () => ({ rpc: world.anvil.url, ws: [chain] })],
])("a chain that is reached by %s is asked over two", async (_how, config) => {
  const { rpc, ...rest } = config();
  const gasKey = keccak256(toHex("pays nothing"));
  const chains = openChains({ rpc: { [chain]: rpc }, gasKey, ...rest });
  const { verdicts, requests } = await chains.get(chain).evaluate(large, { blockHash });
  expect([verdicts, requests]).toEqual([expected, 2]);
  chains.close();
});

test("so is one whose WebSocket cannot be reached, and whose heads are asked for", async () => {
  const node = await startFaultyRpc(world.anvil.url);
  await node.misbehave({ kind: "http alone" });
  const gasKey = keccak256(toHex("pays nothing"));
  const chains = openChains({ rpc: { [chain]: node.url }, gasKey, ws: [chain], pollMs: 10 });
  const own = chains.get(chain);
  const end = own.onHead(
    () => undefined,
    () => undefined,
  );
  await expect.poll(() => own.headLink?.()?.by, { timeout: 10_000 }).toBe("polling");
  const { verdicts, requests } = await own.evaluate(large, { blockHash });
  expect([verdicts, requests]).toEqual([expected, 2]);
  end();
  chains.close();
  await node.stop();
});
