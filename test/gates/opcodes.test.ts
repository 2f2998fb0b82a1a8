/** The opcode gate against code that can do more than the present code, each beside an honest twin, as several compilers' settings write it. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ProxyKind } from "../../src/chain-facts.ts";
import { opcodesGate } from "../../src/gates/opcodes.ts";
import { type CodeCases, startCases, weighed } from "./code-cases.ts";

const environment = "flag opcodes/environment";

describe.each<[settings: string, settings: object]>([
  ["optimised", {}],
  ["not optimised", { optimizer: { enabled: false } }],
  ["by way of Yul", { viaIR: true }],
])("code that solc wrote %s", (_settings, settings) => {
  let cases: CodeCases;
  beforeAll(async () => {
    cases = await startCases("OpcodeCases.sol", settings);
  });
  afterAll(() => cases.stop());

  const found = async (from: string, to: string, kind: ProxyKind = "transparent") =>
    weighed(await cases.asked(opcodesGate, await cases.upgrade(kind, from, to)));

  test.each<[what: string, from: string, to: string, kind?: ProxyKind]>([
    ["loops, calls, errors, and data that looks like opcodes", "TillV1", "TillV2"],
    ["a contract that calls its own functions", "TillV1", "TillMulticall"],
    ["looks at its surroundings that the present code has too", "TillLooks", "TillLooksMore"],
    ["the upgrade function of a UUPS contract", "TillUpgradesItself", "TillUpgradesItselfToo", "uups"],
  ])("passes %s", async (_what, from, to, kind) => {
    expect(await found(from, to, kind)).toEqual([]);
  });

  test.each<[what: string, from: string, to: string, codes: string[], kind?: ProxyKind]>([
    ["another function under the four bytes of an old one", "TillV1", "TillTwin", ["refuse opcodes/twin"]],
    ["SELFDESTRUCT", "TillV1", "TillDies", ["flag opcodes/selfdestruct"]],
    ["SELFDESTRUCT behind a condition in an inner function", "TillV1", "TillDiesInside", ["flag opcodes/selfdestruct"]],
    ["DELEGATECALL to whomever the caller names", "TillV1", "TillRuns", ["refuse opcodes/delegatecall"]],
    ["DELEGATECALL to an address in storage", "TillV1", "TillRunsStored", ["refuse opcodes/delegatecall"]],
    ["DELEGATECALL to an address in the code", "TillV1", "TillRunsFixed", ["refuse opcodes/delegatecall"]],
    ["CALLCODE", "TillV1", "TillRunsOldWay", ["refuse opcodes/callcode"]],
    ["CREATE", "TillV1", "TillCreates", ["flag opcodes/create"]],
    ["CREATE2", "TillV1", "TillCreates2", ["flag opcodes/create2"]],
    ["looks at the surroundings", "TillV1", "TillLooks", Array(8).fill(environment)],
    ["a look in a function that did not look before", "TillLooks", "TillLooksElsewhere", [environment]],
    ["looks at blobs", "TillV1", "TillBlobs", [environment, environment]],
    [
      "a second way to upgrade",
      "TillV1",
      "TillUpgradesItself",
      ["refuse opcodes/delegatecall", "refuse opcodes/second-upgrade"],
    ],
    [
      "a UUPS contract without its upgrade function",
      "TillUpgradesItself",
      "TillV2",
      ["refuse opcodes/upgrade-missing"],
      "uups",
    ],
  ])("does not pass %s", async (_what, from, to, codes, kind) => {
    expect(await found(from, to, kind)).toEqual(codes);
  });
});

describe("whatever the compiler's settings", () => {
  let cases: CodeCases;
  beforeAll(async () => {
    cases = await startCases("OpcodeCases.sol");
  });
  afterAll(() => cases.stop());

  test("the same is seen without any source, of a package and of a single Safe transaction", async () => {
    const upgrade = await cases.upgrade("transparent", "TillV1", "TillRuns");
    expect(weighed(await cases.asked(opcodesGate, upgrade, { sources: [] }))).toEqual(["refuse opcodes/delegatecall"]);
    expect(weighed(await cases.askedAlone(opcodesGate, upgrade))).toEqual(["refuse opcodes/delegatecall"]);
    const beacon = await cases.upgrade("beacon", "TillV1", "TillCreates");
    expect(weighed(await cases.askedAlone(opcodesGate, beacon))).toEqual(["flag opcodes/create"]);
  });

  test("a library that the build links passes", async () => {
    const { abi, bytecode } = cases.artefact("TillLinked");
    const library = await cases.deploy("Rates");
    const linked = bytecode.replace(/__.{36}__/g, library.slice(2).toLowerCase()) as `0x${string}`;
    const upgrade = await cases.upgrade("transparent", "TillV1", await cases.world.deploy({ abi, bytecode: linked }));
    expect(weighed(await cases.asked(opcodesGate, upgrade))).toEqual([]);
  });

  test("a function that the proxy itself answers to is refused", async () => {
    const upgrade = await cases.upgrade("beacon", "TillV1", "TillWithKeeper");
    const proxy = await cases.deploy("OwnProxy", [upgrade.from]);
    expect(weighed(await cases.asked(opcodesGate, upgrade))).toEqual([]);
    expect(weighed(await cases.asked(opcodesGate, { ...upgrade, proxy }))).toEqual(["refuse opcodes/shadowed"]);
  });

  test("a function that only the fallback knows is flagged", async () => {
    const upgrade = await cases.upgrade("transparent", "TillV1", "TillHides");
    expect(weighed(await cases.asked(opcodesGate, upgrade))).toEqual(["flag opcodes/unlisted"]);
  });

  test("code whose jumps cannot be followed is flagged, and what stands in it is judged all the same", async () => {
    const upgrade = await cases.upgrade("transparent", "TillV1", "TillV2");
    // JUMP to what the caller says; further on JUMPDEST, CALLER, SELFDESTRUCT.
    await cases.world.client.setCode({ address: upgrade.to, bytecode: "0x60003556005b33ff" });
    expect(weighed(await cases.asked(opcodesGate, upgrade, { sources: [] }))).toEqual([
      "flag opcodes/not-followed",
      "flag opcodes/selfdestruct",
    ]);
  });

  test("says which function, and what it means", async () => {
    const upgrade = await cases.upgrade("transparent", "TillV1", "TillDiesInside");
    const findings = await cases.asked(opcodesGate, upgrade);
    const [finding] = findings.filter((one) => one.severity === "flag");
    expect(finding?.evidence).toContain("settle(uint256,address)");
    expect(finding?.message).toContain("sends away all the ether");
    expect(finding?.message).not.toContain("metamorphic");
  });
});

describe("before Cancun", () => {
  let cases: CodeCases;
  beforeAll(async () => {
    cases = await startCases("LegacyOpcodeCases.sol", { evmVersion: "shanghai" }, { hardfork: "shanghai" });
  });
  afterAll(() => cases.stop());

  test("code that can destroy itself is refused, because other code could take its place", async () => {
    const upgrade = await cases.upgrade("uups", "OldTillV1", "OldTillDies");
    const findings = await cases.asked(opcodesGate, upgrade);
    expect(weighed(findings)).toEqual(["refuse opcodes/selfdestruct"]);
    expect(findings.find((one) => one.severity === "refuse")?.message).toContain("replaced at the same address");
  });

  test("its honest twin passes", async () => {
    expect(weighed(await cases.asked(opcodesGate, await cases.upgrade("uups", "OldTillV1", "OldTillV2")))).toEqual([]);
  });
});

test("its own proof refuses", () => {
  expect(opcodesGate.proof().some((one) => one.severity === "refuse")).toBe(true);
});
