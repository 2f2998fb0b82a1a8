/** The sample target's build file, as a repository would hand it over: compiler input with every source, and the output. */

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { compileInput } from "../../src/builds/compile-input.ts";
import { embeddedSettings } from "./compile.ts";

const require = createRequire(import.meta.url);
const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = join(root, "src/embedded/contracts");

/** What stands behind the sample's proxies, before and after each of its releases. */
const contracts = [
  "Pool",
  "PoolV2",
  "PoolV2Leaky",
  "PriceFeed",
  "PriceFeedV2",
  "PriceFeedV2Stale",
  "Vault",
  "VaultV2",
  "VaultV2BackDoor",
  "VaultV2Inflating",
  "VaultV2OpenDoor",
];

/** Path and text of the file, on one line: it is read by programs. */
export async function sampleBuild(): Promise<[path: string, text: string]> {
  const sources: Record<string, { content: string }> = {};
  for (const name of contracts) gather(`${name}.sol`, sources);
  const input = { language: "Solidity", sources, settings: { ...embeddedSettings } };
  const { output, compiler } = await compileInput(input, undefined);
  const text = `${JSON.stringify({ solcVersion: compiler, input, output })}\n`;
  return [join(root, "policies/builds/harbour.json"), text];
}

/** A source and all that it imports. */
function gather(unit: string, sources: Record<string, { content: string }>): void {
  if (sources[unit] !== undefined) return;
  const content = readFileSync(unit.startsWith("@") ? require.resolve(unit) : join(folder, unit), "utf8");
  sources[unit] = { content };
  for (const [, path = ""] of content.matchAll(/^import\s[^"]*"([^"]+)";/gm))
    gather(path.startsWith(".") ? posix.join(posix.dirname(unit), path) : path, sources);
}
