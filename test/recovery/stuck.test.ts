import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { keccak256, numberToHex, parseGwei, parseTransaction, type TransactionSerializableEIP1559 } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { BlockProducer } from "../../src/embedded/block-producer.ts";
import { embeddedPeople } from "../../src/embedded/people.ts";
import { tradeOnce } from "../../src/embedded/trade.ts";
import { type StartedWorld, startWorld } from "../../src/embedded/world.ts";
import { type Chain, ChainFault, type Chains, type Store } from "../../src/ports.ts";
import { StoreFault } from "../../src/store/fault.ts";
import { rawRpc } from "../support/crash-outcome.ts";
import { deliveryId, driveCeremony, walletOf } from "../support/live-ceremony.ts";
import { gasKey, type Live, quietBlocks, startLive } from "../support/live-quorate.ts";

type Raw = `0x${string}`;

let world: StartedWorld;
let blocks: BlockProducer;
let dataDir: string;
let live: Live;
/** Happens right before a broadcast. A hash that comes back is the node's answer: it keeps the bytes, and they are not mined. */
let beforeBroadcast: (raw: Raw) => Promise<Raw | undefined>;
let beforeFail: () => void;
let diskIsFull: boolean;

beforeEach(async () => {
  world = await startWorld();
  blocks = await quietBlocks(world);
  dataDir = await mkdtemp(join(tmpdir(), "quorate-stuck-"));
  beforeBroadcast = async () => undefined;
  beforeFail = () => undefined;
  diskIsFull = false;
  live = await startLive({
    environment: { QUORATE_DATA: dataDir, [`RPC_${world.chainId}`]: world.url },
    world,
    wrap: ({ store, chains }) => ({ store: fullAtTimes(store), chains: interrupted(chains) }),
  });
});
afterEach(async () => {
  await live?.stop();
  await blocks?.stop();
  await world?.stop();
  await rm(dataDir, { recursive: true, force: true });
});

function interrupted(chains: Chains): Chains {
  const broadcast = async (chain: Chain, raw: Raw) => {
    return (await beforeBroadcast(raw)) ?? chain.broadcast(raw);
  };
  return { ids: chains.ids, get: (id) => ({ ...chains.get(id), broadcast: (raw) => broadcast(chains.get(id), raw) }) };
}

function fullAtTimes(store: Store): Store {
  const full = () => {
    if (diskIsFull) throw new StoreFault("failed", "The disk is full.");
  };
  return {
    ...store,
    async complete(...args) {
      full();
      return store.complete(...args);
    },
    async fail(...args) {
      beforeFail();
      full();
      return store.fail(...args);
    },
  };
}

/** The same nonce, used up by another transaction of the same account. */
async function useNonce(key: Raw, raw: Raw): Promise<void> {
  const account = privateKeyToAccount(key);
  const { nonce = 0 } = parseTransaction(raw);
  const fees = { maxFeePerGas: parseGwei("200"), maxPriorityFeePerGas: parseGwei("2") };
  const other = { chainId: world.chainId, nonce, to: account.address, gas: 21_000n, ...fees, type: "eip1559" as const };
  const hash = await rawRpc(world.url, "eth_sendRawTransaction", await account.signTransaction(other));
  await vi.waitFor(async () => expect(await rawRpc(world.url, "eth_getTransactionReceipt", hash)).not.toBeNull());
}

/** With another nonce than the wallet's next, where one is given. */
async function executeAsEve(nonce?: number): Promise<void> {
  const account = "console:eve";
  const invocation = { command: "execute", options: {}, account, deliveryId: deliveryId("execute") };
  const view = await live.quorate.dispatch(invocation, () => undefined);
  const eve = live.policy.people.find((one) => one.id === "eve");
  const [item] = view.kind === "wallet" ? view.items : [];
  if (item?.kind !== "transaction" || eve === undefined) throw new Error("Eve was not asked for her transaction.");
  const signed = await walletOf(eve, world.url).signTransaction(item);
  const {
    r: _r,
    s: _s,
    v: _v,
    yParity: _parity,
    ...unsigned
  } = parseTransaction(signed) as TransactionSerializableEIP1559;
  const again = privateKeyToAccount(embeddedPeople.eve.privateKey).signTransaction;
  const raw = nonce === undefined ? signed : await again({ ...unsigned, type: "eip1559", nonce });
  expect((await live.quorate.intake.transaction(account, "UP-1", raw)).ok).toBe(true);
}

describe("what was signed and can never be mined holds nothing up", () => {
  test("the gas key's nonce was used by another transaction: it signs again", async () => {
    let broadcasts = 0;
    beforeBroadcast = async (raw) => {
      broadcasts += 1;
      if (broadcasts === 1) await useNonce(gasKey, raw);
    };
    const state = await driveCeremony(live.stage, (now) => now.status === "scheduled");
    expect(live.faults.join("\n")).toMatch(/nonce 0 was used by another/);
    expect(state.onChain.map((one) => one.state)).toEqual(["mined", "mined", "mined", "mined"]);
    expect(broadcasts).toBe(5);
  }, 120_000);

  test("the base fee has left behind what the gas key offered: the same is sent at a higher fee", async () => {
    const sent: Raw[] = [];
    beforeBroadcast = async (raw) => {
      sent.push(raw);
      if (sent.length > 1) return undefined;
      const { maxFeePerGas = 0n } = parseTransaction(raw);
      await rawRpc(world.url, "anvil_setNextBlockBaseFeePerGas", numberToHex(maxFeePerGas * 3n));
      await tradeOnce(world);
      return keccak256(raw);
    };
    const state = await driveCeremony(live.stage, (now) => now.status === "scheduled");
    const [first, second] = sent.map((raw) => parseTransaction(raw));
    const { r: _r, s: _s, v: _v, yParity: _y, maxFeePerGas, maxPriorityFeePerGas, ...call } = first ?? {};
    expect(second).toMatchObject(call);
    expect(second?.maxFeePerGas).toBeGreaterThan((maxFeePerGas ?? 0n) * 4n);
    expect(second?.maxPriorityFeePerGas).toBeGreaterThan(maxPriorityFeePerGas ?? 0n);
    expect(sent).toHaveLength(5);
    expect(state.onChain.map((one) => one.state)).toEqual(["mined", "mined", "mined", "mined"]);
    expect(state.onChain.map((one) => one.hash)).toContain(keccak256(sent[1] ?? "0x"));
  }, 120_000);

  test("a node that finds the raise too small keeps what it has: it is raised again, at the same nonce", async () => {
    const sent: Raw[] = [];
    beforeBroadcast = async (raw) => {
      sent.push(raw);
      if (sent.length > 2) return undefined;
      if (sent.length === 2)
        throw new ChainFault("rejected", "The node refused it: replacement transaction underpriced.");
      const { maxFeePerGas = 0n } = parseTransaction(raw);
      await rawRpc(world.url, "anvil_setNextBlockBaseFeePerGas", numberToHex(maxFeePerGas * 3n));
      await tradeOnce(world);
      return keccak256(raw);
    };
    await driveCeremony(live.stage, (now) => now.status === "scheduled");
    const [first, second, third] = sent.map((raw) => parseTransaction(raw));
    expect([second?.nonce, third?.nonce]).toEqual([first?.nonce, first?.nonce]);
    expect(third?.maxFeePerGas).toBeGreaterThan(first?.maxFeePerGas ?? 0n);
    expect(third?.maxPriorityFeePerGas).toBeGreaterThan(first?.maxPriorityFeePerGas ?? 0n);
    expect(sent).toHaveLength(6);
  }, 120_000);

  test.each(["while it is waited for", "later"])(
    "it was raised, and what was sent first is mined all the same, %s: it has arrived",
    async (when) => {
      const sent: Raw[] = [];
      // Another node had the first, and the fees have come down again.
      const firstIsMined = async () => {
        await rawRpc(world.url, "anvil_setNextBlockBaseFeePerGas", "0x1");
        await tradeOnce(world);
        await rawRpc(world.url, "eth_sendRawTransaction", sent[0]);
      };
      beforeFail = () => {
        if (sent.length === 2 && when === "later") void firstIsMined();
      };
      beforeBroadcast = async (raw) => {
        sent.push(raw);
        if (sent.length > 2) return undefined;
        const { maxFeePerGas = 0n } = parseTransaction(raw);
        if (sent.length === 1) {
          await rawRpc(world.url, "anvil_setNextBlockBaseFeePerGas", numberToHex(maxFeePerGas * 3n));
          await tradeOnce(world);
        } else if (when !== "later") await firstIsMined();
        return keccak256(raw);
      };
      const state = await driveCeremony(live.stage, (now) => now.status === "scheduled");
      expect(sent).toHaveLength(5);
      expect(parseTransaction(sent[1] ?? "0x").nonce).toBe(parseTransaction(sent[0] ?? "0x").nonce);
      expect(state.onChain.map((one) => one.state)).toEqual(["mined", "mined", "mined", "mined"]);
      expect(state.onChain.map((one) => one.hash)).toContain(keccak256(sent[0] ?? "0x"));
      const tries = live.faults.filter((one) => one.includes("not mined yet"));
      expect(tries).toHaveLength(when === "later" ? 2 : 1);
    },
    120_000,
  );

  test("the executor's nonce was used by another transaction: they are told, and a second one is sent", async () => {
    await driveCeremony(live.stage, (now) => now.status === "ready");
    let broadcasts = 0;
    beforeBroadcast = async (raw) => {
      broadcasts += 1;
      if (broadcasts === 1) await useNonce(embeddedPeople.eve.privateKey, raw);
    };
    await driveCeremony(live.stage, (now) => now.status === "canary");
    const failed = (await live.quorate.ledger.history("UP-1")).filter((one) => one.type === "executionFailed");
    expect(failed.map((one) => one.data.reason)).toEqual([expect.stringMatching(/its nonce 0 was used by another/)]);
    expect(broadcasts).toBe(2);
    await vi.waitFor(async () => expect(await live.store.open()).toBe(0), { timeout: 20_000 });
  }, 120_000);

  test("the executor's transaction waits for a nonce that never comes: their next one is sent all the same", async () => {
    await driveCeremony(live.stage, (now) => now.status === "ready");
    await executeAsEve(7);
    await executeAsEve();
    const state = await driveCeremony(live.stage, (now) => now.status === "canary");
    expect(state.executedLegs.map((one) => one.leg)).toEqual(["pilot"]);
    await vi.waitFor(async () => expect(await live.store.open()).toBe(0), { timeout: 60_000 });
  }, 120_000);

  test("a card is not shown over and over while the disk is full, and everything goes on when it is not", async () => {
    await driveCeremony(live.stage, (now) => now.status === "drafted");
    await live.quorate.settle();
    const shownBefore = live.cards.length;
    diskIsFull = true;
    const press = { command: "check", options: {}, account: "console:ada", deliveryId: deliveryId("check") };
    void live.quorate.dispatch(press, () => undefined);
    const refused = Promise.withResolvers<void>();
    beforeFail = () => refused.resolve();
    await refused.promise;
    await pause(1_500);
    expect(live.cards.length - shownBefore).toBeLessThan(10);
    diskIsFull = false;
    await vi.waitFor(async () => expect(await live.store.open()).toBe(0), { timeout: 20_000 });
    expect((await live.quorate.services.find("UP-1")).status).toBe("in review");
  }, 120_000);
});
