import { privateKeyToAccount } from "viem/accounts";
import { expect, test } from "vitest";
import { commandLines, signableTypedData, walletText } from "../../src/cli/wallet-text.ts";
import { callTx } from "../../src/domain/safe-signatures.ts";
import { safeTxHashes, safeTypedData } from "../../src/domain/safe-tx.ts";
import type { SignatureItem, TransactionItem } from "../../src/view.ts";

const safe = "0xA6c173C67453Eca91c45C809fcb14Ff5f026fB4b";
const timelock = "0xabAb1818664A56332d1743d4AC353d84f2b9d446";
const operationId = `0x${"ab".repeat(32)}` as const;

function signature(safeVersion: string): SignatureItem {
  const tx = callTx({ chain: "eip155:10", safe, safeVersion, nonce: 2n ** 70n, to: timelock, data: "0x1234" });
  return { kind: "signature", purpose: "Schedule it", tx, hashes: safeTxHashes(tx), sentences: ["Schedule 2 calls."] };
}

const transaction: TransactionItem = {
  kind: "transaction",
  purpose: "Execute main",
  from: [safe],
  call: { chain: "eip155:10", to: timelock, value: 7n, data: "0xabcd" },
  operationId,
  sentences: [],
};

test.each(["1.2.0", "1.4.1"])(
  "the typed data of a Safe %s survives JSON and is what the Safe wants signed",
  async (version) => {
    const { tx } = signature(version);
    const wallet = privateKeyToAccount(`0x${"11".repeat(32)}`);
    const sent = JSON.parse(JSON.stringify(signableTypedData(tx)));
    expect(await wallet.signTypedData(sent)).toBe(await wallet.signTypedData(safeTypedData(tx)));
    expect(sent.types.EIP712Domain.map((one: { name: string }) => one.name)).toEqual(
      version === "1.2.0" ? ["verifyingContract"] : ["chainId", "verifyingContract"],
    );
  },
);

test("every hash is there in full, with the lines to go on with", () => {
  const item = signature("1.4.1");
  const text = walletText(
    { kind: "wallet", ceremony: "UP-1", title: "Sign", summary: "Sum.", items: [item] },
    "cli:ben",
  );
  for (const hash of Object.values(item.hashes)) expect(text).toContain(hash);
  expect(text).toContain(`Safe ${safe} (1.4.1) on eip155:10, nonce ${2n ** 70n}`);
  expect(commandLines(item, "UP-1", "cli:ben")).toEqual([
    `cast wallet sign --ledger --data '${JSON.stringify(signableTypedData(item.tx))}'`,
    `npm run -s quorate -- intake signature --account cli:ben --ceremony UP-1 --hash ${item.hashes.safeTxHash} --signature 0x…`,
  ]);
});

test("a transaction is given as lines for cast, past the program too", () => {
  expect(commandLines(transaction, "UP-1", "cli:eve")).toEqual([
    `cast mktx --rpc-url "$RPC_10" --chain 10 --ledger --from ${safe} --value 7 ${timelock} 0xabcd`,
    "npm run -s quorate -- intake transaction --account cli:eve --ceremony UP-1 --raw 0x…",
    "or, past Quorate, which then finds it on the chain:",
    `cast send --rpc-url "$RPC_10" --chain 10 --ledger --from ${safe} --value 7 ${timelock} 0xabcd`,
  ]);
});

test("text of others can neither move the cursor nor hide a hash", () => {
  const hostile = "Execute \u001b[2K\u001b[1A main\r\nOperation id  0x00 \u202e";
  const text = walletText(
    { kind: "wallet", ceremony: "UP-1", title: hostile, summary: "", items: [{ ...transaction, purpose: hostile }] },
    "cli:eve",
  );
  expect(text.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  expect(text).toContain("Execute \\u{1b}[2K\\u{1b}[1A main\\u{d}\\u{a}Operation id  0x00 \\u{202e}");
  expect(text.match(/^ *Operation id/gm)).toHaveLength(1);
});
