/** Whoever has to be called is called before the disk is kept busy with what was measured. */

import { setImmediate as nextTurn } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { tradeOnce } from "../../src/embedded/trade.ts";
import { startCouncil, type TestCouncil, walk } from "../support/embedded.ts";

let council: TestCouncil;
beforeAll(async () => {
  council = await startCouncil();
  await walk(council, "canary");
});
afterAll(() => council?.stop());

/** Where OpenZeppelin's UpgradeableBeacon keeps its owner. */
const ownerSlot = `0x${"0".repeat(64)}`;

test("the page of a breach is shown before the block that it was seen in is kept", async () => {
  const { store, world, policy, shown, switches, quorate } = council;
  const read = policy.metrics.find((one) => one.id === "pilot-owner")?.read;
  if (read?.kind !== "addressIs" || read.of.kind !== "call") throw new Error("The pilot's owner is not asked for.");
  await world.node.request("anvil_setStorageAt", read.of.to, ownerSlot, `0x${"1".padStart(64, "0")}`);
  const order: string[] = [];
  const pages = () => shown.filter((one) => one.urgent === true && one.title.includes("Pilot")).length;
  const keepBlock: typeof store.keepBlock = async (...given) => {
    order.push(`block ${given[1].number} after ${pages()} pages`);
    return store.keepBlock(...given);
  };
  // A disk that takes its time over the alert: what does not wait for it goes before.
  const append: typeof store.append = async (...given) => {
    if (given[0] === "watch") for (let turn = 0; turn < 50; turn += 1) await nextTurn();
    return store.append(...given);
  };
  switches.store = Object.assign(Object.create(store) as typeof store, { keepBlock, append });
  const { number } = await tradeOnce(world);
  await quorate.settle();
  switches.store = undefined;
  expect((await council.state()).breaches.map((one) => one.metric)).toContain("pilot-owner");
  expect(order).toContain(`block ${number} after 1 pages`);
});
