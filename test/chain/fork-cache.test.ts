/** Where forks get their state from: few requests to the chain, and never a value that it did not give. */

import { spawnSync } from "node:child_process";
import { type Address, encodeFunctionData, parseAbi, zeroAddress } from "viem";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { type OpenChains, openChains } from "../../src/chain/open.ts";
import type { Foreseen, Fork, TracedCall } from "../../src/fork.ts";
import type { Chain } from "../../src/ports.ts";
import { type FaultyRpc, startFaultyRpc } from "../support/faulty-rpc.ts";
import { gasKey, openzeppelin, person, startWorld, type World, word } from "./world.ts";

const abi = parseAbi(["function hasRole(bytes32 role, address account) view returns (bool)"]);

let world: World;
let rpc: FaultyRpc;
let chains: OpenChains;
let chain: Chain;
let timelock: Address;
beforeAll(async () => {
  world = await startWorld();
  timelock = await world.deploy(openzeppelin("TimelockController"), [
    60n,
    [person("council").address],
    [person("executor").address],
    zeroAddress,
  ]);
  rpc = await startFaultyRpc(world.anvil.url);
  chains = openChains({ rpc: { [world.id]: rpc.url }, gasKey, timeoutMs: 5_000, forksAhead: true });
  chain = chains.get(world.id);
});
beforeEach(() => rpc.misbehave({ kind: "none" }));
afterAll(async () => {
  chains.close();
  await rpc.stop();
  await world.stop();
});

const granted = (of: string) =>
  encodeFunctionData({
    abi,
    args: ["0xb09aa5aeb3702cfd50b6b62bc4532604938f21248a27a1d5ca736082b6819cc1", person(of).address],
  });

/** One call, asked as a question too. */
const foresee = async (call: TracedCall): Promise<Foreseen> => ({
  ...{ calls: [call], accounts: [], reads: [call], replaced: [], attempts: { from: call.from, calls: [] } },
});

test("what nobody foresaw is read as it is, not as zero: slots, code, balances, and what calls find there", async () => {
  await world.client.setStorageAt({ address: timelock, index: word(77), value: word(4_711) });
  await world.client.setBalance({ address: person("rich").address, value: 123n });
  await world.client.mine({ blocks: 1 });
  const foreseen = foresee({ from: person("council").address, to: timelock, data: granted("somebody else") });
  const [read, balance] = await chain.onFork(async (fork) => {
    const [word77, word78] = await fork.storage([77, 78].map((slot) => ({ account: timelock, slot: word(slot) })));
    const [code] = await fork.code([timelock]);
    const [council, nobody] = await fork.read(
      ["council", "nobody"].map((one) => ({ to: timelock, data: granted(one) })),
    );
    const sent = await fork.send({
      ...{ name: "send", from: person("rich").address, to: person("poor").address },
      ...{ value: 123n, data: "0x", after: 0n },
    });
    return [{ word77, word78, code, council, nobody }, sent] as const;
  }, foreseen);
  expect(read).toEqual({
    word77: word(4_711),
    word78: word(0),
    code: (await chain.codes([timelock]))[0],
    council: word(1),
    nobody: word(0),
  });
  expect(balance).toMatchObject({ success: true, reason: "" });
});

test("what was foreseen is asked of the chain before it is needed, and never twice", async () => {
  const call = { from: person("council").address, to: timelock, data: granted("council") };
  // A fork that is begun already does not wait for it.
  const own = openChains({ rpc: { [world.id]: rpc.url }, gasKey, timeoutMs: 5_000 });
  const read = async (fork: Fork) => {
    const before = rpc.asked.length;
    expect(await fork.read([call])).toEqual([word(1)]);
    expect(rpc.asked.slice(before).filter((one) => one === "eth_getStorageAt" || one === "eth_getCode")).toEqual([]);
  };
  await own.get(world.id).onFork(read, foresee(call));
  own.close();
});

test("where one fork came to look, the next has what stands there now before it begins", async () => {
  const slots = [{ account: timelock, slot: word(4_242) }];
  await world.client.setStorageAt({ address: timelock, index: word(4_242), value: word(1) });
  await world.client.mine({ blocks: 1 });
  expect(await chain.onFork((fork) => fork.storage(slots))).toEqual([word(1)]);
  await world.client.setStorageAt({ address: timelock, index: word(4_242), value: word(2) });
  await world.client.mine({ blocks: 1 });
  await chain.onFork(async (fork) => {
    const before = rpc.asked.length;
    expect(await fork.storage(slots)).toEqual([word(2)]);
    expect(rpc.asked.slice(before)).not.toContain("eth_getStorageAt");
  });
});

/** Runs a fork, and waits until the next one was begun beside it. */
async function oneBegun(): Promise<void> {
  let asked = 0;
  // Within a check nothing is begun beside it.
  await chain.atOneBlock(async () => {
    await chain.onFork((fork) => fork.head());
    asked = rpc.asked.length;
  });
  // It reads its block in both forms before anything else, and then what the forks before it read.
  await vi.waitFor(() => expect(rpc.asked.slice(asked)).toContain("eth_getBalance"), { timeout: 5_000, interval: 5 });
}

test("a fork that was begun before it was needed is taken while its block is the newest, and begun anew otherwise", async () => {
  const slots = [{ account: timelock, slot: word(5_151) }];
  const stands = async (value: number) => {
    await world.client.setStorageAt({ address: timelock, index: word(5_151), value: word(value) });
    await world.client.mine({ blocks: 1 });
  };
  await stands(1);
  expect(await chain.onFork((fork) => fork.storage(slots))).toEqual([word(1)]);
  await oneBegun();
  const asked = rpc.asked.length;
  expect(await chain.onFork((fork) => fork.storage(slots))).toEqual([word(1)]);
  const whileTaken = rpc.asked.slice(asked);
  expect(whileTaken.filter((one) => one === "eth_getStorageAt")).toEqual([]);
  await oneBegun();
  await stands(2);
  const { number } = await chain.head();
  expect(await chain.onFork(async (fork) => [fork.block.number, ...(await fork.storage(slots))])).toEqual([
    number,
    word(2),
  ]);
});

test("a fork that waits is begun anew where a new block is seen, so that the next one finds it of that block", async () => {
  await oneBegun();
  const asked = rpc.asked.length;
  const stop = chain.onHead(
    () => undefined,
    () => undefined,
  );
  const newBlock = async () => {
    await world.client.mine({ blocks: 1 });
    expect(rpc.asked.slice(asked)).toContain("eth_getBalance");
  };
  await vi.waitFor(newBlock, { timeout: 10_000, interval: 100 });
  stop();
});

test("a node without access lists and traces is asked when it comes to it", async () => {
  await rpc.misbehave({
    kind: "refuse",
    methods: ["eth_createAccessList", "debug_traceCall"],
    message: "the method does not exist",
  });
  const call = { from: person("council").address, to: timelock, data: granted("council") };
  expect(await chain.onFork((fork) => fork.read([call]), foresee(call))).toEqual([word(1)]);
});

test("the trouble of the chain is told as the chain's, with what was asked", async () => {
  await rpc.misbehave({ kind: "refuse", methods: ["eth_getStorageAt"], message: "missing trie node" });
  await expect(chain.onFork((fork) => fork.storage([{ account: timelock, slot: word(1) }]))).rejects.toThrow(
    /^A fork of chain eip155:31900 .* could not be simulated on: The RPC of chain .* does not have the block/,
  );
});

test("forks beside each other know nothing of each other, and all end with the chains", async () => {
  // The other chains' own, which waits for their next fork, is there before the rest is counted.
  await chain.atOneBlock(async () => chain.head());
  const before = anvils();
  const opened = openChains({ rpc: { [world.id]: world.anvil.url }, gasKey, forksAhead: true });
  const own = opened.get(world.id);
  await own.atOneBlock(async () => {
    const [first, second] = await Promise.all(
      [5, 6].map((value) =>
        own.onFork(async (fork) => {
          const slot = { account: timelock, slot: word(99) };
          await fork.write([{ ...slot, word: word(value) }]);
          return fork.storage([slot]);
        }),
      ),
    );
    expect([first, second]).toEqual([[word(5)], [word(6)]]);
  });
  // One is started for the next fork, which does not come.
  await own.atOneBlock(async () => own.head());
  opened.close();
  await expect.poll(() => anvils().filter((one) => !before.includes(one)), { timeout: 10_000 }).toEqual([]);
});

/** Guards of the anvils that this process has running. */
function anvils(): string[] {
  const found = spawnSync("pgrep", ["-P", String(process.pid), "-f", "anvil-guard"], { encoding: "utf8" });
  return found.stdout.split("\n").sort();
}
