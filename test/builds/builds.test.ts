/** Build files of every kind are read alike, and what is none is said in a sentence and harms nothing. */

import { mkdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { concatHex, keccak256, stringToHex } from "viem";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { folderLimits } from "../../src/builds/folder.ts";
import { openBuilds } from "../../src/builds/open-builds.ts";
import { type Compiled, compiledPurse, folderOf, input, owner } from "./build-files.ts";

let purse: Compiled;
beforeAll(async () => {
  purse = await compiledPurse();
});

let opened: ReturnType<typeof folderOf> | undefined;
afterEach(async () => {
  await opened?.remove();
  opened = undefined;
});
function open(files: Record<string, string>) {
  opened = folderOf(files);
  return opened;
}

/** Each kind of file, as its tool writes it. */
const kinds: readonly [kind: string, files: () => Record<string, string>][] = [
  [
    "standard JSON with its output",
    () => ({ "purse.json": JSON.stringify({ input, output: purse.output, solcVersion: "0.8.37" }) }),
  ],
  [
    "Foundry's build-info",
    () => ({
      "purse.json": JSON.stringify({
        _format: "ethers-rs-sol-build-info-1",
        ...{ id: "0f", source_id_to_path: { "0": "src/Purse.sol" }, language: "Solidity" },
        ...{ solcVersion: "0.8.37", solcLongVersion: "0.8.37+commit.f401782d", input, output: purse.output },
      }),
    }),
  ],
  [
    "Hardhat 2's build-info",
    () => ({
      "purse.json": JSON.stringify({
        ...{
          _format: "hh-sol-build-info-1",
          id: "0f",
          solcVersion: "0.8.37",
          solcLongVersion: "0.8.37+commit.f401782d",
        },
        ...{ input, output: purse.output },
      }),
    }),
  ],
  [
    "Hardhat 3's two files",
    () => {
      const own = "project/src/Purse.sol";
      const source = purse.output.sources["src/Purse.sol"];
      return {
        "purse.json": JSON.stringify({
          ...{ _format: "hh3-sol-build-info-1", id: "0f", solcVersion: "0.8.37" },
          userSourceNameMap: { "src/Purse.sol": own },
          input: { ...input, sources: { [own]: input.sources["src/Purse.sol"] } },
        }),
        "purse.output.json": JSON.stringify({
          ...{ _format: "hh3-sol-build-info-output-1", id: "0f" },
          output: { contracts: { [own]: { Purse: purse.contract } }, sources: { [own]: source } },
        }),
      };
    },
  ],
  ["a raw compiler input", () => ({ "purse.json": JSON.stringify(input) })],
  [
    "a compiler input with its version",
    () => ({ "purse.json": JSON.stringify({ input, solcVersion: "v0.8.37+commit.f401782d" }) }),
  ],
  [
    "Foundry's artefact of one contract",
    () => ({
      "purse.json": JSON.stringify({
        abi: purse.contract.abi,
        bytecode: { object: `0x${purse.contract.evm.bytecode.object}`, linkReferences: {} },
        deployedBytecode: {
          ...purse.contract.evm.deployedBytecode,
          object: `0x${purse.contract.evm.deployedBytecode.object}`,
        },
        methodIdentifiers: purse.contract.evm.methodIdentifiers,
        metadata: {
          compiler: { version: "0.8.37+commit.f401782d" },
          settings: { compilationTarget: { "src/Purse.sol": "Purse" } },
        },
        ast: purse.output.sources["src/Purse.sol"]?.ast,
      }),
    }),
  ],
];

describe.each(kinds)("%s", (kind, files) => {
  test("names the contract that deployed code is, its values and functions", async () => {
    const { builds } = open(files());
    const inventory = await builds.inventory();
    expect(inventory.faults).toEqual([]);
    expect(inventory.files).toMatchObject([{ file: "purse.json", compiler: "0.8.37", contracts: 1 }]);
    const [found] = await builds.identify([purse.runtime]);
    expect(found?.equal).toHaveLength(1);
    const [identity] = found?.equal ?? [];
    expect(identity).toMatchObject({ file: "purse.json", contract: "src/Purse.sol:Purse" });
    expect(Object.values(identity?.functions ?? {}).sort()).toEqual(["fill(uint256)", "owner()", "total()"]);
    expect(identity?.comparison).toMatchObject({
      metadataDiffers: false,
      immutables: [{ name: "owner", type: "address", value: `0x${owner.slice(2).toLowerCase().padStart(64, "0")}` }],
    });
    // Only what has its sources can say how storage lies.
    if (identity === undefined) throw new Error("It was not found.");
    const [answer] = await builds.layouts([{ from: identity, to: identity, code: purse.runtime, kind: "transparent" }]);
    if (kind.includes("artefact")) expect(answer).toEqual({ reason: expect.stringContaining("without the sources") });
    else expect(answer).toEqual({ facts: [] });
  });
});

test("a build's hash is that of its bytes, and of both of Hardhat 3's files", async () => {
  const files: Record<string, string> = kinds.find(([kind]) => kind.startsWith("Hardhat 3"))?.[1]() ?? {};
  const { builds } = open(files);
  const texts = [files["purse.json"] ?? "", files["purse.output.json"] ?? ""].map((text) => stringToHex(text));
  expect((await builds.inventory()).files[0]?.hash).toBe(keccak256(concatHex(texts)));
});

test("a file that changed is read again, and one that is gone is forgotten", async () => {
  const { builds, folder } = open({ "purse.json": JSON.stringify(input) });
  const before = await builds.inventory();
  expect(before.compiledMs).toBeGreaterThan(0);
  writeFileSync(join(folder, "purse.json"), `${JSON.stringify(input)} `);
  const after = await builds.inventory();
  expect(after.files[0]?.hash).not.toBe(before.files[0]?.hash);
  writeFileSync(join(folder, "purse.json"), "{}");
  expect((await builds.inventory()).files).toEqual([]);
});

const refused: readonly [what: string, files: () => Record<string, string>, reason: string][] = [
  [
    "half a file",
    () => ({ "a.json": JSON.stringify({ input, output: purse.output }).slice(0, 900) }),
    "it is not whole JSON",
  ],
  ["a list", () => ({ "a.json": "[]" }), "it is JSON and no object"],
  [
    "something else",
    () => ({ "a.json": '{"name": "quorate"}' }),
    "it is none of the build files that are known: solc's standard JSON, a build-info of Foundry or Hardhat, or a Foundry artefact",
  ],
  [
    "an output without a compiler",
    () => ({ "a.json": JSON.stringify({ input, output: purse.output }) }),
    "it does not say which compiler made it: solcVersion is missing",
  ],
  [
    "an output without contracts",
    () => ({ "a.json": JSON.stringify({ input, output: {}, solcVersion: "0.8.37" }) }),
    "its compiler output is not whole: at contracts, ",
  ],
  [
    "a compilation that failed",
    () => ({
      "a.json": JSON.stringify({
        input,
        solcVersion: "0.8.37",
        output: { contracts: {}, errors: [{ severity: "error", message: "Stack too deep." }] },
      }),
    }),
    "its compilation failed: Stack too deep.",
  ],
  [
    "another compiler's input",
    () => ({ "a.json": JSON.stringify({ input, solcVersion: "0.8.20" }) }),
    "it asks for solc 0.8.20, and Quorate compiles with 0.8.37: give the build with its output instead",
  ],
  [
    "an input that does not compile",
    () => ({ "a.json": JSON.stringify({ ...input, sources: { "A.sol": { content: "contract A {" } } }) }),
    "solc 0.8.37 refuses it: ",
  ],
  [
    "an input that only names its sources",
    () => ({ "a.json": JSON.stringify({ ...input, sources: { "A.sol": { urls: ["ipfs://x"] } } }) }),
    "the text of A.sol is not in it, only a reference to it",
  ],
  [
    "an import that is not there",
    () => ({ "a.json": JSON.stringify({ ...input, sources: { "A.sol": { content: 'import "./B.sol";' } } }) }),
    "solc 0.8.37 refuses it: ",
  ],
  [
    "another language",
    () => ({ "a.json": JSON.stringify({ ...input, language: "Vyper" }) }),
    "its language is Vyper, and only Solidity is read",
  ],
  [
    "half of Hardhat 3's files",
    () => ({ "a.json": JSON.stringify({ _format: "hh3-sol-build-info-1", solcVersion: "0.8.37", input }) }),
    "Hardhat 3 writes its output beside it, and there is no such file: copy both",
  ],
  [
    "Foundry's index",
    () => ({ "a.json": '{"id": "0f", "source_id_to_path": {"0": "A.sol"}, "language": "Solidity"}' }),
    "it is Foundry's index of a build and not the build: run forge build",
  ],
  [
    "Hardhat's artefact",
    () => ({
      "a.json": JSON.stringify({ _format: "hh-sol-artifact-1", abi: [], bytecode: "0x", deployedBytecode: "0x" }),
    }),
    "a Hardhat artefact does not say where immutable values stand",
  ],
  [
    "an artefact without metadata",
    () => ({ "a.json": JSON.stringify({ abi: [], bytecode: { object: "0x" }, deployedBytecode: { object: "0x" } }) }),
    "the artefact has no metadata",
  ],
];

test.each(refused)("%s is said in a sentence, and the others are read", async (_what, files, reason) => {
  const { builds } = open({
    ...files(),
    "good.json": JSON.stringify({ input, output: purse.output, solcVersion: "0.8.37" }),
  });
  const { files: good, faults } = await builds.inventory();
  expect(good.map((one) => one.file)).toEqual(["good.json"]);
  expect(faults).toEqual([{ file: "a.json", reason: expect.stringContaining(reason) }]);
});

describe("limits", () => {
  test("a file that is too large is not read", async () => {
    const { builds, folder } = open({ "a.json": "{}" });
    truncateSync(join(folder, "a.json"), folderLimits.fileBytes + 1);
    expect((await builds.inventory()).faults).toEqual([
      { file: "a.json", reason: "it has 64 MB, and at most 64 MB are read" },
    ]);
  });

  test("too much in all is refused, and so is what was asked", async () => {
    const files = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`${index}.json`, "{}"]));
    const { builds, folder } = open(files);
    for (const name of Object.keys(files)) truncateSync(join(folder, name), folderLimits.fileBytes);
    await expect(builds.identify(["0x00"])).rejects.toThrow(
      "The builds cannot be used: the builds folder holds 576 MB, and at most 512 MB are read.",
    );
  });

  test("folders in it are read, such as Foundry's out/X.sol/", async () => {
    const { builds, folder } = open({});
    mkdirSync(join(folder, "Purse.sol"));
    writeFileSync(join(folder, "Purse.sol", "Purse.json"), JSON.stringify(input));
    expect((await builds.inventory()).files.map((one) => one.file)).toEqual(["Purse.sol/Purse.json"]);
  });
});

test("without a folder there are no builds, and code can be walked", async () => {
  const builds = openBuilds(undefined);
  expect(await builds.inventory()).toEqual({ files: [], faults: [], compiledMs: 0 });
  const [walk] = await builds.walk([purse.runtime]);
  expect(walk).toMatchObject({ complete: true, uses: [] });
  expect(walk?.selectors).toHaveLength(3);
  await builds.close();
});

test("once they are closed nothing is begun any more, and what was in hand is told", async () => {
  const builds = openBuilds(undefined);
  const inHand = expect(builds.walk([purse.runtime])).rejects.toThrow("The thread that reads builds broke off.");
  await builds.close();
  await inHand;
  await expect(builds.walk([purse.runtime])).rejects.toThrow("The builds were closed.");
  await expect(builds.inventory()).rejects.toThrow("The builds were closed.");
});

test("reading and walking do not hold up the program", async () => {
  const { builds } = open({ "purse.json": JSON.stringify(input) });
  let turns = 0;
  let done = false;
  const turn = () => {
    turns += 1;
    if (!done) setImmediate(turn);
  };
  turn();
  await builds.inventory();
  done = true;
  // Compiling takes hundreds of milliseconds; on this thread it would be one turn.
  expect(turns).toBeGreaterThan(100);
});
