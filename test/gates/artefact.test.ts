/** The artefact gate against code that is not what was reviewed, each beside an honest twin, on a real chain. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Hex, keccak256 } from "viem";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Address } from "../../src/domain/primitives.ts";
import { artefactGate } from "../../src/gates/artefact.ts";
import { person } from "../chain/world.ts";
import { samplePolicy } from "../support/sample-policy.ts";
import { type Asked, type CodeCases, startCases, type Upgrade, weighed } from "./code-cases.ts";

const stranger = person("a stranger").address;
let cases: CodeCases;
/** An address that policy speaks of: the timelock. */
let known: Address;
beforeAll(async () => {
  cases = await startCases("ArtefactCases.sol");
  known = (await samplePolicy()).chains[0]?.timelock ?? stranger;
});
afterAll(() => cases.stop());

const upgrade = (from: string, to: string) => cases.upgrade("transparent", from, to);
const found = async (one: Upgrade, more?: Asked) => weighed(await cases.asked(artefactGate, one, more));
const codeOf = (address: Address) => cases.world.client.getCode({ address });
const put = (address: Address, bytecode: Hex) => cases.world.client.setCode({ address, bytecode });

/** The same code with one byte changed, counted from the start or, below zero, from the end. */
async function flip(address: Address, at: number): Promise<void> {
  const bytes = Buffer.from(((await codeOf(address)) ?? "0x").slice(2), "hex");
  const index = at < 0 ? bytes.length + at : at;
  bytes[index] = (bytes[index] ?? 0) ^ 1;
  await put(address, `0x${bytes.toString("hex")}`);
}

async function linked(name: string, library: Address): Promise<Address> {
  const { abi, bytecode } = cases.artefact(name);
  return cases.world.deploy({ abi, bytecode: bytecode.replace(/__.{36}__/g, library.slice(2).toLowerCase()) as Hex });
}

describe("what is built", () => {
  test("passes where the code is the build's, of a package and of a single transaction", async () => {
    const one = await upgrade("TollV1", "TollV2");
    const findings = await cases.asked(artefactGate, one);
    expect(weighed(findings)).toEqual([]);
    expect(findings.find((finding) => finding.code === "artefact/built")?.message).toContain(
      "ArtefactCases.sol:TollV2",
    );
    expect(weighed(await cases.askedAlone(artefactGate, one))).toEqual([]);
  });

  test("passes, and says so, where only the compiler's note about its sources differs", async () => {
    const one = await upgrade("TollV1", "TollV2");
    await flip(one.to, -20);
    const findings = await cases.asked(artefactGate, one);
    expect(weighed(findings)).toEqual([]);
    expect(findings.find((finding) => finding.code === "artefact/built")?.message).toContain("comments or paths");
  });

  test("refuses one other byte, and shows it", async () => {
    const one = await upgrade("TollV1", "TollV2");
    await flip(one.to, 150);
    const findings = await cases.asked(artefactGate, one);
    expect(weighed(findings)).toEqual(["refuse artefact/code"]);
    expect(findings.find((finding) => finding.severity === "refuse")?.evidence).toMatch(
      /closest is ArtefactCases\.sol:TollV2 .*bytes 150 to 150 are 0x.. on the chain and 0x.. in the build/,
    );
  });

  test("refuses bytes behind the code", async () => {
    const one = await upgrade("TollV1", "TollV2");
    await put(one.to, `${(await codeOf(one.to)) ?? "0x"}00`);
    expect(await found(one)).toEqual(["refuse artefact/code"]);
  });

  test("refuses an address without code, and a person's account that borrows code", async () => {
    const one = await upgrade("TollV1", "TollV2");
    expect(await found({ ...one, to: stranger })).toEqual(["refuse artefact/no-code"]);
    const borrower = person("who borrows code").address;
    await put(borrower, `0xef0100${one.to.slice(2).toLowerCase()}`);
    expect(await found({ ...one, to: borrower })).toEqual(["refuse artefact/delegated"]);
  });

  test("refuses a named build that is not there, and flags where none is named", async () => {
    const one = await upgrade("TollV1", "TollV2");
    expect(await found(one, { sources: [`0x${"12".repeat(32)}`] })).toEqual(["refuse artefact/build-missing"]);
    expect(await found(one, { sources: [] })).toEqual(["flag artefact/no-source"]);
    expect(await found(one, { sources: [], code: { requireSource: true } })).toEqual(["refuse artefact/no-source"]);
    // Who has builds of what runs now is meant to have one of this; who has none, and whose policy asks for none, is told.
    const [old, next] = [person("of unknown code").address, person("of other unknown code").address];
    await put(old, "0x6001600055");
    await put(next, "0x6002600055");
    expect(await found({ ...one, to: next }, { sources: [] })).toEqual(["flag artefact/no-source"]);
    const unknown = { ...one, from: old, to: next };
    expect(await found(unknown, { sources: [] })).toEqual([]);
    expect(await found(unknown, { sources: [], code: { requireSource: true } })).toEqual(["refuse artefact/no-source"]);
  });

  test("refuses what policy has denied by its hash", async () => {
    const one = await upgrade("TollV1", "TollV2");
    const hash = keccak256((await codeOf(one.to)) ?? "0x");
    expect(await found(one, { code: { denied: [hash] } })).toEqual(["refuse artefact/denied"]);
    expect(await found(one, { code: { denied: [keccak256("0x12")] } })).toEqual([]);
  });

  test("refuses code without an audit of that very code, where policy wants one", async () => {
    const one = await upgrade("TollV1", "TollV2");
    const audit = (hash: Hex) => [{ name: "Careful Readers", url: "https://readers.example/toll", hash }];
    const code = { requireAudit: true };
    expect(await found(one, { code })).toEqual(["refuse artefact/no-audit"]);
    expect(await found(one, { code, audits: audit(keccak256("0x12")) })).toEqual(["refuse artefact/no-audit"]);
    expect(await found(one, { code, audits: audit(cases.build) })).toEqual([]);
    expect(await found(one, { code, audits: audit(keccak256((await codeOf(one.to)) ?? "0x")) })).toEqual([]);
  });

  test("says which build files cannot be used, and goes on", async () => {
    writeFileSync(join(cases.folder, "half.json"), '{"input": {');
    const findings = await cases.asked(artefactGate, await upgrade("TollV1", "TollV2"));
    expect(weighed(findings)).toEqual([]);
    expect(findings.map((one) => one.message)).toContain(
      "The build file half.json cannot be used: it is not whole JSON.",
    );
  });
});

describe("immutable values", () => {
  const withFees = (address: Address) => cases.deploy("TollWithFees", [address]);

  test("an address that policy does not know is refused, and one that it knows passes", async () => {
    expect(await found(await upgrade("TollV1", await withFees(stranger)))).toEqual([
      "refuse artefact/immutable-address",
    ]);
    expect(await found(await upgrade("TollV1", await withFees(known)))).toEqual([]);
    const declared = { addresses: [stranger] };
    expect(await found(await upgrade("TollV1", await withFees(stranger)), { code: declared })).toEqual([]);
  });

  test("what the present code has may stay, and a change is told with both values", async () => {
    const before = await withFees(stranger);
    expect(await found(await upgrade(before, await cases.deploy("TollWithFees2", [stranger])))).toEqual([]);
    const other = person("another stranger").address;
    const findings = await cases.asked(
      artefactGate,
      await upgrade(before, await cases.deploy("TollWithFees2", [other])),
    );
    expect(weighed(findings)).toEqual(["refuse artefact/immutable-address"]);
    const evidence = findings.find((one) => one.severity === "refuse")?.evidence;
    expect(evidence).toContain(other);
    expect(evidence).toContain(stranger);
    expect(await found(await upgrade(before, await cases.deploy("TollWithFees2", [known])))).toEqual([
      "flag artefact/immutable-changed",
    ]);
  });

  test("numbers: the same passes, another is flagged, and what policy says decides", async () => {
    const before = await cases.deploy("TollWithLimit", [7n]);
    const limited = (limit: bigint) => cases.deploy("TollWithLimit2", [limit]);
    const limits = (limit: bigint) => ({ code: { immutables: { ledger: { limit } } } });
    expect(await found(await upgrade(before, await limited(7n)))).toEqual([]);
    expect(await found(await upgrade(before, await limited(9n)))).toEqual(["flag artefact/immutable-changed"]);
    expect(await found(await upgrade(before, await limited(9n)), limits(9n))).toEqual([]);
    expect(await found(await upgrade(before, await limited(9n)), limits(8n))).toEqual([
      "refuse artefact/immutable-declared",
    ]);
    expect(await found(await upgrade("TollV1", await limited(9n)))).toEqual(["flag artefact/immutable-new"]);
  });

  test("values that follow from the contract's own address and chain pass", async () => {
    expect(await found(await upgrade("TollSigned", "TollSigned2"))).toEqual([]);
    expect(await found(await upgrade("TollV1", "TollSigned"))).toEqual([]);
  });
});

describe("libraries", () => {
  test("of the build pass, of others are refused, and of nobody too", async () => {
    const tariff = await cases.deploy("Tariff");
    const before = await linked("TollLinked", tariff);
    expect(await found(await upgrade(before, await linked("TollLinked2", tariff)))).toEqual([]);
    expect(await found(await upgrade(before, await linked("TollLinked2", await cases.deploy("Tariff"))))).toEqual([]);
    const tribute = await cases.deploy("Tribute");
    expect(await found(await upgrade(before, await linked("TollLinked2", tribute)))).toEqual([
      "refuse artefact/library",
    ]);
    expect(await found(await upgrade(before, await linked("TollLinked2", stranger)))).toEqual([
      "refuse artefact/library-code",
    ]);
    const code = { libraries: { Tariff: tariff } };
    expect(
      await found(await upgrade(before, await linked("TollLinked2", await cases.deploy("Tariff"))), { code }),
    ).toEqual(["refuse artefact/library"]);
  });
});

describe("old code", () => {
  test.each(["transparent", "beacon"] as const)(
    "that a %s proxy ran before is refused, at its address and as a copy",
    async (kind) => {
      const one = await cases.upgrade(kind, "TollV1", "TollV2");
      await cases.run(one);
      const back = { ...one, from: one.to, to: one.from };
      expect(await found(back)).toEqual(["refuse artefact/downgrade"]);
      expect(weighed(await cases.askedAlone(artefactGate, back))).toEqual(["refuse artefact/downgrade"]);
      expect(await found({ ...back, to: await cases.deploy("TollV1") })).toEqual(["refuse artefact/downgrade"]);
      expect(await found({ ...back, to: await cases.deploy("TollWithFees", [known]) })).toEqual([
        "refuse artefact/version-lower",
      ]);
    },
  );

  test("is known by its source too, with other values in it", async () => {
    const one = await upgrade(await cases.deploy("TollWithLimit", [7n]), "TollV1");
    await cases.run(one);
    const again = { ...one, from: one.to, to: await cases.deploy("TollWithLimit", [8n]) };
    expect(await found(again)).toContain("refuse artefact/downgrade");
  });

  test("that says a lower version is refused, and the next version passes", async () => {
    expect(await found(await upgrade("TollV1", "TollOlder"))).toEqual(["refuse artefact/version-lower"]);
    expect(await found(await upgrade("TollV1", "TollV2"))).toEqual([]);
  });

  test("the present code at another address passes, and is said", async () => {
    const findings = await cases.asked(artefactGate, await upgrade("TollV1", "TollV1"));
    expect(weighed(findings)).toEqual([]);
    expect(findings.map((one) => one.code)).toContain("artefact/redeployed");
  });
});

test("an implementation with storage of its own is flagged", async () => {
  const findings = await cases.asked(artefactGate, await upgrade("TollV1", "TollUsed"));
  expect(weighed(findings)).toEqual(["flag artefact/implementation-storage"]);
  expect(findings.find((one) => one.severity === "flag")?.evidence).toContain(
    cases.world.deployer.slice(2).toLowerCase(),
  );
});

test("its own proof refuses", () => {
  expect(artefactGate.proof().some((one) => one.severity === "refuse")).toBe(true);
});
