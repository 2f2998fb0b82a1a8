/** `.ci/run` on a repository of its own, whose README and tests are tiny. */

import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

let folder: string;
let repository: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "quorate-ci-"));
  repository = join(folder, "repository");
  mkdirSync(join(repository, "test"), { recursive: true });
  mkdirSync(join(folder, "scratch"));
  cpSync(new URL("../../.ci", import.meta.url), join(repository, ".ci"), { recursive: true });
  write("README.md", "# It\n\n```sh\necho other\n```\n\n```sh\nnpm ci && npm start\nnpm ci && npm test\n```\n");
  write("test/a.test.ts", "");
  report([{ name: "a", outcomes: ["passed", "passed"] }]);
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): void {
  writeFileSync(join(repository, name), text);
}

/** Has `npm test` leave this report, and end as given. */
function report(files: { name: string; outcomes: string[] }[], exit = 0): void {
  const testResults = files.map(({ name, outcomes }) => ({
    name: `test/${name}.test.ts`,
    status: outcomes.includes("failed") ? "failed" : "passed",
    message: "",
    startTime: 0,
    endTime: 1500,
    assertionResults: outcomes.map((status, index) => ({ status, fullName: `${name} ${index + 1}` })),
  }));
  write("report.json", JSON.stringify({ testResults }));
  const scripts = {
    test: `mkdir -p test-results && cp report.json test-results/vitest.json && exit ${exit}`,
    ...{ lint: "true", types: "true", unused: "true" },
    quorate: "echo hashed",
  };
  write("package.json", JSON.stringify({ name: "tiny", version: "1.0.0", scripts }));
  write("package-lock.json", JSON.stringify({ name: "tiny", version: "1.0.0", lockfileVersion: 3, packages: {} }));
}

/** Commits, runs, and checks that nothing is left behind. */
function ci(environment: Record<string, string> = {}): { code: number | null; lines: string[] } {
  const git = (...words: string[]) =>
    execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.org", ...words], {
      cwd: repository,
      stdio: "pipe",
    });
  git("init", "-q");
  git("add", "-A");
  git("commit", "-qm", "tiny");
  const TMPDIR = join(folder, "scratch");
  const { status, stdout } = spawnSync(join(repository, ".ci/run"), {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, TMPDIR, ...environment },
  });
  expect(readdirSync(TMPDIR).filter((name) => name.startsWith("tmp."))).toEqual([]);
  return { code: status, lines: stdout.trim().split("\n") };
}

test("passes what passes, and closes with the counts", () => {
  const { code, lines } = ci({ CI_REPORT: "full" });
  expect(lines).toContain("There are no vectors of real ceremonies beside the repository; that step is left out.");
  expect(lines).toContain("test/a.test.ts: 2 tests, 1.5 s");
  expect([code, lines.at(-1)]).toEqual([0, "2 passed, 0 failed"]);
});

test("hashes the vectors where they lie beside the repository", () => {
  mkdirSync(join(folder, "shared/vectors"), { recursive: true });
  mkdirSync(join(repository, "test/support"));
  write("test/support/browser-vectors.ts", 'console.log("in the browser", process.argv[2]);');
  const { code, lines } = ci();
  expect(lines).toContainEqual(expect.stringMatching(/^hashed .*shared\/vectors$/));
  expect(lines).toContainEqual(expect.stringMatching(/^in the browser .*shared\/vectors$/));
  expect(code).toBe(0);
});

test("a test that fails, one that did not run, and a file that is not in the report", () => {
  write("test/b.test.ts", "");
  report([{ name: "a", outcomes: ["passed", "failed", "pending"] }], 1);
  const { code, lines } = ci();
  expect(lines).toContain('test/a.test.ts: "a 3" did not run (pending).');
  expect(lines).toContain("test/b.test.ts: it is on disk and not in the report.");
  expect([code, lines.at(-1)]).toEqual([1, "1 passed, 1 failed"]);
});

test("a skipped test alone is enough to fail", () => {
  report([{ name: "a", outcomes: ["passed", "skipped"] }]);
  expect(ci().code).toBe(1);
});

test("a check beside the tests that fails is named", () => {
  const scripts = { test: "mkdir -p test-results && cp report.json test-results/vitest.json", lint: "false" };
  write("package.json", JSON.stringify({ name: "tiny", version: "1.0.0", scripts }));
  const { code, lines } = ci();
  expect(lines.at(-1)).toBe("CI failed while running the checks beside the tests.");
  expect(code).toBe(1);
});

test("a README without the line fails with a sentence, as do tests that leave no report", () => {
  write("README.md", "```sh\nnpm ci && npm start\n```\n");
  expect(ci()).toMatchObject({
    code: 1,
    lines: [expect.stringMatching(/^README\.md has no code block with the lines/)],
  });
  rmSync(join(repository, ".git"), { recursive: true });
  write("README.md", "```sh\nnpm ci && npm start\nnpm ci && npm test\n```\n");
  const scripts = { test: "exit 1" };
  write("package.json", JSON.stringify({ name: "tiny", version: "1.0.0", scripts }));
  const { code, lines } = ci();
  expect(lines.at(-1)).toMatch(/^The tests left no report: /);
  expect(code).toBe(1);
});
