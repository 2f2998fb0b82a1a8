/** What the signing page weighs on its way to a signer. */

import { brotliCompressSync, gzipSync } from "node:zlib";

/** Bytes of the script, compressed: a phone on a slow line has it in a moment. */
export const mostScriptBytes = 250_000;

interface Weight {
  plain: number;
  /** As `gzip -9` makes it. */
  gzip: number;
  brotli: number;
}

/** In bytes; `file` is the whole page. Throws where the page has no script of its own, whose weight would be nothing. */
export function pageSize(html: string): { script: Weight; file: Weight } {
  const script = html.split("<script>")[1]?.split("</script>")[0];
  if (script === undefined || script.trim() === "") throw new Error("The signing page has no script of its own.");
  return { script: weightOf(script), file: weightOf(html) };
}

function weightOf(text: string): Weight {
  const bytes = Buffer.from(text, "utf8");
  return { plain: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length, brotli: brotliCompressSync(bytes).length };
}
