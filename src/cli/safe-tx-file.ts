/** A Safe transaction as a file or the command line states it, with the hashes its author expects. */

import { readFile } from "node:fs/promises";
import { z } from "zod";
import { address, bytes, bytes32, type ChainId, uint } from "../domain/primitives.ts";
import type { SafeTx, SafeTxHashes } from "../domain/safe-tx.ts";
import { issueSentences } from "../policy-folder/issue-sentence.ts";
import { CliFault } from "./fault.ts";
import { type DomainChoice, domainOf } from "./safe-domain.ts";

export interface StatedTx {
  tx: SafeTx;
  domain: DomainChoice;
  /** What the file says the hashes are; empty where it says nothing. */
  expected: Partial<SafeTxHashes>;
}

const number = z.union([z.number().int().positive(), z.string().regex(/^[1-9][0-9]{0,14}$/, "the number of a chain")]);

/** The ten hashed fields and no other: one that is mistyped must not become a zero. */
const tenFields = z.strictObject({
  to: address,
  value: uint,
  data: bytes,
  operation: z.union([z.literal(0), z.literal(1)], { error: "the operation is 0 (CALL) or 1 (DELEGATECALL)" }),
  safeTxGas: uint,
  baseGas: uint,
  gasPrice: uint,
  gasToken: address,
  refundReceiver: address,
  nonce: uint,
});

const shape = z.object({
  chainId: number,
  safe: address,
  safeVersion: z.string().optional(),
  domainScheme: z
    .enum(["eip155", "legacy-no-chainId"], { error: "the domainScheme is eip155 or legacy-no-chainId" })
    .optional(),
  safeTx: tenFields,
  expected: z
    .object({ domainHash: bytes32.optional(), messageHash: bytes32.optional(), safeTxHash: bytes32.optional() })
    .optional(),
});

/** Reads a JSON file. Throws {@link CliFault} 2 with the file, the path in it and the reason. */
export async function readSafeTxFile(path: string): Promise<StatedTx> {
  const text = await readFile(path, "utf8").catch((cause: NodeJS.ErrnoException) => {
    throw new CliFault(2, `${path} cannot be read: ${reasonOf(cause)}.`);
  });
  return statedTx(path, parsed(path, text));
}

/** Checks what a file holds, or flags put in the same form; `name` starts the sentence of a fault. */
export function statedTx(name: string, value: unknown): StatedTx {
  const checked = shape.safeParse(value);
  if (!checked.success) throw new CliFault(2, `${name}: ${issueSentences(checked.error.issues, value).join("; ")}.`);
  const { chainId, safe, safeVersion, domainScheme, safeTx, expected = {} } = checked.data;
  const domain = domainOf(domainScheme, safeVersion);
  if (domain === undefined)
    throw new CliFault(
      2,
      `${name}: safeVersion: ${safeVersion} may be before or after 1.3.0, whose hashes differ; say which version it is.`,
    );
  // As text: a number could have lost its last digits on the way.
  const chain = `eip155:${chainId}` as ChainId;
  return { tx: { chain, safe, safeVersion: domain.safeVersion, ...safeTx }, domain, expected: given(expected) };
}

function given(expected: { [K in keyof SafeTxHashes]?: SafeTxHashes[K] | undefined }): Partial<SafeTxHashes> {
  return Object.fromEntries(Object.entries(expected).filter(([, hash]) => hash !== undefined));
}

function parsed(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new CliFault(2, `${path} is not JSON.`);
  }
}

/** Node's error codes in words. */
export function reasonOf({ code, message }: NodeJS.ErrnoException): string {
  const words: Record<string, string> = {
    ENOENT: "there is no such file",
    EISDIR: "it is a folder",
    ENOTDIR: "a part of its path is a file",
    EACCES: "it may not be opened",
    ENOSPC: "the disk is full",
  };
  return words[code ?? ""] ?? message;
}
