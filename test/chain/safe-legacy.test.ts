/** Safe 1.2.0: its domain has no chain id, and its signature check cannot be called from outside. */

import fc from "fast-check";
import type { Address, Hex } from "viem";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { callTx, execTransactionData, packSignatures } from "../../src/domain/safe-signatures.ts";
import { type SafeTx, safeTxHashes, safeTypedData } from "../../src/domain/safe-tx.ts";
import { person, safe120, safeAbi, safeArtefact, startWorld, type World } from "./world.ts";

const owners = ["ada", "ben", "caro"].map(person);
let world: World;
let safe: Address;

beforeAll(async () => {
  world = await startWorld();
  const singleton = safe120();
  const proxy = safeArtefact("1.4.1", "proxies/SafeProxy.sol/SafeProxy.json");
  const addresses = owners.map((owner) => owner.address);
  safe = await world.safe(singleton, proxy, addresses, 2);
});
afterAll(() => world.stop());

const tx = (nonce: bigint, data: Hex = "0x") =>
  callTx({ chain: world.id, safe, safeVersion: "1.2.0", nonce, to: world.deployer, data });
const sign = async (index: number, over: SafeTx) => {
  const owner = owners[index] ?? person("nobody");
  return { owner: owner.address, signature: await owner.signTypedData(safeTypedData(over)) };
};

test("its facts are read, and its hashes are ours", async () => {
  expect(await world.chain.safe(safe)).toMatchObject({ version: "1.2.0", threshold: 2, nonce: 0n, modules: [] });
  const data = fc.uint8Array({ maxLength: 80 }).map((bytes) => `0x${Buffer.from(bytes).toString("hex")}` as Hex);
  await fc.assert(
    fc.asyncProperty(fc.bigInt({ min: 0n, max: (1n << 256n) - 1n }), data, async (nonce, bytes) => {
      const one = tx(nonce, bytes);
      const args = [one.to, one.value, one.data, 0, 0n, 0n, 0n, one.gasToken, one.refundReceiver, nonce] as const;
      const hash = await world.client.readContract({
        abi: safeAbi,
        address: safe,
        functionName: "getTransactionHash",
        args,
      });
      expect(safeTxHashes(one).safeTxHash).toBe(hash);
      expect(safeTxHashes({ ...one, safeVersion: "1.4.1" }).safeTxHash).not.toBe(hash);
    }),
    { numRuns: 20 },
  );
});

test("modules are listed over several pages, none skipped at the borders", async () => {
  const modules = Array.from(
    { length: 60 },
    (_, index) => `0x${(index + 2).toString(16).padStart(40, "0")}` as Address,
  );
  for (const module of modules) await world.send(safe, safe, world.call(safeAbi, "enableModule", [module]));
  const found = (await world.chain.safe(safe)).modules;
  expect(found.map((module) => module.toLowerCase()).sort()).toEqual(modules);
});

test("signatures are judged by the Safe, for later nonces too, and for calls that would fail", async () => {
  const accepts = async (over: SafeTx, ...list: Awaited<ReturnType<typeof sign>>[]) =>
    world.chain.checkSignatures(over, packSignatures(list));
  for (const over of [tx(0n), tx(7n), { ...tx(0n, "0x12345678"), to: safe }]) {
    expect(await accepts(over, await sign(1, over), await sign(0, over))).toBe(true);
    expect(await accepts(over, await sign(1, over))).toBe(false);
    expect(await accepts(over, await sign(1, over), await sign(1, over))).toBe(false);
    expect(await accepts(over, await sign(1, over), await sign(9, over))).toBe(false);
    expect(await accepts(over, await sign(1, over), await sign(0, tx(8n)))).toBe(false);
  }
});

test("one that states another version than it hashes like is refused", async () => {
  const { abi, bytecode } = safe120();
  const text = (version: string) => Buffer.from(version).toString("hex");
  const liar = { abi, bytecode: bytecode.replaceAll(text("1.2.0"), text("1.4.1")) as Hex };
  const account = await world.safe(
    liar,
    safeArtefact("1.4.1", "proxies/SafeProxy.sol/SafeProxy.json"),
    [world.deployer],
    1,
  );
  await expect(world.chain.safe(account)).rejects.toThrow(`${account} on chain eip155:31900 is not a Safe.`);
});

test("it is executed by the gas key", async () => {
  const signatures = packSignatures([await sign(2, tx(0n)), await sign(0, tx(0n))]);
  const { raw, hash } = await world.chain.signWithGasKey({ to: safe, data: execTransactionData(tx(0n), signatures) });
  await world.chain.broadcast(raw);
  expect(await vi.waitUntil(() => world.chain.receipt(hash))).toMatchObject({ success: true });
  expect((await world.chain.safe(safe)).nonce).toBe(1n);
});
