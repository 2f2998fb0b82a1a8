/** Issue 2, "Bad input": what is wrong around the program: the policy folder, the disk, the database. */

import { spawn } from "node:child_process";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readEnvironment } from "../../src/env.ts";
import { readPolicy } from "../../src/policy-folder/read-policy.ts";
import { createStore, databaseFile, openStore } from "../../src/store/open-store.ts";
import { openSqlite } from "../../src/store/sqlite.ts";
import { sentence, startCouncil, type TestCouncil, walk } from "../support/embedded.ts";

const root = join(import.meta.dirname, "../..");
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "quorate-bad-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** A copy of the sample policy with one file changed. */
async function policiesWith(name: string, file: string, from: string | RegExp, to: string): Promise<string> {
  const copy = join(folder, name, "policies");
  await cp(join(root, "policies"), copy, { recursive: true });
  const path = join(copy, file);
  const before = await readFile(path, "utf8");
  const after = before.replace(from, to);
  if (after === before) throw new Error(`${file} does not say ${from}.`);
  await writeFile(path, after);
  return copy;
}

/** What the terminal shows somebody who starts the program. */
async function start(env: Record<string, string>): Promise<{ code: number | null; out: string; error: string }> {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", join(root, "src/cli.ts"), "start"], {
    env: { PATH: process.env.PATH ?? "", ...env },
  });
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  const [out, error, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, out, error };
}

describe("a policy folder", () => {
  test.each([
    [
      "that names an unknown person",
      "roles.yaml",
      "approver: [ben,",
      "approver: [bert,",
      /^policies\/roles\.yaml: approver: nobody in council\.yaml is called bert\n/,
    ],
    [
      "with an address whose checksum is wrong",
      "chains.yaml",
      "0xA6c173C6",
      "0xa6C173C6",
      /^policies\/chains\.yaml: chains\.\S+council: .*the address has a wrong checksum: a character was mistyped.*\n$/,
    ],
    [
      "with a malformed address",
      "targets/harbour.yaml",
      "0x6f03aa0f34dfc2fA657E4fB34d472cAdB2dEEd33",
      "0x6f03",
      /^policies\/targets\/harbour\.yaml: contracts\.\S+proxy: .*an address is 0x and 40 hexadecimal digits.*\n$/,
    ],
    [
      "with a chain that nobody describes",
      "targets/harbour.yaml",
      "chain: eip155:31337",
      "chain: eip155:5",
      /^policies\/targets\/harbour\.yaml: chain: chains\.yaml has no eip155:5\n/,
    ],
    ["that is no YAML", "council.yaml", "people:", "people: [", /^policies\/council\.yaml: not valid YAML: /],
    ["with an unknown key", "lanes.yaml", "quorum: 3", "quorate: 3", /^policies\/lanes\.yaml: routine/],
  ])("%s is refused with file, path and reason", async (name, file, from, to, reads) => {
    const problem = readPolicy(await policiesWith(name, file, from, to));
    expect(`${await problem.catch((fault: Error) => fault.message)}\n`).toMatch(reads);
  });

  test("that is not there is refused at the start, on standard error and without a stack", async () => {
    const { code, out, error } = await start({ QUORATE_POLICIES: join(folder, "nowhere/policies") });
    expect(error).toMatch(/^policies\/council\.yaml: the file .*nowhere\/policies\/council\.yaml cannot be read/);
    expect(error).not.toMatch(/\n\s+at /);
    expect({ code, out }).toEqual({ code: 2, out: "" });
  });

  test.each([
    [
      "an RPC for no chain",
      { RPC_mainnet: "http://127.0.0.1:1" },
      /^RPC_mainnet is not usable: after RPC_ comes the number of a chain, such as RPC_1\.$/,
    ],
    [
      "a gas key that is none",
      { GAS_KEY: "hunter2" },
      /^GAS_KEY is not usable: a private key is 0x and 64 hexadecimal digits\.$/,
    ],
    ["a port that is none", { PORT: "99999" }, /^PORT is not usable: .*\. See \.env\.example\.$/],
  ])("%s is refused by its name and without its value", (_name, env, reads) => {
    const said = () => readEnvironment(env);
    expect(said).toThrow(reads);
    expect(said).not.toThrow("hunter2");
  });
});

describe("a policy that does not fit the chain", () => {
  test.each([
    [
      "a proxy that is none",
      "contracts.1.proxy",
      /proxy: "0xe14633ed5c76A55a57389Ee3A00E1a383Db09775"\n {4}kind: uups/,
      'proxy: "0xaED1AC720522692B1316e2C608682f5882743D2E"\n    kind: uups',
      /0xaED1AC720522692B1316e2C608682f5882743D2E.*is (not|no) .*proxy.*Nothing was changed\.$/,
    ],
    [
      "a proxy of another kind",
      "contracts.1.kind",
      "kind: uups",
      "kind: transparent",
      /^Vault is a uups proxy on the chain, and policy says transparent\.$/,
    ],
  ])("%s ends in a sentence, and nothing is proposed", async (_what, name, from, to, reads) => {
    const policies = await policiesWith(name, "targets/harbour.yaml", from, to);
    const council = await startCouncil({ policies });
    try {
      const view = await council.ask("ada", "propose", { target: "harbour", release: "2.0.0" });
      expect(sentence(view)).toMatch(reads);
      expect(await council.quorate.services.list()).toEqual([]);
      expect(await council.store.open()).toBe(0);
    } finally {
      await council.stop();
    }
  });
});

describe("a full disk", () => {
  let council: TestCouncil;
  let database: Awaited<ReturnType<typeof openSqlite>>["database"];
  beforeAll(async () => {
    const sqlite = await openSqlite(databaseFile(folder));
    database = sqlite.database;
    const store = createStore(sqlite);
    council = await startCouncil({ store });
    await walk(council, "in review");
  });
  afterAll(async () => {
    const store = council.switches.store;
    await council.stop();
    await store?.close();
  });

  const fill = () => {
    const pages = database.prepare("pragma page_count").get()?.page_count;
    database.exec(`pragma max_page_count = ${pages}`);
    // What is free inside the last pages is used up too.
    database.exec("create table if not exists ballast (bytes blob)");
  };

  test("is said to whoever asked, nothing is half-written, and it passes once there is room", async () => {
    const before = await council.history();
    database.exec("create table ballast (bytes blob)");
    fill();
    expect(() => {
      for (;;) database.exec("insert into ballast values (zeroblob(500))");
    }).toThrow(/full/);
    const propose = { target: "harbour", release: "2.0.1-leaky", title: "Another" };
    expect(sentence(await council.ask("ada", "propose", propose))).toMatch(
      /^The disk is full: nothing was written to .*; make room and try again\. Nothing was changed\.$/,
    );
    expect(sentence(await council.ask("ben", "deny", { ceremony: "UP-1", reason: "x".repeat(1900) }))).toMatch(
      /^The disk is full: /,
    );
    expect(await council.history()).toEqual(before);
    expect((await council.quorate.services.list()).map((one) => one.id)).toEqual(["UP-1"]);
    expect(council.faults.map((one) => one.where)).toContain("propose by console:ada");
    database.exec("pragma max_page_count = 1000000");
    expect(sentence(await council.ask("ben", "approve"))).toMatch(/^You approved UP-1\./);
    await council.quorate.settle();
    expect(await council.store.open()).toBe(0);
  });
});

describe("a database from a newer version", () => {
  test("is refused in a sentence and left as it is", async () => {
    const dataDir = join(folder, "newer");
    await (await openStore({ dataDir })).close();
    const { database } = await openSqlite(databaseFile(dataDir));
    database.exec("update meta set value = '99' where key = 'schema_version'");
    database.close();
    await expect(openStore({ dataDir })).rejects.toThrow(
      /^The database .* was written by a newer Quorate \(schema version 99, this program knows \d+\): use that version\.$/,
    );
  });
});
