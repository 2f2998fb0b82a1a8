/** Runtime code read as bytes: what is a compiler's note, what is a jump, what a walk can and cannot follow. */

import type { Hex } from "viem";
import { describe, expect, test } from "vitest";
import { erc7201Slot } from "../../src/builds/storage-accessors.ts";
import { bytesOf, codeParts, delegateOf } from "../../src/domain/bytecode.ts";
import { compareCode } from "../../src/domain/code-match.ts";
import { walkCode } from "../../src/domain/code-walk.ts";

const note = (hash: string) => `a2646970667358221220${hash.repeat(32)}64736f6c63430008250033`;
const parts = (code: Hex) => codeParts(bytesOf(code));

describe("the compiler's note", () => {
  test("is told from the code in front of it", () => {
    expect(parts(`0x6001600255${note("ab")}`)).toEqual({ body: 5, metadata: ["ipfs", "solc"] });
    expect(parts("0x6001600255a164736f6c6343000825000a")).toEqual({ body: 5, metadata: ["solc"] });
  });

  test.each<[what: string, tail: string]>([
    ["another key in it", "a164736f6c7843000825000a"],
    ["a byte behind it", `${note("ab")}00`],
    ["code in place of a value", "a164736f6c63ff000a"],
    ["a length that is not its own", note("ab").replace(/0033$/, "0032")],
  ])("is none with %s: then it is code, and compared as such", (_what, tail) => {
    expect(parts(`0x6001600255${tail}` as Hex).metadata).toEqual([]);
  });

  test("may differ, and the code may not", () => {
    const built = { runtime: `0x6001600255${note("ab")}` as Hex, immutables: [], links: [] };
    expect(compareCode(`0x6001600255${note("cd")}`, built)).toMatchObject({ equal: true, metadataDiffers: true });
    expect(compareCode("0x6001600255", built)).toMatchObject({ equal: true, metadataDiffers: true });
    expect(compareCode(`0x6001600355${note("ab")}`, built)).toMatchObject({
      equal: false,
      range: { start: 3, length: 1 },
    });
    expect(compareCode(`0x600160025500${note("ab")}`, built)).toMatchObject({ equal: false });
  });
});

test("an immutable that has two values is another code", () => {
  const ranges = [
    { start: 1, length: 32 },
    { start: 34, length: 32 },
  ];
  const built = {
    runtime: `0x7f${"00".repeat(32)}7f${"00".repeat(32)}` as Hex,
    immutables: [{ name: "owner", type: "address", ranges }],
    links: [],
  };
  const code = (first: string, second: string): Hex => `0x7f${first.repeat(32)}7f${second.repeat(32)}`;
  expect(compareCode(code("11", "11"), built)).toMatchObject({ equal: true });
  expect(compareCode(code("11", "12"), built)).toMatchObject({
    equal: false,
    reason: expect.stringContaining("owner"),
  });
});

test("an EIP-7702 designator is one to the byte", () => {
  const account = "11".repeat(20);
  expect(delegateOf(`0xef0100${account}`)).toBe("0x1111111111111111111111111111111111111111");
  expect(delegateOf(`0xef0100${account}00`)).toBeUndefined();
  expect(delegateOf("0x6000")).toBeUndefined();
});

test("a namespace's slot is that of ERC-7201's own example", () => {
  expect(erc7201Slot("example.main")).toBe("0x183a6125c38840424c4a85fa12bab2ab606c4b6d0e7cc73c0c06ba5300eab500");
});

describe("a walk", () => {
  const uses = (code: Hex) => walkCode(code).uses.map((one) => `${one.selector}${one.op} ${one.target}`.trim());

  test("does not read what a PUSH carries, nor what no path leads to", () => {
    expect(uses("0x63fff4f2f500")).toEqual([]); // PUSH4 fff4f2f5, STOP
    expect(uses("0x00ff")).toEqual([]);
    expect(uses("0x600456ff5b00")).toEqual([]); // jumps over it
  });

  test("follows jumps, both sides of a condition, and calls that come back", () => {
    expect(uses("0x600456005b33ff")).toEqual(["SELFDESTRUCT"]);
    expect(uses("0x34600557005b33ff")).toEqual(["SELFDESTRUCT"]);
    // PUSH1 5, PUSH1 8, JUMP; 5: JUMPDEST, CALLER, SELFDESTRUCT; 8: JUMPDEST, JUMP (back to 5)
    expect(uses("0x60056008565b33ff5b56")).toEqual(["SELFDESTRUCT"]);
  });

  test("tells functions apart by their selector", () => {
    // calldata's selector == 0x12345678 ? jump to COINBASE : stop
    const walk = walkCode("0x5f3560e01c63123456781460105700fe5b4100");
    expect(walk.selectors).toEqual(["0x12345678"]);
    expect(walk.complete).toBe(true);
  });

  test("knows whom a DELEGATECALL runs", () => {
    const call = (target: string): Hex => `0x5f5f5f5f${target}5af400`;
    expect(uses(call(`73${"ab".repeat(20)}`))).toEqual([`DELEGATECALL constant 0x${"ab".repeat(20)}`]);
    expect(uses(call("30"))).toEqual(["DELEGATECALL itself"]);
    expect(uses(call("600354"))).toEqual([`DELEGATECALL slot 0x${"3".padStart(64, "0")}`]);
    expect(uses(call("600435"))).toEqual(["DELEGATECALL variable"]);
  });

  test("sees gas that is looked at, and not gas that is passed on", () => {
    expect(uses("0x5f5f5f5f3360005af100")).toEqual([]);
    expect(uses("0x61ffff5a1000")).toEqual(["GAS"]);
  });

  test("gives up on jumps that are worked out, and then takes all that stands there", () => {
    const walk = walkCode("0x5f3556005b33ff");
    expect(walk.complete).toBe(false);
    expect(walk.uses.map((one) => one.op)).toEqual(["SELFDESTRUCT"]);
  });

  test("ends, however the code loops", () => {
    expect(walkCode("0x5b5f56").complete).toBe(true);
    // A counter that grows on the stack with every round.
    expect(walkCode("0x5f5b60010180600156").complete).toBe(true);
    // The stack grows with every round, until the EVM itself would end it.
    expect(walkCode("0x5b335f56").complete).toBe(true);
  });
});
