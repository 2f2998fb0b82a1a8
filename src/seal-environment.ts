/** The key that signatures over containments are sealed with, where the operator gives one. */

import { readFileSync } from "node:fs";
import { z } from "zod";
import { EnvironmentFault } from "./environment-fault.ts";

export interface SealEnvironment {
  /** 32 bytes; undefined where none is given, and a file in the data folder has it. */
  sealKey: Uint8Array | undefined;
}

const hex = z.string().regex(/^(0x)?[0-9a-fA-F]{64}$/);

/** `SEAL_KEY`, or the content of the file `SEAL_KEY_FILE`: 64 hexadecimal digits. */
export function readSealEnvironment(set: Record<string, string | undefined>): SealEnvironment {
  const { SEAL_KEY, SEAL_KEY_FILE } = set;
  if (SEAL_KEY !== undefined && SEAL_KEY_FILE !== undefined)
    throw new EnvironmentFault("SEAL_KEY and SEAL_KEY_FILE are both set: say one of them.");
  const text = SEAL_KEY ?? (SEAL_KEY_FILE === undefined ? undefined : contentOf(SEAL_KEY_FILE));
  if (text === undefined) return { sealKey: undefined };
  const parsed = hex.safeParse(text.trim());
  // Nothing of the key is said.
  if (!parsed.success)
    throw new EnvironmentFault(
      `${SEAL_KEY === undefined ? "What SEAL_KEY_FILE holds" : "SEAL_KEY"} is not usable: a key is 64 hexadecimal digits, such as openssl rand -hex 32 prints.`,
    );
  return { sealKey: new Uint8Array(Buffer.from(parsed.data.replace(/^0x/, ""), "hex")) };
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    throw new EnvironmentFault(`The file that SEAL_KEY_FILE names, ${file}, cannot be read.`);
  }
}
