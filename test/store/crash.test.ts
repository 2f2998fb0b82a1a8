import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { verifyStore } from "../../src/store/audit.ts";
import {
  createStore,
  databaseFile,
  type OpenedStore,
  openStore,
  openStoreToRead,
  type StoreLocation,
} from "../../src/store/open-store.ts";
import { openSqlite } from "../../src/store/sqlite.ts";
import { startAppender } from "./children.ts";
import { testEngines } from "./engines.ts";

describe.each(testEngines)("on $name", (engine) => {
  let place: StoreLocation;
  beforeAll(() => engine.start());
  afterAll(() => engine.stop());
  beforeEach(async () => {
    place = await engine.place();
  });

  test("two processes racing for one stream lose and double nothing", async () => {
    // Enough for a machine that lets one of them wait for half a second.
    const each = 600;
    await (await openStore(place)).close();
    const racers = ["left", "right"].map((name) => startAppender(place, "shared", each, name));
    await Promise.all(racers.map((racer) => racer.said(1)));
    for (const racer of racers) racer.begin();
    expect(await Promise.all(racers.map((racer) => racer.ended))).toEqual([0, 0]);
    const store = await openStore(place);
    const events = await store.read("c1");
    const kept = events.map(({ data }) => `${data.name}-${data.n}`);
    const wanted = ["left", "right"].flatMap((name) => Array.from({ length: each }, (_, n) => `${name}-${n}`));
    expect(kept.toSorted()).toEqual(wanted.toSorted());
    const acknowledged = racers.flatMap((racer) => racer.lines.slice(1)).map(Number);
    expect(acknowledged.toSorted((a, b) => a - b)).toEqual(events.map(({ seq }) => seq));
    // Both had their turns, or it was no race.
    expect(kept.slice(0, each).filter((name) => name.startsWith("left")).length % each).not.toBe(0);
    expect(await store.open()).toBe(2 * each);
    expect(await verifyStore(store)).toEqual({ streams: 1, events: 2 * each, faults: [] });
    await store.close();
  });

  test("what was acknowledged is there after kill -9, whole, and the next process goes on", async () => {
    for (const [round, acknowledgements] of [1, 30, 120].entries()) {
      const appender = startAppender(place, "own", 1_000_000, `round${round}`);
      await appender.said(1 + acknowledgements);
      await appender.kill();
      const store = await openStore(place);
      // A Postgres may still be committing for the dead process; a write of ours comes after that.
      await goOn(store, `resumed${round}`);
      const events = await store.read("c1");
      const acknowledged = Number(appender.lines.at(-1)) + 1;
      // One more may have been committed without its acknowledgement getting out.
      expect(events.length - acknowledged).toBeOneOf([0, 1]);
      expect(await store.open()).toBe(events.length);
      expect((await verifyStore(store)).faults).toEqual([]);
      await store.close();
    }
  });

  async function goOn(store: OpenedStore, key: string): Promise<void> {
    const outbox = [{ kind: "post", key, lane: "a", payload: {} }];
    for (let done = false; !done; ) {
      const seq = (await store.streams("c1"))[0]?.seq ?? 0;
      done = (await store.append("c1", seq, [{ type: "voted", data: { key } }], 1n, { outbox })).ok;
    }
  }

  test("a full disk is said in one sentence, writes nothing, and passes", async () => {
    const full = await fillDisk(place);
    const append = (name: string) => {
      const outbox = [{ kind: "post", key: name, lane: "a", payload: { text: "x".repeat(100_000) } }];
      return full.store.append("c1", 0, [{ type: "drafted", data: { name } }], 1n, { outbox });
    };
    await expect(append("a")).rejects.toThrow(/^The disk .*full: nothing was written.*; make room and try again\.$/);
    expect(await full.store.read("c1")).toEqual([]);
    expect(await full.store.streams()).toEqual([]);
    expect(await full.store.open()).toBe(0);
    await full.makeRoom();
    expect((await append("a")).ok).toBe(true);
    expect((await verifyStore(full.store)).faults).toEqual([]);
    await full.store.close();
  });

  /** SQLite's own limit on pages, and a Postgres trigger that raises the server's own code for a full disk. */
  async function fillDisk(at: StoreLocation) {
    if ("dataDir" in at) {
      const sqlite = await openSqlite(databaseFile(at.dataDir));
      const pages = sqlite.database.prepare("pragma page_count").get()?.page_count;
      sqlite.database.exec(`pragma max_page_count = ${pages}`);
      return {
        store: createStore(sqlite),
        makeRoom: async () => sqlite.database.exec("pragma max_page_count = 1000000"),
      };
    }
    const store = await openStore(at);
    const intruder = await engine.intruder(at);
    await intruder.run(`create function disk_full() returns trigger language plpgsql
      as $$ begin raise exception 'could not extend file' using errcode = 'disk_full'; end $$`);
    await intruder.run("create trigger disk_full before insert on outbox for each row execute function disk_full()");
    await intruder.run("alter table outbox enable always trigger disk_full");
    const makeRoom = async () => {
      await intruder.run("drop trigger disk_full on outbox");
      await intruder.close();
    };
    return { store, makeRoom };
  }

  test("an audit reads beside a writer, sees no faults, and cannot write", async () => {
    const appender = startAppender(place, "own", 1_000_000, "writer");
    await appender.said(20);
    const reader = await openStoreToRead(place);
    for (let round = 0; round < 5; round++) expect((await verifyStore(reader)).faults).toEqual([]);
    const { seq } = (await reader.streams("c1"))[0] ?? { seq: 0 };
    expect(seq).toBeGreaterThanOrEqual(19);
    await appender.kill();
    await expect(reader.append("c2", 0, [{ type: "voted", data: {} }], 1n)).rejects.toThrow(/read-only/);
    await reader.close();
  });
});
