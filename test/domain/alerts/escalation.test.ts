/** Who is called when, and what stops it: every moment by an injected clock. */

import { describe, expect, test } from "vitest";
import { hashOf } from "../../support/sample-council.ts";
import { MINUTE, WatchDriver } from "../../support/watch-driver.ts";

describe("severity 1", () => {
  test("calls primary at once, secondary after 5 minutes, every guardian after 10, and then every 15", () => {
    const it = new WatchDriver();
    it.measures("firing");
    it.waits(45);
    expect(it.called()).toEqual([
      "0: caro",
      "5: dev",
      "10: caro,dev,finn,gus",
      "25: caro,dev,finn,gus",
      "40: caro,dev,finn,gus",
    ]);
    expect(it.pages.map((one) => one.level)).toEqual([1, 2, 3, 3, 3]);
    expect(it.label()).toBe("escalated");
  });

  test("tells pagers besides chat with everybody, or from the level that policy says", () => {
    const flags = (given: object) => {
      const it = new WatchDriver({ primary: ["caro"], secondary: ["dev"], ...given });
      it.measures("firing");
      it.waits(10, 30n);
      return it.log.flatMap((one) => (one.type === "paged" ? [one.data.pagers] : []));
    };
    expect(flags({})).toEqual([false, false, true]);
    expect(flags({ pagersFrom: 1 })).toEqual([true, true, true]);
  });
});

test("whoever is called later hears what it is by then, and what was not measured since stays as it was", () => {
  const it = new WatchDriver();
  it.measures("firing");
  const newest = { what: "Vault solvency 9,500 bps (< 10,000)", block: { number: 19_000_025n, hash: hashOf("later") } };
  it.now += 5n * MINUTE;
  it.does("quorate", { kind: "tick", calendar: false, newest: new Map([["alert-1", newest]]) });
  expect(it.alert().facts).toMatchObject(newest);
  expect(it.alert().facts.runbook).toBe("Pause the vault.");
  it.waits(5);
  expect(it.pages).toHaveLength(3);
  expect(it.alert().facts.what).toBe(newest.what);
});

test("severity 2 calls at 0, 15 and 30 minutes, and not again", () => {
  const it = new WatchDriver();
  it.measures("firing", 2);
  it.waits(180, 15n);
  expect(it.called()).toEqual(["0: caro", "15: dev", "30: caro,dev,finn,gus"]);
});

test("severity 3 calls nobody, and is there all the same", () => {
  const it = new WatchDriver();
  expect(it.measures("firing", 3)).toEqual(["alertRaised"]);
  it.waits(180, 15n);
  expect(it.pages).toEqual([]);
  expect(it.label()).toBe("breach");
});

describe("an empty level", () => {
  test("is passed over at once, and said", () => {
    const it = new WatchDriver({ primary: ["caro"] });
    it.measures("firing");
    it.waits(16);
    expect(it.pages.map(({ minute, level, empty }) => [minute, level, empty])).toEqual([
      [0, 1, []],
      [5, 3, [2]],
    ]);
  });

  test("where primary cannot act, such as frozen, is secondary's turn in the very second", () => {
    const it = new WatchDriver();
    it.policy = { ...it.policy, people: it.policy.people.map((one) => ({ ...one, frozen: one.id === "caro" })) };
    it.measures("firing");
    expect(it.pages).toMatchObject([{ minute: 0, level: 2, people: "dev", empty: [1] }]);
    it.waits(10);
    expect(it.pages.at(-1)).toMatchObject({ minute: 10, level: 3, people: "dev,finn,gus" });
  });

  test("of everybody is still a page, so that it is said and pagers ring", () => {
    const it = new WatchDriver({ primary: ["caro"] });
    it.policy = { ...it.policy, people: it.policy.people.map((one) => ({ ...one, frozen: true })) };
    expect(it.measures("firing")).toEqual(["alertRaised", "paged"]);
    expect(it.pages).toMatchObject([{ level: 3, people: "", empty: [1, 2] }]);
  });
});

test("without turns the old lists are called first, by severity", () => {
  const it = new WatchDriver({ sev1: ["caro", "dev"], sev2: ["finn"] });
  it.measures("firing", 1);
  it.measures("firing", 2, { metric: "liveness" });
  expect(it.called()).toEqual(["0: caro,dev", "0: finn"]);
});

describe("a restart", () => {
  test("loses no level: those that were missed are called with the last of them, once", () => {
    const it = new WatchDriver();
    it.measures("firing");
    it.sleeps(12);
    expect(it.pages.at(-1)).toMatchObject({ minute: 12, level: 3, people: "dev,caro,finn,gus", cause: "escalated" });
    it.waits(14);
    expect(it.pages).toHaveLength(2);
    it.waits(1);
    expect(it.pages.at(-1)).toMatchObject({ minute: 27, cause: "repeated" });
  });

  test("loses no acknowledgement's end and no silence's end", () => {
    const it = new WatchDriver();
    it.measures("firing");
    it.does("caro", { kind: "ack" });
    it.sleeps(600);
    expect(it.pages.at(-1)).toMatchObject({ minute: 600, cause: "acknowledgement ran out", people: "caro" });
    it.does("caro", { kind: "silence", subject: { alert: "alert-1" }, lasts: 3600n, reason: "known" });
    it.does("dev", { kind: "confirmSilence", silence: "silence-1" });
    it.sleeps(61);
    expect(it.pages.at(-1)).toMatchObject({ minute: 661, cause: "silence ended" });
  });
});

describe("an acknowledgement", () => {
  test("stops the calls, and runs out after 15 minutes: who gave it is called, and who is on call now", () => {
    const it = new WatchDriver();
    it.measures("firing");
    it.waits(6);
    expect(it.does("dev", { kind: "ack" })).toEqual(["acked"]);
    expect(it.label()).toBe("acknowledged");
    it.waits(14.9);
    expect(it.pages).toHaveLength(2);
    it.waits(0.1);
    expect(it.pages.at(-1)).toMatchObject({
      minute: 21,
      level: 1,
      people: "dev,caro",
      cause: "acknowledgement ran out",
    });
    expect(it.alert().ownership).toEqual({ is: "unacked" });
    it.waits(5);
    expect(it.pages.at(-1)).toMatchObject({ minute: 26, level: 2, people: "dev" });
  });

  test("of severity 2 holds for an hour", () => {
    const it = new WatchDriver();
    it.measures("firing", 2);
    it.does("caro", { kind: "ack" });
    it.waits(59.9, 6n);
    expect(it.pages).toHaveLength(1);
    it.waits(0.1, 6n);
    expect(it.pages).toHaveLength(2);
  });

  test("that runs out after the turn has changed calls both the old and the new", () => {
    const it = new WatchDriver();
    it.measures("firing");
    it.does("caro", { kind: "ack" });
    it.policy = { ...it.policy, onCall: { ...it.policy.onCall, primary: ["finn"] } };
    it.waits(15);
    expect(it.pages.at(-1)?.people).toBe("caro,finn");
  });

  test("that runs out when all is well again calls nobody", () => {
    const it = new WatchDriver();
    it.measures("firing");
    it.does("caro", { kind: "ack" });
    it.measures("cleared");
    it.waits(16);
    expect(it.pages).toHaveLength(1);
    expect(it.log.at(-1)?.type).toBe("ackEnded");
  });

  test("is given by whom it concerns; without a name only where one alone waits", () => {
    const it = new WatchDriver();
    it.refused("caro", { kind: "ack" }, "ack/none", /^No alert waits/);
    it.measures("firing");
    it.refused("eve", { kind: "ack" }, "alert/part", /not yours to answer.*Caro/);
    it.measures("firing", 1, { metric: "liveness" });
    it.refused("caro", { kind: "ack" }, "ack/which", /alert-1 or alert-2/);
    it.refused(
      "caro",
      { kind: "ack", alert: "alert-9" },
      "alert/unknown",
      /^There is no alert-9\. Open: alert-1, alert-2\./,
    );
    expect(it.does("ada", { kind: "ack", alert: "alert-2" })).toEqual(["acked"]);
    expect(it.does("gus", { kind: "ack" })).toEqual(["acked"]);
  });

  test("is refused to the frozen", () => {
    const it = new WatchDriver();
    it.measures("firing");
    it.policy = { ...it.policy, people: it.policy.people.map((one) => ({ ...one, frozen: one.id === "caro" })) };
    it.refused("caro", { kind: "ack" }, "person/frozen", /^You are frozen/);
  });

  test("given back calls those on call at once", () => {
    const it = new WatchDriver();
    it.measures("firing");
    it.refused("caro", { kind: "giveBack", alert: "alert-1" }, "ack/nobody", /^Nobody has acknowledged/);
    it.does("finn", { kind: "ack" });
    expect(it.does("finn", { kind: "giveBack", alert: "alert-1" })).toEqual(["ackEnded", "paged"]);
    expect(it.pages.at(-1)).toMatchObject({ people: "caro", cause: "given back" });
  });
});

test("pagers get another incident once somebody had taken the last: for the same one they would not ring again", () => {
  const it = new WatchDriver({ primary: ["caro"], secondary: ["dev"], pagersFrom: 1 });
  it.measures("firing");
  it.waits(11);
  expect(it.alert().paging.incidents).toBe(1);
  it.does("caro", { kind: "ack" });
  it.waits(15);
  expect(it.alert().paging.incidents).toBe(2);
  it.waits(10);
  expect(it.alert().paging.incidents).toBe(2);
});
