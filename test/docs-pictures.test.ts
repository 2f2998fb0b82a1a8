/** Pictures in the documents: each is there, says in words what it shows, and is no burden on a slow line. */

import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { expect, test } from "vitest";

const root = resolve(import.meta.dirname, "..");
const documents = ["README.md", ...readdirSync(join(root, "docs")).map((name) => join("docs", name))].filter((name) =>
  name.endsWith(".md"),
);
const shown = documents.flatMap((name) =>
  [...readFileSync(join(root, name), "utf8").matchAll(/!\[([^\]]*)\]\(([^)]+)\)/g)].map(
    ([, words = "", path = ""]) => ({
      name,
      words,
      file: join(root, dirname(name), path),
    }),
  ),
);

test("every picture that a document shows is in the repository, below 300 kB, and told in words", () => {
  expect(shown.length).toBeGreaterThan(2);
  for (const { name, words, file } of shown) {
    expect(words.length, `${file} in ${name}`).toBeGreaterThan(20);
    expect(statSync(file).size, `${file} in ${name}`).toBeLessThan(300_000);
  }
});
