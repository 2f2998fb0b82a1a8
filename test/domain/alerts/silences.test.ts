/** Silences end, and what still fires then is said again: also what began while all was quiet. */

import { describe, expect, test } from "vitest";
import { WatchDriver } from "../../support/watch-driver.ts";

const HOUR = 3_600n;
const one = (lasts = HOUR, reason = "The oracle is being moved.") =>
  ({ kind: "silence", subject: { alert: "alert-1" }, lasts, reason }) as const;
const ofMetric = (metric: string, lasts = HOUR) =>
  ({ kind: "silence", subject: { metric }, lasts, reason: "Maintenance." }) as const;

const firing = (severity: 1 | 2 = 2) => {
  const it = new WatchDriver();
  it.measures("firing", severity);
  return it;
};

describe("a silence", () => {
  test("lasts four hours at most, and has a reason", () => {
    const it = firing();
    it.refused("caro", one(4n * HOUR + 1n), "silence/long", /four hours at most/);
    it.refused("caro", one(0n), "silence/long", /four hours at most/);
    it.refused("caro", one(HOUR, "  "), "silence/reason", /^Say why/);
    expect(it.does("caro", one(4n * HOUR))).toEqual(["silenceAsked", "silenced"]);
  });

  test("stops the calls of severity 2 by one person's word, and its end calls from the first level on", () => {
    const it = firing();
    it.does("caro", one());
    expect(it.label()).toBe("silenced");
    it.waits(59.9, 6n);
    expect(it.pages).toHaveLength(1);
    it.waits(0.1, 6n);
    expect(it.pages.at(-1)).toMatchObject({ minute: 60, level: 1, people: "caro", cause: "silence ended" });
    it.waits(15, 6n);
    expect(it.pages.at(-1)).toMatchObject({ minute: 75, level: 2, cause: "escalated" });
  });

  test("of severity 1 takes two people, and calls go on until the second agrees", () => {
    const it = firing(1);
    expect(it.does("caro", one())).toEqual(["silenceAsked"]);
    it.waits(5);
    expect(it.pages).toHaveLength(2);
    it.refused("caro", { kind: "confirmSilence", silence: "silence-1" }, "silence/alone", /second person/);
    it.refused("eve", { kind: "confirmSilence", silence: "silence-1" }, "silence/alone", /not yours/);
    expect(it.does("dev", { kind: "confirmSilence", silence: "silence-1" })).toEqual(["silenced"]);
    expect(it.state.silences[0]?.people).toEqual(["caro", "dev"]);
    it.waits(54, 6n);
    expect(it.pages).toHaveLength(2);
  });

  test("that nobody agrees to within 15 minutes is none", () => {
    const it = firing(1);
    it.does("caro", one());
    it.waits(15);
    expect(it.state.silences[0]?.state).toBe("ended");
    it.refused(
      "dev",
      { kind: "confirmSilence", silence: "silence-1" },
      "silence/unknown",
      /no silence that is under way/,
    );
  });

  test("by one person does not hold once it gets as bad as severity 1", () => {
    const it = firing(2);
    it.does("caro", one());
    expect(it.measures("firing", 1)).toEqual(["severityRaised", "paged"]);
    expect(it.label()).toBe("breach");
    it.waits(10);
    expect(it.called(1)).toEqual(["0: caro", "5: dev", "10: caro,dev,finn,gus"]);
  });

  test("of a metric that policy has at severity 1 takes two people before anything fires", () => {
    const it = new WatchDriver();
    expect(it.does("caro", ofMetric("solvency"))).toEqual(["silenceAsked"]);
    expect(it.does("caro", ofMetric("liveness"))).toEqual(["silenceAsked", "silenced"]);
    it.refused(
      "caro",
      ofMetric("nothing"),
      "silence/metric",
      /Policy has no metric nothing; it has solvency, liveness\./,
    );
  });

  test("says, when it is over, what began in the midst of it", () => {
    const it = new WatchDriver();
    it.does("caro", ofMetric("solvency"));
    it.does("dev", { kind: "confirmSilence", silence: "silence-1" });
    it.waits(20, 60n);
    expect(it.measures("firing")).toEqual(["alertRaised"]);
    it.waits(39, 60n);
    expect(it.pages).toEqual([]);
    it.waits(1, 60n);
    expect(it.pages).toMatchObject([{ minute: 60, cause: "silence ended", people: "caro" }]);
  });

  test("of one alert leaves the others as loud as they are", () => {
    const it = firing();
    it.does("caro", one());
    it.measures("firing", 2, { metric: "liveness" });
    expect(it.pages).toHaveLength(2);
  });

  test("that somebody ends is said at once where it still fires", () => {
    const it = firing();
    it.does("caro", one());
    expect(it.does("dev", { kind: "endSilence", silence: "silence-1" })).toEqual(["silenceEnded", "paged"]);
    it.refused("dev", { kind: "endSilence", silence: "silence-1" }, "silence/unknown", /no silence/);
  });

  test("is not made longer: it ends first, and those on call hear of it", () => {
    const it = firing();
    it.does("caro", one());
    it.refused("dev", one(), "silence/again", /end=silence-1/);
  });

  test("is over for what is acknowledged or cleared without a call", () => {
    const it = firing();
    it.does("caro", one());
    it.does("caro", { kind: "ack", alert: "alert-1" });
    it.waits(59, 60n);
    it.does("caro", { kind: "ack", alert: "alert-1" });
    it.waits(1, 60n);
    expect(it.pages).toHaveLength(1);
    const other = firing();
    other.does("caro", one());
    other.measures("cleared", 2);
    other.waits(60, 60n);
    expect(other.pages).toHaveLength(1);
  });

  test("outlives an acknowledgement that runs out within it, and calls at its end", () => {
    const it = firing(1);
    it.does("caro", { kind: "ack" });
    it.does("caro", one());
    it.does("dev", { kind: "confirmSilence", silence: "silence-1" });
    it.waits(60, 60n);
    expect(it.pages.map((page) => [page.minute, page.cause])).toEqual([
      [0, "raised"],
      [60, "silence ended"],
    ]);
  });
});
