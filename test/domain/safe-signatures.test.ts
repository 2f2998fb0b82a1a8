import fc from "fast-check";
import { concat, type Hex, keccak256, numberToHex, parseSignature, size, slice, stringToBytes } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { expect, test } from "vitest";
import { zeroAddress } from "../../src/domain/primitives.ts";
import { callTx, packSignatures, recoverOwner } from "../../src/domain/safe-signatures.ts";
import { safeTxHashes, safeTypedData } from "../../src/domain/safe-tx.ts";

const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const people = ["ada", "ben", "caro", "dev"].map((name) =>
  privateKeyToAccount(keccak256(stringToBytes(`test ${name}`))),
);
const ada = people[0] as (typeof people)[0];
const tx = callTx({
  chain: "eip155:1",
  safe: ada.address,
  safeVersion: "1.4.1",
  nonce: 4n,
  to: ada.address,
  data: "0x12",
});
const hash = safeTxHashes(tx).safeTxHash;

async function reason(signature: Hex): Promise<string> {
  const result = await recoverOwner(hash, signature);
  return result.ok ? `signed by ${result.owner}` : result.reason;
}

test("a plain call has no gas refund, so that an inner revert cannot use the nonce up", () => {
  expect(tx).toMatchObject({
    operation: 0,
    value: 0n,
    safeTxGas: 0n,
    baseGas: 0n,
    gasPrice: 0n,
    gasToken: zeroAddress,
  });
});

test("the owner of a wallet's typed-data signature is found", async () => {
  const signature = await ada.signTypedData(safeTypedData(tx));
  expect(await recoverOwner(hash, signature)).toEqual({ ok: true, owner: ada.address });
  const other = await recoverOwner(keccak256(hash), signature);
  expect(other).not.toEqual({ ok: true, owner: ada.address });
});

test("every other form of the signature is refused in words", async () => {
  const signature = await ada.signTypedData(safeTypedData(tx));
  const { r, s, yParity } = parseSignature(signature);
  const withV = (v: number) => concat([slice(signature, 0, 64), numberToHex(v, { size: 1 })]);
  const highS = concat([r, numberToHex(order - BigInt(s), { size: 32 }), numberToHex(28 - yParity, { size: 1 })]);
  expect(await reason(highS)).toMatch(/has a high s \(EIP-2\)/);
  for (const v of [0, 1, 2, 26, 29, 30])
    expect(await reason(withV(v))).toBe(
      `The signature ends in v = ${v}; an owner's EIP-712 signature ends in 27 or 28.`,
    );
  for (const v of [31, 32, 255]) expect(await reason(withV(v))).toMatch(/was made with eth_sign/);
  const malformed: Hex[] = [
    "0x",
    slice(signature, 0, 64),
    concat([signature, "0x00"]),
    "0xzz",
    `${signature.slice(0, -1)}g` as Hex,
  ];
  for (const bytes of malformed) expect(await reason(bytes)).toMatch(/is malformed: an owner's signature is/);
  const nobody = concat([numberToHex(0n, { size: 32 }), numberToHex(1n, { size: 32 }), "0x1b"]);
  expect(await reason(nobody)).toBe("The signature is malformed: it belongs to no key at all.");
});

test("no bytes whatsoever make it throw", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 60, maxLength: 70 }), async (bytes) => {
      const result = await recoverOwner(hash, `0x${Buffer.from(bytes).toString("hex")}`);
      expect(result.ok ? result.owner : result.reason).toMatch(/^(0x|The signature)/);
    }),
    { numRuns: 200 },
  );
});

test("signatures are packed by ascending owner, whatever the order they came in", async () => {
  const list = await Promise.all(
    people.map(async (one) => ({ owner: one.address, signature: await one.signTypedData(safeTypedData(tx)) })),
  );
  const sorted = [...list].sort((a, b) => (a.owner.toLowerCase() < b.owner.toLowerCase() ? -1 : 1));
  const expected = concat(sorted.map((entry) => entry.signature));
  fc.assert(
    fc.property(fc.shuffledSubarray(list, { minLength: list.length }), (any) => packSignatures(any) === expected),
  );
  expect(size(packSignatures(list))).toBe(65 * list.length);
  expect(() => packSignatures([{ owner: ada.address, signature: "0x1234" }])).toThrow(/65 bytes/);
});
