/** `quorate commands`: every slash command with its options, as docs/commands.md has them. */

import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { commands } from "../../commands/index.ts";
import { commandReference } from "../command-reference.ts";

/** Prints the reference, or writes it to docs/commands.md of this checkout. */
export async function showCommands({ write = false }: { write?: boolean }): Promise<void> {
  const text = commandReference(commands);
  if (!write) {
    process.stdout.write(text);
    return;
  }
  const file = fileURLToPath(new URL("../../docs/commands.md", import.meta.url));
  await writeFile(file, text);
  process.stdout.write(`Wrote ${file}.\n`);
}
