/** `quorate page`: the signing page as a file, with the hash that a release states. */

import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { pageFile } from "../web/page-file.ts";

/** Prints the page's SHA-256; with `--out` also writes the page, to be opened from disk. */
export async function signingPageFile({ out, json = false }: { out?: string; json?: boolean }): Promise<void> {
  const { html, sha256 } = await pageFile();
  if (out !== undefined) await writeFile(out, html);
  if (json) {
    process.stdout.write(`${JSON.stringify({ sha256, bytes: Buffer.byteLength(html), out: out && resolve(out) })}\n`);
    return;
  }
  const where =
    out === undefined ? "Write it to a file with --out FILE." : `Wrote ${resolve(out)}: open it in a browser.`;
  process.stdout.write(`SHA-256 of the signing page  ${sha256}\n${where}\n`);
}
