/** A change of a Safe's owners: what its calls make of it, and that nothing else passes for it. */

import { type Abi, encodeAbiParameters, encodeFunctionData, type Hex, parseAbi } from "viem";
import { expect, test } from "vitest";
import { decodeCall } from "../../src/domain/decode-calls.ts";
import type { Address } from "../../src/domain/primitives.ts";
import { isDeclaredOwners, ownersChangeOf } from "../../src/gates/simulation/owner-changes.ts";

const abi: Abi = parseAbi([
  "function swapOwner(address prev, address old, address next)",
  "function addOwnerWithThreshold(address owner, uint256 threshold)",
  "function removeOwner(address prev, address owner, uint256 threshold)",
  "function changeThreshold(uint256 threshold)",
  "function enableModule(address module)",
]);
const at = (digit: number): Address => `0x${String(digit).repeat(40)}`;
const safe = at(9);
const call = (functionName: string, ...args: unknown[]) =>
  decodeCall(safe, { to: safe, value: 0n, operation: 0, data: encodeFunctionData({ abi, functionName, args }) });
const owners = (...all: Address[]): Hex => encodeAbiParameters([{ type: "address[]" }], [all]);
const number = (value: bigint): Hex => encodeAbiParameters([{ type: "uint256" }], [value]);

test("what one call puts in and another takes out again is no change", () => {
  const calls = [
    call("swapOwner", at(1), at(2), at(3)),
    call("addOwnerWithThreshold", at(4), 3n),
    call("removeOwner", at(1), at(4), 2n),
    call("changeThreshold", 4n),
  ];
  expect(ownersChangeOf(calls, safe, 1)).toEqual({
    ...{ kind: "safeOwners", name: "owners", safe, add: [at(3)], remove: [at(2)], threshold: 4n },
  });
});

test("a change of owners beside anything else, or of another Safe, is none", () => {
  const swap = call("swapOwner", at(1), at(2), at(3));
  expect(ownersChangeOf([swap, call("enableModule", at(5))], safe, 1)).toBeUndefined();
  expect(ownersChangeOf([swap], at(8), 1)).toBeUndefined();
  expect(ownersChangeOf([], safe, 1)).toBeUndefined();
});

test("only the owners and the threshold that were said are as said", () => {
  const change = ownersChangeOf([call("swapOwner", at(1), at(2), at(3))], safe, 2);
  if (change === undefined) throw new Error("It is a change of owners.");
  const was = owners(at(1), at(2));
  const says = (getter: string, is: Hex | null, before: Hex | null = was) =>
    isDeclaredOwners(change, getter, before, is);
  expect(says("getOwners()", owners(at(3), at(1)))).toBe(true);
  for (const other of [
    owners(at(1)),
    owners(at(1), at(2)),
    owners(at(1), at(3), at(4)),
    owners(at(1), at(1)),
    "0x" as const,
    null,
  ])
    expect(says("getOwners()", other)).toBe(false);
  expect(says("getOwners()", owners(at(1), at(3)), null)).toBe(false);
  expect(says("getThreshold()", number(2n))).toBe(true);
  for (const other of [number(1n), number(3n), "0x" as const, null]) expect(says("getThreshold()", other)).toBe(false);
  expect(says("owner()", number(2n))).toBe(false);
});
