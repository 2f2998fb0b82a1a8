/** The page's hashes, in every spelling it gives them, against Safe's own library. */

import { calculateSafeTransactionHash } from "@safe-global/protocol-kit";
import fc from "fast-check";
import { concat, hashTypedData, keccak256, type TypedDataDefinition } from "viem";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { toJson } from "../../../src/domain/canonical.ts";
import { type Address, type Hex, zeroAddress } from "../../../src/domain/primitives.ts";
import { callTx } from "../../../src/domain/safe-signatures.ts";
import { type SafeTx, safeTx, safeTxHashes } from "../../../src/domain/safe-tx.ts";
import { offlineCommand } from "../../../src/web/page/offline-command.ts";
import { typedDataJson } from "../../../src/web/page/sign-item.ts";
import { quorate } from "../../cli/run-quorate.ts";
import { type BrowserHashes, openBrowserHashes } from "../../support/browser-hashes.ts";

const versions = ["1.0.0", "1.1.1", "1.2.0", "1.3.0", "1.4.1", "1.5.0"];
/** Random transactions of each version. */
const many = 200;

const hexOf = (data: Uint8Array) => `0x${Buffer.from(data).toString("hex")}`;
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length }).map(hexOf);
const amount = fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }), fc.constantFrom(0n, 1n, 2n ** 256n - 1n));

const transactionOf = (safeVersion: string) =>
  fc
    .record({
      chain: fc.integer({ min: 1, max: 2 ** 40 }).map((id) => `eip155:${id}`),
      safe: bytes(20),
      to: bytes(20),
      value: amount,
      data: fc.uint8Array({ maxLength: 2048, size: "max" }).map(hexOf),
      operation: fc.constantFrom(0, 1),
      safeTxGas: amount,
      baseGas: amount,
      gasPrice: amount,
      gasToken: bytes(20),
      refundReceiver: bytes(20),
      nonce: amount,
    })
    .map((fields) => safeTx.parse({ ...fields, safeVersion }));

/** What the wallet is handed. */
const asked = (tx: SafeTx) => JSON.parse(typedDataJson(tx)) as TypedDataDefinition;

/** By Safe's protocol-kit, which takes amounts as decimal strings. */
function kitHash(tx: SafeTx): string {
  const { chain, safe, safeVersion, nonce, ...fields } = tx;
  const theirs = { ...(toJson(fields) as object), nonce: String(nonce) };
  return calculateSafeTransactionHash(
    safe,
    theirs as unknown as Parameters<typeof calculateSafeTransactionHash>[1],
    safeVersion,
    BigInt(chain.slice("eip155:".length)),
  );
}

describe("the page's code in a real browser", () => {
  let browser: BrowserHashes;
  beforeAll(async () => {
    browser = await openBrowserHashes();
  });
  afterAll(() => browser?.close());

  test.each([...versions, "1.3.0+L2"])(
    "computes what Safe's protocol-kit computes, for version %s",
    async (version) => {
      const list = fc.array(transactionOf(version), { minLength: many, maxLength: many });
      await fc.assert(
        fc.asyncProperty(list, async (all) => {
          const found = await browser.of(all);
          expect(found).toHaveLength(many);
          for (const [index, tx] of all.entries()) {
            const { safeTxHash, domainHash, messageHash, calldataDigest, typedData } = found[index] ?? {};
            const kit = kitHash(tx);
            expect(safeTxHash, JSON.stringify(toJson(tx))).toBe(kit);
            expect(keccak256(concat(["0x1901", domainHash as Hex, messageHash as Hex]))).toBe(kit);
            // What the wallet hashes, from what it was handed.
            expect(hashTypedData(JSON.parse(typedData ?? "") as TypedDataDefinition)).toBe(kit);
            const length = ((tx.data.length - 2) / 2).toString(16).padStart(64, "0");
            expect(calldataDigest).toBe(keccak256(`0x${length}${tx.data.slice(2)}`));
          }
        }),
        // One batch a run: a failing transaction is found by its index, and is not made smaller through the browser.
        { numRuns: 1, endOnFailure: true },
      );
    },
  );
});

test("what the wallet is asked to sign has the hash that Safe's protocol-kit computes, for every version", () => {
  fc.assert(
    fc.property(fc.constantFrom(...versions, "1.3.0+L2").chain(transactionOf), (tx) => {
      expect(hashTypedData(asked(tx))).toBe(kitHash(tx));
      expect(safeTxHashes(tx).safeTxHash).toBe(kitHash(tx));
    }),
    { numRuns: 300 },
  );
});

test("amounts reach the wallet as decimal strings, which lose no digit", () => {
  const tx = { ...sample(), value: 2n ** 255n + 1n };
  expect(asked(tx).message.value).toBe(String(2n ** 255n + 1n));
});

test("the offline command, pasted as it is, computes the same three hashes", async () => {
  for (const safeVersion of ["1.1.1", "1.3.0+L2", "1.4.1"]) {
    const tx = { ...sample(), safeVersion };
    const command = offlineCommand(tx);
    expect(command).toMatch(/^npm run -s quorate -- hash [-0-9a-zA-Z.+ ]+$/);
    const run = await quorate([...command.split(" ").slice(5), "--json"]);
    expect(JSON.parse(run.stdout)).toMatchObject(safeTxHashes(tx));
  }
});

function sample(): SafeTx {
  const to: Address = "0x6f03aa0f34dfc2fA657E4fB34d472cAdB2dEEd33";
  const data: Hex = "0x8456cb59";
  return callTx({ chain: "eip155:31337", safe: zeroAddress, safeVersion: "1.4.1", nonce: 7n, to, data, value: 5n });
}
