import { type Address, createWalletClient, defineChain, http, publicActions } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { startBlocks } from "../../src/embedded/block-producer.ts";
import { embeddedPeople } from "../../src/embedded/people.ts";
import { advanceTime, tradeOnce } from "../../src/embedded/trade.ts";
import { keeper, prowler } from "../../src/embedded/traders.ts";
import { type StartedWorld, startWorld } from "../../src/embedded/world.ts";
import { actAs } from "./act.ts";
import { type Measures, measure, read, violations } from "./measure.ts";
import { type Call, upgradePool, upgradePriceFeed, upgradeVault } from "./upgrades.ts";

let world: StartedWorld;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world?.stop());

interface Receipt {
  from: string;
  status: string;
}
async function receipts(block: bigint): Promise<Receipt[]> {
  return (await world.node.request("eth_getBlockReceipts", `0x${block.toString(16)}`)) as Receipt[];
}

describe("a trading block", () => {
  test("holds trades of savers, lenders, borrowers and the keeper, at the time asked for", async () => {
    const first = await tradeOnce(world);
    const second = await tradeOnce(world, first.timestamp + 100n);
    expect(second.number).toBe(first.number + 1n);
    expect(second.timestamp).toBe(first.timestamp + 100n);
    const done = await receipts(second.number);
    expect(done.length).toBeGreaterThanOrEqual(9);
    expect(done[0]?.from).toBe(keeper.toLowerCase());
    const failed = done.filter((one) => one.status !== "0x1").map((one) => one.from);
    expect(failed.filter((from) => from !== prowler.toLowerCase())).toEqual([]);
  });

  test("cannot lie before the block it follows", async () => {
    const { timestamp } = await tradeOnce(world);
    await expect(tradeOnce(world, timestamp)).rejects.toThrow(/cannot be mined at/);
  });

  test("every invariant holds over 100 of them, no trade fails, and the vault earns", async () => {
    const before = await measure(world);
    let last = before;
    for (let block = 0; block < 100; block++) {
      const { number } = await tradeOnce(world);
      const now = await measure(world);
      expect(violations(now, last, world.timelock), `block ${number}`).toEqual([]);
      for (const { from, status } of await receipts(number))
        expect([from, status]).toEqual([from, from === prowler.toLowerCase() ? "0x0" : "0x1"]);
      last = now;
    }
    expect(last.sharePrice).toBeGreaterThan(before.sharePrice);
  });
});

describe("after an upgrade", () => {
  /** Upgrades as the timelock would, trades, and says what was violated and after how many blocks. */
  async function upgradeAndTrade(
    call: (world: StartedWorld) => Call,
    blocks: number,
  ): Promise<[string, number] | "all well"> {
    await advanceTime(world, 100n, 10);
    const before: Measures = await measure(world);
    const { to, data } = call(world);
    expect(await actAs(world, world.timelock, to, data)).toBe(true);
    for (let block = 0; block <= blocks; block++) {
      const [violated] = violations(await measure(world), before, world.timelock);
      if (violated) return [violated, block];
      const head = await tradeOnce(world);
      await tradeOnce(world, head.timestamp + 10n);
    }
    return "all well";
  }
  const versions = async (...contracts: Address[]) => Promise.all(contracts.map((one) => read(world, "version", one)));

  test("the honest versions break nothing and say 2.0.0", async () => {
    const { vaultV2, priceFeedV2, poolV2 } = world.implementations;
    for (const call of [
      () => upgradeVault(world, vaultV2, 10),
      () => upgradePriceFeed(world, priceFeedV2),
      () => upgradePool(world.pilotBeacon, poolV2),
      () => upgradePool(world.mainBeacon, poolV2),
    ])
      expect(await upgradeAndTrade(call, 20)).toBe("all well");
    const all = await versions(world.vault, world.priceFeed, world.pilotPool, world.mainPool);
    expect(all).toEqual(["2.0.0", "2.0.0", "2.0.0", "2.0.0"]);
    expect((await receipts((await tradeOnce(world)).number)).filter((one) => one.status !== "0x1").length).toBeLessThan(
      2,
    );
  });

  test("a pilot pool that credits more than it takes is insolvent at once; the main pool is not", async () => {
    const outcome = await upgradeAndTrade((on) => upgradePool(on.pilotBeacon, on.implementations.poolV2Leaky), 3);
    expect(outcome).toEqual(["pilot pool solvent", expect.any(Number)]);
    expect((await measure(world)).mainSolvency).toBe(10_000n);
  });

  test("a vault that mints too many shares makes the share price fall", async () => {
    const outcome = await upgradeAndTrade((on) => upgradeVault(on, on.implementations.vaultV2Inflating, 10), 3);
    expect(outcome).toEqual(["share price does not fall", expect.any(Number)]);
  });

  test("a price feed that forgets the time goes stale", async () => {
    const outcome = await upgradeAndTrade((on) => upgradePriceFeed(on, on.implementations.priceFeedV2Stale), 10);
    expect(outcome).toEqual(["price fresh", expect.any(Number)]);
  });

  test("a vault with an open initialiser is taken by a stranger", async () => {
    const outcome = await upgradeAndTrade((on) => upgradeVault(on, on.implementations.vaultV2OpenDoor, 10), 3);
    expect(outcome).toEqual(["vault owned by the timelock", expect.any(Number)]);
    expect((await measure(world)).vaultOwner).toBe(prowler);
  });
});

describe("moving time forward", () => {
  test("48 hours in 12 blocks, each with trades and a fresh price", async () => {
    const start = await tradeOnce(world);
    const end = await advanceTime(world, 172_800n, 12);
    expect(end.number).toBe(start.number + 12n);
    expect(end.timestamp - start.timestamp).toBeGreaterThanOrEqual(172_800n);
    expect(end.timestamp - start.timestamp).toBeLessThan(172_805n);
    expect(world.time.now()).toBeGreaterThanOrEqual(end.timestamp);
    for (let number = start.number + 1n; number <= end.number; number++)
      expect((await receipts(number)).filter((one) => one.status === "0x1").length).toBeGreaterThanOrEqual(9);
    expect(violations(await measure(world), await measure(world), world.timelock)).toEqual([]);
  });

  test("needs a second a block", async () => {
    expect(() => advanceTime(world, 11n, 12)).toThrow(/one second a block/);
    expect(() => advanceTime(world, 11n, 0)).toThrow(/at least one block/);
  });
});

describe("blocks in the background", () => {
  function wallet() {
    const account = privateKeyToAccount(embeddedPeople.eve.privateKey);
    const chain = defineChain({
      id: 31337,
      name: "embedded",
      nativeCurrency: { name: "Ether", symbol: "ETH", decimals: 18 },
      rpcUrls: { default: { http: [world.url] } },
    });
    return createWalletClient({ account, chain, transport: http(), pollingInterval: 10, cacheTime: 0 }).extend(
      publicActions,
    );
  }

  test("a person's transaction is mined at once, in a block with trades, however long the interval", async () => {
    const producer = await startBlocks(world, { intervalMs: 3_600_000 });
    const eve = wallet();
    for (let count = 0; count < 3; count++) {
      const hash = await eve.sendTransaction({ to: embeddedPeople.ada.address, value: 1n });
      const { blockNumber } = await eve.waitForTransactionReceipt({ hash, timeout: 5_000 });
      expect((await receipts(blockNumber)).length).toBeGreaterThanOrEqual(10);
    }
    await producer.stop();
  });

  test("come by themselves, share the chain with jumps in time, and end with stop", async () => {
    const producer = await startBlocks(world, { intervalMs: 5 });
    const eve = wallet();
    const start = await eve.getBlock();
    const jumps = [advanceTime(world, 7_200n, 12), advanceTime(world, 7_200n, 12)];
    const [first, second] = await Promise.all(jumps);
    expect(second && first && second.timestamp - first.timestamp).toBeGreaterThanOrEqual(7_200n);
    while ((await eve.getBlockNumber()) < start.number + 30n);
    await producer.stop();
    const end = await eve.getBlock();
    for (let number = start.number + 1n; number <= end.number; number++)
      expect((await receipts(number)).length, `block ${number}`).toBeGreaterThanOrEqual(9);
    await expect(tradeOnce(world)).resolves.toMatchObject({ number: end.number + 1n });
  });

  test("say so once when the chain is gone", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const faults: string[] = [];
    const onFault = (error: Error) => {
      faults.push(error.message);
      resolve();
    };
    const producer = await startBlocks(world, { intervalMs: 10, onFault });
    await world.stop();
    await promise;
    await producer.stop();
    expect(faults).toEqual([expect.stringMatching(/./)]);
  });
});
