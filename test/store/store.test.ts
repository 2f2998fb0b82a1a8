import { keccak256, stringToBytes } from "viem";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { eventHash, genesisHash } from "../../src/domain/audit-log.ts";
import type { OutboxEntry, SampleRow } from "../../src/ports.ts";
import { type OpenedStore, openStore, type StoreLocation } from "../../src/store/open-store.ts";
import { emptied, type Intruder, quoted, testEngines } from "./engines.ts";

const post = (key: string, lane = "main"): OutboxEntry => ({ kind: "post", key, lane, payload: { text: key } });
const drafted = (title: string) => ({ type: "drafted", data: { title } });

describe.each(testEngines)("on $name", (engine) => {
  let place: StoreLocation;
  let store: OpenedStore;

  let intruder: Intruder;

  beforeAll(async () => {
    await engine.start();
    place = await engine.place();
    store = await openStore(place);
    intruder = await engine.intruder(place);
  });
  afterAll(async () => {
    await intruder.close();
    await store.close();
    await engine.stop();
  });
  beforeEach(() => emptied(intruder));

  async function reopen(): Promise<void> {
    await store.close();
    store = await openStore(place);
  }

  describe("the log", () => {
    test("gives back what was appended, chained from the stream's name", async () => {
      const big = 2n ** 256n - 1n;
      const result = await store.append("c1", 0, [{ type: "drafted", data: { title: "Größe \u0000 🗳", big } }], 7n);
      await store.append("c1", 1, [{ type: "checked", data: {} }], 8n);
      await reopen();
      const [first, second] = await store.read("c1");
      expect(result).toEqual({ ok: true, events: [first] });
      expect(first?.data).toEqual({ title: "Größe \u0000 🗳", big: big.toString() });
      expect(first).toMatchObject({ stream: "c1", seq: 1, type: "drafted", at: 7n });
      expect(first?.hash).toBe(eventHash(genesisHash("c1"), { ...first, data: first?.data ?? {} } as never));
      expect(second?.hash).toBe(eventHash(first?.hash ?? "0x", second as never));
      expect(await store.read("c1", 1)).toEqual([second]);
      expect(await store.streams()).toEqual([{ stream: "c1", seq: 2, head: second?.hash }]);
    });

    test("keeps times beyond a double's precision", async () => {
      await store.append("c1", 0, [drafted("a")], 2n ** 60n + 1n);
      expect((await store.read("c1"))[0]?.at).toBe(2n ** 60n + 1n);
    });

    test("refuses a stale or a premature sequence, and then writes nothing at all", async () => {
      await store.append("c1", 0, [drafted("a")], 1n);
      const bytes = stringToBytes("report");
      const extras = { outbox: [post("k")], blobs: [{ hash: keccak256(bytes), bytes }] };
      for (const expectedSeq of [0, 2])
        expect(await store.append("c1", expectedSeq, [drafted("b")], 1n, extras)).toEqual({
          ok: false,
          conflict: "sequence moved on",
        });
      expect(await store.read("c1")).toHaveLength(1);
      expect(await store.open()).toBe(0);
      expect(await store.blob(keccak256(bytes))).toBeUndefined();
    });

    test("lets one of many writers at the same place win", async () => {
      const results = await Promise.all(
        Array.from({ length: 20 }, (_, n) => store.append("c1", 0, [drafted(`${n}`)], 1n)),
      );
      expect(results.filter((result) => result.ok)).toHaveLength(1);
      expect(await store.read("c1")).toHaveLength(1);
    });

    test("takes more events at once than one statement holds", async () => {
      const events = Array.from({ length: 1201 }, (_, n) => drafted(`${n}`));
      await store.append("c1", 0, events, 1n);
      const stored = await store.read("c1");
      expect(stored.map((event) => event.data.title)).toEqual(events.map((event) => event.data.title));
    });

    test("finds streams by prefix, ordered by bytes, with no wildcard", async () => {
      for (const stream of ["b", "a_1", "a%", "B", "ab", "é"]) await store.append(stream, 0, [drafted("x")], 1n);
      const names = async (prefix?: string) => (await store.streams(prefix)).map(({ stream }) => stream);
      expect(await names()).toEqual(["B", "a%", "a_1", "ab", "b", "é"]);
      expect(await names("a")).toEqual(["a%", "a_1", "ab"]);
      expect(await names("a_")).toEqual(["a_1"]);
      expect(await names("a%")).toEqual(["a%"]);
    });

    test("keeps content only under its own hash", async () => {
      const bytes = Uint8Array.of(0, 255, 10);
      const blobs = [bytes, new Uint8Array()].map((content) => ({ hash: keccak256(content), bytes: content }));
      await store.append("c1", 0, [drafted("a")], 1n, { blobs });
      await store.append("c1", 1, [drafted("b")], 1n, { blobs });
      for (const { hash, bytes: content } of blobs) expect(await store.blob(hash)).toEqual(content);
      const wrong = [{ hash: keccak256(bytes), bytes: Uint8Array.of(1) }];
      await expect(store.append("c1", 2, [drafted("c")], 1n, { blobs: wrong })).rejects.toThrow(/has another hash/);
      expect(await store.read("c1")).toHaveLength(2);
    });

    test("does not hand out content or events that were damaged", async () => {
      const bytes = stringToBytes("report");
      await store.append("c1", 0, [drafted("a")], 1n, { blobs: [{ hash: keccak256(bytes), bytes }] });
      await intruder.run(`update blobs set bytes = ${engine.name === "sqlite" ? "x'00'" : "'\\x00'"}`);
      await intruder.run(`update events set data = ${quoted("{")}`);
      await expect(store.blob(keccak256(bytes))).rejects.toThrow(/is not what was written/);
      await expect(store.read("c1")).rejects.toThrow("Event 1 of c1 is not readable: the log was damaged or edited.");
    });
  });

  describe("the outbox", () => {
    const append = async (...outbox: OutboxEntry[]) => {
      const seq = (await store.streams("c1"))[0]?.seq ?? 0;
      await store.append("c1", seq, [drafted("x")], 1n, { outbox });
    };
    const dueKeys = async (now: bigint, limit = 100) => (await store.due(now, limit)).map(({ key }) => key);
    const dueId = async (key: string) => (await store.due(2n ** 40n, 100)).find((item) => item.key === key)?.id ?? -1;

    test("offers the first open entry of every lane, oldest first", async () => {
      await append(post("a1", "a"), post("a2", "a"), post("b1", "b"), post("a3", "a"), post("c1", "c"));
      expect(await dueKeys(0n)).toEqual(["a1", "b1", "c1"]);
      expect(await dueKeys(0n, 2)).toEqual(["a1", "b1"]);
      await store.complete(await dueId("a1"), 5n);
      await reopen();
      expect(await dueKeys(0n)).toEqual(["a2", "b1", "c1"]);
      expect(await store.open()).toBe(4);
    });

    test("drops a second entry with a known key, also when the first is done", async () => {
      await append(post("a1"), post("a1"));
      await store.complete(await dueId("a1"), 5n);
      await append(post("a1"), post("a2"));
      expect(await dueKeys(0n)).toEqual(["a2"]);
    });

    test("holds only the lane of a failing entry back, until its time has come", async () => {
      await append(post("a1", "a"), post("a2", "a"), post("b1", "b"));
      await store.fail(await dueId("a1"), 100n, "chat is down");
      expect(await dueKeys(99n)).toEqual(["b1"]);
      expect(await dueKeys(100n)).toEqual(["a1", "b1"]);
      expect((await store.due(100n, 1))[0]).toMatchObject({ attempts: 1, payload: { text: "a1" } });
    });

    test("keeps progress over a restart, and what is done stays done", async () => {
      await append(post("a1", "a"), post("b1", "b"));
      const [a1, b1] = [await dueId("a1"), await dueId("b1")];
      await store.saveProgress(a1, { raw: "0x02", nonce: 3n });
      await reopen();
      expect((await store.due(0n, 1))[0]?.progress).toEqual({ raw: "0x02", nonce: "3" });
      await store.complete(b1, 5n, { message: "m1" });
      await store.complete(a1, 5n);
      await store.complete(b1, 6n, { message: "m2" });
      await store.fail(b1, 100n, "late");
      const done = await store.done("c1");
      expect(done.map(({ key, result, attempts }) => ({ key, result, attempts }))).toEqual([
        { key: "b1", result: { message: "m1" }, attempts: 0 },
        { key: "a1", result: undefined, attempts: 0 },
      ]);
      expect(await store.done("c1", "page")).toEqual([]);
      expect(await store.done("c2")).toEqual([]);
    });
  });

  describe("samples", () => {
    const sample = (block: bigint, metric = "share price", value: bigint | null = 2n ** 255n): SampleRow => ({
      ...{ ceremony: "c1", metric, chain: "eip155:1", verdict: "pass", reason: "", value },
      ...{
        blockNumber: block,
        blockHash: keccak256(stringToBytes(`${block}`)),
        blockTime: block * 12n,
        observedAt: 1n,
      },
    });

    test("come back by block, whole, the newest where limited", async () => {
      const rows = [sample(100n), sample(9n), sample(10n, "share price", null), sample(11n, "paused", -1n)];
      await store.addSamples(rows);
      await store.addSamples([]);
      expect(await store.samples("c1", "share price")).toEqual([rows[1], rows[2], rows[0]]);
      expect(await store.samples("c1", "share price", { newest: 2 })).toEqual([rows[2], rows[0]]);
      expect(await store.samples("c1")).toHaveLength(4);
      expect(await store.samples("c2")).toEqual([]);
      expect(await store.samples("c1", undefined, { from: 10n, oldest: 2 })).toEqual([rows[2], rows[3]]);
      expect(await store.samples("c1", undefined, { from: 11n, below: 100n })).toEqual([rows[3]]);
    });

    test("that were written are told of, from the first block on, also where it is not known whether they were", async () => {
      const told: string[] = [];
      store.onSampled((chain, from) => void told.push(`${chain} from ${from}`));
      await store.addSamples([sample(9n), { ...sample(3n), chain: "eip155:10" }, sample(7n)]);
      const broken = { ...sample(5n), metric: null as never };
      await expect(store.addSamples([broken])).rejects.toThrow();
      expect(told).toEqual(["eip155:1 from 7", "eip155:10 from 3", "eip155:1 from 5"]);
    });

    test("of one metric and block are one, the first", async () => {
      await store.addSamples([sample(1n)]);
      await store.addSamples([sample(1n, "share price", 5n), sample(1n, "paused")]);
      expect((await store.samples("c1", "share price")).map(({ value }) => value)).toEqual([2n ** 255n]);
      expect(await store.samples("c1")).toHaveLength(2);
    });
  });

  test("a delivery is new once, also after a restart", async () => {
    const both = await Promise.all([store.firstTime("d1", 1n), store.firstTime("d1", 1n)]);
    expect(both.sort()).toEqual([false, true]);
    await reopen();
    expect(await store.firstTime("d1", 2n)).toBe(false);
    expect(await store.firstTime("d2", 2n)).toBe(true);
  });
});
