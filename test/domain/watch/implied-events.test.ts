/** An event is expected of a call only with the arguments that the call gave it. */

import { encodeFunctionData, pad, parseAbi, zeroHash } from "viem";
import { describe, expect, test } from "vitest";
import type { Hex } from "../../../src/domain/primitives.ts";
import { impliedEvents, isImplied } from "../../../src/domain/watch/implied-events.ts";
import { topicOf } from "../../../src/domain/watch/privileged-events.ts";
import { addressOf } from "../../support/sample-council.ts";

const [timelock, vault, friend, stranger] = ["timelock", "vault", "friend", "stranger"].map(addressOf) as [
  Hex,
  Hex,
  Hex,
  Hex,
];
const role = pad("0x01");
/** As a node gives it. */
const indexed = (account: Hex) => pad(account.toLowerCase() as Hex);
const data = encodeFunctionData({
  abi: parseAbi(["function grantRole(bytes32 role, address account)"]),
  args: [role, friend],
});
const expected = impliedEvents(timelock, [{ to: vault, value: 0n, data }]);
const granted = (given: Hex, account: Hex, address = vault) => ({
  ...{ address, data: "0x" as const },
  topics: [topicOf("RoleGranted(bytes32,address,address)"), given, indexed(account), indexed(timelock)],
});

describe("a grant of a role", () => {
  test("implies its own event, by whomever", () => {
    expect(isImplied(granted(role, friend), expected)).toBe(true);
  });

  test.each([
    ["another role", granted(zeroHash, friend)],
    ["another account", granted(role, stranger)],
    ["another contract", granted(role, friend, stranger)],
    [
      "another event",
      { ...granted(role, friend), topics: [topicOf("RoleRevoked(bytes32,address,address)"), role, indexed(friend)] },
    ],
  ])("implies none of %s", (_what, log) => {
    expect(isImplied(log, expected)).toBe(false);
  });
});
