/** Every family of bad upgrades is proved somewhere, by tests that are there. */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { mechanisms } from "./families.ts";

const tests = join(import.meta.dirname, "..");

test.each(mechanisms.map((one) => [`${one.family}: ${one.mechanism}`, one] as const))("%s", (_what, { proved }) => {
  expect(proved.length).toBeGreaterThan(0);
  for (const { file, title } of proved) {
    const path = join(tests, file);
    expect(existsSync(path), `there is no test/${file}`).toBe(true);
    const text = readFileSync(path, "utf8");
    expect(text.includes(title), `test/${file} has no test "${title}"`).toBe(true);
    expect(text, `test/${file} skips tests`).not.toMatch(/\b(test|it|describe)\.(skip|todo|fails)\b/);
  }
});

test("each mechanism is told once, as a sentence", () => {
  const told = mechanisms.map((one) => one.mechanism);
  expect(new Set(told).size).toBe(told.length);
  for (const one of told) expect(one).toMatch(/^[A-Z].*\.$/);
});
