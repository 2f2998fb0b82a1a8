/** The reads of one check: one block, each question once, in few messages; and nothing of it outlives the check. */

import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type OpenChains, openChains } from "../../src/chain/open.ts";
import type { Address } from "../../src/domain/primitives.ts";
import type { Chain } from "../../src/ports.ts";
import { type FaultyRpc, startFaultyRpc } from "../support/faulty-rpc.ts";
import { gasKey, person, startWorld, type World, word } from "./world.ts";

let world: World;
let rpc: FaultyRpc;
let chains: OpenChains;
let chain: Chain;
beforeAll(async () => {
  world = await startWorld();
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

const account: Address = person("whoever").address;
const fund = async (value: bigint) => {
  await world.client.setBalance({ address: account, value });
  await world.client.mine({ blocks: 1 });
};
/** HTTP messages that something needs, on a connection that has been used. */
async function messagesFor(run: () => Promise<unknown>): Promise<number> {
  await chain.head();
  const before = rpc.messages();
  await run();
  return rpc.messages() - before;
}

test("what is asked at one moment is one message, and what was asked is not asked again", async () => {
  const slots = [1, 2, 3].map((slot) => ({ account, slot: word(slot) }));
  const ask = () =>
    Promise.all([
      chain.head(),
      chain.balance(account),
      chain.codes([account]),
      chain.words(slots),
      chain.codeHash(account),
    ]);
  const messages = await messagesFor(() =>
    chain.atOneBlock(async () => {
      await ask();
      await ask();
      await chain.storage(account, word(2));
      expect(await chain.head()).toEqual(await chain.head());
    }),
  );
  // The newest block, and everything else.
  expect(messages).toBe(2);
});

test("a check sees one block to its end, the next check the next one, and reads outside of it the newest", async () => {
  await fund(1n);
  const seen = await chain.atOneBlock(async () => {
    const first = [await chain.head(), await chain.balance(account)];
    await fund(2n);
    const stranger = person("asked about later").address;
    await world.client.setBalance({ address: stranger, value: 7n });
    await world.client.mine({ blocks: 1 });
    // Not asked before the block was mined: answered as of the check's block all the same.
    expect(await chain.balance(stranger)).toBe(0n);
    expect([await chain.head(), await chain.balance(account)]).toEqual(first);
    const forked = await chain.onFork(async (fork) => fork.block);
    return { head: first[0], balance: first[1], forked };
  });
  expect(seen.balance).toBe(1n);
  expect(seen.forked).toEqual(seen.head);
  expect(await chain.balance(account)).toBe(2n);
  expect(await chain.atOneBlock(() => chain.balance(account))).toBe(2n);
});

test("an answer that did not come is asked for again, and no check hears of another's trouble", async () => {
  await chain.head();
  await chain.atOneBlock(async () => {
    const head = await chain.head();
    await rpc.misbehave({ kind: "status", status: 403 });
    await expect(chain.balance(account)).rejects.toThrow(/HTTP 403/);
    await rpc.misbehave({ kind: "none" });
    expect(await chain.balance(account)).toBe(2n);
    expect(await chain.head()).toEqual(head);
  });
});

test("a node that takes few questions at once is asked in smaller parts", async () => {
  const slots = Array.from({ length: 100 }, (_, slot) => ({ account, slot: word(slot) }));
  await chain.atOneBlock(async () => {
    await chain.head();
    await rpc.misbehave({ kind: "status", status: 413, times: 1 });
    expect(await messagesFor(() => chain.words(slots))).toBeGreaterThan(2);
  });
});
