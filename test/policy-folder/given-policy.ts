/** A copy of the sample policy with one thing changed, and what reading it says. */

import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readPolicy } from "../../src/policy-folder/read-policy.ts";

export const samplePolicies = fileURLToPath(new URL("../../policies", import.meta.url));

/** The caller removes it. */
export function copiedPolicies(): string {
  const folder = join(mkdtempSync(join(tmpdir(), "quorate-policy-")), "council");
  cpSync(samplePolicies, folder, { recursive: true });
  return folder;
}

/** Replaces `from` in a file of the folder; throws where it does not stand there, or more than once. */
export function change(folder: string, file: string, from: string, to: string): void {
  const path = join(folder, file);
  const text = readFileSync(path, "utf8");
  if (text.split(from).length !== 2) throw new Error(`${file} does not have "${from}" once.`);
  writeFileSync(
    path,
    text.replace(from, () => to),
  );
}

/** What a person reads about a policy that was changed; empty where it is right. */
export async function problemsAfter(changed: (folder: string) => void): Promise<string> {
  const folder = copiedPolicies();
  try {
    changed(folder);
    return await readPolicy(folder).then(
      () => "",
      (fault: Error) => fault.message,
    );
  } finally {
    rmSync(join(folder, ".."), { recursive: true });
  }
}
