/** Compiles Solidity with solc from npm: for the checked-in artefacts, and for tests that need a contract of their own. */

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Abi, Hex } from "viem";
import { keccak256 } from "viem";

export interface CompilerSettings {
  evmVersion: string;
  optimizer: { enabled: boolean; runs: number };
  /** Without metadata the same source gives the same bytes in every folder. */
  metadata: { bytecodeHash: "none"; appendCBOR: false };
}

export interface CompiledContract {
  contractName: string;
  abi: Abi;
  /** Creation code. */
  bytecode: Hex;
  /** Code on chain, with zeros where the constructor fills in immutable values. */
  runtimeBytecode: Hex;
  /** EXTCODEHASH of what is deployed; only true for contracts without immutable values. */
  codeHash: Hex;
}

/** Runs on every chain that has the Paris rules: newer opcodes are missing on some. */
export const portableSettings: CompilerSettings = {
  evmVersion: "paris",
  optimizer: { enabled: true, runs: 200 },
  metadata: { bytecodeHash: "none", appendCBOR: false },
};

/** For the contracts of the embedded world; OpenZeppelin 5 needs `mcopy`. */
export const embeddedSettings: CompilerSettings = { ...portableSettings, evmVersion: "cancun" };

/** Full name of solc, such as 0.8.37+commit.1234abcd. */
export async function compilerVersion(): Promise<string> {
  return String((await solc()).version()).replace(/\.Emscripten.*$/, "");
}

/**
 * Compiles `sources` (a unit name each, such as "Vault.sol") and returns the contracts of those units, by name.
 * Imports are looked up among the sources first and in node_modules after. Throws the compiler's own words on errors
 * and on warnings.
 */
export async function compile(
  sources: Record<string, string>,
  settings: CompilerSettings = embeddedSettings,
): Promise<Record<string, CompiledContract>> {
  const input = {
    language: "Solidity",
    sources: Object.fromEntries(Object.entries(sources).map(([name, content]) => [name, { content }])),
    settings: {
      ...settings,
      outputSelection: { "*": { "*": ["abi", "evm.bytecode.object", "evm.deployedBytecode.object"] } },
    },
  };
  const output: CompilerOutput = JSON.parse((await solc()).compile(JSON.stringify(input), { import: findImport }));
  if (output.errors?.length) throw new Error(output.errors.map((error) => error.formattedMessage).join("\n"));
  const units = Object.keys(sources).flatMap((unit) => Object.entries(output.contracts?.[unit] ?? {}));
  return Object.fromEntries(units.map(([name, contract]) => [name, compiled(name, contract)]));
}

function compiled(contractName: string, { abi, evm }: CompilerContract): CompiledContract {
  const bytecode: Hex = `0x${evm.bytecode.object}`;
  const runtimeBytecode: Hex = `0x${evm.deployedBytecode.object}`;
  return { contractName, abi, bytecode, runtimeBytecode, codeHash: keccak256(runtimeBytecode) };
}

interface CompilerContract {
  abi: Abi;
  evm: { bytecode: { object: string }; deployedBytecode: { object: string } };
}
interface CompilerOutput {
  errors?: { formattedMessage: string }[];
  contracts?: Record<string, Record<string, CompilerContract>>;
}

const require = createRequire(import.meta.url);

function findImport(path: string): { contents: string } | { error: string } {
  try {
    return { contents: readFileSync(require.resolve(path), "utf8") };
  } catch (error) {
    return { error: String(error) };
  }
}

/** Loaded late: it costs a third of a second and 300 MB. */
async function solc(): Promise<typeof import("solc")> {
  return (await import("solc")).default;
}
