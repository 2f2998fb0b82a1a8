import { concat, type Hex, keccak256, pad, size, toHex } from "viem";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { answerIn } from "../../src/chain/evaluator/answer.ts";
import { deployments, evaluatorAddress, evaluatorCode, pieceCodes } from "../../src/chain/evaluator/evaluator.ts";
import { openChains } from "../../src/chain/open.ts";
import { deterministicDeployer } from "../../src/chain/preconditions/preconditions.ts";
import { hexWord } from "../../src/chain/rpc.ts";
import { syntheticBreach } from "../../src/domain/alerts/watchdog.ts";
import { type Metric, metric } from "../../src/domain/metrics.ts";
import { type Address, zeroAddress } from "../../src/domain/primitives.ts";
import { type Catalogue, compile } from "../../src/domain/watch/catalogue.ts";
import {
  account,
  answering,
  bomb,
  chain,
  type EvaluatorWorld,
  loopingForEver,
  startEvaluatorWorld,
} from "./evaluator-world.ts";

let world: EvaluatorWorld;
beforeAll(async () => {
  world = await startEvaluatorWorld();
});
afterAll(() => world.stop());

const word = (value: bigint): Hex => toHex(BigInt.asUintN(256, value), { size: 32 });

/** Fails below 100; passes from 100 on. */
function atLeast100(id: string, to: Address, rest: Record<string, unknown> = {}): Metric {
  const read = { kind: "call", to, signature: "function held(address) view returns (uint256)", args: [to] };
  return metric.parse({
    ...{ id, title: id, class: "asset", chain, read, unit: "wei", severity: 1, containment: "pause", owner: "ada" },
    ...{ pass: { is: ">=", value: 100 }, fail: { is: "<", value: 100 }, ...rest },
  });
}

/** So many metrics on accounts of their own, which answer what `answer` says. */
async function holdings(count: number, answer: (nth: number) => Hex): Promise<Catalogue> {
  const names = Array.from({ length: count }, (_none, nth) => account(`holding ${nth}`));
  await world.setCodes(new Map(names.map((to, nth) => [to, answer(nth)])));
  return compile(
    names.map((to, nth) => atLeast100(`m${nth}`, to)),
    new Map(),
  );
}

const codeOf = (catalogue: Catalogue) => concat(catalogue.entries.map(({ code }) => code));
const tally = (verdicts: readonly string[]) =>
  Object.fromEntries(Object.entries(Object.groupBy(verdicts, (one) => one)).map(([key, all]) => [key, all?.length]));

test("the watchdog's synthetic breach fails, on a chain where nobody has anything and where somebody has", async () => {
  for (const balance of ["0x0", "0xde0b6b3a7640000"]) {
    await world.all([{ method: "anvil_setBalance", params: [zeroAddress, balance] }]);
    const { verdicts } = await world.evaluator().evaluate(syntheticBreach(chain), { blockHash: await world.mine() });
    expect(verdicts).toEqual(["fail"]);
  }
});

describe("a thousand invariants", () => {
  let catalogue: Catalogue;
  beforeAll(async () => {
    catalogue = await holdings(1_000, (nth) => answering(word(nth % 100 === 7 ? 99n : 100n + BigInt(nth))));
  });

  test("are judged in one message, and only what fails tells its value", async () => {
    const blockHash = await world.mine();
    world.forget();
    const { verdicts, values, requests } = await world.evaluator().evaluate(catalogue, { blockHash });
    expect(tally(verdicts)).toEqual({ fail: 10, pass: 990 });
    expect([...values]).toEqual(Array.from({ length: 10 }, (_none, nth) => [nth * 100 + 7, 99n]));
    expect([requests, world.sent().length]).toEqual([1, 1]);
    const [message = ""] = world.sent();
    const halves = [...message.matchAll(/"data":"(0x[0-9a-f]*)"/g)].map(([, data = ""]) => data.length);
    expect(halves, "two, which a node judges side by side").toHaveLength(2);
    expect(halves[0], "more in the first, which it has sooner").toBeGreaterThan(halves[1] ?? 0);
  });

  test("are told their common limits once: they take half of 200 bytes each on their way up", async () => {
    const blockHash = await world.mine();
    world.forget();
    await world.evaluator().evaluate(catalogue, { blockHash });
    expect(world.sent().join("").length / 1_000).toBeLessThanOrEqual(100);
  });

  test("tell all their values where that is asked", async () => {
    const blockHash = await world.mine();
    const { verdicts, values } = await world.evaluator().evaluate(catalogue, { blockHash }, "all");
    expect(tally(verdicts)).toEqual({ fail: 10, pass: 990 });
    expect(values.size).toBe(1_000);
    expect(values.get(300)).toBe(400n);
  });

  test("are judged the same in small messages and with little gas", async () => {
    const blockHash = await world.mine();
    const evaluator = world.evaluator({ message: 30_000, gas: 4_000_000n });
    const { verdicts, values, requests } = await evaluator.evaluate(catalogue, { blockHash });
    expect(tally(verdicts)).toEqual({ fail: 10, pass: 990 });
    expect([...values.keys()]).toEqual(Array.from({ length: 10 }, (_none, nth) => nth * 100 + 7));
    expect(requests).toBeGreaterThan(3);
  });

  test("deployed as contracts, by anybody, they take less than 4 kB in all", async () => {
    const evaluator = world.evaluator({ deployed: true });
    const before = await evaluator.evaluate(catalogue, { blockHash: await world.mine() });
    expect(tally(before.verdicts)).toEqual({ fail: 10, pass: 990 });
    const from = account("anybody");
    await world.all([
      { method: "anvil_setBalance", params: [from, toHex(10n ** 20n)] },
      { method: "anvil_impersonateAccount", params: [from] },
    ]);
    const parts = deployments(pieceCodes(codeOf(catalogue)));
    for (const { data } of parts)
      await world.all([{ method: "eth_sendTransaction", params: [{ from, to: deterministicDeployer, data }] }]);
    const [code] = await world.all([{ method: "eth_getCode", params: [evaluatorAddress, "latest"] }]);
    expect(code).toBe(evaluatorCode);
    const blockHash = await world.mine();
    world.forget();
    const { verdicts, values, requests } = await world.evaluator({ deployed: true }).evaluate(catalogue, { blockHash });
    expect(tally(verdicts)).toEqual({ fail: 10, pass: 990 });
    expect([requests, values.get(507), parts.length]).toEqual([1, 99n, 4]);
    expect(world.sent().join("").length).toBeLessThan(4_000);
    const inParts = await world.evaluator({ deployed: true, gas: 3_000_000n }).evaluate(catalogue, { blockHash });
    expect(inParts.verdicts).toEqual(verdicts);
    expect(inParts.values).toEqual(values);
  });
});

test("a catalogue that is nowhere deployed is sent, and looked for again only after a while", async () => {
  const catalogue = await holdings(40, (nth) => answering(word(BigInt(nth) + 3_000n)));
  const evaluator = world.evaluator({ deployed: true });
  const blockHash = await world.mine();
  const first = await evaluator.evaluate(catalogue, { blockHash });
  const second = await evaluator.evaluate(catalogue, { blockHash });
  expect([first.requests, second.requests]).toEqual([2, 1]);
  expect(tally(second.verdicts)).toEqual({ pass: 40 });
});

describe("a target that misbehaves", () => {
  const misbehaving: [string, Hex][] = [
    ["loops for ever", loopingForEver],
    ["reverts with a page", answering(concat(Array.from({ length: 900 }, () => word(1n))), "revert")],
    ["answers nothing", answering("0x")],
    ["answers 31 bytes", answering(`0x${"ff".repeat(31)}`)],
    ["destroys itself", "0x33ff"],
    ["writes", "0x600160005560206000f3"],
    ["is not there", "0x"],
  ];

  test.each(misbehaving)("%s: an error of its own, and nobody else's", async (_name, code) => {
    const bad = (nth: number) => nth % 10 === 3;
    const catalogue = await holdings(60, (nth) => (bad(nth) ? code : answering(word(nth % 10 === 4 ? 1n : 500n))));
    const { verdicts, values } = await world.evaluator().evaluate(catalogue, { blockHash: await world.mine() });
    expect(verdicts).toEqual(verdicts.map((_verdict, nth) => (bad(nth) ? "error" : nth % 10 === 4 ? "fail" : "pass")));
    expect(values.size).toBe(6);
  });

  test("answers half a megabyte: its first word counts, and nobody pays for the rest", async () => {
    const catalogue = await holdings(60, (nth) => (nth % 10 === 3 ? bomb : answering(word(500n))));
    const { verdicts } = await world.evaluator().evaluate(catalogue, { blockHash: await world.mine() });
    expect(verdicts).toEqual(verdicts.map((_verdict, nth) => (nth % 10 === 3 ? "fail" : "pass")));
  });

  test("and burns all the gas there is: the others are judged in the next messages, and at the next block in fewer", async () => {
    const catalogue = await holdings(400, (nth) => (nth % 4 === 0 ? loopingForEver : answering(word(200n))));
    const evaluator = world.evaluator({ gas: 8_000_000n, readGas: 250_000n });
    const first = await evaluator.evaluate(catalogue, { blockHash: await world.mine() });
    expect(tally(first.verdicts)).toEqual({ error: 100, pass: 300 });
    expect(first.requests).toBeLessThanOrEqual(4);
    const second = await evaluator.evaluate(catalogue, { blockHash: await world.mine() });
    expect(tally(second.verdicts)).toEqual({ error: 100, pass: 300 });
    expect(second.requests).toBeLessThanOrEqual(2);
  });
});

test("storage is read in the same message, and beside it the accounts' own code answers", async () => {
  const holder = account("storage holder");
  const slot = word(5n);
  await world.setCodes(new Map([[holder, answering(word(7n))]]));
  await world.all([{ method: "anvil_setStorageAt", params: [holder, slot, word(-2n)] }]);
  const read = { kind: "slot", account: holder, slot };
  const conditions = { pass: { is: "<", value: 0 }, fail: { is: ">=", value: 0 } };
  const catalogue = compile(
    [
      atLeast100("call", holder),
      atLeast100("slot", holder, { read: { ...read, signed: true }, ...conditions, report: true }),
      atLeast100("unsigned", holder, { read, ...conditions }),
      atLeast100("both", holder, { read: { kind: "difference", a: read, b: atLeast100("b", holder).read } }),
      atLeast100("hash", holder, {
        read: { kind: "codeHash", account: holder, equals: keccak256(answering(word(7n))) },
        ...{ unit: "none", pass: { is: "=", value: 1 }, fail: { is: "=", value: 0 } },
      }),
    ],
    new Map(),
  );
  world.forget();
  const blockHash = await world.mine();
  world.forget();
  const { verdicts, values } = await world.evaluator().evaluate(catalogue, { blockHash });
  expect(verdicts).toEqual(["fail", "pass", "fail", "error", "pass"]);
  expect([...values].sort(([a], [b]) => a - b)).toEqual([
    [0, 7n],
    [1, -2n],
    [2, 2n ** 256n - 2n],
  ]);
  expect(world.sent()).toHaveLength(1);
  expect(catalogue.entries[3]).toMatchObject({ judged: "outside", reason: expect.stringContaining("storage") });
});

test("the block's own time is what ages are reckoned from, at blocks that are old as well", async () => {
  const feed = account("feed");
  await world.setCodes(new Map([[feed, answering(word(1_000n))]]));
  const read = { kind: "age", of: atLeast100("of", feed).read };
  const catalogue = compile([atLeast100("age", feed, { read, report: true })], new Map());
  const [hash, time] = await (async () => {
    const mined = await world.mine();
    const [block] = await world.all([{ method: "eth_getBlockByHash", params: [mined, false] }]);
    return [mined, BigInt((block as { timestamp: string }).timestamp)] as const;
  })();
  await world.all([{ method: "evm_increaseTime", params: [toHex(500)] }]);
  await world.mine();
  const { values, timestamp } = await world.evaluator().evaluate(catalogue, { blockHash: hash });
  expect([values.get(0), timestamp]).toEqual([time - 1_000n, time]);
});

test("a block that the node does not have is a fault, and so is a node without the gas for one read", async () => {
  const catalogue = await holdings(3, () => answering(word(200n)));
  const missing = hexWord.parse(`0x${"12".repeat(32)}`);
  await expect(world.evaluator().evaluate(catalogue, { blockHash: missing })).rejects.toMatchObject({
    kind: "rejected",
  });
  const blockHash = await world.mine();
  await expect(
    world.evaluator({ gas: 500_000n, readGas: 1_000_000n }).evaluate(catalogue, { blockHash }),
  ).rejects.toThrow(/does not give an eth_call as much gas as one read may take\.$/);
});

test("an opened chain judges, and so does each of its sources", async () => {
  const catalogue = await holdings(5, (nth) => answering(word(nth === 2 ? 1n : 200n)));
  const blockHash = await world.mine();
  const opened = openChains({ rpc: { [chain]: world.anvil.url }, gasKey: word(1n), deployedCatalogues: [chain] });
  try {
    const one = opened.get(chain);
    const expected = ["pass", "pass", "fail", "pass", "pass"];
    for (const { evaluate } of [one, ...one.sources])
      expect((await evaluate(catalogue, { blockHash })).verdicts).toEqual(expected);
    expect(one.sources).toHaveLength(1);
  } finally {
    opened.close();
  }
});

test("metrics that no call judges are in the catalogue, with the reason", async () => {
  const to = account("outside");
  const call = atLeast100("x", to).read;
  const event = {
    kind: "event",
    address: to,
    signature: "event Paused(address account)",
    within: 5,
    must: "not occur",
  };
  const catalogue = compile(
    [
      atLeast100("event", to, { read: event, unit: "none", pass: { is: "=", value: 1 }, fail: { is: "=", value: 0 } }),
      atLeast100("http", to, { read: { kind: "http", url: "https://status.example/x", pointer: "/x" } }),
      atLeast100("text", to, { read: { ...call, signature: "function name(address) view returns (string)" } }),
      atLeast100("arguments", to, { read: { ...call, args: [] } }),
      atLeast100("words", to, { read: { ...call, signature: "held" } }),
    ],
    new Map(),
  );
  expect(catalogue.entries.map(({ judged, reason }) => `${judged}: ${reason}`)).toEqual([
    "outside: events are in the logs, where no call can see them",
    "outside: another server than a node is asked",
    "outside: what function name(address) view returns (string) returns is no integer, bool, address or bytes of fixed size",
    "outside: function held(address) view returns (uint256) does not take the arguments that are given",
    "outside: held is no function in Solidity's words",
  ]);
  world.forget();
  const { verdicts } = await world.evaluator().evaluate(catalogue, { blockHash: await world.mine() });
  expect(verdicts).toEqual(Array.from({ length: 5 }, () => "error"));
});

test("a catalogue's hash moves with anything that is judged", () => {
  const to = account("hash");
  const hash = (...all: Metric[]) => compile(all, new Map([["b", 5n]])).hash;
  const one = atLeast100("a", to);
  const others = [
    hash(one),
    hash(atLeast100("b", to)),
    hash(atLeast100("a", account("other"))),
    hash(atLeast100("a", to, { pass: { is: ">", value: 100 } })),
    hash(atLeast100("a", to, { report: true })),
    hash(one, one),
    hash(atLeast100("b", to, { pass: { is: ">", baselineBps: 10_000 } })),
    compile([atLeast100("b", to, { pass: { is: ">", baselineBps: 10_000 } })], new Map([["b", 6n]])).hash,
  ];
  expect(new Set(others).size).toBe(others.length);
  expect(hash(one)).toBe(others[0]);
});

describe("an answer that is none", () => {
  const head = (judged: number, told: number) =>
    concat([toHex(judged, { size: 4 }), toHex(told, { size: 4 }), pad("0x", { size: 24 })]);
  const verdicts = pad("0x010607", { size: 32, dir: "right" });
  const value = (at: number) => concat([toHex(at, { size: 4 }), word(1n)]);

  test("is not taken for one", () => {
    expect(answerIn(concat([head(3, 1), verdicts, value(2)]), 3)).toMatchObject({
      verdicts: ["pass", "fail", "inconclusive"],
    });
    const broken: Hex[] = [
      "0x",
      head(3, 0),
      concat([head(4, 0), verdicts]),
      concat([head(3, 1), verdicts]),
      concat([head(3, 1), verdicts, value(3)]),
      concat([head(3, 2), verdicts, value(2), value(2)]),
      concat([head(3, 0), verdicts, verdicts]),
    ];
    for (const bytes of broken) expect(answerIn(bytes, 3), `${size(bytes)} bytes`).toBeUndefined();
  });
});
