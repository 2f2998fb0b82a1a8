/** Tells what kind of build file a text is, and brings each kind to one form. Throws a BuildFault for everything else. */

import { compileInput } from "./compile-input.ts";
import {
  type Build,
  type CompilerInput,
  type CompilerOutput,
  compilerInput,
  compilerOutput,
  foundryArtefact,
} from "./compiler-json.ts";
import { BuildFault } from "./fault.ts";

/** Hardhat 3 keeps the output in a second file beside: NAME.output.json. */
export interface BuildText {
  main: string;
  output: string | undefined;
}

export async function readBuild({ main, output }: BuildText): Promise<Build> {
  const json = jsonOf(main, "it");
  if (has(json, "input")) return withInput(json, output);
  if (has(json, "language") && has(json, "sources")) return fresh(inputOf(json), undefined);
  if (has(json, "deployedBytecode")) return artefact(json);
  if (has(json, "source_id_to_path"))
    throw new BuildFault(
      "it is Foundry's index of a build and not the build: run forge build --build-info --ast --extra-output storageLayout",
    );
  throw new BuildFault(
    "it is none of the build files that are known: solc's standard JSON, a build-info of Foundry or Hardhat, or a Foundry artefact",
  );
}

async function withInput(json: Record<string, unknown>, outputText: string | undefined): Promise<Build> {
  const input = inputOf(json.input);
  const version = has(json, "solcVersion") ? String(json.solcVersion) : undefined;
  const beside = outputText === undefined ? undefined : jsonOf(outputText, "its output file");
  const given = json.output ?? (beside !== undefined && has(beside, "output") ? beside.output : beside);
  if (given === undefined && String(json._format ?? "").startsWith("hh3-"))
    throw new BuildFault("Hardhat 3 writes its output beside it, and there is no such file: copy both");
  if (given === undefined) return fresh(input, version);
  if (version === undefined) throw new BuildFault("it does not say which compiler made it: solcVersion is missing");
  const output = outputOf(given);
  const failed = output.errors?.find((one) => one.severity === "error");
  if (failed !== undefined) throw new BuildFault(`its compilation failed: ${failed.message}`);
  const names = json.userSourceNameMap;
  return {
    compiler: shortVersion(version),
    ...(has(names, "") || isRecord(names)
      ? renamed(input, output, names as Record<string, unknown>)
      : { input, output }),
    compiledMs: 0,
  };
}

/** Hardhat 3 compiles under names of its own ("project/contracts/A.sol"); people know the other ones. */
function renamed(input: CompilerInput, output: CompilerOutput, names: Record<string, unknown>) {
  const people = new Map(Object.entries(names).map(([user, own]) => [String(own), user]));
  const rename = <T>(entries: Record<string, T>): Record<string, T> =>
    Object.fromEntries(Object.entries(entries).map(([own, one]) => [people.get(own) ?? own, one]));
  return {
    input: { ...input, sources: rename(input.sources) },
    output: { ...output, contracts: rename(output.contracts), sources: rename(output.sources ?? {}) },
  };
}

async function fresh(input: CompilerInput, wanted: string | undefined): Promise<Build> {
  const { output, compiler, ms } = await compileInput(input, wanted);
  return { compiler, input, output: outputOf(output), compiledMs: ms };
}

function artefact(json: Record<string, unknown>): Build {
  const parsed = foundryArtefact.safeParse(json);
  const { data } = parsed;
  if (data === undefined) {
    const hardhat = String(json._format ?? "").startsWith("hh-");
    throw new BuildFault(
      hardhat
        ? "a Hardhat artefact does not say where immutable values stand: take the file of artifacts/build-info"
        : `it looks like an artefact and is not one: ${where(parsed.error)}`,
    );
  }
  const [target] = Object.entries(data.metadata?.settings.compilationTarget ?? {});
  if (data.metadata === undefined || target === undefined)
    throw new BuildFault("the artefact has no metadata, so nobody knows which contract and compiler it is of");
  const [unit, name] = target;
  const contract = {
    abi: data.abi,
    evm: {
      bytecode: data.bytecode,
      deployedBytecode: data.deployedBytecode,
      methodIdentifiers: data.methodIdentifiers,
    },
  };
  const output = { contracts: { [unit]: { [name]: contract } }, sources: { [unit]: { ast: data.ast } } };
  return {
    compiler: shortVersion(data.metadata.compiler.version),
    input: undefined,
    output: outputOf(output),
    compiledMs: 0,
  };
}

function jsonOf(text: string, what: string): Record<string, unknown> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new BuildFault(`${what} is not whole JSON`);
  }
  if (!isRecord(json)) throw new BuildFault(`${what} is JSON and no object`);
  return json;
}

function inputOf(json: unknown): CompilerInput {
  const parsed = compilerInput.safeParse(json);
  if (!parsed.success) throw new BuildFault(`its compiler input is not whole: ${where(parsed.error)}`);
  if (parsed.data.language !== "Solidity")
    throw new BuildFault(`its language is ${parsed.data.language}, and only Solidity is read`);
  return parsed.data;
}

function outputOf(json: unknown): CompilerOutput {
  const parsed = compilerOutput.safeParse(json);
  if (!parsed.success) throw new BuildFault(`its compiler output is not whole: ${where(parsed.error)}`);
  return parsed.data;
}

function where(error: { issues: readonly { path: PropertyKey[]; message: string }[] }): string {
  const [issue] = error.issues;
  return `at ${issue?.path.map(String).join(".") || "its top"}, ${issue?.message ?? "something is wrong"}`;
}

/** "0.8.37+commit.f401782d.Emscripten.clang" and "v0.8.37" are 0.8.37. */
function shortVersion(text: string): string {
  const found = /\d+\.\d+\.\d+/.exec(text)?.[0];
  if (found === undefined) throw new BuildFault(`"${text.slice(0, 40)}" is no version of a compiler`);
  return found;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function has(value: unknown, key: string): value is Record<string, unknown> {
  return isRecord(value) && value[key] !== undefined;
}
