/** What else is done on a head comes after the block was judged and whoever it concerns is being called. */

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Head } from "../../src/chain-facts.ts";
import type { Chain, Chains } from "../../src/ports.ts";
import { type UnhurriedHeads, unhurriedHeads } from "../../src/watch/unhurried-heads.ts";
import { hashOf, mainnet } from "../support/sample-council.ts";

let tell: (head: Head) => void;
let isFollowed: boolean;
let told: bigint[];
let calm: PromiseWithResolvers<void>;
let heads: UnhurriedHeads;
let end: () => void;

const head = (number: bigint): Head => ({ number, hash: hashOf(`block ${number}`), timestamp: number });
const turns = () => vi.advanceTimersByTimeAsync(0);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  [told, isFollowed] = [[], true];
  calm = Promise.withResolvers();
  calm.resolve();
  const chain = {
    id: mainnet,
    onHead(listener: (head: Head) => void) {
      tell = listener;
      return () => {
        isFollowed = false;
      };
    },
  } as unknown as Chain;
  const chains: Chains = { ids: [mainnet], get: () => chain };
  heads = unhurriedHeads(chains, () => calm.promise);
  end = heads.chains.get(mainnet).onHead(
    ({ number }) => void told.push(number),
    () => undefined,
  );
});
afterEach(() => {
  end();
  vi.useRealTimers();
});

test("a head is told once its block was judged", async () => {
  tell(head(7n));
  await turns();
  expect(told).toEqual([]);
  heads.judged(mainnet, head(7n));
  await turns();
  expect(told).toEqual([7n]);
  tell(head(7n));
  await turns();
  expect(told, "what was judged before is told at once").toEqual([7n, 7n]);
});

test("it waits while something urgent is about to leave", async () => {
  calm = Promise.withResolvers();
  tell(head(7n));
  heads.judged(mainnet, head(7n));
  await turns();
  expect(told).toEqual([]);
  calm.resolve();
  await turns();
  expect(told).toEqual([7n]);
});

test("of several that wait the newest is told, once, and not before it was judged itself", async () => {
  tell(head(7n));
  tell(head(8n));
  heads.judged(mainnet, head(7n));
  await turns();
  expect(told).toEqual([]);
  heads.judged(mainnet, head(8n));
  await turns();
  expect(told).toEqual([8n]);
});

test("what is never judged is told a second later, however many come meanwhile", async () => {
  tell(head(7n));
  await vi.advanceTimersByTimeAsync(600);
  tell(head(8n));
  await vi.advanceTimersByTimeAsync(399);
  expect(told).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(told).toEqual([8n]);
});

test("whoever follows no more is told nothing", async () => {
  tell(head(7n));
  end();
  expect(isFollowed).toBe(false);
  heads.judged(mainnet, head(7n));
  await vi.advanceTimersByTimeAsync(2_000);
  expect(told).toEqual([]);
});
