/** Posts of which nobody knows whether Slack took them. */

import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { afterEach, describe, expect, it } from "vitest";
import type { Adapter } from "../../../src/chat/adapter.ts";
import type { Card } from "../../../src/view.ts";
import { card } from "../console/sample-cards.ts";
import { breaches, faultOf, openSetting, type Setting, type SettingOptions, upgrades } from "./council.ts";

let setting: Setting;
const open = async (options?: SettingOptions) => {
  setting = await openSetting({ mode: "http", ...options });
  return setting;
};
afterEach(() => setting.stop());

const reading = { scopes: ["commands", "chat:write", "files:write", "users:read", "channels:history"] };
const breach: Card = {
  ...card({ key: "UP-8/breach-1", status: "SEV1 BREACH", tone: "bad", mentions: ["finn"], actions: [] }),
  urgent: true,
};

describe("a post whose outcome is unknown", () => {
  const lost = async (adapter: Adapter) => {
    setting.slack.faults.next("chat.postMessage", { kind: "drop", when: "after" });
    await faultOf(adapter.show(card({ revision: 1 })));
  };

  it("is found again where the bot may read the channel", async () => {
    const { slack, adapter } = await open({ slack: reading });
    await lost(adapter);
    await adapter.show(card({ revision: 1 }));
    await adapter.show(card({ revision: 2 }));
    expect(slack.messages(upgrades)).toMatchObject([{ edits: 1 }]);
  });

  it("is found again in a thread", async () => {
    const { slack, adapter } = await open({ slack: reading });
    const below = card({ key: "UP-1/checked", audience: { kind: "thread", of: "UP-1" } });
    await adapter.show(card());
    slack.faults.next("chat.postMessage", { kind: "drop", when: "after" });
    await faultOf(adapter.show(below));
    await adapter.show(below);
    expect(slack.messages(upgrades)).toHaveLength(2);
  });

  it("is posted again where it may not: at least once", async () => {
    const { slack, adapter } = await open();
    await lost(adapter);
    await adapter.show(card({ revision: 1 }));
    expect(slack.messages(upgrades)).toHaveLength(2);
  });

  it.each([
    ["another card's", "UP-2", (message: { user: string }) => message],
    [
      "somebody else's of the same name",
      "UP-1",
      (message: { user: string }) => Object.assign(message, { user: "UADA" }),
    ],
  ])("is not taken for %s", async (_, key, change) => {
    const { slack, adapter, store } = await open({ slack: reading });
    await adapter.show(card({ key }));
    for (const message of slack.messages(upgrades)) change(message);
    await store.keepShownCard({
      platform: "slack",
      key: "UP-1",
      channel: upgrades,
      message: "",
      thread: undefined,
      revision: 1,
    });
    await adapter.show(card({ revision: 1 }));
    expect(slack.messages(upgrades)).toHaveLength(2);
  });

  it("is found by the program that comes after a crash", async () => {
    const { slack, adapter, store, restart } = await open({ slack: reading });
    await adapter.show(card({ revision: 1 }));
    await store.keepShownCard({
      platform: "slack",
      key: "UP-1",
      channel: upgrades,
      message: "",
      thread: undefined,
      revision: 1,
    });
    await (await restart()).show(card({ revision: 1 }));
    expect(slack.messages(upgrades)).toHaveLength(1);
    expect(await store.shownCard("slack", "UP-1")).toMatchObject({ message: slack.messages(upgrades)[0]?.ts });
  });

  it("holds back a card, and never an alarm, while Slack cannot be asked", async () => {
    const { slack, adapter, store } = await open({ slack: reading });
    for (const [key, channel] of [
      ["UP-1", upgrades],
      [breach.key, breaches],
    ] as const)
      await store.keepShownCard({ platform: "slack", key, channel, message: "", thread: undefined, revision: 1 });
    slack.faults.next("conversations.history", { kind: "status", status: 429, retryAfter: 20 }, { times: 2 });
    expect((await faultOf(adapter.show(card()))).retryAfter).toBe(20n);
    await adapter.show(breach);
    expect(slack.messages(breaches)).toHaveLength(1);
  });

  it("never holds back an alarm while Slack does not answer", async () => {
    const { slack, adapter, store } = await open({ slack: reading });
    await store.keepShownCard({
      platform: "slack",
      key: breach.key,
      channel: breaches,
      message: "",
      thread: undefined,
      revision: 1,
    });
    const hanging = slack.faults.next("conversations.history", { kind: "hang" });
    await adapter.show(breach);
    expect(hanging.met()).toBe(1);
    expect(slack.messages(breaches)).toHaveLength(1);
    hanging.release();
  });

  it("is an alarm's that left before the disk failed: it is in the channel, and is sent again", async () => {
    const { slack, adapter, store } = await open();
    const full = () => Promise.reject(new Error("The disk is full."));
    const { keepShownCard, keepButtons } = store;
    Object.assign(store, { keepShownCard: full, keepButtons: full });
    const contain = { label: "Contain", command: "contain", options: { ceremony: "UP-8" }, style: "danger" } as const;
    const alarm: Card = { ...breach, actions: [contain] };
    await expect(adapter.show(alarm)).rejects.toThrow("The disk is full.");
    expect(slack.messages(breaches)).toHaveLength(1);
    await expect(adapter.show(card({ actions: [contain] }))).rejects.toThrow("The disk is full.");
    expect(slack.messages(upgrades)).toHaveLength(0);
    Object.assign(store, { keepShownCard, keepButtons });
    await adapter.show(alarm);
    expect(slack.messages(breaches)).toHaveLength(2);
  });

  it("is an alarm's that has left before anything is kept of it, over a connection that was idle too", async () => {
    const { adapter, store } = await open();
    const order: string[] = [];
    const left = (message: unknown) => {
      const { request } = message as { request: { path: string } };
      if (request.path.endsWith("/chat.postMessage")) order.push("left");
    };
    const { keepShownCard } = store;
    const keeping: typeof keepShownCard = (row) => {
      if (row.message === "") order.push("kept");
      return keepShownCard(row);
    };
    Object.assign(store, { keepShownCard: keeping });
    await adapter.show(breach);
    order.length = 0;
    subscribe("undici:request:bodySent", left);
    await adapter.show({ ...breach, key: "UP-8/breach-2" });
    unsubscribe("undici:request:bodySent", left);
    expect(order).toEqual(["left", "kept"]);
  });
});
