/** Signatures over containments at rest: a copy of the database gives nothing, and the log verifies without the key. */

import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { keccak256, stringToBytes, toHex } from "viem";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readSealEnvironment } from "../../src/seal-environment.ts";
import { verifyStore } from "../../src/store/audit.ts";
import { databaseFile, openStore, openStoreToRead } from "../../src/store/open-store.ts";
import { sealWith } from "../../src/store/seal.ts";

const signature = stringToBytes(
  "a guardian's signature over a containment, and whoever has enough of them can send it",
);
const hash = keccak256(signature);
const key = (byte: number) => new Uint8Array(32).fill(byte);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "quorate-seal-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function kept(sealKey?: Uint8Array, sealed = true): Promise<void> {
  const store = await openStore({ dataDir: folder, sealKey });
  await store.append("s", 0, [{ type: "signed", data: { signature: hash } }], 1n, {
    blobs: [{ hash, bytes: signature, sealed }],
  });
  await store.close();
}

async function read(sealKey?: Uint8Array): Promise<Uint8Array | undefined> {
  const store = await openStoreToRead({ dataDir: folder, sealKey });
  return store.blob(hash).finally(() => store.close());
}

/** Everything on the disk but the key. */
function database(): Buffer {
  const db = new DatabaseSync(databaseFile(folder));
  db.exec("pragma wal_checkpoint(truncate)");
  db.close();
  return readFileSync(databaseFile(folder));
}

describe("sealed content", () => {
  test("comes back as it was, and is nowhere in the database as it was", async () => {
    await kept(key(1));
    expect(await read(key(1))).toEqual(signature);
    expect(database().includes(Buffer.from(signature).subarray(0, 20))).toBe(false);
    expect(database().includes(Buffer.from(key(1)))).toBe(false);
  });

  test("is for one key alone, and the other one's owner is told which it takes", async () => {
    await kept(key(1));
    await expect(read(key(2))).rejects.toThrow(
      new RegExp(`sealed with the key ${sealWith(key(1)).keyId}, and this program has ${sealWith(key(2)).keyId}`),
    );
  });

  test("in a copy of the database without its key is nothing to anybody, and the log still verifies", async () => {
    await kept();
    expect(statSync(join(folder, "seal.key")).mode & 0o777).toBe(0o600);
    expect(await read()).toEqual(signature);
    const copy = mkdtempSync(join(tmpdir(), "quorate-seal-copy-"));
    database();
    copyFileSync(databaseFile(folder), databaseFile(copy));
    const stolen = await openStoreToRead({ dataDir: copy });
    await expect(stolen.blob(hash)).rejects.toThrow(/the key that guardians' signatures are sealed with/);
    expect(await verifyStore(stolen)).toEqual({ streams: 1, events: 1, faults: [] });
    await stolen.close();
    rmSync(copy, { recursive: true });
  });

  test("that was changed is found out", async () => {
    await kept(key(1));
    const db = new DatabaseSync(databaseFile(folder));
    const row = db.prepare("select bytes from blobs").get() as { bytes: Uint8Array };
    const bytes = Uint8Array.from(row.bytes);
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    db.prepare("update blobs set bytes = ?").run(bytes);
    db.close();
    await expect(read(key(1))).rejects.toThrow(/is not what was written/);
  });

  test("is not what everything is: the rest lies there as it is", async () => {
    await kept(key(1), false);
    expect(await read()).toEqual(signature);
    expect(database().includes(Buffer.from(signature).subarray(0, 20))).toBe(true);
  });

  test("sealed twice looks different each time", () => {
    const seal = sealWith(key(3));
    expect(toHex(seal.seal(signature))).not.toBe(toHex(seal.seal(signature)));
  });
});

describe("the operator's key", () => {
  test("comes from the environment or a file, and nothing of it is said where it is wrong", () => {
    expect(readSealEnvironment({}).sealKey).toBeUndefined();
    expect(readSealEnvironment({ SEAL_KEY: "01".repeat(32) }).sealKey).toEqual(key(1));
    const file = new URL("../../package.json", import.meta.url).pathname;
    expect(() => readSealEnvironment({ SEAL_KEY_FILE: file })).toThrow(/What SEAL_KEY_FILE holds is not usable/);
    expect(() => readSealEnvironment({ SEAL_KEY_FILE: "/nowhere" })).toThrow(/cannot be read/);
    expect(() => readSealEnvironment({ SEAL_KEY: "01".repeat(31) })).toThrow(/^SEAL_KEY is not usable: a key is 64/);
    expect(() => readSealEnvironment({ SEAL_KEY: "x", SEAL_KEY_FILE: "y" })).toThrow(/both set/);
  });
});
