/** The block watch whole: blocks, power, incidents and their pages, on the chain of a council whose own program has ended. */

import { encodeFunctionData, parseAbi } from "viem";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type BlockWatch, startBlockWatch } from "../src/block-watch.ts";
import type { AlertSignal } from "../src/domain/alerts/watch-intent.ts";
import { advanceTime } from "../src/embedded/trade.ts";
import { actAs } from "./embedded/act.ts";
import { by } from "./support/ceremony-driver.ts";
import { startCouncil, type TestCouncil } from "./support/embedded.ts";

let council: TestCouncil;
let watch: BlockWatch;
const signals: AlertSignal[] = [];
const faults: string[] = [];
let changes = 0;

const id = "eip155:31337";

function start(): void {
  const { store, chains, policy, quorate } = council;
  watch = startBlockWatch({
    ...{ store, chains, policy, clock: { now: () => 1_800_000_000n } },
    list: () => quorate.ledger.list(),
    signal: async (one) => signals.push(one),
    changed() {
      changes += 1;
    },
    broken: (fault) => faults.push(fault.message),
    onFault: (where, fault) => faults.push(`${where}: ${(fault as Error).message}`),
  });
}

beforeAll(async () => {
  council = await startCouncil();
  await council.quorate.stop();
  start();
  await watch.settled(id, "all");
});
afterAll(async () => {
  await watch.stop();
  await council.stop();
});

const abi = parseAbi(["function upgradeToAndCall(address implementation, bytes data) payable"]);

test("a hotfix while nobody is in a ceremony, and while the program is down, pages and stays open until it is settled", async () => {
  const { world } = council;
  await watch.stop();
  const data = encodeFunctionData({ abi, args: [world.implementations.vaultV2Inflating, "0x"] });
  expect(await actAs(world, world.timelock, world.vault, data)).toBe(true);
  const newest = await advanceTime(world, 60n, 50);
  start();
  await watch.settled(id, "all");
  expect((await council.store.newestJudged(id, 1))[0]?.hash).toBe(newest.hash);
  expect(watch.missing(id)).toBe(0n);
  const [incident, ...more] = watch.incidents();
  expect(more).toEqual([]);
  expect(incident).toMatchObject({
    targets: ["harbour"],
    settled: false,
    sender: expect.stringContaining("the timelock"),
  });
  expect(
    signals.map(({ severity, condition, target, ceremony }) => ({ severity, condition, target, ceremony })),
  ).toEqual([{ severity: 1, condition: "firing", target: "harbour", ceremony: "" }]);
  expect(signals[0]?.facts.what).toMatch(
    /^INC-[0-9a-f]{8}: Vault \(0x\w+\) was given new code: .* Sent by the timelock \(0x\w+\)$/,
  );
  expect(changes).toBe(1);

  // A restart calls again for what is open, and opens nothing new.
  await watch.stop();
  start();
  await watch.settled(id, "all");
  expect(signals).toHaveLength(2);
  expect(signals[1]).toEqual(signals[0]);
  const name = incident?.incident ?? "";
  const note = "A hotfix by the timelock's owners; put back.";
  expect((await watch.settle(by("ben"), name, note)).ok).toBe(true);
  expect(watch.incidents()).toHaveLength(1);
  expect((await watch.settle(by("caro"), name, note)).ok).toBe(true);
  expect(watch.incidents()).toEqual([]);
  expect(signals.at(-1)).toMatchObject({ condition: "cleared", metric: name.toLowerCase() });
  expect(faults).toEqual([]);
});
