/** Where the key comes from that signatures are sealed with: the operator's, a file beside the database, or the database. */

import { randomBytes } from "node:crypto";
import { copyFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Secrets } from "../ports.ts";
import { StoreFault } from "./fault.ts";
import { type Seal, sealWith } from "./seal.ts";

/** The seal, opened on first use. */
export type OpenSeal = () => Promise<Seal>;

/** Of a key that the operator gave. */
export const sealOf = (key: Uint8Array): OpenSeal => once(async () => key);

/** Of the file in the data folder, made on first use, readable by its owner only. A reader makes none. */
export function sealIn(dataDir: string, access: "write" | "read"): OpenSeal {
  const file = join(dataDir, "seal.key");
  return once(async () => {
    if (access === "write" && !existsSync(file))
      writeFileSync(file, randomBytes(32).toString("hex"), { mode: 0o600, flag: "wx" });
    if (!existsSync(file))
      throw new StoreFault(
        "sealed",
        `There is no ${file}, the key that guardians' signatures are sealed with: put it back, or set SEAL_KEY.`,
      );
    return new Uint8Array(Buffer.from(readFileSync(file, "utf8").trim(), "hex"));
  });
}

/** Of a database that several hosts may take over, where the operator gave no key: it then lies beside what it seals. */
export const sealBeside = (secrets: Secrets): OpenSeal => once(() => secrets.secret("seal"));

/** What a copy of a data folder needs besides the database. */
export function copySealKey(from: string, to: string): void {
  if (existsSync(join(from, "seal.key"))) copyFileSync(join(from, "seal.key"), join(to, "seal.key"));
}

function once(key: () => Promise<Uint8Array>): OpenSeal {
  let seal: Promise<Seal> | undefined;
  return () => {
    seal ??= key().then(sealWith);
    // What was missing may be put back while the program runs.
    seal.catch(() => {
      seal = undefined;
    });
    return seal;
  };
}
