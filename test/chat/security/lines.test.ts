import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { lines } from "./lines.ts";

test("every line has a case", async () => {
  const names = (await readdir(import.meta.dirname)).filter((one) => one.endsWith(".test.ts"));
  const sources = await Promise.all(names.map((one) => readFile(join(import.meta.dirname, one), "utf8")));
  const cases = new Set(sources.flatMap((one) => [...one.matchAll(/\bline\(\s*"([^"]+)"/g)].map(([, id]) => id)));
  expect(Object.keys(lines).filter((one) => !cases.has(one))).toEqual([]);
});
