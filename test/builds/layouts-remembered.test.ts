/** A comparison of storage that was made before is not made again, and is never the answer to another question. */

import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Hex } from "viem";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Builds, BuiltContract, LayoutQuestion } from "../../src/build-facts.ts";
import { openCatalogue } from "../../src/builds/catalogue.ts";
import { erc7201Slot } from "../../src/builds/storage-accessors.ts";
import { folderOf, input } from "./build-files.ts";

const source = (purse: string) => `// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

contract Purse {
    ${purse}
}

/// A namespace whose slot no reader of the source can tell.
contract Box {
    /// @custom:storage-location erc7201:harbour.box
    struct BoxStorage {
        uint256 total;
    }

    function box(bytes32 slot) internal pure returns (BoxStorage storage $) {
        assembly {
            $.slot := slot
        }
    }
}
`;
const build = (purse: string) => JSON.stringify({ ...input, sources: { "src/Purse.sol": { content: source(purse) } } });
const first = build("uint256 public total;");
const grown = build("uint256 public total;\n    uint256 public cap;");
const shifted = build("uint256 public cap;\n    uint256 public total;");

let folder: string;
let builds: Builds;
let remove: () => Promise<void>;
beforeAll(() => {
  ({ folder, builds, remove } = folderOf({ "old.json": first, "purse.json": grown }));
});
afterAll(() => remove());

async function contract(file: string, name: "Purse" | "Box"): Promise<BuiltContract> {
  const found = (await builds.inventory()).files.find((one) => one.file === file);
  if (found === undefined) throw new Error(`There is no build ${file}.`);
  return { build: found.hash, file, contract: `src/Purse.sol:${name}` };
}

/** The kinds of what was found, or why nothing was. */
async function answered(question: LayoutQuestion): Promise<string[]> {
  const [answer] = await builds.layouts([question]);
  if (answer === undefined) throw new Error("There was no answer.");
  return "reason" in answer ? [answer.reason] : answer.facts.map((one) => one.kind);
}

test("a comparison is made once, however often a package is checked", async () => {
  const catalogue = openCatalogue(folder);
  const [from, to] = [await contract("old.json", "Purse"), await contract("purse.json", "Purse")];
  const question: LayoutQuestion = { from, to, code: "0x00", kind: "transparent" };
  const [once] = await catalogue.layouts([question]);
  const [again] = await catalogue.layouts([structuredClone(question)]);
  expect(once).toEqual({ facts: [] });
  expect(again).toBe(once);
});

test("the same two contracts behind another kind of proxy get an answer of their own", async () => {
  const both = { from: await contract("old.json", "Purse"), to: await contract("purse.json", "Purse") };
  const asked = { ...both, code: "0x00" } as const;
  expect(await answered({ ...asked, kind: "transparent" })).toEqual([]);
  expect(await answered({ ...asked, kind: "uups" }), "nobody could ever upgrade it again").toContain("upgrade-missing");
  expect(await answered({ ...asked, kind: "transparent" })).toEqual([]);
});

test("the same two contracts with other code get an answer of their own", async () => {
  const box = { from: await contract("old.json", "Box"), to: await contract("purse.json", "Box") };
  const asked = { ...box, kind: "transparent" } as const;
  const having: Hex = `0x7f${erc7201Slot("harbour.box").slice(2)}00`;
  expect(await answered({ ...asked, code: having })).toEqual(["namespace-unclear"]);
  expect(await answered({ ...asked, code: "0x00" }), "the code never names its slot").toEqual(["namespace-unseen"]);
});

test("another contract of the same builds, and the way back, get answers of their own", async () => {
  const [from, to] = [await contract("old.json", "Purse"), await contract("purse.json", "Purse")];
  const asked = { code: "0x00", kind: "transparent" } as const;
  expect(await answered({ ...asked, from, to })).toEqual([]);
  expect(await answered({ ...asked, from: to, to: from }), "the variable is gone").toEqual(["deleted"]);
  expect(await answered({ ...asked, from, to: await contract("purse.json", "Box") })).toContain("deleted");
  expect(await answered({ ...asked, from: await contract("old.json", "Box"), to: from })).not.toContain("deleted");
});

test("the answer names the file that was asked about, where two are the same", async () => {
  const artefact = JSON.stringify({
    ...{ abi: [], bytecode: { object: "0x00" }, deployedBytecode: { object: "0x00" }, methodIdentifiers: {} },
    metadata: {
      compiler: { version: "0.8.37+commit.f401782d" },
      settings: { compilationTarget: { "src/Purse.sol": "Purse" } },
    },
  });
  for (const file of ["one.json", "two.json"]) {
    writeFileSync(join(folder, file), artefact);
    const of = await contract(file, "Purse");
    const [sentence] = await answered({ from: of, to: of, code: "0x00", kind: "transparent" });
    expect(sentence).toMatch(new RegExp(`^The storage of ${file} cannot be compared: `));
  }
});

test("what was built anew is compared anew, and a build that is gone is not answered from memory", async () => {
  const asked = { code: "0x00", kind: "transparent" } as const;
  const [from, before] = [await contract("old.json", "Purse"), await contract("purse.json", "Purse")];
  expect(await answered({ ...asked, from, to: before })).toEqual([]);
  writeFileSync(join(folder, "purse.json"), shifted);
  await expect(answered({ ...asked, from, to: before })).rejects.toThrow("there is no build");
  const after = await contract("purse.json", "Purse");
  expect(await answered({ ...asked, from, to: after }), "the total would be read from the cap").not.toEqual([]);
  rmSync(join(folder, "old.json"));
  await expect(answered({ ...asked, from, to: after })).rejects.toThrow("there is no build");
});
