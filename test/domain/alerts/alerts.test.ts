/** One alert a subject: what makes it, what changes it, and that only a cleared one can be over, by somebody's word. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { alertKey, type Condition } from "../../../src/domain/alerts/alert.ts";
import { type AlertEvent, storedAlertEvent } from "../../../src/domain/alerts/alert-events.ts";
import { mainnet, rollup } from "../../support/sample-council.ts";
import { signalOf, WatchDriver } from "../../support/watch-driver.ts";

describe("one subject", () => {
  test("is one alert, whatever its value and severity, and is raised once", () => {
    const it = new WatchDriver();
    expect(it.measures("firing", 2)).toEqual(["alertRaised", "paged"]);
    expect(it.measures("firing", 2)).toEqual([]);
    const { facts } = signalOf("firing");
    expect(it.measures("firing", 2, { facts: { ...facts, what: "Vault solvency 12 bps (< 10,000)" } })).toEqual([]);
    expect(it.state.alerts).toHaveLength(1);
  });

  test("is told from others by ceremony, chain, metric and target alone", () => {
    const subject = { ceremony: "UP-1", chain: mainnet, metric: "solvency", target: "protocol" };
    const others = [{ ceremony: "" }, { chain: rollup }, { metric: "liveness" }, { target: "other" }];
    const keys = [subject, ...others.map((one) => ({ ...subject, ...one }))].map(alertKey);
    expect(new Set(keys).size).toBe(5);
    // Joined without a border these two would be the same.
    expect(alertKey({ ...subject, metric: "a", target: "bc" })).not.toBe(
      alertKey({ ...subject, metric: "ab", target: "c" }),
    );
  });

  test("that gets worse is called anew and from the first level on; its severity never falls", () => {
    const it = new WatchDriver();
    it.measures("firing", 2);
    it.waits(16);
    it.does("dev", { kind: "ack" });
    expect(it.measures("firing", 1)).toEqual(["severityRaised", "paged"]);
    expect(it.pages.at(-1)).toMatchObject({ level: 1, people: "caro", cause: "worse" });
    expect(it.alert().ownership).toEqual({ is: "unacked" });
    expect(it.measures("firing", 2)).toEqual([]);
    expect(it.alert().severity).toBe(1);
  });

  test("is written as long as the log takes it, whatever a chain or an attacker makes it say, and read back", () => {
    const long = fc.string({ unit: "binary", maxLength: 1200 });
    fc.assert(
      fc.property(long, long, long, long, (what, exposure, runbook, action) => {
        const it = new WatchDriver();
        const { facts } = signalOf("firing");
        const containment = { id: "pause", action };
        it.measures("firing", 1, { facts: { ...facts, what, exposure, runbook, containment } });
        // The driver takes each event through the form that is kept.
        expect(it.log.map((one) => one.type)).toContain("alertRaised");
        expect(it.alert().facts.what.slice(0, 399)).toBe(what.toWellFormed().slice(0, 399));
      }),
      { numRuns: 30 },
    );
  });

  test("that could not be read back is not written", () => {
    const it = new WatchDriver();
    it.measures("firing");
    const [raised] = it.log;
    const broken = { ...raised, data: { ...raised?.data, target: "x".repeat(81) } } as AlertEvent;
    expect(() => storedAlertEvent(broken)).toThrow(/alertRaised cannot be written: target: /);
  });

  test("that was cleared and fires again is the same alert, and calls again", () => {
    const it = new WatchDriver();
    it.measures("firing");
    it.does("caro", { kind: "ack" });
    it.measures("cleared");
    expect(it.measures("firing")).toEqual(["conditionChanged", "paged"]);
    expect(it.pages.at(-1)?.cause).toBe("raised again");
    expect(it.state.alerts).toHaveLength(1);
  });

  test("that is resolved and fires again is a new alert", () => {
    const it = new WatchDriver();
    it.measures("firing");
    it.measures("cleared");
    it.does("caro", { kind: "resolve", alert: "alert-1", note: "A wrong oracle.", accept: false });
    expect(it.measures("firing")).toEqual(["alertRaised", "paged"]);
    expect(it.state.alerts.map((one) => one.id)).toEqual(["alert-1", "alert-2"]);
  });
});

describe("a suspicion", () => {
  test("calls nobody; once it fires it does, and where it passes it is over by itself", () => {
    const it = new WatchDriver();
    expect(it.measures("pending")).toEqual(["alertRaised"]);
    it.waits(60, 30n);
    expect(it.pages).toEqual([]);
    expect(it.label()).toBe("pending");
    expect(it.measures("firing")).toEqual(["conditionChanged", "paged"]);
    const other = new WatchDriver();
    other.measures("pending");
    expect(other.measures("cleared")).toEqual(["conditionChanged", "resolved"]);
  });

  test("is not what a breach falls back to", () => {
    const it = new WatchDriver();
    it.measures("firing");
    expect(it.measures("pending")).toEqual([]);
    expect(it.alert().condition).toBe("firing");
  });

  test("nothing begins with a value that is well", () => {
    const it = new WatchDriver();
    expect(it.measures("cleared")).toEqual([]);
    expect(it.measures("clearing")).toEqual([]);
  });
});

describe("absence", () => {
  test("resolves nothing and clears nothing: without samples it fires, and calls, for as long as it takes", () => {
    const it = new WatchDriver();
    it.measures("firing");
    it.waits(3 * 24 * 60, 900n);
    expect(it.alert().condition).toBe("firing");
    expect(it.alert().resolved).toBeUndefined();
    expect(it.pages.length).toBeGreaterThan(280);
  });

  test("of somebody's word leaves a cleared alert open, and it calls nobody", () => {
    const it = new WatchDriver();
    it.measures("firing");
    it.measures("clearing");
    expect(it.label()).toBe("clearing");
    it.measures("cleared");
    const { length } = it.pages;
    it.waits(600, 60n);
    expect(it.pages).toHaveLength(length);
    expect(it.label()).toBe("cleared");
  });
});

test("while orphaned blocks are measured again the alert stays open, whatever those blocks said", () => {
  const it = new WatchDriver();
  it.measures("firing");
  expect(it.measures("cleared", 1, { rechecking: true })).toEqual(["recheckChanged"]);
  expect(it.alert().condition).toBe("firing");
  expect(it.label()).toBe("rechecking");
  it.waits(5);
  expect(it.pages).toHaveLength(2);
  it.refused("caro", { kind: "resolve", alert: "alert-1", note: "fine", accept: false }, "resolve/firing", /is firing/);
  expect(it.measures("cleared")).toEqual(["recheckChanged", "conditionChanged"]);
});

test("nothing is resolved while the blocks that cleared it are measured again", () => {
  const it = new WatchDriver();
  it.measures("firing");
  it.measures("cleared");
  it.measures("cleared", 1, { rechecking: true });
  const wanted = { kind: "resolve", alert: "alert-1", note: "fine", accept: false } as const;
  it.refused("caro", wanted, "resolve/rechecking", /after a reorganisation: wait until that is done/);
  it.measures("cleared");
  expect(it.does("caro", wanted)).toEqual(["resolved"]);
});

describe("resolving", () => {
  const cleared = () => {
    const it = new WatchDriver();
    it.measures("firing");
    it.measures("cleared");
    return it;
  };
  const wanted = { kind: "resolve", alert: "alert-1", note: "The oracle was late.", accept: false } as const;

  test("takes that it is cleared, and a note", () => {
    const it = new WatchDriver();
    it.measures("firing");
    it.refused("caro", wanted, "resolve/firing", /only what is cleared/);
    it.measures("clearing");
    it.refused("caro", wanted, "resolve/firing", /is clearing/);
    it.measures("cleared");
    it.refused("caro", { ...wanted, note: " " }, "resolve/note", /^Say what it was/);
    it.refused("eve", wanted, "alert/part", /not yours/);
    expect(it.does("caro", wanted)).toEqual(["resolved"]);
    expect(it.alert().resolved).toMatchObject({ by: "caro", note: "The oracle was late." });
    it.refused("caro", wanted, "alert/resolved", /resolved already/);
  });

  test.each(["submitted", "confirmed", "failed"] as const)(
    "takes that a containment that is %s is lifted or accepted",
    (containment) => {
      const it = cleared();
      it.measures("cleared", 1, { containment });
      it.refused("caro", wanted, "resolve/contained", /accept=true/);
      it.refused("ada", { ...wanted, accept: true }, "role", /guardian/);
      expect(it.does("caro", { ...wanted, accept: true })).toEqual(["containmentAccepted", "resolved"]);
    },
  );

  test("of what its ceremony left unsolved takes a guardian who says so: nothing will ever measure it again", () => {
    const it = new WatchDriver();
    it.measures("firing", 1, { containment: "confirmed" });
    it.refused("caro", { ...wanted, accept: true }, "resolve/firing", /is measured on every block/);
    expect(it.measures("firing", 1, { containment: "confirmed", over: true })).toEqual(["measuringEnded"]);
    expect(it.measures("firing", 1, { containment: "confirmed", over: true })).toEqual([]);
    expect(it.alert().resolved).toBeUndefined();
    it.refused("caro", wanted, "resolve/stranded", /^UP-1 has ended while alert-1 was firing.* accept=true\.$/);
    it.refused("caro", { ...wanted, accept: true, note: "" }, "resolve/note", /^Say what it was/);
    it.refused("ada", { ...wanted, accept: true }, "role", /never seen to pass takes the word of a guardian/);
    expect(it.does("caro", { ...wanted, accept: true })).toEqual(["containmentAccepted", "resolved"]);
  });

  test("of what its ceremony left unsolved is nobody's until then: it calls as before", () => {
    const it = new WatchDriver();
    it.measures("firing");
    it.measures("firing", 1, { over: true });
    it.waits(5);
    expect(it.pages.map((one) => one.level)).toEqual([1, 2]);
    it.refused("caro", wanted, "resolve/stranded", /accept=true/);
    it.refused("ada", { ...wanted, accept: true }, "role", /never seen to pass takes the word of a guardian/);
    expect(it.does("caro", { ...wanted, accept: true })).toEqual(["resolved"]);
  });

  test("of what its ceremony left unsolved waits for no blocks: they will never be measured again", () => {
    const it = new WatchDriver();
    it.measures("firing");
    it.measures("firing", 1, { over: true, rechecking: true });
    it.refused("caro", wanted, "resolve/stranded", /accept=true/);
    expect(it.does("caro", { ...wanted, accept: true })).toEqual(["resolved"]);
  });

  test("of what was cleared before its ceremony ended takes no more than it took", () => {
    const it = cleared();
    it.measures("cleared", 1, { over: true });
    expect(it.does("caro", wanted)).toEqual(["resolved"]);
  });

  test("goes on once it is lifted on the chain", () => {
    const it = cleared();
    it.measures("cleared", 1, { containment: "confirmed" });
    expect(it.label()).toBe("contained");
    expect(it.measures("cleared", 1, { containment: "confirmed", lifted: true })).toEqual(["containmentLifted"]);
    expect(it.measures("cleared", 1, { containment: "confirmed", lifted: true })).toEqual([]);
    expect(it.does("caro", wanted)).toEqual(["resolved"]);
  });
});

describe("containment", () => {
  test("is said apart from the condition and the ownership, and is not forgotten", () => {
    const it = new WatchDriver();
    it.measures("firing");
    expect(it.alert().containment).toBe("proposed");
    it.does("caro", { kind: "ack" });
    it.measures("firing", 1, { containment: "submitted" });
    expect(it.label()).toBe("containing");
    expect(it.measures("firing", 1, { containment: "proposed" })).toEqual([]);
    it.measures("firing", 1, { containment: "failed" });
    expect(it.label()).toBe("containment failed");
    it.measures("firing", 1, { containment: "submitted" });
    it.measures("firing", 1, { containment: "confirmed" });
    expect(it.label()).toBe("contained");
    expect(it.alert()).toMatchObject({ condition: "firing", ownership: { is: "acked", person: "caro" } });
  });

  test("that is lifted before it was confirmed is not over", () => {
    const it = new WatchDriver();
    it.measures("firing");
    expect(it.measures("firing", 1, { containment: "submitted", lifted: true })).toEqual(["containmentChanged"]);
    expect(it.alert().containmentOver).toBeUndefined();
  });
});

describe("a test alert", () => {
  test("goes the way of a breach, and is over once somebody has seen it", () => {
    const it = new WatchDriver();
    expect(it.does("eve", { kind: "testAlert", severity: 1, chain: mainnet })).toEqual(["alertRaised", "paged"]);
    it.refused("eve", { kind: "testAlert", severity: 1, chain: mainnet }, "test/open", /alert-1 ends it/);
    it.waits(5);
    expect(it.called()).toEqual(["0: caro", "5: dev"]);
    expect(it.does("dev", { kind: "ack" })).toEqual(["acked", "resolved"]);
    it.waits(60, 60n);
    expect(it.pages).toHaveLength(2);
  });

  test("hides no breach, not even one of a metric that is called the same", () => {
    const it = new WatchDriver();
    it.does("caro", { kind: "testAlert", severity: 1, chain: mainnet });
    expect(it.measures("firing", 1, { ceremony: "", metric: "test", target: "caro" })).toEqual([
      "alertRaised",
      "paged",
    ]);
  });
});

test("in no order of signals is a breach lost, made twice, or over without a word", () => {
  const step = fc.record({
    condition: fc.constantFrom<Condition>("pending", "firing", "clearing", "cleared"),
    severity: fc.constantFrom(1 as const, 2 as const, 3 as const),
    rechecking: fc.boolean(),
    minutes: fc.nat(40),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
      const it = new WatchDriver();
      let fired = false;
      let last: Condition | undefined;
      for (const { condition, severity, rechecking, minutes } of steps) {
        it.measures(condition, severity, { rechecking });
        fired ||= condition === "firing";
        if (!rechecking || condition === "firing") last = condition;
        it.sleeps(minutes);
        const open = it.state.alerts.filter((one) => one.resolved === undefined);
        expect(open.length).toBeLessThanOrEqual(1);
        if (last === "firing") expect(open[0]?.condition).toBe("firing");
      }
      const everFired = it.state.alerts.filter((one) => one.paging.posts > 0);
      for (const one of everFired) expect(one.resolved).toBeUndefined();
      if (fired) expect(it.state.alerts.some((one) => one.resolved === undefined)).toBe(true);
    }),
    { numRuns: 300 },
  );
});
