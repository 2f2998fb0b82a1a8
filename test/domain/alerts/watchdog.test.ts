/** A heartbeat that never came runs out like one that stopped, and no ceremony goes on without. */

import { describe, expect, test } from "vitest";
import { isDown, LIMIT, syntheticBreach, watchdogRefusal } from "../../../src/domain/alerts/watchdog.ts";
import type { CanaryReport } from "../../../src/domain/canary.ts";
import { decide } from "../../../src/domain/decide.ts";
import type { Intent } from "../../../src/domain/intent.ts";
import { ceremonyAt, type Stage } from "../../support/given.ts";
import { mainnet } from "../../support/sample-council.ts";
import { WatchDriver } from "../../support/watch-driver.ts";

describe("the watchdog", () => {
  test("is armed once, and anew where the platforms are others", () => {
    const it = new WatchDriver();
    const arm = (...platforms: string[]) => it.does("quorate", { kind: "armWatchdog", platforms });
    expect(arm("slack", "discord")).toEqual(["watchdogArmed"]);
    expect(arm("discord", "slack")).toEqual([]);
    expect(arm("slack")).toEqual(["watchdogArmed"]);
  });

  test("goes down once and comes back once; never registered it does neither", () => {
    const it = new WatchDriver();
    expect(it.does("quorate", { kind: "watchdogDown", last: undefined })).toEqual([]);
    it.does("quorate", { kind: "armWatchdog", platforms: ["slack"] });
    expect(it.does("quorate", { kind: "watchdogUp", platform: "slack" })).toEqual([]);
    expect(it.does("quorate", { kind: "watchdogDown", last: 5n })).toEqual(["watchdogExpired"]);
    expect(it.does("quorate", { kind: "watchdogDown", last: 5n })).toEqual([]);
    expect(it.does("quorate", { kind: "watchdogUp", platform: "slack" })).toEqual(["watchdogRestored"]);
  });

  test("is down without a heartbeat, also where none ever came; two may be late", () => {
    expect(isDown({ armed: true, age: 1n, arrived: false })).toBe(true);
    expect(isDown({ armed: true, age: LIMIT, arrived: true })).toBe(false);
    expect(isDown({ armed: true, age: LIMIT + 1n, arrived: true })).toBe(true);
    expect(isDown({ armed: false, age: 1_000_000n, arrived: false })).toBe(false);
    expect(watchdogRefusal(undefined)).toBeUndefined();
  });

  test("is judged by the call that judges what is measured", () => {
    expect(syntheticBreach(mainnet).entries).toMatchObject([{ judged: "call", reason: "" }]);
  });
});

describe("while the watchdog is down", () => {
  const down = { armed: true, age: 200n, arrived: true };
  const asked = (stage: Stage, want: (by: Intent["by"]) => Intent, who: string) => {
    const it = ceremonyAt(stage);
    const intent = want({ person: who, account: `console:${who}` });
    const now = { wall: it.wall, chains: [it.block(mainnet)] };
    const code = (watchdog?: typeof down) => {
      const decision = decide(it.state, intent, it.policy, { ...now, ...(watchdog && { watchdog }) });
      return decision.ok ? "ok" : decision.refusal.code;
    };
    return { up: code(), down: code(down) };
  };
  /** Of another phase: what is refused for it comes after the watchdog. */
  const report = { phase: "elsewhere" } as CanaryReport;

  test.each([
    ["signing", "schedule", (by: Intent["by"]): Intent => ({ kind: "schedule", by, safes: [], legs: [] }), "ada"],
    ["ready", "execute", (by: Intent["by"]): Intent => ({ kind: "execute", by, legs: [] }), "eve"],
    ["canary", "advance", (by: Intent["by"]): Intent => ({ kind: "advance", gate: [], by, report }), "ben"],
    [
      "held",
      "resume",
      (by: Intent["by"]): Intent => ({ kind: "resume", by, cause: "fine", stillContained: false, report }),
      "ben",
    ],
  ] as const)("%s: nobody can %s", (stage, _what, want, who) => {
    const found = asked(stage, want, who);
    expect(found.down).toBe("watchdog/down");
    expect(found.up).not.toBe("watchdog/down");
  });

  test.each([
    ["canary", (by: Intent["by"]): Intent => ({ kind: "hold", by, reason: "wait" }), "caro"],
    ["in review", (by: Intent["by"]): Intent => ({ kind: "deny", by, reason: "no" }), "ben"],
    ["scheduled", (by: Intent["by"]): Intent => ({ kind: "cancel", by, reason: "no" }), "ada"],
  ] as const)("%s: stopping works as before", (stage, want, who) => {
    expect(asked(stage, want, who)).toEqual({ up: "ok", down: "ok" });
  });
});
