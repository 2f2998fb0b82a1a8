import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { databaseFile, openStore, openStoreToRead } from "../../src/store/open-store.ts";
import { runSql } from "../support/postgres.ts";
import { startAppender } from "./children.ts";
import { quoted, testEngines } from "./engines.ts";

describe.each(testEngines)("opening on $name", (engine) => {
  beforeAll(() => engine.start());
  afterAll(() => engine.stop());

  test("is refused while another process works there, with its process id, and free once that one is killed", async () => {
    const place = await engine.place();
    const other = startAppender(place, "own", 0, "other");
    await other.said(1);
    const where = engine.name === "sqlite" ? "works in .*" : "works on this database already .*";
    const advice = "stop it first, or give this one another (data folder|database)";
    await expect(openStore(place)).rejects.toThrow(
      new RegExp(`^Another Quorate (?=.*process ${other.pid}\\b).*${where}: ${advice}\\.$`),
    );
    await other.kill();
    await (await openStore(place)).close();
  });

  test("is refused to the same process a second time, until the first is closed", async () => {
    const place = await engine.place();
    const first = await openStore(place);
    await expect(openStore(place)).rejects.toThrow(`process ${process.pid}`);
    await first.close();
    await (await openStore(place)).close();
  });

  test("refuses a database of a newer version, and leaves it as it is", async () => {
    const place = await engine.place();
    await (await openStore(place)).close();
    const intruder = await engine.intruder(place);
    const [ours] = await intruder.run("select value from meta");
    await intruder.run(`update meta set value = '99' where key = ${quoted("schema_version")}`);
    const sentence =
      /^The database .* was written by a newer Quorate \(schema version 99, this program knows \d+\): use that version\.$/;
    await expect(openStore(place)).rejects.toThrow(sentence);
    await expect(openStoreToRead(place)).rejects.toThrow(sentence);
    expect((await intruder.run("select value from meta")).map(({ value }) => value)).toEqual(["99"]);
    await intruder.run(`update meta set value = '${ours?.value}'`);
    await intruder.close();
    await (await openStore(place)).close();
  });

  test("tells a reader that there is nothing yet, and makes nothing", async () => {
    const place = await engine.place();
    await expect(openStoreToRead(place)).rejects.toThrow(/start Quorate/);
    if ("dataDir" in place) expect(existsSync(databaseFile(place.dataDir))).toBe(false);
  });
});

describe("a data folder", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "quorate-folder-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test("is made for its owner only", async () => {
    const dataDir = join(folder, "deep", "data");
    await (await openStore({ dataDir })).close();
    expect(statSync(dataDir).mode & 0o777).toBe(0o700);
  });

  test("with the mark of a dead process, or of a living one that took over its id, is free", async () => {
    for (const pid of ["2147483646", String(process.ppid), ""]) {
      writeFileSync(join(folder, "lock-owner"), pid);
      await (await openStore({ dataDir: folder })).close();
    }
  });

  test("whose database is no database is refused, and left alone", async () => {
    const file = databaseFile(folder);
    writeFileSync(file, "minutes of the last meeting ".repeat(300));
    await expect(openStore({ dataDir: folder })).rejects.toThrow(
      `${file} is not an SQLite database; move it away or name another.`,
    );
    expect(readFileSync(file, "utf8")).toMatch(/^minutes/);
    rmSync(file);
    await (await openStore({ dataDir: folder })).close();
  });

  test("with another program's database is refused, and left alone", async () => {
    const other = new DatabaseSync(databaseFile(folder));
    other.exec("create table heads (hat text)");
    await expect(openStore({ dataDir: folder })).rejects.toThrow(/is the database of another program/);
    expect(other.prepare("select name from sqlite_schema").all()).toEqual([{ name: "heads" }]);
    other.close();
  });

  test("that cannot be one is refused in a sentence", async () => {
    writeFileSync(join(folder, "file"), "");
    await expect(openStore({ dataDir: join(folder, "file") })).rejects.toThrow(
      /^The data folder .*file cannot be used: /,
    );
    mkdirSync(databaseFile(folder));
    await expect(openStore({ dataDir: folder })).rejects.toThrow(/cannot be opened: check that its folder is writable/);
  });
});

describe("a Postgres address", () => {
  const [, engine] = testEngines;
  beforeAll(() => engine?.start());
  afterAll(() => engine?.stop());
  const address = async () => {
    const place = await engine?.place();
    if (!place || !("databaseUrl" in place)) throw new TypeError("no Postgres");
    return new URL(place.databaseUrl);
  };

  test("where nothing listens is refused in a sentence", async () => {
    await expect(openStore({ databaseUrl: "postgres://quorate:secret@127.0.0.1:1/db" })).rejects.toThrow(
      /^The Postgres database cannot be reached: connect ECONNREFUSED 127.0.0.1:1\.$/,
    );
  });

  test("with a wrong password or database is refused in a sentence without the password", async () => {
    const wrong = await address();
    wrong.password = "hunter2";
    const error = await openStore({ databaseUrl: wrong.href }).catch((fault: Error) => fault.message);
    expect(error).toBe(
      'Postgres does not let Quorate in: password authentication failed for user "quorate"; check DATABASE_URL.',
    );
    const missing = await address();
    missing.pathname = "/missing";
    await expect(openStore({ databaseUrl: missing.href })).rejects.toThrow(
      'Postgres does not let Quorate in: database "missing" does not exist; check DATABASE_URL.',
    );
  });

  test("that is no address is refused in a sentence", async () => {
    await expect(openStore({ databaseUrl: "postgres://[" })).rejects.toThrow(/^DATABASE_URL is not a Postgres address/);
  });

  test("orders names by bytes, whatever the database's own language", async () => {
    const databaseUrl = (await address()).href;
    await (await openStore({ databaseUrl })).close();
    const columns = await runSql(
      databaseUrl,
      "select distinct collation_name from information_schema.columns where table_schema = 'quorate' and data_type = 'text'",
    );
    expect(columns).toEqual([{ collation_name: "C" }]);
  });

  test("keeps its tables apart from those of other programs", async () => {
    const databaseUrl = (await address()).href;
    const other = await engine?.intruder({ databaseUrl });
    await other?.run("create table public.events (hat text)");
    const store = await openStore({ databaseUrl });
    expect((await store.append("c1", 0, [{ type: "drafted", data: {} }], 1n)).ok).toBe(true);
    await store.close();
    expect(await other?.run("select * from public.events")).toEqual([]);
    await other?.close();
  });
});
