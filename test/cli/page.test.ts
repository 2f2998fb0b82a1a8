import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { quorate } from "./run-quorate.ts";

test("the page is written as one file, and its hash is the one that is printed, every time", async () => {
  const folder = mkdtempSync(join(tmpdir(), "quorate-page-"));
  try {
    const file = join(folder, "sign.html");
    const { code, stdout } = await quorate(["page", "--out", file, "--json"]);
    expect(code).toBe(0);
    const { sha256, bytes } = JSON.parse(stdout);
    const html = readFileSync(file);
    expect(bytes).toBe(html.length);
    expect(sha256).toBe(createHash("sha256").update(html).digest("hex"));
    expect((await quorate(["page"])).stdout).toContain(sha256);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
