/** Creation code: our own from the checked-in artefacts, everybody else's from their npm packages. */

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { type AbiParameter, concat, encodeAbiParameters, parseAbiParameters } from "viem";
import type { Hex } from "../domain/primitives.ts";

const require = createRequire(import.meta.url);

/** A contract of src/embedded/contracts, such as "VaultV2". */
export function ownBytecode(contract: string): Hex {
  return read(new URL(`./artefacts/${contract}.json`, import.meta.url));
}

/** A contract of an npm package that brings its compiled form along. */
export function packageBytecode(path: string): Hex {
  return read(require.resolve(path));
}

/** Creation code with its constructor's arguments behind it: `withArguments(code, "address, bytes", [a, b])`. */
export function withArguments(bytecode: Hex, types: string, values: readonly unknown[]): Hex {
  const parameters: readonly AbiParameter[] = parseAbiParameters(types);
  return concat([bytecode, encodeAbiParameters(parameters, values)]);
}

function read(path: string | URL): Hex {
  return JSON.parse(readFileSync(path, "utf8")).bytecode;
}
