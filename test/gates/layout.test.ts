/** The layout gate against storage that moves, and contracts unfit for a proxy, each beside an honest twin. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ProxyKind } from "../../src/chain-facts.ts";
import { layoutGate } from "../../src/gates/layout.ts";
import { person } from "../chain/world.ts";
import { type CodeCases, startCases, weighed } from "./code-cases.ts";

let cases: CodeCases;
beforeAll(async () => {
  cases = await startCases("LayoutCases.sol");
});
afterAll(() => cases.stop());

const found = async (kind: ProxyKind, from: string, to: string) =>
  cases.asked(layoutGate, await cases.upgrade(kind, from, to));

describe("passes", () => {
  test.each<[what: string, kind: ProxyKind, from: string, to: string]>([
    ["a variable out of the gap, and a member behind a mapping's struct", "transparent", "LedgerV1", "LedgerAppended"],
    ["a constructor that only sets what is immutable", "transparent", "LedgerV1", "LedgerFixed"],
    ["a gap in the middle that shrinks by what is used", "beacon", "LedgerV1Tail", "LedgerTailKept"],
    [
      "a member behind the others of a namespace, whose slot a function gives",
      "transparent",
      "SpaceV1",
      "SpaceAppended",
    ],
    ["a member behind the others of a struct at the hash of a text", "transparent", "DiamondV1", "DiamondAppended"],
    ["a UUPS contract that inherits the last one", "uups", "GateV1", "GateV2"],
    ["an upgrade that a call guards in place of a modifier", "uups", "GateV1", "GateByCheck"],
  ])("%s", async (_what, kind, from, to) => {
    const findings = await found(kind, from, to);
    expect(weighed(findings)).toEqual([]);
    expect(findings.map((one) => one.code)).toContain("layout/kept");
  });
});

describe("refuses or flags", () => {
  test.each<[what: string, kind: ProxyKind, from: string, to: string, codes: string[]]>([
    ["a variable in front of the others", "transparent", "LedgerV1", "LedgerInserted", ["refuse layout/inserted"]],
    ["a variable packed in between", "transparent", "LedgerV1", "LedgerPackedBefore", ["refuse layout/inserted"]],
    ["a variable that is gone", "transparent", "LedgerV1", "LedgerDeleted", ["refuse layout/deleted"]],
    ["two variables in another order", "beacon", "LedgerV1", "LedgerSwapped", ["refuse layout/inserted"]],
    ["another variable in the place of one", "beacon", "LedgerV1", "LedgerReplaced", ["refuse layout/replaced"]],
    [
      "a wider type that a comment calls the old one",
      "transparent",
      "LedgerV1",
      "LedgerWidened",
      ["flag layout/declared", "refuse layout/moved"],
    ],
    ["a smaller type", "transparent", "LedgerV1", "LedgerShrunk", ["refuse layout/retyped"]],
    ["another name", "transparent", "LedgerV1", "LedgerRenamed", ["flag layout/renamed"]],
    [
      "a member in front of others in a mapping's struct",
      "transparent",
      "LedgerV1",
      "LedgerMemberInserted",
      ["refuse layout/retyped"],
    ],
    ["a gap that does not shrink", "transparent", "LedgerV1Tail", "LedgerTailMoved", ["refuse layout/moved"]],
    [
      "a change that a comment asks to let through",
      "transparent",
      "LedgerV1",
      "LedgerExcused",
      ["flag layout/declared"],
    ],
    [
      "a value given where a variable is declared",
      "transparent",
      "LedgerV1",
      "LedgerPreset",
      ["flag layout/initial-value"],
    ],
    ["a namespace under another id", "transparent", "SpaceV1", "SpaceRenamed", ["refuse layout/namespace-slot"]],
    ["a namespace that is gone", "transparent", "SpaceV1", "SpaceGone", ["refuse layout/namespace"]],
    [
      "a comment that names the old namespace above another slot",
      "transparent",
      "SpaceV1",
      "SpaceForged",
      ["refuse layout/namespace-slot"],
    ],
    [
      "a comment above a slot that is worked out",
      "transparent",
      "SpaceV1",
      "SpaceHidden",
      ["refuse layout/namespace-slot"],
    ],
    [
      "a comment above a slot that depends on the chain",
      "transparent",
      "SpaceV1",
      "SpaceTwofold",
      ["flag layout/namespace-unclear"],
    ],
    ["members of a namespace in another order", "transparent", "SpaceV1", "SpaceReordered", ["refuse layout/inserted"]],
    ["two structs at one slot", "transparent", "SpaceV1", "SpaceShared", ["refuse layout/namespace-shared"]],
    [
      "a struct without a comment at another slot",
      "transparent",
      "DiamondV1",
      "DiamondMoved",
      ["refuse layout/namespace"],
    ],
    [
      "its members in another order",
      "transparent",
      "DiamondV1",
      "DiamondReordered",
      ["refuse layout/namespace-members"],
    ],
    ["an upgrade that nothing guards", "uups", "GateV1", "GateOpen", ["refuse layout/upgrade-open"]],
    ["a modifier that lets everybody through", "uups", "GateV1", "GateOpenByModifier", ["refuse layout/upgrade-open"]],
    [
      "initialisers that the constructor leaves open",
      "uups",
      "GateV1",
      "GateUnlocked",
      ["refuse layout/initialiser-open"],
    ],
    ["a UUPS contract without its upgrade function", "uups", "GateV1", "GateStuck", ["refuse layout/upgrade-missing"]],
    ["a delegatecall in the source", "uups", "GateV1", "GateRuns", ["refuse layout/delegatecall"]],
    ["a constructor that stores a value", "uups", "GateV1", "GateBusyConstructor", ["flag layout/constructor"]],
    ["a selfdestruct in the source", "uups", "GateV1", "GateDies", ["refuse layout/selfdestruct"]],
    ["an internal function in storage", "uups", "GateV1", "GatePoints", ["flag layout/function-pointer"]],
  ])("%s", async (_what, kind, from, to, codes) => {
    const said = weighed(await found(kind, from, to));
    expect(said).toEqual(expect.arrayContaining(codes));
  });

  test("a comparison that could not be made, where a source is named; without one it flags", async () => {
    const stranger = person("of unknown code").address;
    await cases.world.client.setCode({ address: stranger, bytecode: "0x6001600055" });
    const upgrade = await cases.upgrade("transparent", stranger, "LedgerV1");
    expect(weighed(await cases.asked(layoutGate, upgrade))).toEqual(["refuse layout/not-compared"]);
    expect(weighed(await cases.asked(layoutGate, upgrade, { sources: [] }))).toEqual(["flag layout/not-compared"]);
    expect(weighed(await cases.asked(layoutGate, upgrade, { sources: [], code: { requireSource: true } }))).toEqual([
      "refuse layout/not-compared",
    ]);
  });

  test("and only tells where nobody has a build of either code, and nobody asks for one", async () => {
    const [old, next] = [person("of unknown code").address, person("of other unknown code").address];
    await cases.world.client.setCode({ address: old, bytecode: "0x6001600055" });
    await cases.world.client.setCode({ address: next, bytecode: "0x6002600055" });
    const upgrade = await cases.upgrade("transparent", old, "LedgerV1");
    const unknown = { ...upgrade, to: next };
    expect(weighed(await cases.asked(layoutGate, unknown, { sources: [] }))).toEqual([]);
    expect(weighed(await cases.askedAlone(layoutGate, unknown))).toEqual([]);
    expect(weighed(await cases.asked(layoutGate, unknown, { sources: [], code: { requireSource: true } }))).toEqual([
      "refuse layout/not-compared",
    ]);
  });
});

test("a single Safe transaction is compared too, with whatever build the code equals", async () => {
  const bad = await cases.upgrade("transparent", "LedgerV1", "LedgerInserted");
  expect(weighed(await cases.askedAlone(layoutGate, bad))).toEqual(["refuse layout/inserted"]);
  const good = await cases.upgrade("uups", "GateV1", "GateV2");
  expect(weighed(await cases.askedAlone(layoutGate, good))).toEqual([]);
});

test("says the mechanism, what was there and will be, and how to mend it", async () => {
  const [finding] = await found("transparent", "LedgerV1", "LedgerInserted");
  expect(finding?.message).toContain("LedgerInserted.fee");
  expect(finding?.message).toContain("read from the wrong place");
  expect(finding?.evidence).toContain("uint256 fee at slot 0");
  expect(finding?.fix).not.toBe("");
});

test("its own proof refuses", () => {
  expect(layoutGate.proof().some((one) => one.severity === "refuse")).toBe(true);
});
