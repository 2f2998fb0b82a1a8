import { accessSync, chmodSync, constants, mkdtempSync, rmSync, statfsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { LongFirst } from "./test/support/long-first.ts";

// Workers, and the programs that tests start, find what was compiled before them.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL("node_modules/.cache/quorate-tests", import.meta.url));

// Each commit of a test's database waits for the disk, thousands of times: a folder in memory takes it at once.
const memory = inMemory();
if (memory !== undefined) {
  process.env.TMPDIR = memory;
  process.on("exit", () => rmSync(memory, { recursive: true, force: true }));
}

/** Undefined where the machine has none, or too little: containers often have 64 MB. */
function inMemory(): string | undefined {
  try {
    accessSync("/dev/shm", constants.W_OK);
    const { bavail, bsize } = statfsSync("/dev/shm");
    if (bavail * bsize < 2 * 1024 ** 3) return undefined;
    const folder = mkdtempSync("/dev/shm/quorate-tests-");
    // Postgres runs as another user, in a folder of its own below.
    chmodSync(folder, 0o755);
    return folder;
  } catch {
    return undefined;
  }
}

/** What changes the process itself (its folder, its environment, its clock), counts its children, or has threads of it die, gets one of its own. */
const own = [
  "builds/*",
  "chain/anvil",
  "chain/fork-cache",
  "embedded/world",
  "env",
  "rehearsal/*",
  "safe-service/gate",
  "store/cache",
].map((name) => `test/${name}.test.ts`);

export default defineConfig({
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // One more than CI has cores: most tests wait for a chain, a chat or a browser for half of their time.
    maxWorkers: 3,
    // One worker takes many files, some with a compiler in them.
    execArgv: ["--max-old-space-size=6144"],
    sequence: { sequencer: LongFirst },
    // Real chains, browsers, databases and kills on a shared machine: CI gives a failed test one more try, and the
    // reporter says "(retry x1)" beside it. At a developer's desk there is none.
    retry: process.env.CI === undefined ? 0 : 1,
    reporters: ["default", ["json", { outputFile: "test-results/vitest.json" }]],
    projects: [
      { extends: true, test: { name: "own", include: own } },
      {
        extends: true,
        test: {
          name: "shared",
          include: ["test/**/*.test.ts"],
          exclude: own,
          isolate: false,
        },
      },
    ],
  },
});
