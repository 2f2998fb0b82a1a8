/** The CI step that hashes published transactions in the browser's code: it passes what is right, and nothing else. */

import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { calculateSafeTransactionHash } from "@safe-global/protocol-kit";
import { zeroAddress } from "viem";
import { afterEach, beforeEach, expect, test } from "vitest";
import { toJson } from "../../src/domain/canonical.ts";
import { callTx } from "../../src/domain/safe-signatures.ts";
import { safeTxHashes } from "../../src/domain/safe-tx.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "quorate-vectors-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const safe = "0x6f03aa0f34dfc2fA657E4fB34d472cAdB2dEEd33";

/** A file as a council publishes one, its hashes by Safe's own library where it has them. */
async function publish(name: string, safeVersion: string, change: Record<string, string> = {}): Promise<void> {
  const tx = callTx({ chain: "eip155:10", safe, safeVersion, nonce: 7n, to: zeroAddress, data: "0x8456cb59" });
  const { chain: _chain, safe: _safe, safeVersion: _version, ...fields } = tx;
  const { domainHash, messageHash } = safeTxHashes(tx);
  const theirs = { ...(toJson(fields) as Record<string, unknown>), nonce: 7 } as never;
  const safeTxHash = calculateSafeTransactionHash(safe, theirs, safeVersion, 10n);
  const expected = { domainHash, messageHash, safeTxHash, ...change };
  await writeFile(
    join(folder, name),
    JSON.stringify({ chainId: 10, safe, safeVersion, safeTx: toJson(fields), expected }),
  );
}

function run(path: string, environment: Record<string, string> = {}) {
  const { PATH = "", HOME = "", TMPDIR = tmpdir(), CHROME_PATH = "" } = process.env;
  const script = join(import.meta.dirname, "browser-vectors.ts");
  const env = { PATH, HOME, TMPDIR, CHROME_PATH, ...environment };
  return new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    const words = ["--disable-warning=ExperimentalWarning", script, path];
    execFile(process.execPath, words, { env }, (fault, stdout, stderr) =>
      resolve({ code: typeof fault?.code === "number" ? fault.code : 0, stdout, stderr }),
    );
  });
}

test("files with the right hashes are counted", async () => {
  await publish("new.json", "1.4.1");
  await publish("old.json", "1.1.1");
  expect(await run(folder)).toEqual({
    code: 0,
    stdout: "2 of 2 have the expected hashes in the browser's code.\n",
    stderr: "",
  });
});

test.each(["domainHash", "messageHash", "safeTxHash"])("another %s is named, and fails", async (name) => {
  await publish("right.json", "1.4.1");
  await publish("wrong.json", "1.4.1", { [name]: `0x${"5a".repeat(32)}` });
  const { code, stdout, stderr } = await run(folder);
  expect(code).toBe(1);
  expect(stdout).toContain(`wrong.json: the browser's ${name}`);
  expect(stdout).toContain("1 of 2 have the expected hashes");
  expect(stderr).toContain("1 of 2 files");
});

test("nothing compared is no success: no file, no hash stated, no browser", async () => {
  expect(await run(folder)).toMatchObject({ code: 2, stderr: expect.stringContaining("nothing was compared") });
  await publish("one.json", "1.4.1");
  const missing = await run(folder, { CHROME_PATH: join(folder, "no-browser") });
  expect(missing).toMatchObject({ code: 2, stderr: expect.stringContaining("need Chromium or Chrome") });
  const { chainId, safeTx } = JSON.parse(await readFile(join(folder, "one.json"), "utf8"));
  await writeFile(join(folder, "one.json"), JSON.stringify({ chainId, safe, safeVersion: "1.4.1", safeTx }));
  expect(await run(folder)).toMatchObject({ code: 1, stdout: expect.stringContaining("one.json: the browser's") });
});
