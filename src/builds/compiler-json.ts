/** The part of solc's standard JSON that Quorate reads (https://docs.soliditylang.org, "Compiler Input and Output JSON"). */

import { z } from "zod";

const range = z.object({ start: z.number().int().min(0), length: z.number().int().min(1) });
const links = z.record(z.string(), z.record(z.string(), z.array(range)));
const code = z.object({
  object: z.string().max(2_000_000),
  linkReferences: links.optional(),
  immutableReferences: z.record(z.string(), z.array(range)).optional(),
});

/** One compiled contract, in standard JSON's output as in a Foundry artefact. */
export const compiledContract = z.object({
  abi: z.array(z.looseObject({ type: z.string() })).optional(),
  evm: z
    .object({
      bytecode: code.optional(),
      deployedBytecode: code.optional(),
      methodIdentifiers: z.record(z.string(), z.string().regex(/^[0-9a-f]{8}$/)).optional(),
    })
    .optional(),
});
export type CompiledContract = z.output<typeof compiledContract>;

/** Loose: what the layout comparison needs besides is read from the same object. */
export const compilerOutput = z.looseObject({
  errors: z.array(z.looseObject({ severity: z.string(), message: z.string(), type: z.string().optional() })).optional(),
  sources: z.record(z.string(), z.looseObject({ id: z.number().optional(), ast: z.unknown().optional() })).optional(),
  contracts: z.record(z.string(), z.record(z.string(), z.looseObject(compiledContract.shape))),
});
export type CompilerOutput = z.output<typeof compilerOutput>;

export const compilerInput = z.looseObject({
  language: z.string(),
  sources: z.record(z.string(), z.looseObject({ content: z.string().optional() })),
  settings: z.looseObject({}).default({}),
});
export type CompilerInput = z.output<typeof compilerInput>;

/** Foundry's `out/X.sol/X.json`: one contract, without its sources. */
export const foundryArtefact = z.looseObject({
  abi: compiledContract.shape.abi,
  bytecode: code,
  deployedBytecode: code,
  methodIdentifiers: z.record(z.string(), z.string()).optional(),
  metadata: z
    .looseObject({
      compiler: z.object({ version: z.string() }),
      settings: z.looseObject({ compilationTarget: z.record(z.string(), z.string()) }),
    })
    .optional(),
  ast: z.unknown().optional(),
});

/** A build as every format is brought to: compiled, with its sources where the file has them. */
export interface Build {
  /** Such as "0.8.37". */
  compiler: string;
  /** Undefined where the file has no sources: then its storage cannot be compared. */
  input: CompilerInput | undefined;
  output: CompilerOutput;
  compiledMs: number;
}
