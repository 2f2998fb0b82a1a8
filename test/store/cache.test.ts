import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { type CacheLocation, type Caches, openCache } from "../../src/store/cache.ts";
import { runSql, startPostgres, type TestPostgres } from "../support/postgres.ts";

let folder: string;
let server: TestPostgres;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "quorate-cache-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const faults: unknown[] = [];
const open = (place: CacheLocation) => openCache(place, (fault) => faults.push(fault));
beforeEach(() => {
  faults.length = 0;
});

const places: { name: string; lasting: boolean; place: () => Promise<CacheLocation> }[] = [
  { name: "memory", lasting: false, place: async () => ({ memory: true }) },
  { name: "sqlite", lasting: true, place: async () => ({ dataDir: join(folder, "new") }) },
  { name: "postgres", lasting: true, place: async () => ({ databaseUrl: await server.createDatabase() }) },
];

describe.each(places)("a cache in $name", ({ place, lasting }) => {
  let caches: Caches;
  let where: CacheLocation;
  beforeEach(async () => {
    where = await place();
    caches = open(where);
  });
  afterEach(() => caches.close());

  test("gives back what was kept, by name and key, and forgets what was deleted", async () => {
    const profiles = caches.namespace("profiles", 60n);
    const value = { name: "Ada 🗳", of: [1, null, ":x"] };
    await profiles.set("a", value);
    await profiles.set("a", value);
    await caches.namespace("prices", 60n).set("a", 5);
    await profiles.set("b", "b");
    await profiles.delete("b");
    await profiles.delete("never there");
    expect(await profiles.get("a")).toEqual(value);
    expect(await caches.namespace("prices", 60n).get("a")).toBe(5);
    expect(await profiles.get("b")).toBeUndefined();
    expect(await profiles.get("c")).toBeUndefined();
    expect(faults).toEqual([]);
  });

  test("forgets when the time to live is over", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    try {
      const prices = caches.namespace("prices", 60n);
      await prices.set("a", 5);
      vi.setSystemTime(Date.now() + 59_000);
      expect(await prices.get("a")).toBe(5);
      vi.setSystemTime(Date.now() + 2_000);
      expect(await prices.get("a")).toBeUndefined();
    } finally {
      vi.useRealTimers();
    }
  });

  test(`is ${lasting ? "kept over" : "empty after"} a restart`, async () => {
    await caches.namespace("profiles", 60n).set("a", 1);
    await caches.close();
    caches = open(where);
    expect(await caches.namespace("profiles", 60n).get("a")).toBe(lasting ? 1 : undefined);
  });

  test("reports what it cannot keep, and does not throw", async () => {
    const profiles = caches.namespace("profiles", 60n);
    await profiles.set("a", 1n);
    expect(await profiles.get("a")).toBeUndefined();
    expect(faults).toHaveLength(1);
  });
});

test("a damaged cache file is replaced", async () => {
  writeFileSync(join(folder, "cache.sqlite"), "no database ".repeat(500));
  const caches = open({ dataDir: folder });
  await caches.namespace("profiles", 60n).set("a", 1);
  expect(await caches.namespace("profiles", 60n).get("a")).toBe(1);
  await caches.close();
});

test("a place that cannot be used is reported, and memory serves", async () => {
  writeFileSync(join(folder, "file"), "");
  const caches = open({ dataDir: join(folder, "file") });
  await caches.namespace("profiles", 60n).set("a", 1);
  expect(await caches.namespace("profiles", 60n).get("a")).toBe(1);
  expect(faults).toHaveLength(1);
});

test("a server that is not there is a miss every time", async () => {
  const caches = open({ databaseUrl: "postgres://quorate@127.0.0.1:1/db" });
  await caches.namespace("profiles", 60n).set("a", 1);
  expect(await caches.namespace("profiles", 60n).get("a")).toBeUndefined();
  expect(faults.length).toBeGreaterThan(0);
  await caches.close();
});

test("a server that closes all connections costs a miss at most, not the process", async () => {
  const caches = open({ databaseUrl: await server.createDatabase() });
  const profiles = caches.namespace("profiles", 60n);
  await profiles.set("a", 1);
  await runSql(server.adminUrl, "select pg_terminate_backend(pid) from pg_stat_activity where datname <> 'postgres'");
  await expect.poll(() => faults.length).toBeGreaterThan(0);
  await expect.poll(() => profiles.get("a")).toBe(1);
  await caches.close();
});

test("memory keeps the newest, and so much of it at most", async () => {
  const caches = open({ memory: true });
  const charts = caches.namespace("charts", 60n);
  const picture = "x".repeat(1_000_000);
  for (const nth of [1, 2, 3, 2, 4]) await charts.set(`${nth}`, picture);
  const kept = await Promise.all([1, 2, 3, 4].map(async (nth) => (await charts.get(`${nth}`)) !== undefined));
  expect(kept).toEqual([false, true, true, true]);
  await charts.delete("3");
  await charts.set("5", picture);
  expect(await charts.get("2")).toBe(picture);
  await caches.close();
});
