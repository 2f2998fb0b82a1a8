/** What a call does, in words: from its bytes alone, however deep. */

import { type Abi, encodeFunctionData, parseAbi } from "viem";
import { expect, test } from "vitest";
import { callSentences, everyCall, explainCall } from "../../src/domain/call-sentences.ts";
import { decodeLimits } from "../../src/domain/decode-calls.ts";
import { functionSentence } from "../../src/domain/function-sentences.ts";
import { knownFunctions } from "../../src/domain/known-abi.ts";
import { type Address, type Hex, zeroAddress, zeroHash } from "../../src/domain/primitives.ts";
import { scheduleBatchData } from "../../src/domain/timelock.ts";

const abi: Abi = parseAbi([
  "function pause()",
  "function grantRole(bytes32 role, address account)",
  "function swapOwner(address prev, address old, address next)",
  "function transfer(address to, uint256 amount)",
  "function upgradeToAndCall(address implementation, bytes data)",
  "function aggregate3((address target, bool allowFailure, bytes callData)[] calls)",
  "function execTransaction(address to, uint256 value, bytes data, uint8 operation, uint256 safeTxGas, uint256 baseGas, uint256 gasPrice, address gasToken, address refundReceiver, bytes signatures)",
  "function setTargetClosed(address target, bool closed)",
]);
const call = (functionName: string, ...args: unknown[]) => encodeFunctionData({ abi, functionName, args });
const account = (digit: string): Address => `0x${digit.repeat(40)}`;
const [timelock, safe, vault, feed, ada, ben] = ["1", "2", "3", "4", "5", "6"].map(account) as [
  Address,
  Address,
  Address,
  Address,
  Address,
  Address,
];
const names = new Map<string, string>([
  [vault, "the vault"],
  [ada, "Ada"],
]);
const words = { nameOf: (one: string) => names.get(one) ?? one, utc: (seconds: bigint) => `second ${seconds}` };
const said = (to: Address, data: Hex, value = 0n) => callSentences({ to, value, data }, words);
const batch = (...calls: { to: Address; data: Hex }[]) =>
  scheduleBatchData(
    { calls: calls.map((one) => ({ ...one, value: 0n })), predecessor: zeroHash, salt: zeroHash },
    172_800n,
  );

test("calls inside calls are numbered, down to the innermost", () => {
  const inner = call("execTransaction", vault, 0n, call("pause"), 0, 0n, 0n, 0n, zeroAddress, zeroAddress, "0x");
  const data = batch(
    { to: vault, data: call("upgradeToAndCall", feed, "0x") },
    { to: safe, data: inner },
    { to: feed, data: call("aggregate3", [{ target: vault, allowFailure: false, callData: call("pause") }]) },
  );
  expect(said(timelock, data)).toEqual([
    `Schedule 3 calls on ${timelock}, to run 2 days later at the earliest:`,
    `1. Upgrade the vault to the code at ${feed}.`,
    `2. Run a transaction of the Safe ${safe} with the signatures given:`,
    "2.1. Pause the vault.",
    `3. Have ${feed} make 1 call in one transaction:`,
    "3.1. Pause the vault.",
  ]);
});

test("owners, roles and tokens are told by who gets what", () => {
  expect(said(safe, call("swapOwner", safe, ben, ada))).toEqual([
    `Replace the owner ${ben} of the Safe ${safe} by Ada.`,
  ]);
  expect(said(vault, call("grantRole", zeroHash, ada))).toEqual(["Grant DEFAULT_ADMIN_ROLE of the vault to Ada."]);
  expect(said(feed, call("transfer", ada, 7n))).toEqual([`Send 7 units of the token ${feed} to Ada.`]);
  expect(said(feed, call("setTargetClosed", vault, true))).toEqual([
    `Call setTargetClosed on ${feed} with target: ${vault}, closed: true.`,
  ]);
});

test("value and DELEGATECALL are said wherever they are", () => {
  expect(said(vault, call("pause"), 5n)).toEqual(["Pause the vault. It sends 5 wei."]);
  const [lent] = callSentences({ to: vault, value: 0n, data: call("pause"), operation: 1 }, words);
  expect(lent).toBe(`Pause the vault. It is a DELEGATECALL: the code at ${vault} runs with all powers of its caller.`);
  expect(said(ada, "0x", 5n)).toEqual(["Send 5 wei to Ada; no function is called."]);
});

test("an initialiser that is known is told besides, another stands in its upgrade's sentence", () => {
  const known = said(vault, call("upgradeToAndCall", feed, call("grantRole", zeroHash, ben)));
  expect(known[1]).toBe(`1. Grant DEFAULT_ADMIN_ROLE of the vault to ${ben}.`);
  expect(said(vault, call("upgradeToAndCall", feed, "0xdeadbeef"))).toEqual([
    `Upgrade the vault to the code at ${feed} and run its initialiser 0xdeadbeef.`,
  ]);
});

test("what is not known, and bytes that are too many, are never told as if they were read", () => {
  const unknown = explainCall({ to: vault, value: 0n, data: "0xdeadbeef00" }, words);
  expect([unknown.exact, unknown.sentence]).toEqual([
    false,
    "UNKNOWN call 0xdeadbeef to the vault: its bytes are not decoded here.",
  ]);
  const appended = explainCall(
    { to: timelock, value: 0n, data: batch({ to: vault, data: `${call("pause")}00` }) },
    words,
  );
  expect(everyCall(appended).map((one) => one.exact)).toEqual([true, false]);
  const many = Array.from({ length: decodeLimits.calls + 1 }, () => ({ to: vault, data: call("pause") }));
  const tooMuch = explainCall({ to: timelock, value: 0n, data: batch(...many) }, words);
  expect([tooMuch.exact, tooMuch.sentence.startsWith("UNKNOWN call")]).toEqual([false, true]);
});

test("every known function has a whole sentence, whatever its arguments", () => {
  const sample = (type: string, components: readonly { type: string }[] = []): unknown => {
    if (type.endsWith("[]")) return [sample(type.slice(0, -2), components)];
    if (type === "tuple") return Object.fromEntries(components.map((one, at) => [String(at), sample(one.type)]));
    if (type === "address") return ada;
    if (type === "bool") return true;
    if (type.startsWith("bytes")) return type === "bytes" ? "0x" : `0x${"00".repeat(Number(type.slice(5)))}`;
    const size = Number(type.replace("uint", ""));
    return size <= 48 ? 1 : 1n;
  };
  for (const known of knownFunctions) {
    const args = known.abi.inputs.map((one) => sample(one.type, "components" in one ? one.components : []));
    const bare = { to: vault, value: 0n, data: "0x" as Hex, operation: 0 as const, place: "1", from: ada };
    const sentence = functionSentence({ ...bare, known, args, canonical: true, nested: [] }, "the vault", words);
    expect(sentence, known.signature).toMatch(/^[A-Z].*[.:]$/);
    expect(sentence, known.signature).not.toMatch(/undefined|\[object|NaN/);
  }
});
