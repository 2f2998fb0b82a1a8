/** The page's hashes, in every spelling it gives them, against Safe's own library. */

import { calculateSafeTransactionHash } from "@safe-global/protocol-kit";
import fc from "fast-check";
import { hashTypedData, type TypedDataDefinition } from "viem";
import { expect, test } from "vitest";
import { type Address, type Hex, zeroAddress } from "../../../src/domain/primitives.ts";
import { callTx } from "../../../src/domain/safe-signatures.ts";
import { type SafeTx, safeTx, safeTxHashes } from "../../../src/domain/safe-tx.ts";
import { offlineCommand } from "../../../src/web/page/offline-command.ts";
import { typedDataJson } from "../../../src/web/page/sign-item.ts";
import { quorate } from "../../cli/run-quorate.ts";

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length }).map(hexOf);
const hexOf = (data: Uint8Array) => `0x${Buffer.from(data).toString("hex")}`;
const amount = fc.bigInt({ min: 0n, max: 2n ** 256n - 1n });

const transactions = fc
  .record({
    chain: fc.integer({ min: 1, max: 2 ** 40 }).map((id) => `eip155:${id}`),
    safe: bytes(20),
    safeVersion: fc.constantFrom("1.0.0", "1.1.1", "1.2.0", "1.3.0", "1.3.0+L2", "1.4.1", "1.5.0"),
    to: bytes(20),
    value: amount,
    data: fc.uint8Array({ maxLength: 300 }).map(hexOf),
    operation: fc.constantFrom(0, 1),
    safeTxGas: amount,
    baseGas: amount,
    gasPrice: amount,
    gasToken: bytes(20),
    refundReceiver: bytes(20),
    nonce: fc.bigInt({ min: 0n, max: BigInt(Number.MAX_SAFE_INTEGER) }),
  })
  .map((fields) => safeTx.parse(fields));

/** What the wallet is handed. */
const asked = (tx: SafeTx) => JSON.parse(typedDataJson(tx)) as TypedDataDefinition;

test("what the wallet is asked to sign has the hash that Safe's protocol-kit computes, for every version", () => {
  fc.assert(
    fc.property(transactions, (tx) => {
      const { chain, safe, safeVersion, value, safeTxGas, baseGas, gasPrice, nonce, ...rest } = tx;
      const amounts = { value, safeTxGas, baseGas, gasPrice };
      const theirs = {
        ...rest,
        ...Object.fromEntries(Object.entries(amounts).map(([name, one]) => [name, one.toString()])),
        nonce: Number(nonce),
      } as unknown as Parameters<typeof calculateSafeTransactionHash>[1];
      const kit = calculateSafeTransactionHash(safe, theirs, safeVersion, BigInt(chain.slice("eip155:".length)));
      expect(hashTypedData(asked(tx))).toBe(kit);
      expect(safeTxHashes(tx).safeTxHash).toBe(kit);
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
