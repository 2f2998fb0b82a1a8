/** The sample policy with a Transaction Service for its chain. */

import { appendFile, cp, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Path of a new folder; the caller removes it. The chain is the last thing in chains.yaml. */
export async function policiesWith(url: string, delegate?: boolean): Promise<string> {
  const folder = join(await mkdtemp(join(tmpdir(), "quorate-mirrored-")), "policies");
  await cp(join(import.meta.dirname, "../../../policies"), folder, { recursive: true });
  const lines = ["    shortName: emb", "    transactionService:", `      url: ${url}`];
  if (delegate !== undefined) lines.push(`      delegate: ${delegate}`);
  await appendFile(join(folder, "chains.yaml"), `${lines.join("\n")}\n`);
  return folder;
}
