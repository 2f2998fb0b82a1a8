/** A folder with build files of one small contract, in whichever form a test asks for. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Hex } from "viem";
import type { Builds } from "../../src/build-facts.ts";
import { compileInput } from "../../src/builds/compile-input.ts";
import { openBuilds } from "../../src/builds/open-builds.ts";

const content = `// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

contract Purse {
    address public immutable owner;
    uint256 public total;

    constructor(address owner_) {
        owner = owner_;
    }

    function fill(uint256 amount) external {
        total += amount;
    }
}
`;

export const input = {
  language: "Solidity",
  sources: { "src/Purse.sol": { content } },
  settings: { optimizer: { enabled: true, runs: 200 }, evmVersion: "cancun" },
};

export interface Compiled {
  compiler: string;
  output: Output;
  contract: Output["contracts"][string][string];
  /** As it is after deployment, with the owner in its place. */
  runtime: Hex;
}

interface Output {
  contracts: Record<
    string,
    Record<
      string,
      {
        abi: unknown;
        evm: {
          bytecode: { object: string };
          deployedBytecode: {
            object: string;
            immutableReferences: Record<string, { start: number; length: number }[]>;
          };
          methodIdentifiers: Record<string, string>;
        };
      }
    >
  >;
  sources: Record<string, { ast: unknown }>;
}

export const owner = "0x00000000000000000000000000000000000000aA";

export async function compiledPurse(): Promise<Compiled> {
  const { output: any, compiler } = await compileInput(input, undefined);
  const output = any as Output;
  const contract = output.contracts["src/Purse.sol"]?.Purse;
  if (contract === undefined) throw new Error("The purse was not compiled.");
  const { object, immutableReferences } = contract.evm.deployedBytecode;
  const bytes = Buffer.from(object, "hex");
  for (const { start } of Object.values(immutableReferences).flat())
    Buffer.from(owner.slice(2).padStart(64, "0"), "hex").copy(bytes, start);
  return { compiler, output, contract, runtime: `0x${bytes.toString("hex")}` };
}

/** Texts by file name; the caller removes the folder by `remove`. */
export function folderOf(files: Record<string, string>): { folder: string; builds: Builds; remove(): Promise<void> } {
  const folder = mkdtempSync(join(tmpdir(), "quorate-build-files-"));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const builds = openBuilds(folder);
  return {
    folder,
    builds,
    async remove() {
      await builds.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
