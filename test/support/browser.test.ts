import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { findBrowser, missingBrowser } from "./browser.ts";

const folder = mkdtempSync(join(tmpdir(), "quorate-browser-"));
afterAll(() => rmSync(folder, { recursive: true }));
const program = join(folder, "chromium");
writeFileSync(program, "#!/bin/sh\n");
chmodSync(program, 0o755);

describe("the browser for tests", () => {
  it("is the one that CHROME_PATH names, and no other where that is missing", () => {
    expect(findBrowser({ CHROME_PATH: program })).toBe(program);
    expect(findBrowser({ CHROME_PATH: join(folder, "none") })).toBeUndefined();
  });

  it("is named in one sentence before the tests run, where there is none", () => {
    const output = execFileSync(process.execPath, [fileURLToPath(new URL("./requirements.ts", import.meta.url))], {
      env: { ...process.env, CHROME_PATH: join(folder, "none") },
      encoding: "utf8",
    });
    expect(output.trim()).toBe(missingBrowser);
  });
});
