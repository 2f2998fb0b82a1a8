/** Alerts over a real database and outbox: what reaches chat and pagers, and what a restart must not lose. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type AlertDesk, createAlertDesk } from "../../src/alert-desk.ts";
import type { EffectParts } from "../../src/ceremonies/effects.ts";
import { type OutboxWorker, startOutboxWorker } from "../../src/ceremonies/outbox-worker.ts";
import { system } from "../../src/domain/events.ts";
import type { Policy } from "../../src/domain/policy.ts";
import { createPagerDuty } from "../../src/paging/pagerduty.ts";
import { createSignedWebhook } from "../../src/paging/signed-webhook.ts";
import { startWatchdog, type Watchdog } from "../../src/paging/watchdog.ts";
import { ChatFault, type ChatPlatform, type SampleRow, type Store } from "../../src/ports.ts";
import { verifyStore } from "../../src/store/audit.ts";
import { openStore, openStoreToRead } from "../../src/store/open-store.ts";
import type { Card } from "../../src/view.ts";
import { ceremonyAt } from "../support/given.ts";
import {
  type LoopbackDeadman,
  type LoopbackPagerDuty,
  type LoopbackWebhook,
  routingKey,
  startDeadman,
  startPagerDuty,
  startWebhook,
  webhookSecret,
} from "../support/pagers.ts";
import { hashOf, mainnet, START } from "../support/sample-council.ts";
import { signalOf, WatchDriver } from "../support/watch-driver.ts";

let dataDir: string;
let now = START;
let shown: Card[] = [];
let isChatDown = false;
let newest: SampleRow | undefined;
let pagerDuty: LoopbackPagerDuty;
let webhook: LoopbackWebhook;
let deadman: LoopbackDeadman;
let store: Store;
let alerts: AlertDesk;
let outbox: OutboxWorker;
let faults: string[] = [];
let refused: string[] = [];

const clock = { now: () => now };
const policy: Policy = new WatchDriver().policy;
const chat: ChatPlatform = {
  name: "slack",
  async show(card) {
    if (isChatDown) throw new ChatFault("Slack is away.");
    shown.push(card);
  },
};

async function start(): Promise<void> {
  store = await openStore({ dataDir });
  const pagers = [
    createPagerDuty({ routingKey, url: pagerDuty.url, timeoutMs: 30_000 }),
    createSignedWebhook({ url: webhook.url, secret: webhookSecret, clock, timeoutMs: 30_000 }),
  ];
  const parts = {
    ...{ store, clock, policy, platforms: [chat], pagers, chains: { ids: [] }, ledger: { list: async () => [] } },
    pagerRefused: (_pager: string, sentence: string) => void refused.push(sentence),
    heartbeat: async (platform: string, at: bigint) => watchdog?.delivered(platform, at),
  } as unknown as EffectParts;
  outbox = startOutboxWorker(parts, (_item, fault) => void faults.push(fault.message));
  alerts = createAlertDesk({
    ...{ store, policy, clock, platforms: () => ["slack"], pagers: pagers.map((one) => one.name) },
    wake: () => outbox.wake(),
    failing: (ceremony, metric) => (ceremony === "UP-1" && metric === "solvency" ? newest : undefined),
    broken: (fault) => void faults.push(fault.message),
    onFault: (where, fault) => void faults.push(`${where}: ${fault}`),
  });
}
const measured: SampleRow = {
  ...{
    ceremony: "UP-1",
    metric: "solvency",
    chain: mainnet,
    blockNumber: 1n,
    blockHash: hashOf("b"),
    blockTime: START,
  },
  ...{ observedAt: START, value: 0n, verdict: "fail", reason: "" },
};
async function stop(): Promise<void> {
  await watchdog?.stop();
  watchdog = undefined;
  await alerts.stop();
  await outbox.stop();
  await store.close();
}

let watchdog: Watchdog | undefined;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "quorate-alerts-"));
  [now, shown, faults, refused, isChatDown, newest] = [START, [], [], [], false, undefined];
  [pagerDuty, webhook, deadman] = await Promise.all([
    startPagerDuty(),
    startWebhook(() => Number(now)),
    startDeadman(),
  ]);
  await start();
});
afterEach(async () => {
  await stop();
  await Promise.all([pagerDuty.stop(), webhook.stop(), deadman.stop()]);
  await rm(dataDir, { recursive: true, force: true });
});

const fires = () => alerts.act({ kind: "signal", by: system, signal: signalOf("firing") });
const as = (person: string) => ({ person, account: `console:${person}` });
const pages = () =>
  shown.filter((one) => one.urgent && one.mentions.length > 0).map((one) => [one.key, one.mentions.join()]);
async function later(seconds: bigint): Promise<void> {
  now += seconds;
  await alerts.tick();
  outbox.wake();
  await outbox.settled();
}

describe("an alert", () => {
  test("pages at once, escalates, rings elsewhere when everybody is called, and ends everywhere", async () => {
    await fires();
    await outbox.settled();
    expect(pages()).toEqual([["UP-1/alert-1/1", "caro"]]);
    await later(300n);
    await later(300n);
    expect(pages().slice(1)).toEqual([
      ["UP-1/alert-1/2", "dev"],
      ["UP-1/alert-1/3", "caro,dev,finn,gus"],
    ]);
    expect(pagerDuty.rings).toHaveLength(1);
    expect(webhook.messages.map((one) => one.action)).toEqual(["trigger"]);
    await alerts.act({ kind: "ack", by: as("caro") });
    await alerts.act({ kind: "signal", by: system, signal: signalOf("cleared") });
    await alerts.act({ kind: "resolve", by: as("caro"), alert: "alert-1", note: "Late oracle.", accept: false });
    await outbox.settled();
    expect(pagerDuty.incidents.map((one) => one.state)).toEqual(["resolved"]);
    expect(webhook.messages.map((one) => one.action)).toEqual(["trigger", "acknowledge", "resolve"]);
    expect([...pagerDuty.refused, ...webhook.refused, ...faults]).toEqual([]);
  });

  test("of a ceremony that ended with its breach open is said to be measured no more, and can be ended", async () => {
    const { state } = ceremonyAt("canary");
    const block = { chain: "eip155:1" as const, number: 7n, hash: hashOf("b"), timestamp: START };
    const sentence = "Vault solvency is 9,871 bps, and must be at least 10,000 bps";
    const breach = {
      metric: "solvency",
      severity: 1,
      containment: "pause",
      sentence,
      value: "9871",
      block,
      open: true,
    };
    const broken = { ...state, breaches: [breach] };
    await alerts.follow(broken);
    expect(alerts.setting().state.alerts[0]).toMatchObject({ condition: "firing", unmeasured: false });
    await alerts.follow({ ...broken, status: "rolled back" });
    expect(alerts.setting().state.alerts[0]).toMatchObject({ condition: "firing", unmeasured: true });
    const wanted = { kind: "resolve", by: as("caro"), alert: "alert-1", note: "Rolled back.", accept: true } as const;
    expect((await alerts.act(wanted)).ok).toBe(true);
    await later(3600n);
    expect(pages()).toHaveLength(1);
  });

  test("that calls again says what is measured by then", async () => {
    await fires();
    newest = { ...measured, value: 9_500n, blockNumber: 19_000_025n };
    await later(300n);
    expect(shown.findLast((one) => one.urgent && one.mentions.length > 0)).toMatchObject({
      title: expect.stringContaining("SEV1 ESCALATED · Metric solvency 9,500 bps (< 10,000) · "),
      summary: expect.stringMatching(/^Block 19,000,025 · /),
    });
    newest = { ...measured, value: 9_400n, blockNumber: 19_000_050n };
    await alerts.act({ kind: "ack", by: as("dev") });
    await alerts.act({ kind: "giveBack", by: as("dev"), alert: "alert-1" });
    await outbox.settled();
    expect(shown.findLast((one) => one.urgent && one.mentions.length > 0)?.title).toContain("9,400 bps");
    newest = { ...measured, value: null };
    await later(300n);
    expect(shown.findLast((one) => one.urgent && one.mentions.length > 0)?.title).toContain("9,400 bps");
  });

  test("of which a page was due while nothing ran calls at the next start", async () => {
    await fires();
    await stop();
    now += 700n;
    shown = [];
    await start();
    await later(0n);
    expect(pages()).toEqual([["UP-1/alert-1/2", "dev,caro,finn,gus"]]);
  });

  test("whose page was written and not sent before the program died is sent at the next start", async () => {
    isChatDown = true;
    await fires();
    await outbox.settled();
    await stop();
    isChatDown = false;
    now += 10n;
    await start();
    await later(0n);
    expect(pages()).toEqual([["UP-1/alert-1/1", "caro"]]);
  });

  test("rings elsewhere although chat is away, and the other way round", async () => {
    isChatDown = true;
    await fires();
    await later(600n);
    expect(pagerDuty.rings).toHaveLength(1);
    isChatDown = false;
    pagerDuty.misbehave({ kind: "status", status: 503 });
    await later(900n);
    expect(pages().length).toBeGreaterThan(0);
    pagerDuty.misbehave({ kind: "none" });
    await later(60n);
    expect(pagerDuty.incidents).toHaveLength(1);
  });

  test("that a pager will never take is said, and not tried for ever", async () => {
    webhook.misbehave({ kind: "status", status: 422 });
    await fires();
    await later(600n);
    expect(refused).toEqual(["The alert webhook answered 422."]);
    const open = await store.due(now + 1_000_000n, 100);
    expect(open.filter((one) => one.kind === "pager")).toEqual([]);
  });

  test("leaves a log that verifies; one that was tampered with is not gone by", async () => {
    await fires();
    await alerts.act({ kind: "ack", by: as("eve") });
    await outbox.settled();
    const events = await store.read("watch");
    const types = events.map((one) => one.type).filter((type) => type !== "shiftChanged");
    expect(types).toEqual(["alertRaised", "paged", "refused"]);
    const reading = await openStoreToRead({ dataDir });
    expect(await verifyStore(reading)).toMatchObject({ faults: [] });
    await reading.close();
    const lies: Pick<Store, "append" | "read"> = {
      append: store.append,
      read: async (stream) =>
        (await store.read(stream)).map((one) =>
          one.type === "alertRaised" ? { ...one, data: { ...one.data, severity: 3 } } : one,
        ),
    };
    const found: string[] = [];
    const other = createAlertDesk({
      ...{
        store: lies,
        policy,
        clock,
        platforms: () => [],
        pagers: [],
        wake: () => undefined,
        onFault: () => undefined,
      },
      broken: (fault) => void found.push(fault.message),
    });
    await other.stop();
    expect(found).toEqual([expect.stringMatching(/is not to be trusted: it has been tampered with/)]);
  });
});

describe("the watchdog", () => {
  const begin = (finds: () => Promise<boolean> = async () => true) => {
    watchdog = startWatchdog({
      ...{ clock, chains: [mainnet], finds, platforms: () => ["slack"], deadmanUrl: deadman.url },
      async send(platform, at) {
        const lane = `watchdog@${platform}`;
        await store.enqueue("watch", [
          { kind: "heartbeat", key: `${lane}:${at}`, lane, payload: { platform, at: `${at}` } },
        ]);
        outbox.wake();
      },
      arm: async (platforms) => void (await alerts.act({ kind: "armWatchdog", by: system, platforms: [...platforms] })),
      down: async (last) => void (await alerts.act({ kind: "watchdogDown", by: system, last })),
      up: async (platform) => void (await alerts.act({ kind: "watchdogUp", by: system, platform })),
      onFault: (where, fault) => void faults.push(`${where}: ${fault}`),
    });
    return watchdog;
  };
  const passes = async (dog: Watchdog, seconds: bigint) => {
    now += seconds;
    await dog.look();
    outbox.wake();
    await outbox.settled();
  };
  /** The desk looks at the calendar by itself meanwhile. */
  const types = async () =>
    (await store.read("watch")).map((one) => one.type).filter((type) => type.startsWith("watchdog"));

  test("arrives every minute, and only what arrived pings the dead-man's switch", async () => {
    const dog = begin();
    await passes(dog, 0n);
    expect(dog.now()).toMatchObject({ armed: true, arrived: true, age: 0n });
    await expect.poll(() => deadman.pings(), { timeout: 30_000 }).toBe(1);
    await passes(dog, 59n);
    expect(shown.filter((one) => one.key === "watchdog/slack")).toHaveLength(1);
    await passes(dog, 1n);
    await expect.poll(() => deadman.pings(), { timeout: 30_000 }).toBe(2);
    isChatDown = true;
    await passes(dog, 60n);
    await passes(dog, 60n);
    await passes(dog, 0n);
    // Ends with what it has begun.
    await dog.stop();
    expect(deadman.pings()).toBe(2);
  });

  test("that never arrived runs out all the same: those on call and the pagers are told", async () => {
    isChatDown = true;
    const dog = begin();
    await passes(dog, 0n);
    expect(dog.now()).toMatchObject({ armed: true, arrived: false });
    await passes(dog, 180n);
    expect(await types()).toEqual(["watchdogArmed"]);
    await passes(dog, 1n);
    expect(await types()).toEqual(["watchdogArmed", "watchdogExpired"]);
    expect(pagerDuty.rings).toEqual([expect.stringMatching(/^SEV1 WATCHDOG DOWN/)]);
    expect(deadman.pings()).toBe(0);
    isChatDown = false;
    await passes(dog, 60n);
    await passes(dog, 60n);
    expect((await types()).at(-1)).toBe("watchdogRestored");
    expect(pagerDuty.incidents.map((one) => one.state)).toEqual(["resolved"]);
    expect(shown.find((one) => one.key === "watchdog/state")).toMatchObject({ urgent: true, mentions: ["caro"] });
  });

  test.each([
    ["the chain cannot be read", () => Promise.reject(new Error("no route to it"))],
    ["a breach is judged to be none", () => Promise.resolve(false)],
  ])("sends nothing where %s, and so runs out", async (_what, otherwise) => {
    let isWell = true;
    const dog = begin(async () => isWell || otherwise());
    await passes(dog, 0n);
    isWell = false;
    for (let minute = 0; minute < 4; minute += 1) await passes(dog, 60n);
    expect(await types()).toEqual(["watchdogArmed", "watchdogExpired"]);
    await expect.poll(() => deadman.pings(), { timeout: 30_000 }).toBe(1);
  });

  test("that a platform took far too late says nothing of now", async () => {
    isChatDown = true;
    const dog = begin();
    await passes(dog, 0n);
    now += 500n;
    isChatDown = false;
    await dog.delivered("slack", START);
    expect(dog.now().arrived).toBe(false);
    expect(deadman.pings()).toBe(0);
  });
});
