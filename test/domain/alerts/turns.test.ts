/** Whose turn it is, as people change it in chat: overrides, handing over, and what the calendar says by itself. */

import { describe, expect, test } from "vitest";
import { START } from "../../support/sample-council.ts";
import { WatchDriver } from "../../support/watch-driver.ts";

const HOUR = 3_600n;
const DAY = 24n * HOUR;
const override = (more: object = {}) =>
  ({
    kind: "setOverride",
    level: "primary",
    person: "finn",
    from: START,
    until: START + DAY,
    note: "",
    ...more,
  }) as const;

describe("an override", () => {
  test("calls who took the turn, and nobody else of the level", () => {
    const it = new WatchDriver();
    expect(it.does("finn", override())).toEqual(["overrideSet"]);
    it.measures("firing");
    expect(it.called()).toEqual(["0: finn"]);
    it.now += DAY;
    it.measures("firing", 1, { metric: "liveness" });
    expect(it.pages.at(-1)?.people).toBe("caro");
  });

  test("is for oneself, for whose turn it is, and for admins", () => {
    const it = new WatchDriver();
    it.refused("ben", override(), "oncall/whose", /this one is not yours\. Ask .*Finn/);
    expect(it.does("caro", override())).toEqual(["overrideSet"]);
    expect(it.does("ada", override({ person: "ben" }))).toEqual(["overrideSet"]);
  });

  test("has a person, a beginning and an end", () => {
    const it = new WatchDriver();
    it.refused("finn", override({ person: "zoe" }), "oncall/nobody", /^Nobody in the council is called zoe/);
    it.refused("finn", override({ until: START }), "oncall/span", /over before it begins/);
    it.refused("finn", override({ from: START - DAY, until: START }), "oncall/span", /over before it begins/);
    it.refused("finn", override({ until: START + 32n * DAY }), "oncall/span", /31 days/);
    it.policy = { ...it.policy, people: it.policy.people.map((one) => ({ ...one, frozen: one.id === "gus" })) };
    it.refused("ada", override({ person: "gus" }), "oncall/frozen", /^Gus is frozen/);
  });

  test("ends by the word of whose it is", () => {
    const it = new WatchDriver();
    it.does("finn", override());
    it.refused("ben", { kind: "endOverride", override: "override-1" }, "oncall/whose", /is Finn's/);
    expect(it.does("finn", { kind: "endOverride", override: "override-1" })).toEqual(["overrideEnded"]);
    it.measures("firing");
    expect(it.called()).toEqual(["0: caro"]);
    it.refused("finn", { kind: "endOverride", override: "override-1" }, "oncall/unknown", /no override/);
  });

  test("makes a turn where policy keeps none", () => {
    const it = new WatchDriver({});
    it.does("finn", override());
    it.measures("firing");
    expect(it.called()).toEqual(["0: finn"]);
  });
});

describe("handing over", () => {
  const handOver = (to: string, note = "The bridge is slow since noon.") => ({ kind: "handOver", to, note }) as const;

  test("gives away the rest of the turn and every alert in hand, and calls who gets them", () => {
    const rotations = [{ id: "week", zone: "UTC", starts: "2027-01-04", people: ["caro", "dev"] }];
    const it = new WatchDriver({ rotations, primary: ["week"], secondary: ["gus"] });
    it.now = START;
    const [first] = it.state.alerts;
    expect(first).toBeUndefined();
    it.measures("firing");
    const primary = it.pages[0]?.people ?? "";
    it.does(primary, { kind: "ack" });
    expect(it.does(primary, handOver("finn"))).toEqual(["overrideSet", "handedOver", "ackEnded", "paged"]);
    expect(it.pages.at(-1)).toMatchObject({ people: "finn", level: 1, cause: "handed over" });
    expect(it.state.handover).toMatchObject({ by: primary, to: "finn", note: "The bridge is slow since noon." });
    // The turn goes on to its own end: the next Monday at 09:00.
    const until = it.state.overrides[0]?.until ?? 0n;
    expect(until).toBeGreaterThan(START);
    expect((until - 4n * DAY) % (7n * DAY)).toBe(9n * HOUR);
    it.waits(5);
    expect(it.pages.at(-1)).toMatchObject({ level: 2, people: "gus" });
  });

  test("takes somebody who has something to hand over, somebody else, and a note", () => {
    const it = new WatchDriver();
    it.refused("ben", handOver("finn"), "oncall/nothing", /nothing to hand over/);
    it.refused("caro", handOver("caro"), "oncall/self", /to yourself/);
    it.refused("caro", handOver("finn", ""), "oncall/note", /what Finn should know/);
  });
});

describe("the calendar", () => {
  const tick = { kind: "tick", calendar: true } as const;
  const rotations = [
    {
      id: "day",
      zone: "UTC",
      starts: "2027-01-01",
      handover: "00:00",
      every: 1,
      people: ["caro", "dev"],
      hours: { from: "06:00", to: "22:00" },
    },
  ];

  test("says a turn's change once, and a time without anybody once, a day ahead", () => {
    const it = new WatchDriver({ rotations, primary: ["day"] });
    // START is 08:00 UTC.
    const first = it.does("quorate", tick);
    expect(first).toEqual(["shiftChanged", "gapSeen"]);
    expect(it.does("quorate", tick)).toEqual([]);
    it.now += 60n;
    expect(it.does("quorate", tick)).toEqual([]);
    it.now = START + 14n * HOUR;
    expect(it.does("quorate", tick)).toEqual(["shiftChanged", "gapSeen"]);
    expect(it.state.shifts.primary).toEqual([]);
    expect(it.does("quorate", tick)).toEqual([]);
    it.now += 60n;
    expect(it.does("quorate", tick)).toEqual([]);
    it.now = START + 22n * HOUR;
    expect(it.does("quorate", tick)).toEqual(["shiftChanged"]);
    it.now = START + 38n * HOUR + 60n;
    expect(it.does("quorate", tick)).toEqual(["shiftChanged", "gapSeen"]);
  });

  test("says nothing where policy keeps no turns", () => {
    expect(new WatchDriver({}).does("quorate", tick)).toEqual([]);
  });
});
