/** Compiles a standard JSON input with the solc that Quorate brings along, where that is the version asked for. */

import { isDeepStrictEqual } from "node:util";
import type { CompilerInput } from "./compiler-json.ts";
import { BuildFault } from "./fault.ts";

/** What the index of contracts and the layout comparison read. */
export const selection = {
  "*": {
    "": ["ast"],
    "*": [
      "abi",
      "storageLayout",
      "evm.bytecode.object",
      "evm.bytecode.linkReferences",
      "evm.deployedBytecode.object",
      "evm.deployedBytecode.linkReferences",
      "evm.deployedBytecode.immutableReferences",
      "evm.methodIdentifiers",
    ],
  },
};

export interface Compiled {
  output: unknown;
  compiler: string;
  ms: number;
}

/** `wanted`: "0.8.37", or a longer form of it; left out, the sources' own pragmas decide. Throws a BuildFault. */
export async function compileInput(input: CompilerInput, wanted: string | undefined): Promise<Compiled> {
  const missing = Object.entries(input.sources).find(([, source]) => source.content === undefined)?.[0];
  if (missing !== undefined) throw new BuildFault(`the text of ${missing} is not in it, only a reference to it`);
  // Loaded late: it costs a third of a second and 300 MB.
  const { default: solc } = await import("solc");
  const compiler = /\d+\.\d+\.\d+/.exec(String(solc.version()))?.[0] ?? "";
  const version = wanted === undefined ? compiler : /\d+\.\d+\.\d+/.exec(wanted)?.[0];
  if (version !== compiler)
    throw new BuildFault(
      `it asks for solc ${wanted}, and Quorate compiles with ${compiler}: give the build with its output instead`,
    );
  const started = performance.now();
  const settings = { ...input.settings, outputSelection: selection };
  const output = JSON.parse(solc.compile(JSON.stringify({ ...input, settings })));
  const errors: { severity: string; formattedMessage?: string; message: string }[] = output.errors ?? [];
  const fault = errors.find((one) => one.severity === "error");
  if (fault !== undefined)
    throw new BuildFault(`solc ${compiler} refuses it: ${(fault.formattedMessage ?? fault.message).split("\n")[0]}`);
  if (isDeepStrictEqual(output.contracts ?? {}, {})) throw new BuildFault("there is no contract in it");
  return { output, compiler, ms: performance.now() - started };
}
