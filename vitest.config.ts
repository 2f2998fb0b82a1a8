import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    // Real chains, browsers, databases and kills on a shared machine: CI gives a failed test one more try, and the
    // reporter says "(retry x1)" beside it. At a developer's desk there is none.
    retry: process.env.CI === undefined ? 0 : 1,
    reporters: ["default", ["json", { outputFile: "test-results/vitest.json" }]],
  },
});
