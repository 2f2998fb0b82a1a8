/** What was read before is not believed because it was read before: every byte is compared, every time. */

import { describe, expect, it } from "vitest";
import { createLogReader } from "../../src/ceremonies/log-reader.ts";
import { eventHash, genesisHash } from "../../src/domain/audit-log.ts";
import type { StoredEvent } from "../../src/ports.ts";
import { ceremonyAt } from "../support/given.ts";

const stream = "ceremony/UP-1";
const log = (): StoredEvent[] => structuredClone(ceremonyAt("signing").log) as StoredEvent[];

/** As somebody on the host would: the chain of hashes whole again from there on. */
function rehashed(events: StoredEvent[]): StoredEvent[] {
  let previous = genesisHash(stream);
  return events.map((one) => {
    previous = eventHash(previous, one);
    return { ...one, hash: previous };
  });
}

describe("reading a log again", () => {
  it("gives the same state as reading it for the first time", () => {
    const read = createLogReader();
    const events = log();
    for (let length = 1; length <= events.length; length += 1) {
      const part = events.slice(0, length);
      const again = read("UP-1", stream, structuredClone(part));
      const first = createLogReader()("UP-1", stream, part);
      expect(again.state).toEqual(first.state);
      expect(again.events).toEqual(first.events);
    }
    expect(read("UP-1", stream, events).state).toEqual(ceremonyAt("signing").state);
  });

  const tamperings: [string, (events: StoredEvent[]) => StoredEvent[]][] = [
    ["a byte", (events) => events.map((one) => (one.seq === 2 ? { ...one, at: one.at + 1n } : one))],
    ["an event dropped", (events) => events.filter((one) => one.seq !== 3)],
    ["two events swapped", ([first, second, ...rest]) => (first && second ? [second, first, ...rest] : [])],
    ["an event inserted", (events) => [...events.slice(0, 4), ...events.slice(3)]],
    ["a hash", (events) => events.map((one) => (one.seq === 4 ? { ...one, hash: genesisHash("other") } : one))],
    ["the last event", (events) => events.map((one) => (one.seq === events.length ? { ...one, type: "held" } : one))],
  ];

  it.each(tamperings)("sees %s in what it has read before", (_what, tamper) => {
    const read = createLogReader();
    read("UP-1", stream, log());
    expect(() => read("UP-1", stream, tamper(log()))).toThrow(/^The log of UP-1 has been tampered with: event \d/);
    expect(read("UP-1", stream, log()).state?.status).toBe("signing");
  });

  it("does not keep the old state where the log was rewritten as a whole", () => {
    const read = createLogReader();
    const before = read("UP-1", stream, log()).state;
    const [first, ...rest] = log();
    const by = { person: "gus", account: "console:gus" };
    const forged = rehashed([{ ...(first as StoredEvent), data: { ...first?.data, by } }, ...rest]);
    expect(read("UP-1", stream, forged).state?.proposers).toEqual(["gus"]);
    expect(before?.proposers).toEqual(["ada"]);
  });

  it("goes back with a log that was put back", () => {
    const read = createLogReader();
    read("UP-1", stream, log());
    expect(read("UP-1", stream, log().slice(0, 1)).state?.status).toBe("drafted");
  });
});
