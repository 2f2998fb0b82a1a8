/** Rows of calls in one eth_call: in a row each finds what those before it left, between rows nothing is left. */

import { type Address, type Hex, pad, toHex } from "viem";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { openChains } from "../../src/chain/open.ts";
import { somebody, type TriedCall } from "../../src/domain/exits/trial.ts";
import { gasKey, person, startWorld, type World, word } from "./world.ts";

const at = (low: number): Address => `0x${(0xc0de_0000 + low).toString(16).padStart(40, "0")}`;
const [counter, failing, asking, paid, endless] = [1, 2, 3, 4, 5].map(at) as [
  Address,
  Address,
  Address,
  Address,
  Address,
];
/** Puts one more into slot 0 and returns it; reverts with it; returns who asks; what it is paid; never ends. */
const codes: [Address, Hex][] = [
  [counter, "0x5f54600101805f555f5260205ff3"],
  [failing, "0x602a5f5260205ffd"],
  [asking, "0x335f5260205ff3"],
  [paid, "0x345f5260205ff3"],
  [endless, "0x5b5f56"],
];

let world: World;
let blockHash: Hex;
beforeAll(async () => {
  world = await startWorld();
  for (const [address, bytecode] of codes) await world.client.setCode({ address, bytecode });
  await world.client.mine({ blocks: 1 });
  blockHash = (await world.chain.head()).hash;
});
afterAll(() => world.stop());

const to = (account: Address): TriedCall => ({ to: account, data: "0x" });
const went = (...values: number[]) => ({ answers: values.map((one) => word(one)), failed: undefined });

test("a row goes on from call to call, and ends at the first that fails, with what that said", async () => {
  const rows = [[to(counter), to(counter)], [to(counter)], [to(counter), to(failing), to(counter)], []];
  expect(await world.chain.tryOut([{ rows }], { blockHash })).toEqual([
    [went(1, 2), went(1), { answers: [word(1)], failed: word(42) }, went()],
  ]);
  expect(await world.client.getStorageAt({ address: counter, slot: "0x0" })).toBe(word(0));
});

test("calls come from whom they are to come from, with what they are to pay, whatever is theirs", async () => {
  const eve = person("eve").address;
  const rows = [[to(asking), { ...to(asking), from: eve }], [{ ...to(paid), from: eve, value: 5n }]];
  const [[asked, pays] = []] = await world.chain.tryOut([{ rows }], { blockHash });
  expect(asked?.answers).toEqual([pad(somebody).toLowerCase(), pad(eve).toLowerCase()]);
  expect(pays).toEqual(went(5));
});

test("what never ends fails by itself, and does not cost the others their answer", async () => {
  const rows = [[to(endless)], [to(counter)], [to(counter), to(endless)], [to(failing)]];
  expect(await world.chain.tryOut([{ rows }], { blockHash })).toEqual([
    [{ answers: [], failed: "0x" }, went(1), { answers: [word(1)], failed: "0x" }, { answers: [], failed: word(42) }],
  ]);
});

test("what the others left no gas for has no answer, which is another thing than failing", async () => {
  const rows = [...Array.from({ length: 6 }, () => [to(endless)]), [to(counter)]];
  const [outcomes] = await world.chain.tryOut([{ rows }], { blockHash });
  expect(outcomes?.slice(0, 4)).toEqual(Array.from({ length: 4 }, () => ({ answers: [], failed: "0x" })));
  expect(outcomes?.slice(5)).toEqual([undefined, undefined]);
});

test("what is pretended holds for its own question alone, and all questions are one message", async () => {
  let messages = 0;
  const watched = new Proxy(globalThis.fetch, {
    apply(target, self, args) {
      messages += 1;
      return Reflect.apply(target, self, args);
    },
  });
  vi.stubGlobal("fetch", watched);
  const chains = openChains({ rpc: { [world.id]: world.anvil.url }, gasKey });
  try {
    const chain = chains.get(world.id);
    await chain.head();
    messages = 0;
    const pretend = [{ account: counter, slot: toHex(0n, { size: 32 }), value: word(8) }];
    const rows = [[to(counter)]];
    expect(await chain.tryOut([{ rows, pretend }, { rows }], { blockHash })).toEqual([[went(9)], [went(1)]]);
    expect(messages).toBeLessThanOrEqual(1);
  } finally {
    chains.close();
    vi.unstubAllGlobals();
  }
});

test("a block that is not there, or an answer that is none, is a fault and no answer", async () => {
  const rows = [[to(counter)]];
  await expect(world.chain.tryOut([{ rows }], { blockHash: word(1) })).rejects.toMatchObject({ name: "ChainFault" });
});
