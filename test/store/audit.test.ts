import fc from "fast-check";
import { keccak256, stringToBytes } from "viem";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { eventHash } from "../../src/domain/audit-log.ts";
import type { Hex } from "../../src/domain/primitives.ts";
import { exportStore, verifyStore } from "../../src/store/audit.ts";
import { type OpenedStore, openStore } from "../../src/store/open-store.ts";
import { emptied, type Intruder, quoted, testEngines } from "./engines.ts";

const stream = "c1";
const length = 6;

describe.each(testEngines)("the audit on $name", (engine) => {
  let store: OpenedStore;
  let intruder: Intruder;

  beforeAll(async () => {
    await engine.start();
    const place = await engine.place();
    store = await openStore(place);
    intruder = await engine.intruder(place);
  });
  afterAll(async () => {
    await intruder.close();
    await store.close();
    await engine.stop();
  });
  beforeEach(async () => {
    await emptied(intruder);
    for (let seq = 0; seq < length; seq++)
      await store.append(stream, seq, [{ type: "voted", data: { person: `p${seq}`, yes: true, of: ["a", 1] } }], 7n);
    await store.append("c2", 0, [{ type: "drafted", data: {} }], 9n);
  });

  const problems = async () =>
    (await verifyStore(store)).faults.map(({ stream, seq, problem }) => `${stream} ${seq}: ${problem}`);

  test("passes what the program wrote", async () => {
    expect(await verifyStore(store)).toEqual({ streams: 2, events: length + 1, faults: [] });
  });

  test("finds a flipped byte, and says where", async () => {
    await intruder.run("update events set data = replace(data, 'p2', 'q2') where seq = 3");
    expect(await problems()).toEqual([
      "c1 3: event 3 (voted) does not match its hash: it was changed, moved or inserted",
    ]);
  });

  test("finds a change that only spells the same JSON differently", async () => {
    await intruder.run(`update events set data = replace(data, ':true', ': true') where seq = 3`);
    expect(await problems()).toEqual(["c1 3: event 3 is not the canonical JSON that was written: it was changed"]);
  });

  test("finds a dropped event", async () => {
    await intruder.run("delete from events where stream = 'c1' and seq = 4");
    expect(await problems()).toEqual(["c1 4: event 4 is missing: the next one found is 5"]);
  });

  test("finds two events in another order", async () => {
    await moveSeq(2, -2);
    await moveSeq(3, 2);
    await moveSeq(-2, 3);
    expect(await problems()).toEqual([
      "c1 2: event 2 (voted) does not match its hash: it was changed, moved or inserted",
    ]);
  });

  test("finds an inserted event", async () => {
    for (let seq = length; seq > 2; seq--) await moveSeq(seq, seq + 1);
    await insertAfter(2);
    expect(await problems()).toEqual([
      "c1 4: event 4 (voted) does not match its hash: it was changed, moved or inserted",
    ]);
  });

  test("finds an event added at the end with a right hash", async () => {
    await insertAfter(length);
    expect(await problems()).toEqual(["c1 7: 7 events are stored, and 6 were recorded: the rest was inserted"]);
  });

  test("finds a tail that was cut off, and a head that was removed", async () => {
    await intruder.run("delete from events where stream = 'c1' and seq > 4");
    await intruder.run("delete from heads where stream = 'c2'");
    expect(await problems()).toEqual([
      "c1 5: the stream ends at event 4, and 6 were recorded: the end was cut off",
      "c2 1: the stream has no recorded head: it was removed",
    ]);
  });

  test("finds a stream rewritten or removed as a whole by a head known from elsewhere", async () => {
    const [known] = await store.streams(stream);
    if (!known) throw new TypeError("no head");
    const witness = { stream, seq: known.seq, hash: known.head };
    expect((await verifyStore(store, [witness])).faults).toEqual([]);
    await intruder.run("delete from events where stream = 'c1'");
    await intruder.run("delete from heads where stream = 'c1'");
    expect((await verifyStore(store)).faults).toEqual([]);
    expect((await verifyStore(store, [witness])).faults).toMatchObject([{ stream, seq: 1 }]);
    await store.append(
      stream,
      0,
      Array.from({ length }, () => ({ type: "voted", data: {} })),
      7n,
    );
    expect((await verifyStore(store, [witness])).faults).toMatchObject([
      { seq: 6, problem: "event 6 has another hash than the recorded head: the stream was rewritten" },
    ]);
  });

  test("finds changed content beside the log", async () => {
    const bytes = stringToBytes("report");
    const hash = keccak256(bytes);
    await store.append("c2", 1, [], 9n, { blobs: [{ hash, bytes }] });
    expect(await problems()).toEqual([]);
    await intruder.run(`update blobs set bytes = ${engine.name === "sqlite" ? "x'00'" : "'\\x00'"}`);
    expect(await problems()).toEqual([`blob ${hash} 0: the kept content does not match its hash: it was changed`]);
  });

  test("exports one line an event, from which anybody recomputes the chain", async () => {
    const lines = await linesOf(exportStore(store, { stream }));
    expect(lines).toHaveLength(length);
    expect(lines[0]).toMatch(/^{"at":"7","data":{"of":\["a",1\],"person":"p0","yes":true},"hash":"0x[0-9a-f]{64}",/);
    expect(await linesOf(exportStore(store))).toHaveLength(length + 1);
    const [first, second] = lines.map(
      (line) => JSON.parse(line) as { hash: Hex; at: string } & Record<string, unknown>,
    );
    if (!first || !second) throw new TypeError("no lines");
    expect(eventHash(first.hash, { ...second, at: BigInt(second.at) } as never)).toBe(second.hash);
  });

  test("finds any single mutation of a stored stream", async () => {
    await intruder.run("delete from events where stream = 'c2'");
    await intruder.run("delete from heads where stream = 'c2'");
    const events = await intruder.run("select * from events where stream = 'c1' order by seq");
    const heads = await intruder.run("select * from heads where stream = 'c1'");
    await fc.assert(
      fc.asyncProperty(mutation, async (mutate) => {
        for (const sql of mutate(events)) await intruder.run(sql);
        const { faults } = await verifyStore(store);
        await intruder.run("delete from events");
        await intruder.run("delete from heads");
        for (const row of events) await intruder.run(insertRow("events", row));
        for (const row of heads) await intruder.run(insertRow("heads", row));
        expect(faults).not.toEqual([]);
      }),
      { numRuns: engine.name === "sqlite" ? 150 : 50 },
    );
  });

  const moveSeq = (from: number, to: number) =>
    intruder.run(`update events set seq = ${to} where stream = 'c1' and seq = ${from}`);

  /** A forger who knows how hashes are made, but cannot change the events after. */
  async function insertAfter(seq: number): Promise<void> {
    const previous = (await store.read(stream)).find((event) => event.seq === seq);
    if (!previous) throw new TypeError(`no event ${seq}`);
    const event = { stream, seq: seq + 1, type: "voted", at: 7n, data: { person: "mallory" } };
    const hash = eventHash(previous.hash, event);
    await intruder.run(insertRow("events", { ...event, data: JSON.stringify(event.data), hash, batch: "b" }));
  }
});

async function linesOf(source: AsyncIterable<string>): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of source) lines.push(line);
  return lines;
}

type Row = Record<string, unknown>;
type Mutation = (events: Row[]) => string[];

function insertRow(table: string, row: Row): string {
  const values = Object.values(row).map((value) => (typeof value === "string" ? quoted(value) : String(value)));
  return `insert into ${table} (${Object.keys(row).join(", ")}) values (${values.join(", ")})`;
}

const anyEvent = fc.integer({ min: 0, max: length - 1 });

/** One change of one place: a character of a text, a number, an event or a head gone, doubled or swapped. */
const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc
    .tuple(anyEvent, fc.constantFrom("data", "hash", "type", "stream"), fc.nat(), fc.integer({ min: 33, max: 126 }))
    .map(
      ([index, column, place, code]): Mutation =>
        (events) => {
          const text = String(events[index]?.[column]);
          const at = place % text.length;
          const flipped = text.charCodeAt(at) === code ? code - 1 : code;
          const changed = text.slice(0, at) + String.fromCharCode(flipped) + text.slice(at + 1);
          return [`update events set ${column} = ${quoted(changed)} where stream = 'c1' and seq = ${index + 1}`];
        },
    ),
  fc
    .tuple(
      anyEvent,
      fc.constantFrom("at", "seq"),
      fc.bigInt(-100n, 2n ** 62n).filter((by) => by !== 0n && (by < -5n || by > 5n)),
    )
    .map(
      ([index, column, by]): Mutation =>
        () => [`update events set ${column} = ${column} + ${by} where stream = 'c1' and seq = ${index + 1}`],
    ),
  anyEvent.map(
    (index): Mutation =>
      () => [`delete from events where stream = 'c1' and seq = ${index + 1}`],
  ),
  anyEvent.map(
    (index): Mutation =>
      () => [`delete from events where stream = 'c1' and seq > ${index}`],
  ),
  fc.tuple(anyEvent, fc.bigInt(1n, 9n)).map(
    ([index, past]): Mutation =>
      (events) => [insertRow("events", { ...events[index], seq: BigInt(length) + past })],
  ),
  fc
    .tuple(anyEvent, anyEvent)
    .filter(([a, b]) => a !== b)
    .map(
      ([a, b]): Mutation =>
        () => [
          `update events set seq = -1 where stream = 'c1' and seq = ${a + 1}`,
          `update events set seq = ${a + 1} where stream = 'c1' and seq = ${b + 1}`,
          `update events set seq = ${b + 1} where stream = 'c1' and seq = -1`,
        ],
    ),
  fc
    .integer({ min: 0, max: 20 })
    .filter((seq) => seq !== length)
    .map(
      (seq): Mutation =>
        () => [`update heads set seq = ${seq} where stream = 'c1'`],
    ),
  anyEvent
    .filter((index) => index !== length - 1)
    .map(
      (index): Mutation =>
        (events) => [`update heads set head = '${events[index]?.hash}' where stream = 'c1'`],
    ),
  fc.constant((): string[] => ["delete from heads where stream = 'c1'"]),
);
