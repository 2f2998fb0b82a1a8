/** The page line by line, one message a page, and one thread and one list: what everybody sees of an alert. */

import { describe, expect, test } from "vitest";
import { commands } from "../../commands/index.ts";
import { alertEntries } from "../../src/alert-entries.ts";
import { alertCard } from "../../src/ceremonies/cards/alert-card.ts";
import { ceremonyCard } from "../../src/ceremonies/cards/ceremony-card.ts";
import { whileUnwatched } from "../../src/ceremonies/cards/unwatched-card.ts";
import { consequences } from "../../src/ceremonies/consequences.ts";
import { unwatchedSentence } from "../../src/domain/alerts/watchdog.ts";
import { viewText } from "../../src/terminal/view-text.ts";
import type { Card } from "../../src/view.ts";
import { headlineOf, titleBeside } from "../../src/view.ts";
import { ceremonyAt } from "../support/given.ts";
import { mainnet } from "../support/sample-council.ts";
import { signalOf, WatchDriver } from "../support/watch-driver.ts";

const cardOf = (it: WatchDriver, called: string[] = []) =>
  alertCard(it.alert(), { state: it.state, policy: it.policy, now: it.now }, called);

/** Everything that the events since a moment put into the outbox. */
function entriesSince(it: WatchDriver, from: number, pagers: string[] = []) {
  const setting = { state: it.state, policy: it.policy, now: it.now };
  return alertEntries(setting, it.log.slice(from), ["slack"], pagers);
}
const cardsSince = (it: WatchDriver, from: number) =>
  entriesSince(it, from).flatMap((one) => ("card" in one.payload ? [one.payload.card as Card] : []));

const firing = (severity: 1 | 2 | 3 = 1) => {
  const it = new WatchDriver();
  it.measures("firing", severity);
  return it;
};

describe("the page", () => {
  test("says in its first line what, how bad, where, who must act by when", () => {
    // START is 08:00 UTC.
    const card = cardOf(firing(), ["caro"]);
    expect(card.title).toBe(
      "SEV1 BREACH · Vault solvency 9,871 bps (< 10,000) · Chain eip155:31337 · @Caro: acknowledge by 08:05 UTC (5 min)",
    );
    expect(card.actions[0]).toMatchObject({
      label: "Acknowledge",
      command: "ack",
      options: { alert: "alert-1" },
      style: "primary",
    });
    expect(card.mentions).toEqual(["caro"]);
    expect(card.urgent).toBe(true);
  });

  test("says in its second line block, sources, digest and exposure; in its third the runbook and who is next", () => {
    const card = cardOf(firing());
    expect(card.summary).toMatch(
      /^Block 19,000,000 · 2\/3 sources · digest 0x[0-9a-f]{16}… · exposure at most 1,000 wei\.$/,
    );
    expect(card.sections).toMatchObject([{ title: "Runbook", lines: ["Pause the vault.", "Next at 08:05 UTC: Dev."] }]);
  });

  test("says that it is silent once a second person has agreed, and calls again once that is over", () => {
    const it = firing();
    it.does("caro", { kind: "silence", subject: { alert: "alert-1" }, lasts: 3600n, reason: "known" });
    const from = it.log.length;
    it.does("dev", { kind: "confirmSilence", silence: "silence-1" });
    const silent = cardsSince(it, from);
    expect(silent.find((one) => one.key === "UP-1/alert-1/1")?.title).toMatch(/ · silent until 09:00 UTC: known$/);
    expect(silent.find((one) => one.key === "UP-1/alerts")?.sections[0]?.lines[0]).toContain("SEV1 silenced");
    const before = it.log.length;
    it.does("caro", { kind: "ack", alert: "alert-1" });
    it.does("dev", { kind: "endSilence", silence: "silence-1" });
    expect(cardsSince(it, before).map((one) => one.key)).toContain("UP-1/alert-1/1");
  });

  test("of an incident belongs to no ceremony, promises no containment, and is over once two have settled it", () => {
    const it = new WatchDriver();
    const { digest: _digest, ...facts } = signalOf("firing", 1).facts;
    const about = { ceremony: "", metric: "inc-0badc0de" };
    it.does("quorate", {
      kind: "signal",
      signal: { ...signalOf("firing", 1), ...about, facts: { ...facts, digest: undefined } },
    });
    const card = cardOf(it);
    expect(card.summary).toContain(" · of no ceremony · ");
    expect(card.footer).toMatch(/^alert-1 · severity 1 · firing, unacked · log/);
    it.refused(
      "caro",
      { kind: "resolve", alert: "alert-1", note: "A hotfix", accept: false },
      "resolve/firing",
      /^alert-1 is firing until two people have settled INC-0badc0de: \/upgrade settle INC-0badc0de\./,
    );
  });

  test("reads in a terminal in this very order", () => {
    const lines = viewText(cardOf(firing()), { colour: false })
      .split("\n")
      .map((one) => one.trim());
    expect(lines[0]).toBe(
      "✗ SEV1 BREACH · Vault solvency 9,871 bps (< 10,000) · Chain eip155:31337 · @Caro: acknowledge by 08:05 UTC (5 min)",
    );
    expect(lines[1]).toMatch(/^Block 19,000,000/);
    expect(lines.slice(2, 5)).toEqual(["Runbook:", "Pause the vault.", "Next at 08:05 UTC: Dev."]);
  });

  test("goes on to say who has it, that it is silent, contained, cleared, and what it was", () => {
    const it = firing(2);
    it.waits(15, 60n);
    expect(cardOf(it).title).toMatch(/^SEV2 ESCALATED · .* · @Dev: acknowledge by 08:30 UTC \(15 min\)$/);
    it.waits(15, 60n);
    expect(cardOf(it).title).toMatch(/ · @Caro, @Dev, @Finn, @Gus: acknowledge now$/);
    it.does("dev", { kind: "ack" });
    expect(cardOf(it)).toMatchObject({
      status: "SEV2 ACKNOWLEDGED",
      actions: [{ label: "Contain" }, { label: "Silence…" }, { label: "Give back" }],
    });
    expect(cardOf(it).title).toMatch(/Dev has it until 09:30 UTC$/);
    it.measures("firing", 2, { containment: "confirmed" });
    expect(cardOf(it)).toMatchObject({
      status: "SEV2 CONTAINED",
      actions: [{ label: "Silence…" }, { label: "Give back" }],
    });
    it.measures("cleared", 2, { containment: "confirmed" });
    expect(cardOf(it).actions).toMatchObject([
      { label: "Resolve…", options: { alert: "alert-1", resolve: "true", accept: "true" } },
    ]);
    it.does("dev", { kind: "resolve", alert: "alert-1", note: "The oracle was late.", accept: true });
    expect(cardOf(it)).toMatchObject({ status: "SEV2 RESOLVED", tone: "good", actions: [] });
    expect(cardOf(it).title).toMatch(/by Dev: The oracle was late\.$/);
  });

  test("of a ceremony that has ended offers a guardian to end it, and no containment any more", () => {
    const it = firing(1);
    it.measures("firing", 1, { over: true });
    expect(cardOf(it).title).toMatch(/ · UP-1 has ended and measures it no more: a guardian resolves it$/);
    expect(cardOf(it).footer).toContain("firing when its ceremony ended, unacked");
    expect(cardOf(it).actions).toMatchObject([
      { label: "Resolve…", options: { alert: "alert-1", resolve: "true", accept: "true" } },
      { label: "Acknowledge" },
      { label: "Silence…" },
    ]);
  });

  test("of which nobody is on call says so, and which level had nobody", () => {
    const it = new WatchDriver({ primary: ["caro"] });
    it.policy = { ...it.policy, people: it.policy.people.map((one) => ({ ...one, frozen: true })) };
    it.measures("firing");
    expect(cardOf(it).title).toMatch(/nobody is on call, whoever reads this: acknowledge by/);
    const notes = cardsSince(it, 0)
      .filter((one) => one.audience.kind === "thread")
      .map((one) => one.title);
    expect(notes.at(-1)).toMatch(
      /^Called at level 3 \(raised\): nobody, and the pagers\. Nobody was there at level 1 and 2\.$/,
    );
  });

  test("of a test says that it is one, and offers to acknowledge it", () => {
    const it = new WatchDriver();
    it.does("ada", { kind: "testAlert", severity: 1, chain: mainnet });
    expect(cardOf(it)).toMatchObject({ status: "SEV1 TEST", actions: [{ label: "Acknowledge" }] });
    expect(cardOf(it).title).toMatch(/^SEV1 TEST · Test by Ada: nothing is wrong · /);
  });

  test("has no button that its command does not take", () => {
    const it = firing();
    const cards = [cardOf(it)];
    it.does("caro", { kind: "ack" });
    cards.push(cardOf(it));
    it.measures("cleared", 1, { containment: "confirmed" });
    cards.push(cardOf(it));
    for (const action of cards.flatMap((one) => one.actions)) {
      const command = commands.find((one) => one.name === action.command);
      const names = command?.options.map((one) => one.name) ?? [];
      expect(Object.keys(action.options).filter((name) => !names.includes(name))).toEqual([]);
    }
  });
});

describe("messages", () => {
  test("are one a page, because an edit wakes nobody; everything else edits the newest", () => {
    const it = firing();
    const first = cardsSince(it, 0);
    expect(first.filter((one) => one.urgent).map((one) => one.key)).toEqual(["UP-1/alert-1/1"]);
    let from = it.log.length;
    it.waits(5);
    const second = cardsSince(it, from).filter((one) => one.urgent);
    expect(second.map((one) => [one.key, one.mentions, one.actions.length])).toEqual([
      ["UP-1/alert-1/2", ["dev"], 3],
      ["UP-1/alert-1/1", [], 0],
    ]);
    from = it.log.length;
    it.does("dev", { kind: "ack" });
    expect(
      cardsSince(it, from)
        .filter((one) => one.urgent)
        .map((one) => [one.key, one.mentions]),
    ).toEqual([["UP-1/alert-1/2", []]]);
  });

  test("of a breach have one thread, below the first; the list of a ceremony is one message", () => {
    const it = firing();
    it.waits(10);
    it.measures("firing", 1, { metric: "liveness" });
    const cards = cardsSince(it, 0);
    const threads = cards.flatMap((one) => (one.audience.kind === "thread" ? [one.audience.of] : []));
    expect(new Set(threads)).toEqual(new Set(["UP-1/alert-1/1", "UP-1/alert-2/1"]));
    const lists = cards.filter((one) => one.key === "UP-1/alerts");
    expect(lists).toHaveLength(1);
    expect(lists[0]?.sections[0]?.lines).toHaveLength(2);
  });

  test("of severity 3 are in the list and its thread alone, and call nobody", () => {
    const cards = cardsSince(firing(3), 0);
    expect(cards.some((one) => one.urgent)).toBe(false);
    expect(cards.map((one) => one.key)).toEqual(["UP-1/alerts", "UP-1/alerts/note/1"]);
    expect(cards.flatMap((one) => one.mentions)).toEqual([]);
  });

  test("wait for nothing but their own: a note that cannot be posted holds no page back", () => {
    const it = firing();
    it.waits(5);
    const lanes = new Map<string, Set<string>>();
    for (const { kind, lane } of entriesSince(it, 0, ["pagerduty"]))
      lanes.set(kind, (lanes.get(kind) ?? new Set()).add(lane));
    expect([...(lanes.get("page") ?? [])]).toEqual(["alert:alert-1@slack"]);
    expect(lanes.get("card")).not.toContain("alert:alert-1@slack");
  });

  test("to pagers ring, are told who took it, and of the end, under one key", () => {
    const it = firing();
    it.waits(10);
    it.does("caro", { kind: "ack" });
    it.measures("cleared");
    it.does("caro", { kind: "resolve", alert: "alert-1", note: "Fine.", accept: false });
    const told = entriesSince(it, 0, ["pagerduty", "webhook"]).filter((one) => one.kind === "pager");
    const messages = told
      .filter((one) => one.payload.pager === "pagerduty")
      .map((one) => one.payload.message as Record<string, string>);
    expect(messages.map((one) => one.action)).toEqual(["trigger", "acknowledge", "resolve"]);
    expect(new Set(messages.map((one) => one.dedupKey))).toEqual(new Set([`quorate/${it.alert().key}/1`]));
    expect(told).toHaveLength(6);
    expect(new Set(told.map((one) => one.key)).size).toBe(6);
  });
});

test("a title that begins with the state is the whole line; one that does not has it put before", () => {
  const both = { status: "SEV1 breach", title: "SEV1 BREACH · Vault solvency" };
  expect(headlineOf(both, ": ")).toBe("SEV1 BREACH · Vault solvency");
  expect(titleBeside(both)).toBe("Vault solvency");
  expect(headlineOf({ status: "in review", title: "UP-1" }, ": ")).toBe("IN REVIEW: UP-1");
  expect(titleBeside({ status: "in review", title: "UP-1" })).toBe("UP-1");
  expect(titleBeside({ status: "on call", title: "On call" })).toBe("On call");
});

test("a signal without a ceremony is about no ceremony's page", () => {
  const it = new WatchDriver();
  it.does("quorate", { kind: "signal", signal: signalOf("firing", 1, { ceremony: "" }) });
  expect(cardOf(it).key).toBe("alerts/alert-1/1");
  expect(cardOf(it).actions.map((one) => one.label)).toEqual(["Acknowledge", "Silence…"]);
});

describe("a ceremony's card", () => {
  const why = unwatchedSentence({ armed: true, age: 200n, arrived: true });

  test("says first what it waits for while nobody would be woken", () => {
    const it = ceremonyAt("canary");
    const plain = ceremonyCard(it.state, it.policy);
    const card = whileUnwatched(plain, it.state, why);
    expect(card.sections[0]).toEqual({
      title: "Waits for the watchdog",
      style: "plain",
      lines: [
        "Nothing goes on while nobody would be woken: the last heartbeat arrived 200 s ago, and one has to every 60 s.",
      ],
    });
    expect(card.tone).toBe("warning");
    expect(whileUnwatched(plain, it.state, undefined)).toBe(plain);
    const shown = consequences(it.state, [], it.policy, ["slack"], why)[0]?.payload.card as Card;
    expect(shown.sections[0]?.title).toBe("Waits for the watchdog");
  });

  test("of a ceremony that is over waits for nothing", () => {
    const it = ceremonyAt("closed");
    const plain = ceremonyCard(it.state, it.policy);
    expect(whileUnwatched(plain, it.state, why)).toBe(plain);
  });
});
