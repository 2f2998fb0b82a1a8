/** The terminal for owners of a Safe that is an owner: what to compare, what to sign, and hashes without any network. */

import { hashTypedData, type TypedDataDefinition } from "viem";
import { expect, test } from "vitest";
import { commandLines, walletText } from "../../src/cli/wallet-text.ts";
import type { BoundSafe } from "../../src/domain/events.ts";
import { approvalsIn } from "../../src/domain/nested-safes.ts";
import { callTx } from "../../src/domain/safe-signatures.ts";
import { safeTxHashes } from "../../src/domain/safe-tx.ts";
import type { SignatureItem } from "../../src/view.ts";
import { addressOf } from "../support/sample-council.ts";
import { quorate } from "./run-quorate.ts";

const [council, child, grandchild] = ["council", "child", "grandchild"].map(addressOf) as [
  `0x${string}`,
  `0x${string}`,
  `0x${string}`,
];
const tx = callTx({
  chain: "eip155:10",
  safe: council,
  safeVersion: "1.3.0",
  nonce: 7n,
  to: addressOf("to"),
  data: "0x12",
});
const safe: BoundSafe = {
  ...{ address: council, chain: tx.chain, version: "1.3.0", nonce: 7n, threshold: 1, owners: [child] },
  nested: [
    { address: child, version: "1.4.1", threshold: 1, owners: [grandchild] },
    { address: grandchild, version: "1.3.0", threshold: 1, owners: [addressOf("ada")] },
  ],
};
const [, through, deeper] = approvalsIn(tx, safe);
if (through === undefined || deeper === undefined) throw new Error("The tree has no children.");

const flags = [
  "--chain-id",
  "10",
  "--safe",
  council,
  "--safe-version",
  "1.3.0",
  "--to",
  tx.to,
  "--data",
  "0x12",
  "--nonce",
  "7",
];

test("quorate hash goes down the tree by addresses and versions", async () => {
  const via = ["--via", `${child}@1.4.1`, "--via", `${grandchild}@1.3.0`];
  const { stdout } = await quorate(["hash", ...flags, ...via, "--json"]);
  const pick = ({ domainHash, messageHash, hash }: typeof through) => ({ domainHash, messageHash, hash });
  expect(JSON.parse(stdout)).toMatchObject({
    ...safeTxHashes(tx),
    messages: [
      { safe: child, ...pick(through) },
      { safe: grandchild, ...pick(deeper) },
    ],
  });
  const text = await quorate(["hash", ...flags, ...via.slice(0, 2)]);
  expect(text.stdout).toContain(`As an owner of the Safe ${child}: its message, and not the transaction`);
  expect(text.stdout).toContain(`Signed hash\n  ${through.hash}`);
});

test.each([
  [["--via", "0x12@1.4.1"], "--via is a Safe's address and version"],
  [["--via", child], "--via is a Safe's address and version"],
  [["--via", `${child}@1.5.0`], `The Safe ${child} (1.5.0) cannot sign for ${council} (1.3.0)`],
  [["--via", `${child}@1.4.1`, "--via", `${child}@1.4.1`], "--via names one Safe twice"],
  [Array.from({ length: 4 }, () => ["--via", `${child}@1.4.1`]).flat(), "--via was given 4 times"],
])("quorate hash refuses %j in words", async (via, words) => {
  const { code, stderr } = await quorate(["hash", ...flags, ...via]);
  expect(code).toBe(2);
  expect(stderr).toContain(words);
});

test("a wallet request prints the child's hashes and its typed data", () => {
  const item: SignatureItem = {
    kind: "signature",
    purpose: "Schedule it",
    ...{ tx, hashes: safeTxHashes(tx), places: [through, deeper], sentences: [] },
  };
  const request = { kind: "wallet", ceremony: "UP-1", title: "Sign", summary: "It signs.", items: [item] } as const;
  const text = walletText({ ...request, items: [item] }, "cli:ada");
  expect(text).toContain(`As an owner of the Safe ${grandchild}, itself an owner of ${child} (1.3.0)`);
  for (const value of [through.domainHash, through.messageHash, through.hash, deeper.hash])
    expect(text).toContain(value);
  const typed = commandLines(item, "UP-1", "cli:ada").flatMap((line) => /--data '(.*)'$/.exec(line)?.[1] ?? []);
  const hashes = typed.map((one) => hashTypedData(JSON.parse(one) as TypedDataDefinition));
  expect(hashes).toEqual([through.hash, deeper.hash]);
});
