/** `npm run bench -- NAME [--json]`: runs bench/NAME.ts, which measures and prints. */

import { readdirSync } from "node:fs";
import { basename } from "node:path";

const own = basename(import.meta.filename);
const names = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith(".ts") && file !== own)
  .map((file) => file.slice(0, -".ts".length))
  .sort();
const [, , name, ...flags] = process.argv;
const unknown = flags.find((flag) => flag !== "--json");

if (name === undefined || !names.includes(name) || unknown !== undefined) {
  process.stderr.write(
    unknown !== undefined && name !== undefined && names.includes(name)
      ? `There is no option ${unknown}. There is --json.\n`
      : `Say what to measure: ${names.join(", ")}. For example: npm run bench -- ${names[0] ?? "rehearse"} --json\n`,
  );
  process.exitCode = 2;
} else {
  const { measure } = (await import(`./${name}.ts`)) as { measure(json: boolean): Promise<number> };
  process.exitCode = await measure(flags.includes("--json"));
}
