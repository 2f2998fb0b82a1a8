/** Steps that are played leave nothing behind, and say to the last word what they would have said had they been mined. */

import { type Address, concat, getContractAddress, type Hex, keccak256, pad, stringToBytes, toHex } from "viem";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startAnvil } from "../../src/chain/anvil.ts";
import { play } from "../../src/chain/fork-play.ts";
import { httpEndpoint } from "../../src/chain/http-endpoint.ts";
import { createRpc, type Rpc } from "../../src/chain/rpc.ts";
import type { SimulationStep } from "../../src/chain-facts.ts";
import type { Fork } from "../../src/fork.ts";
import { person, startWorld, type World, word } from "./world.ts";

const at = (low: number): Address => `0x${(0xabcd_0000 + low).toString(16).padStart(40, "0")}`;
const [counter, toggle, telling, creating, failing, proxy, behindBeacon, beacon, adding] = [
  ...[1, 2, 3, 4, 5, 6, 7, 8, 9],
].map(at) as [...[Address, Address, Address, Address], ...[Address, Address, Address, Address, Address]];
/** ERC-1967: keccak256("eip1967.proxy.NAME") - 1. */
const slotOf = (name: string) => toHex(BigInt(keccak256(stringToBytes(`eip1967.proxy.${name}`))) - 1n, { size: 32 });
/** Puts one more into slot 0 and returns it. */
const counts: Hex = "0x5f54600101805f555f5260205ff3";
/**
 * Turns slot 0 from one to zero and back; logs its balance under the block's time, number and base fee; creates what it is
 * told, and keeps its address; reverts; makes what it is told its implementation; has the beacon of that number; answers its
 * slot 0, which it is told by 32 bytes; puts one into the slot that it is told, and else adds up slots 1 and 2.
 */
const codes: [Address, Hex][] = [
  [counter, counts],
  [toggle, "0x5f54155f5500"],
  [telling, "0x475f5248434260205fa300"],
  [creating, "0x365f5f37365f5ff05f5500"],
  [failing, "0x5f5ffd"],
  [proxy, concat(["0x5f357f", slotOf("implementation"), "0x5500"])],
  [behindBeacon, "0x00"],
  [beacon, "0x36602014600f575f545f5260205ff35b5f355f5500"],
  [adding, "0x36602014601457600154600254015f5260205ff35b60015f355500"],
];

let world: World;
beforeAll(async () => {
  world = await startWorld();
  const { client } = world;
  for (const [address, bytecode] of codes) await client.setCode({ address, bytecode });
  const slots: [Address, Hex, Hex][] = [
    [toggle, word(0), word(1)],
    [proxy, slotOf("implementation"), pad(counter)],
    [behindBeacon, slotOf("beacon"), pad(beacon)],
    [beacon, word(0), pad(counter)],
  ];
  for (const [address, index, value] of slots) await client.setStorageAt({ address, index, value });
  await client.setBalance({ address: person("rich").address, value: 8n });
});
afterAll(() => world.stop());

const step = (
  to: Address,
  { data = "0x01", value = 0n, after = 0n }: Partial<SimulationStep> = {},
): SimulationStep => ({
  ...{ name: `to ${to}`, from: person("rich").address, to, data, value, after },
});
/** PUSH1 length, PUSH1 10, PUSH0, CODECOPY, PUSH1 length, PUSH0, RETURN. */
const creation: Hex = concat(["0x600e600a5f39600e5ff3", counts]);
const created = getContractAddress({ from: creating, nonce: 0n });

const watch = [proxy, behindBeacon, counter];
const reads = [counter, toggle, beacon, failing, created, adding].map((to) => ({ to, data: "0x" as const }));

/** The same in blocks, taken back afterwards. */
const mined = (fork: Fork, steps: readonly SimulationStep[]) =>
  fork.aside(async () => {
    const reports = [];
    for (const one of steps) {
      reports.push(await fork.send(one, watch));
      if (reports.at(-1)?.success !== true) break;
    }
    return { steps: reports, answers: await fork.read(reads) };
  });

const sequences: [string, SimulationStep[]][] = [
  [
    "what one step wrote the next one finds, zeros too",
    [toggle, counter, counter, toggle, counter].map((to) => step(to)),
  ],
  ["slots of one account", [1, 2].map((slot) => step(adding, { data: word(slot) }))],
  ["time passes", [step(telling), step(telling, { after: 100n }), step(telling)]],
  [
    "ether moves, and is gone",
    [step(telling, { value: 3n }), step(telling, { value: 3n }), step(telling, { value: 3n })],
  ],
  ["what was created can be called", [step(creating, { data: creation }), step(created), step(created)]],
  ["two of the same maker", [step(creating, { data: creation }), step(creating, { data: creation })]],
  [
    "other code runs, by its own slot and by its beacon",
    [
      step(proxy, { data: pad(toggle) }),
      step(beacon, { data: pad(toggle) }),
      step(beacon, { data: pad(telling) }),
      step(proxy, { data: pad(counter) }),
    ],
  ],
  ["the first that fails ends it", [step(counter), step(failing), step(counter)]],
  ["a call into nothing is none", [step(counter), step(at(99))]],
  ["nothing at all", []],
];

test.each(sequences)("played as mined: %s", async (_name, steps) => {
  const [played, sent] = await world.chain.onFork(async (fork) => {
    const first = await fork.play(steps, watch, reads);
    return [first, await mined(fork, steps)] as const;
  });
  expect(played).toEqual(sent);
});

test("nothing stays of what is played, for others that are played at the same time or for the fork", async () => {
  const steps = [step(counter), step(counter), step(telling, { value: 8n })];
  await world.chain.onFork(async (fork) => {
    const before = await fork.head();
    const all = await Promise.all([1, 2, 3].map(() => fork.play(steps, watch, reads.slice(0, 1))));
    for (const one of all) {
      expect(one.steps.map(({ success }) => success)).toEqual([true, true, true]);
      expect(one.answers).toEqual([word(3)]);
    }
    await fork.play([step(creating, { data: creation }), step(created)], [], []);
    expect(await fork.head()).toEqual(before);
    expect((await fork.send(step(created))).reason).toMatch(/has no code/);
    expect(await fork.read(reads.slice(0, 1))).toEqual([word(1)]);
  });
});

test("a play that breaks off is one fault, whatever else of it fails", async () => {
  await using anvil = await startAnvil({ chainId: 31900 });
  const real = createRpc(httpEndpoint({ chain: world.id, url: new URL(anvil.url) }), 5_000);
  const gone = Promise.withResolvers<never>();
  let traces = 0;
  const breaking: Rpc = {
    ...real,
    async batch(calls) {
      const method = calls[0]?.method;
      if (method === "debug_traceCall" && ++traces > 1) {
        // By then what was asked of the first step has failed, and nobody waits for that.
        await gone.promise.catch(() => new Promise((resolve) => setImmediate(resolve)));
        throw new Error("the node went");
      }
      if (method === "eth_call") {
        gone.reject(new Error("the node goes"));
        throw new Error("the node goes");
      }
      return real.batch(calls);
    },
  };
  const head = await world.chain.head();
  const likely = new Map([["one", { method: "eth_call", params: [{ to: counter, data: "0x" }, "latest"] }]]);
  const memory = { head, coded: new Set([counter]), likely };
  await expect(play(breaking, [step(counter), step(counter)], [], [], memory)).rejects.toThrow("the node went");
});
