/** Where forks get their state from: few requests to the chain, and never a value that it did not give. */

import { spawnSync } from "node:child_process";
import { type Address, encodeFunctionData, parseAbi, zeroAddress } from "viem";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type OpenChains, openChains } from "../../src/chain/open.ts";
import type { Foreseen, TracedCall } from "../../src/fork.ts";
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
  chains = openChains({ rpc: { [world.id]: rpc.url }, gasKey, timeoutMs: 5_000 });
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
  await chain.onFork(async (fork) => {
    const before = rpc.asked.length;
    expect(await fork.read([call])).toEqual([word(1)]);
    expect(rpc.asked.slice(before).filter((one) => one === "eth_getStorageAt" || one === "eth_getCode")).toEqual([]);
  }, foresee(call));
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
  const before = anvils();
  const opened = openChains({ rpc: { [world.id]: world.anvil.url }, gasKey });
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
