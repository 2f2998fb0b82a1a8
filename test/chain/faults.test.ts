import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { startAnvil } from "../../src/chain/anvil.ts";
import { openChains } from "../../src/chain/open.ts";
import { ChainFault } from "../../src/ports.ts";
import { type Fault, type FaultyRpc, startFaultyRpc } from "../support/faulty-rpc.ts";
import { simulate } from "../support/run-plan.ts";
import { gasKey, startWorld, type World } from "./world.ts";

const secret = "sUp3rS3cretKey";
const timeoutMs = 600;
let world: World;
let rpc: FaultyRpc;

beforeAll(async () => {
  world = await startWorld();
  rpc = await startFaultyRpc(world.anvil.url);
});
afterEach(() => rpc.misbehave({ kind: "none" }));
afterAll(async () => {
  await rpc.stop();
  await world.stop();
});

/** A chain that knows nothing yet, with a key in the path and in the query of its URL. */
function freshChain() {
  const chains = openChains({ rpc: { [world.id]: `${rpc.url}/v2/${secret}?apikey=${secret}` }, gasKey, timeoutMs });
  return chains.get(world.id);
}

async function faultOf(promise: Promise<unknown>): Promise<{ fault: ChainFault; ms: number }> {
  const started = performance.now();
  const fault = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(fault).toBeInstanceOf(ChainFault);
  return { fault: fault as ChainFault, ms: performance.now() - started };
}

const cases: [string, Fault, ChainFault["kind"], string][] = [
  ["down", { kind: "down" }, "unreachable", "cannot be reached: the connection was refused."],
  ["slow", { kind: "slow" }, "timeout", "did not answer within 0.6 s."],
  [
    "on the wrong chain",
    { kind: "wrong chain", id: 5 },
    "wrong chain",
    "is on the wrong chain: it answers for eip155:5.",
  ],
  ["a web page", { kind: "garbage", body: "html" }, "garbage", "answered with a web page instead of JSON-RPC."],
  ["truncated", { kind: "garbage", body: "truncated" }, "garbage", "answered with broken JSON instead of JSON-RPC."],
  ["empty", { kind: "garbage", body: "empty" }, "garbage", "answered with nothing instead of JSON-RPC."],
  ["other JSON", { kind: "garbage", body: "not rpc" }, "garbage", "answered with JSON that is not JSON-RPC."],
  ["another's answer", { kind: "garbage", body: "other id" }, "garbage", "answered a question that was not asked."],
  [
    "huge",
    { kind: "garbage", body: "huge" },
    "garbage",
    "answered with more than 64 MiB, which was not read to the end.",
  ],
  ["failing", { kind: "status", status: 500 }, "unreachable", "is failing (HTTP 500)."],
  ["overrun", { kind: "status", status: 429 }, "rejected", "refused: too many requests (HTTP 429)."],
  [
    "locked",
    { kind: "status", status: 401, body: `invalid key ${secret}` },
    "rejected",
    "refused: its key or allow-list does not let us in (HTTP 401).",
  ],
  [
    "of wrong types",
    { kind: "lie", method: "eth_getBlockByNumber", result: { number: 7, hash: null } },
    "garbage",
    "answered eth_getBlockByNumber with something that is not its result.",
  ],
];

describe("a person reads what is wrong with an RPC, and no key, when it is", () => {
  test.each(cases)("%s", async (_name, fault, kind, rest) => {
    const chain = freshChain();
    await rpc.misbehave(fault);
    // A huge answer takes as long as it takes to read 64 MiB of it.
    const patient = openChains({ rpc: { [world.id]: `${rpc.url}/${secret}` }, gasKey, timeoutMs: 10_000 }).get(
      world.id,
    );
    const huge = fault.kind === "garbage" && fault.body === "huge";
    const { fault: seen, ms } = await faultOf((huge ? patient : chain).head());
    expect(seen.kind).toBe(kind);
    expect(seen.message).toBe(`The RPC of chain eip155:31900 at 127.0.0.1:${rpc.port} ${rest}`);
    expect(`${seen.message} ${String(seen.cause)} ${JSON.stringify(seen)}`).not.toContain(secret);
    expect(ms).toBeLessThan(huge ? 10_000 : timeoutMs + 5_000);
  });

  test("every read and write tells it, not only the first", async () => {
    const chain = freshChain();
    await rpc.misbehave({ kind: "down" });
    const account = world.deployer;
    const all = [
      chain.codeHash(account),
      chain.storage(account, "0x0"),
      chain.balance(account),
      chain.call(account, "0x"),
      chain.safe(account),
      chain.timelock(account),
      chain.operation(account, `0x${"00".repeat(32)}`),
      chain.proxy(account),
      chain.receipt(`0x${"00".repeat(32)}`),
      chain.broadcast("0x02"),
      chain.signWithGasKey({ to: account, data: "0x" }),
      chain.transactionCount(account),
      simulate(chain, { steps: [], watch: [], branches: [] }),
    ];
    for (const { fault } of await Promise.all(all.map(faultOf)))
      expect(fault.message).toMatch(/^The RPC of .* cannot be reached: the connection was refused\.$/);
  });
});

test("over a WebSocket: refused, silent before and after it stood, and on the wrong chain", async () => {
  const url = rpc.url.replace("http", "ws");
  const chains = openChains({ rpc: { [world.id]: `${url}/${secret}` }, gasKey, timeoutMs });
  const chain = chains.get(world.id);
  await rpc.misbehave({ kind: "slow" });
  for (const promise of [() => chain.head(), () => chain.balance(world.deployer)]) {
    const { fault, ms } = await faultOf(promise());
    expect(fault.message).toBe(`The RPC of chain eip155:31900 at 127.0.0.1:${rpc.port} did not answer within 0.6 s.`);
    expect(ms).toBeLessThan(timeoutMs + 5_000);
  }
  await rpc.misbehave({ kind: "none" });
  expect((await chain.head()).number).toBeGreaterThanOrEqual(0n);
  await rpc.misbehave({ kind: "slow" });
  expect((await faultOf(chain.head())).fault.kind).toBe("timeout");
  await rpc.misbehave({ kind: "none" });
  expect((await chain.head()).number).toBeGreaterThanOrEqual(0n);
  rpc.cut();
  expect((await chain.head()).number).toBeGreaterThanOrEqual(0n);
  await rpc.misbehave({ kind: "down" });
  expect((await faultOf(chain.head())).fault.message).toMatch(/cannot be reached: [a-z ]+\.$/);
  await rpc.misbehave({ kind: "none" });
  expect((await chain.head()).number).toBeGreaterThanOrEqual(0n);
  // The name now leads to another chain: the connection that stood is cut, and the new one is not believed unasked.
  const other = await startAnvil({ chainId: 31901 });
  await rpc.misbehave({ kind: "elsewhere", upstream: other.url });
  rpc.cut();
  const { fault } = await faultOf(chain.head());
  expect(fault.message).toMatch(/is on the wrong chain: it answers for eip155:31901\.$/);
  await other.stop();
  chains.close();
});

test("a simulation whose RPC gives no state says that it could not run, which is no failed step", async () => {
  await rpc.misbehave({
    kind: "refuse",
    methods: ["eth_getBalance", "eth_getCode", "eth_getTransactionCount", "eth_getStorageAt", "eth_getAccountInfo"],
    message: `state is gone, ${secret}`,
  });
  const { fault } = await faultOf(simulate(freshChain(), { steps: [], watch: [world.deployer], branches: [] }));
  expect(fault.message).toMatch(
    /^A fork of chain eip155:31900 \(RPC at 127\.0\.0\.1:\d+\) could not be simulated on: .*\.$/,
  );
  expect(`${fault.message} ${String(fault.cause)}`).not.toContain(secret);
});

test("a gas key that is none is told without the key", () => {
  const open = () => openChains({ rpc: {}, gasKey: `0x${secret}` });
  expect(open).toThrow(/^The gas key is not a private key: it is 0x and 64 hexadecimal digits\.$/);
});

test("a passing failure is read over, and only by few more requests", async () => {
  const chain = freshChain();
  await rpc.misbehave({ kind: "status", status: 503, times: 1 });
  const before = rpc.messages();
  expect((await chain.head()).number).toBeGreaterThanOrEqual(0n);
  expect(rpc.messages() - before).toBe(3); // 503, chain id, block
  await rpc.misbehave({ kind: "status", status: 503 });
  const { ms } = await faultOf(chain.head());
  expect(ms).toBeLessThan(timeoutMs + 5_000);
  expect(rpc.messages() - before).toBeLessThanOrEqual(6);
});

test("the chain id is asked once, and again after a fault: another node may have come up there", async () => {
  const chain = freshChain();
  const asked = () => rpc.asked.filter((method) => method === "eth_chainId").length;
  const before = asked();
  await chain.head();
  await chain.balance(world.deployer);
  expect(asked() - before).toBe(1);
  await rpc.misbehave({ kind: "down" });
  await faultOf(chain.head());
  await rpc.misbehave({ kind: "wrong chain", id: 1 });
  const { fault } = await faultOf(chain.balance(world.deployer));
  expect(fault.message).toMatch(/is on the wrong chain: it answers for eip155:1\.$/);
});

test("a node that lags gives an older head, and says so when asked about a newer block", async () => {
  await world.client.mine({ blocks: 5 });
  const chain = freshChain();
  const newest = await chain.head();
  expect(await chain.block(newest.number)).toEqual(newest);
  expect((await chain.block(newest.number - 1n)).number).toBe(newest.number - 1n);
  const ahead = await faultOf(chain.block(newest.number + 9n));
  expect(ahead.fault.message).toMatch(new RegExp(`does not have block ${newest.number + 9n}\\.$`));
  await rpc.misbehave({ kind: "lag", blocks: 3 });
  expect((await chain.head()).number).toBe(newest.number - 3n);
  const { fault } = await faultOf(chain.call(world.deployer, "0x", { blockHash: newest.hash }));
  expect(fault.message).toMatch(
    /does not have the block that was asked for: it lags behind, or the block is no longer in the chain\.$/,
  );
});

test("a call that reverts is told from an RPC that refuses, with the contract's own words made harmless", async () => {
  // PUSH the bytes of Error("@everyone <b>no</b>") in memory and revert with them.
  const { encodeErrorResult, parseAbi } = await import("viem");
  const reason = encodeErrorResult({ abi: parseAbi(["error Error(string)"]), args: ["@everyone <b>no</b>\n`x`"] });
  const size = (reason.length - 2) / 2;
  const code = `0x60${size.toString(16)}600c60003960${size.toString(16)}6000fd${reason.slice(2)}` as const;
  const account = "0x00000000000000000000000000000000000bad01";
  await world.client.setCode({ address: account, bytecode: code });
  const { fault } = await faultOf(freshChain().call(account, "0x"));
  expect(fault.kind).toBe("reverted");
  expect(fault.message).toMatch(/says that the call reverts: "everyone b no \/b x"\.$/);
});

test("a URL that is none, and a chain nobody configured, are told without the URL", () => {
  const open = (url: string) => () => openChains({ rpc: { "eip155:1": url }, gasKey });
  expect(open(`file:///${secret}`)).toThrow(/^The RPC of chain eip155:1 is not an http, https, ws or wss URL\.$/);
  expect(open(secret)).toThrow(/^The RPC of chain eip155:1 is not an http, https, ws or wss URL\.$/);
  const chains = openChains({ rpc: { "eip155:1": "http://127.0.0.1:1" }, gasKey });
  expect(chains.ids).toEqual(["eip155:1"]);
  expect(() => chains.get("eip155:10")).toThrow("There is no RPC for chain eip155:10: set RPC_10.");
});
