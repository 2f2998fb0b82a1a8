/** The log is the only truth: it folds to the same state however it is read, and shows where it was touched. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ChainedEvent, verifyStream } from "../../src/domain/audit-log.ts";
import { parseEvent } from "../../src/domain/events.ts";
import { evolve, fold } from "../../src/domain/evolve.ts";
import type { Hex } from "../../src/domain/primitives.ts";
import { ceremonyAt, stages } from "../support/given.ts";
import { hashOf } from "../support/sample-council.ts";

const logs = stages.filter((one) => one !== "nothing").map((stage) => ceremonyAt(stage));
const someLog = fc.constantFrom(...logs);
const closed = ceremonyAt("closed");
const stream = "ceremony/UP-1";

describe("folding", () => {
  it("is evolving step by step, and every prefix of a log folds", () => {
    for (const { id, log, state } of [closed, ceremonyAt("rolled back"), ceremonyAt("expired")]) {
      let stepped: ReturnType<typeof fold>;
      for (const [index, one] of log.entries()) {
        stepped = evolve(id, stepped, parseEvent(one));
        expect(fold(id, log.slice(0, index + 1).map(parseEvent))).toEqual(stepped);
      }
      expect(stepped).toEqual(state);
    }
  });

  it("survives the store: JSON there and back gives the same state", () => {
    for (const { id, log, state } of logs) {
      const text = JSON.stringify(log, (_key, value) => (typeof value === "bigint" ? value.toString() : value));
      const read = (JSON.parse(text) as (Omit<ChainedEvent, "at"> & { at: string })[]).map((one) =>
        parseEvent({ ...one, at: BigInt(one.at) }),
      );
      expect(fold(id, read)).toEqual(state);
    }
  });

  it("of nothing is nothing, and a log starts with a draft", () => {
    expect(fold("UP-1", [])).toBeUndefined();
    expect(() => fold("UP-1", closed.log.slice(1).map(parseEvent))).toThrow(
      'The log of UP-1 starts with "checked" instead of "drafted".',
    );
  });

  it("refuses an event that this version does not know, or that is not as it was written", () => {
    const [first] = closed.log;
    if (first === undefined) throw new Error("There is a first event.");
    expect(() => parseEvent({ ...first, type: "levitated" })).toThrow(
      /kind "levitated", which this version of Quorate does not know/,
    );
    expect(() => parseEvent({ ...first, data: { ...first.data, more: 1 } })).toThrow(
      /Event 1 \(drafted\) is not as it was written/,
    );
  });

  it("counts refusals, and changes nothing else by them", () => {
    const it = ceremonyAt("in review");
    const before = it.state;
    it.ask(it.approve("ada"));
    expect(it.state).toEqual({ ...before, refusals: 1, seq: before.seq + 1, head: it.state.head });
  });
});

describe("the hash chain", () => {
  it("of an honest log has no fault, with or without its head", () => {
    for (const { log } of logs) {
      const last = log.at(-1);
      expect(verifyStream(stream, log)).toEqual([]);
      expect(verifyStream(stream, log, last && { seq: last.seq, hash: last.hash })).toEqual([]);
    }
  });

  const headOf = (log: readonly ChainedEvent[]) => ({ seq: log.length, hash: log.at(-1)?.hash ?? hashOf("none") });
  const mutations: Record<string, (log: readonly ChainedEvent[], at: number, pick: number) => ChainedEvent[]> = {
    "a changed event": (log, at, pick) => log.map((one, index) => (index === at ? changed(one, pick) : one)),
    "a dropped event": (log, at) => log.filter((_one, index) => index !== at),
    "a dropped event, numbered anew": (log, at) =>
      log.filter((_one, index) => index !== at).map((one, index) => ({ ...one, seq: index + 1 })),
    "reordered events": (log, at) => swapped(log, at, (at + 1) % log.length),
    "reordered events, numbered anew": (log, at) =>
      swapped(log, at, (at + 1) % log.length).map((one, index) => ({ ...one, seq: index + 1 })),
    "an inserted event": (log, at, pick) => insert(log, at, pick),
    "an inserted event, numbered anew": (log, at, pick) =>
      insert(log, at, pick).map((one, index) => ({ ...one, seq: index + 1 })),
    "a cut end": (log, at) => log.slice(0, at),
  };

  it.each(Object.keys(mutations))("finds %s", (name) => {
    const mutate = mutations[name];
    fc.assert(
      fc.property(someLog, fc.nat(), fc.nat(), ({ log }, position, pick) => {
        fc.pre(log.length > 1);
        const mutated = mutate?.(log, position % log.length, pick) ?? [];
        const faults = verifyStream(stream, mutated, headOf(log));
        expect(faults).toHaveLength(1);
        expect(faults[0]?.problem).toMatch(/is missing|does not match its hash|was cut off|was rewritten/);
      }),
      { numRuns: 60, seed: 4 },
    );
  });

  it("finds a log that was written anew from some event on, by its recorded head", () => {
    const other = ceremonyAt("cancelled");
    const faults = verifyStream(stream, other.log, { seq: 5, hash: hashOf("recorded") });
    expect(faults).toMatchObject([{ seq: 5, problem: expect.stringMatching(/the stream was rewritten/) }]);
  });

  it("does not take one stream for another", () => {
    expect(verifyStream("ceremony/UP-2", closed.log)).toHaveLength(1);
    expect(
      verifyStream(
        "ceremony/UP-2",
        closed.log.map((one) => ({ ...one, stream: "ceremony/UP-2" })),
      ),
    ).toHaveLength(1);
  });

  it("names text that cannot have been written", () => {
    const half = closed.log.map((one, index) =>
      index === 2 ? { ...one, data: { ...one.data, note: "\ud800" } } : one,
    );
    expect(verifyStream(stream, half)).toMatchObject([{ seq: 3 }]);
  });
});

function changed(one: ChainedEvent, pick: number): ChainedEvent {
  const changes: ChainedEvent[] = [
    { ...one, type: `${one.type}x` },
    { ...one, at: one.at + 1n },
    { ...one, seq: one.seq + 1 },
    { ...one, stream: `${one.stream}x` },
    { ...one, hash: `${one.hash.slice(0, -1)}${one.hash.endsWith("0") ? "1" : "0"}` as Hex },
    { ...one, data: { ...one.data, more: true } },
    { ...one, data: Object.fromEntries(Object.entries(one.data).slice(1)) },
  ];
  return changes[pick % changes.length] ?? one;
}

function swapped(log: readonly ChainedEvent[], a: number, b: number): ChainedEvent[] {
  return log.map((one, index) => (index === a ? (log[b] ?? one) : index === b ? (log[a] ?? one) : one));
}

function insert(log: readonly ChainedEvent[], at: number, pick: number): ChainedEvent[] {
  const extra = log[pick % log.length];
  return extra === undefined ? [...log] : [...log.slice(0, at), extra, ...log.slice(at)];
}
