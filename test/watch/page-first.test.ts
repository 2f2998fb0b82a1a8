/** Whoever has to be called is called before the disk is kept busy with what was measured, and whatever else is being written. */

import { setTimeout as pause } from "node:timers/promises";
import { keccak256, stringToBytes } from "viem";
import { afterAll, beforeAll, expect, test } from "vitest";
import { system } from "../../src/domain/events.ts";
import type { Observation } from "../../src/domain/intent.ts";
import { zeroHash } from "../../src/domain/primitives.ts";
import { tradeOnce } from "../../src/embedded/trade.ts";
import type { Chain } from "../../src/ports.ts";
import { startCouncil, type TestCouncil, walk } from "../support/embedded.ts";

let council: TestCouncil;
beforeAll(async () => {
  council = await startCouncil();
  await walk(council, "canary");
});
afterAll(() => council?.stop());

/** Where OpenZeppelin's UpgradeableBeacon keeps its owner. */
const ownerSlot = `0x${"0".repeat(64)}`;

/** Less than the outbox gives, by what passes before it begins. */
const headStartMs = 40;

test("the page of a breach is shown before the block that it was seen in is kept", async () => {
  const { store, chains, world, policy, shown, switches, quorate } = council;
  const read = policy.metrics.find((one) => one.id === "pilot-owner")?.read;
  if (read?.kind !== "addressIs" || read.of.kind !== "call") throw new Error("The pilot's owner is not asked for.");
  await world.node.request("anvil_setStorageAt", read.of.to, ownerSlot, `0x${"1".padStart(64, "0")}`);
  const pages = () => shown.filter((one) => one.urgent === true && one.title.includes("Pilot")).length;
  const isKept = Promise.withResolvers<void>();
  let alertFrom: number | undefined;
  const kept: { block: bigint; pages: number; waited: number }[] = [];
  const keepBlock: typeof store.keepBlock = async (...given) => {
    kept.push({ block: given[1].number, pages: pages(), waited: performance.now() - (alertFrom ?? performance.now()) });
    isKept.resolve();
    return store.keepBlock(...given);
  };
  // Nothing else of the block is to be waited for.
  const quiet = {
    logsIn: async () => [],
    wordsAt: async (slots: readonly unknown[]) => slots.map(() => zeroHash),
    codeHashesAt: async (accounts: readonly unknown[]) => accounts.map(() => zeroHash),
  };
  switches.chains = { ids: chains.ids, get: (id) => Object.assign(Object.create(chains.get(id)) as Chain, quiet) };
  // A disk that takes its time over the alert, and less than the head start: what does not wait for it goes before.
  const append: typeof store.append = async (...given) => {
    if (given[0] === "watch") {
      alertFrom ??= performance.now();
      await Promise.race([isKept.promise, pause(30)]);
    }
    return store.append(...given);
  };
  switches.store = Object.assign(Object.create(store) as typeof store, { keepBlock, append });
  const { number } = await tradeOnce(world);
  await quorate.settle();
  switches.store = undefined;
  switches.chains = undefined;
  expect((await council.state()).breaches.map((one) => one.metric)).toContain("pilot-owner");
  const found = kept.find((one) => one.block === number);
  // No longer than the head start that whatever is urgent has: a machine may be that slow.
  if (!((found?.waited ?? 0) >= headStartMs)) expect(found).toMatchObject({ pages: 1 });
});

test("what calls people by itself does not wait for an alert that is still being written", async () => {
  const { store, policy, shown, switches, quorate } = council;
  const [chain] = policy.chains;
  if (chain === undefined) throw new Error("There is a chain.");
  const block = { chain: chain.id, ...(await council.chains.get(chain.id).head()) } as const;
  const observe = (seen: Observation) => quorate.ledger.handle("UP-1", { kind: "observe", by: system, seen });
  const [tx] = (await council.state()).review?.transactions ?? [];
  if (tx === undefined) throw new Error("Something was signed.");
  const sibling = { what: "sibling", chain: chain.id, safe: tx.tx.safe, nonce: tx.tx.nonce, tx: tx.id } as const;
  const metric = "pilot-solvency";
  const before: number[] = [];
  // Once of three times a machine may be too slow for it: the page has a part of the head start, and not all of it.
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    const { length } = shown;
    const calls = () =>
      shown.slice(length).filter((one) => one.urgent === true && one.title.includes("another transaction"));
    const append: typeof store.append = async (...given) => {
      if (given[0] === "watch" && before.length < attempt) {
        await pause(30);
        before.push(calls().length);
      }
      return store.append(...given);
    };
    switches.store = Object.assign(Object.create(store) as typeof store, { append });
    await observe({ what: "breach", metric, block, value: "9000", sentence: "It is low." });
    const safeTxHash = keccak256(stringToBytes(`sibling ${attempt}`));
    await observe({ ...sibling, safeTxHash, differs: ["it calls another contract"], signatures: 0 });
    await quorate.settle();
    switches.store = undefined;
    expect(calls()).toHaveLength(1);
    await observe({ what: "cleared", metric, block });
    await quorate.settle();
  }
  expect(before.filter((one) => one === 1).length, `${before}`).toBeGreaterThanOrEqual(2);
});
