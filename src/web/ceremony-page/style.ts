/** The page's style as text, and the source by which its Content-Security-Policy allows it and nothing else. */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

const read = (file: string) => readFileSync(new URL(file, import.meta.url), "utf8");

/** The signing page's colours: one council, one look. */
export const style = `${read("../page/style/colours.css")}${read("./style.css")}`;

const source = `'sha256-${createHash("sha256").update(style).digest("base64")}'`;

/** Nothing is loaded, run, framed or sent; `style=""` in the markup would not be applied. */
export const contentSecurityPolicy = [
  "default-src 'none'",
  `style-src ${source}`,
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");
