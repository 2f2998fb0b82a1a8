import fc from "fast-check";
import { type Address, type Hex, hashTypedData, zeroAddress } from "viem";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { callTx, execTransactionData, packSignatures } from "../../src/domain/safe-signatures.ts";
import { type SafeTx, safeTxHashes, safeTypedData } from "../../src/domain/safe-tx.ts";
import { deploySafe, gasKey, type ModernVersion, person, safeAbi, startWorld, type World, word } from "./world.ts";

const owners = ["ada", "ben", "caro", "dev", "eve"].map(person);
const stranger = person("stranger");
const target: Address = "0x00000000000000000000000000000000000051af";
let world: World;

beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

const hex = (size: { minLength: number; maxLength: number }) =>
  fc.uint8Array(size).map((bytes) => `0x${Buffer.from(bytes).toString("hex")}` as Hex);
const anyAddress = hex({ minLength: 20, maxLength: 20 }) as fc.Arbitrary<Address>;
const anyUint = fc.bigInt({ min: 0n, max: (1n << 256n) - 1n });
const anyTx = fc.record({
  to: anyAddress,
  value: anyUint,
  data: hex({ minLength: 0, maxLength: 100 }),
  operation: fc.constantFrom(0 as const, 1 as const),
  safeTxGas: anyUint,
  baseGas: anyUint,
  gasPrice: anyUint,
  gasToken: anyAddress,
  refundReceiver: anyAddress,
  nonce: anyUint,
});

async function hashOnChain(tx: SafeTx): Promise<Hex> {
  const { to, value, data, operation, safeTxGas, baseGas, gasPrice, gasToken, refundReceiver, nonce } = tx;
  return world.client.readContract({
    abi: safeAbi,
    address: tx.safe,
    functionName: "getTransactionHash",
    args: [to, value, data, operation, safeTxGas, baseGas, gasPrice, gasToken, refundReceiver, nonce],
  });
}

async function sign(signer: (typeof owners)[number], tx: SafeTx) {
  return { owner: signer.address, signature: await signer.signTypedData(safeTypedData(tx)) };
}

describe.each<ModernVersion>(["1.4.1", "1.5.0"])("a Safe %s", (version) => {
  let safe: Address;
  const tx = (nonce = 0n, data: Hex = "0xabcd") =>
    callTx({ chain: world.id, safe, safeVersion: version, nonce, to: target, data });
  beforeAll(async () => {
    safe = await deploySafe(
      world,
      version,
      owners.map((owner) => owner.address),
      3,
    );
  });

  test("states its facts", async () => {
    expect(await world.chain.safe(safe)).toEqual({
      address: safe,
      version,
      nonce: 0n,
      threshold: 3,
      owners: owners.map((owner) => owner.address),
      modules: [],
    });
  });

  test("hashes random transactions as we do, and viem too", async () => {
    await fc.assert(
      fc.asyncProperty(anyTx, async (fields) => {
        const random: SafeTx = { chain: world.id, safe, safeVersion: version, ...fields };
        const { safeTxHash } = safeTxHashes(random);
        expect(await hashOnChain(random)).toBe(safeTxHash);
        expect(hashTypedData(safeTypedData(random))).toBe(safeTxHash);
      }),
      { numRuns: 30 },
    );
  });

  test("accepts three owners in any order, and refuses everything short of that", async () => {
    const signatures = await Promise.all(owners.slice(0, 3).map((owner) => sign(owner, tx())));
    const [a, b, c] = signatures as [(typeof signatures)[0], (typeof signatures)[0], (typeof signatures)[0]];
    const accepts = (list: typeof signatures) => world.chain.checkSignatures(tx(), packSignatures(list));
    expect(await accepts([a, b, c])).toBe(true);
    expect(await accepts([c, a, b])).toBe(true);
    expect(await accepts([a, b])).toBe(false);
    expect(await accepts([a, b, b])).toBe(false);
    expect(await accepts([a, b, await sign(stranger, tx())])).toBe(false);
    expect(await accepts([a, b, await sign(owners[2] as (typeof owners)[0], tx(1n))])).toBe(false);
    expect(await accepts([a, b, await sign(owners[2] as (typeof owners)[0], tx(0n, "0xabce"))])).toBe(false);
    const broken = `${c.signature.slice(0, 20)}${c.signature[20] === "0" ? "1" : "0"}${c.signature.slice(21)}` as Hex;
    expect(await accepts([a, b, { owner: c.owner, signature: broken }])).toBe(false);
    // A pre-validated signature (v = 1) counts only for the owner who sends the transaction; nobody sends a check.
    const prevalidated = `0x${c.owner.slice(2).padStart(64, "0")}${"0".repeat(64)}01` as Hex;
    expect(await accepts([a, b, { owner: c.owner, signature: prevalidated }])).toBe(false);
  });

  test("is executed by the gas key, which is no owner, and uses its nonce", async () => {
    const signatures = await Promise.all(owners.slice(2).map((owner) => sign(owner, tx())));
    const data = execTransactionData(tx(), packSignatures(signatures));
    const { raw, hash } = await world.chain.signWithGasKey({ to: safe, data });
    expect(await world.chain.receipt(hash)).toBeUndefined();
    expect(await world.chain.broadcast(raw)).toBe(hash);
    const receipt = await vi.waitUntil(() => world.chain.receipt(hash));
    expect(receipt).toMatchObject({ success: true, from: world.chain.gasAccount });
    expect(await world.chain.safe(safe)).toMatchObject({ nonce: 1n });
    expect(await world.chain.broadcast(raw)).toBe(hash);
    await expect(world.chain.signWithGasKey({ to: safe, data })).rejects.toThrow(
      /a signature is not by an owner.*GS026/,
    );
  });

  test("lists every module over several pages", async () => {
    const modules = Array.from(
      { length: 60 },
      (_, index) => `0x${(index + 2).toString(16).padStart(40, "0")}` as Address,
    );
    const many = await deploySafe(world, version, [owners[0]?.address ?? zeroAddress], 1);
    for (const module of modules) {
      const data = world.call(safeAbi, "enableModule", [module]);
      await world.send(many, many, data);
    }
    const found = (await world.chain.safe(many)).modules;
    expect(found.map((module) => module.toLowerCase()).sort()).toEqual([...modules].sort());
  });
});

test("what is no Safe is refused in words, and never accepts a signature", async () => {
  const message = /is not a Safe\.$/;
  await expect(world.chain.safe(target)).rejects.toMatchObject({
    kind: "not a Safe",
    message: expect.stringMatching(message),
  });
  const safe = await deploySafe(world, "1.4.1", [stranger.address], 1);
  const tx = callTx({ chain: world.id, safe: target, safeVersion: "1.4.1", nonce: 0n, to: target, data: "0x" });
  await expect(world.chain.checkSignatures(tx, word(1))).rejects.toThrow(message);
  // A version that hashes otherwise: what was signed is not what this Safe would check.
  await expect(world.chain.checkSignatures({ ...tx, safe, safeVersion: "1.2.0" }, word(1))).rejects.toThrow(message);
});

test("the gas key is the one that was configured", () => {
  expect(world.chain.gasAccount).toBe(person("gas").address);
  expect(gasKey).toHaveLength(66);
});
