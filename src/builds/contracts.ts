/** The contracts of a build: their code with its open places named, and the functions they answer to. */

import type { AbiFunction } from "viem";
import { toFunctionSelector, toFunctionSignature } from "viem";
import type { BuiltCode, CodeRange } from "../domain/code-match.ts";
import { bytes, type Hex } from "../domain/primitives.ts";
import type { Build, CompiledContract } from "./compiler-json.ts";
import { nodesOf } from "./syntax-tree.ts";

export interface IndexedContract {
  /** `Unit.sol:Contract`. */
  contract: string;
  code: BuiltCode;
  functions: Record<Hex, string>;
}

type Links = Record<string, Record<string, CodeRange[]>>;

/** Every contract with code of its own; interfaces and abstract contracts have none. */
export function contractsOf({ output }: Build): IndexedContract[] {
  const variables = variableNames(output.sources ?? {});
  return Object.entries(output.contracts).flatMap(([unit, contracts]) =>
    Object.entries(contracts).flatMap(([name, one]) => {
      const code = builtCode(one, variables);
      return code === undefined ? [] : [{ contract: `${unit}:${name}`, code, functions: functionsOf(one) }];
    }),
  );
}

function builtCode({ evm }: CompiledContract, variables: Map<string, Variable>): BuiltCode | undefined {
  const deployed = evm?.deployedBytecode;
  // Libraries are put in where the compiler left "__$…$__".
  const object = deployed?.object.replace(/^0x/, "").replace(/__.{36}__/g, "0".repeat(40));
  if (deployed === undefined || !object) return undefined;
  const runtime = bytes.safeParse(`0x${object}`);
  if (!runtime.success) return undefined;
  const immutables = Object.entries(deployed.immutableReferences ?? {}).map(([id, ranges]) => ({
    name: variables.get(id)?.name ?? `immutable ${id}`,
    type: variables.get(id)?.type ?? "",
    ranges,
  }));
  const links = Object.entries<Links[string]>(deployed.linkReferences ?? {}).flatMap(([file, libraries]) =>
    Object.entries(libraries).map(([library, ranges]) => ({ library: `${file}:${library}`, ranges })),
  );
  return { runtime: runtime.data, immutables, links };
}

interface Variable {
  name: string;
  type: string;
}

function variableNames(sources: Record<string, { ast?: unknown }>): Map<string, Variable> {
  const found = new Map<string, Variable>();
  for (const { ast } of Object.values(sources))
    for (const node of nodesOf(ast, "VariableDeclaration"))
      if (node.mutability === "immutable")
        found.set(String(node.id), { name: String(node.name), type: String(node.typeDescriptions?.typeString ?? "") });
  return found;
}

/** From the ABI, because that is what people read; a selector that only the compiler's table has is added by its name there. */
function functionsOf({ abi, evm }: CompiledContract): Record<Hex, string> {
  const table = Object.entries(evm?.methodIdentifiers ?? {}).map(([text, selector]): [Hex, string] => [
    `0x${selector}`,
    text,
  ]);
  const described = (abi ?? [])
    .filter((one) => one.type === "function")
    .map((one) => one as unknown as AbiFunction)
    .map((one): [Hex, string] => [toFunctionSelector(one), toFunctionSignature(one)]);
  return Object.fromEntries([...table, ...described]);
}
