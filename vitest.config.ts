import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

// Workers, and the programs that tests start, find what was compiled before them.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL("node_modules/.cache/quorate-tests", import.meta.url));

/** What starts nothing and leaves nothing behind needs no worker of its own for each file. */
const pure = ["charts", "commands", "domain", "policy-folder"].map((folder) => `test/${folder}/**/*.test.ts`);

export default defineConfig({
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // One more than CI has cores: most tests wait for a chain, a chat or a browser for half of their time.
    maxWorkers: 3,
    // Real chains, browsers, databases and kills on a shared machine: CI gives a failed test one more try, and the
    // reporter says "(retry x1)" beside it. At a developer's desk there is none.
    retry: process.env.CI === undefined ? 0 : 1,
    reporters: ["default", ["json", { outputFile: "test-results/vitest.json" }]],
    projects: [
      { extends: true, test: { name: "pure", include: pure, isolate: false } },
      { extends: true, test: { name: "whole", include: ["test/**/*.test.ts"], exclude: pure } },
    ],
  },
});
