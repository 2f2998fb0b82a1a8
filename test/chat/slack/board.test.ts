/** Cards in their channel: where they stand, how they change, and what happens when Slack does not take them. */

import { afterEach, describe, expect, it } from "vitest";
import type { Adapter } from "../../../src/chat/adapter.ts";
import { ChatFault } from "../../../src/ports.ts";
import type { Card } from "../../../src/view.ts";
import { card, gallery, hostileCard } from "../console/sample-cards.ts";
import { breaches, openSetting, type Setting, type SettingOptions, upgrades, wordsOf } from "./council.ts";

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
const picture = { title: "Deviation", alt: "A line that rises to 0.47 %.", svg: "<svg/>" };

async function faultOf(work: Promise<unknown>): Promise<ChatFault> {
  const fault = await work.then(
    () => undefined,
    (rejected: unknown) => rejected,
  );
  if (fault instanceof ChatFault) return fault;
  throw new Error(`There was no ChatFault but ${String(fault)}.`);
}

describe("a card", () => {
  it("is posted once, with key and revision, without unfurls, and edited from then on", async () => {
    const { slack, adapter } = await open();
    await adapter.show(card({ revision: 1 }));
    await adapter.show(card({ revision: 2, status: "approved" }));
    expect(slack.messages(upgrades)).toMatchObject([
      {
        edits: 1,
        unfurlLinks: false,
        unfurlMedia: false,
        metadata: { event_type: "quorate_card", event_payload: { key: "UP-1", revision: 2 } },
      },
    ]);
    expect(wordsOf(slack.messages(upgrades)[0]?.blocks)).toContain("APPROVED");
  });

  it.each([1, 2])("is not put back by revision %i after 2", async (revision) => {
    const { slack, adapter } = await open();
    await adapter.show(card({ revision: 2, status: "approved" }));
    await adapter.show(card({ revision, status: "in review" }));
    expect(wordsOf(slack.messages(upgrades)[0]?.blocks)).toContain("APPROVED");
    expect(slack.messages(upgrades)).toMatchObject([{ edits: 0 }]);
  });

  it("is one message where two revisions come at once", async () => {
    const { slack, adapter } = await open();
    await Promise.all([1, 2, 3].map((revision) => adapter.show(card({ revision, summary: `Revision ${revision}.` }))));
    expect(slack.messages(upgrades)).toHaveLength(1);
    expect(wordsOf(slack.messages(upgrades)[0]?.blocks)).toContain("Revision 3.");
  });

  it("is edited after a restart too", async () => {
    const { slack, adapter, restart } = await open();
    await adapter.show(card({ revision: 1 }));
    await (await restart()).show(card({ revision: 2 }));
    expect(slack.messages(upgrades)).toMatchObject([{ edits: 1 }]);
  });

  it("for one person is not shown to all", async () => {
    const { slack, adapter } = await open();
    await adapter.show(card({ audience: { kind: "private" } }));
    expect([...slack.messages(upgrades), ...slack.messages(breaches)]).toEqual([]);
  });

  it("below another waits until that is there", async () => {
    const { slack, adapter } = await open();
    const below = card({ key: "UP-1/checked", audience: { kind: "thread", of: "UP-1" } });
    expect((await faultOf(adapter.show(below))).message).toContain("UP-1 is not in Slack yet");
    slack.faults.next("chat.postMessage", { kind: "status", status: 500 });
    await faultOf(adapter.show(card()));
    expect((await faultOf(adapter.show(below))).message).toContain("UP-1 is not in Slack yet");
    await adapter.show(card());
    await adapter.show(below);
    const [main, reply] = slack.messages(upgrades);
    expect(reply?.threadTs).toBe(main?.ts);
  });

  it("with words that would act elsewhere shows them as they are", async () => {
    const { slack, adapter } = await open();
    await adapter.show({
      ...hostileCard,
      summary: "<!here> <@UADA> @channel #general :warning: *x* https://evil.example",
    });
    const [message] = slack.messages(upgrades);
    expect(JSON.stringify(message?.blocks)).not.toMatch(
      /"type":"(mrkdwn|link|user|usergroup|broadcast|channel|emoji)"/,
    );
    expect(wordsOf(message?.blocks)).toContain("<!here> <@UADA> @channel #general :warning: *x* https://evil.example");
    expect(message?.text).not.toMatch(/<[!@#]|@channel|#general|:warning:|\*|:\/\//);
  });

  it("is posted anew where its message is gone", async () => {
    const { slack, adapter } = await open();
    await adapter.show(card({ revision: 1 }));
    slack.faults.next("chat.update", { kind: "error", error: "message_not_found" });
    await adapter.show(card({ revision: 2 }));
    await adapter.show(card({ revision: 3 }));
    expect(slack.messages(upgrades)).toMatchObject([{ edits: 0 }, { edits: 1 }]);
  });

  it("that Slack finds too big is shown as text, and reported once", async () => {
    const { slack, adapter, faults } = await open();
    slack.faults.next("chat.postMessage", { kind: "error", error: "msg_blocks_too_long" });
    slack.faults.next("chat.update", { kind: "error", error: "invalid_blocks" });
    await adapter.show(card({ revision: 1 }));
    await adapter.show(card({ revision: 2 }));
    const [message] = slack.messages(upgrades);
    expect(message?.blocks).toEqual([]);
    expect(message?.text).toContain("IN REVIEW: UP-1");
    expect(message?.text).toContain("Approved by: Ben (1 of 3)");
    expect(faults).toHaveLength(1);
  });

  it("goes to the channel of the policy, even if that changed and the old one is gone", async () => {
    const { slack, store, adapter } = await open();
    await store.keepShownCard({
      platform: "slack",
      key: "UP-1",
      channel: "C0OLD",
      message: "1.1",
      thread: undefined,
      revision: 1,
    });
    await adapter.show(card({ revision: 2 }));
    expect(slack.messages(upgrades)).toHaveLength(1);
  });
});

describe("an urgent card", () => {
  it("goes to the channel for breaches and calls people and group there", async () => {
    const { slack, adapter } = await open();
    await adapter.show(breach);
    expect(slack.messages(upgrades)).toEqual([]);
    const [message] = slack.messages(breaches);
    expect(message?.text).toMatch(/^🛑 SEV1 BREACH: .*, for <@UFINN> and <!subteam\^S0ONCALL>\.$/);
    expect(JSON.stringify(message?.blocks)).toContain('{"type":"user","user_id":"UFINN"}');
  });

  it("waits for no other card that hangs, and for no channel that is full", async () => {
    const { slack, adapter } = await open();
    const hanging = slack.faults.next("chat.postMessage", { kind: "hang" }, { channel: upgrades });
    slack.faults.next("chat.postMessage", { kind: "status", status: 429, retryAfter: 30 }, { channel: upgrades });
    const first = faultOf(adapter.show(card()));
    await slack.until(() => hanging.met() === 1, "the card hangs");
    const second = await faultOf(adapter.show(card({ key: "UP-2" })));
    expect(second.retryAfter).toBe(30n);
    await adapter.show(breach);
    expect(slack.messages(breaches)).toHaveLength(1);
    hanging.release();
    await first;
  });

  it("does not wait for its picture, which follows", async () => {
    const { slack, adapter } = await open();
    const slow = slack.faults.next("files.getUploadURLExternal", { kind: "late" });
    const shown = adapter.show({ ...breach, pictures: [picture] });
    const message = await slack.until(() => slack.messages(breaches)[0], "the alarm is there");
    expect(wordsOf(message.blocks)).toContain("A line that rises to 0.47 %.");
    slow.release();
    await shown;
    expect(slack.messages(breaches)[0]?.blocks.some((block) => block.type === "image")).toBe(true);
  });
});

describe("what Slack does not take", () => {
  it("is refused with a sentence, told as health, and both are over when it takes it", async () => {
    const { slack, adapter } = await open();
    slack.faults.next("chat.postMessage", { kind: "error", error: "not_in_channel" });
    expect((await faultOf(adapter.show(card()))).message).toBe(
      "Slack refused to show a card (not_in_channel). Invite the bot to the channel.",
    );
    expect(adapter.health?.()).toMatchObject({ state: "down", reason: expect.stringContaining("Invite the bot") });
    await adapter.show(card());
    expect(adapter.health?.()).toMatchObject({ state: "up", reason: "" });
  });

  it("for want of time comes with the seconds to wait, and is taken later", async () => {
    const { slack, adapter } = await open();
    slack.faults.next("chat.postMessage", { kind: "status", status: 429, retryAfter: 7 });
    expect((await faultOf(adapter.show(card()))).retryAfter).toBe(7n);
    await adapter.show(card());
    expect(slack.messages(upgrades)).toHaveLength(1);
  });
});

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
});

describe("a picture", () => {
  it("is uploaded once with its description and shown as an image", async () => {
    const { slack, adapter } = await open();
    await adapter.show(card({ revision: 1, pictures: [picture] }));
    await adapter.show(card({ revision: 2, pictures: [picture] }));
    expect(slack.files()).toMatchObject([
      { altText: "A line that rises to 0.47 %.", title: "Deviation", complete: true },
    ]);
    const image = slack.messages(upgrades)[0]?.blocks.find((block) => block.type === "image");
    expect(image).toMatchObject({ slack_file: { id: slack.files()[0]?.id }, alt_text: "A line that rises to 0.47 %." });
  });

  it.each([
    ["files.getUploadURLExternal", "Slack answered with HTTP status 500 when asked to take a picture."],
    ["upload", "Slack answered the upload of a picture with HTTP status 500."],
    ["files.completeUploadExternal", "Slack answered with HTTP status 500 when asked to keep a picture."],
  ])("is described where %s fails", async (method, sentence) => {
    const { slack, adapter, faults } = await open();
    slack.faults.next(method, { kind: "status", status: 500 });
    await adapter.show(card({ pictures: [picture] }));
    expect(wordsOf(slack.messages(upgrades)[0]?.blocks)).toContain("A line that rises to 0.47 %.");
    expect(faults).toEqual([expect.stringContaining(sentence)]);
  });

  it("is described where Slack does not know the file after all", async () => {
    const { slack, adapter } = await open();
    slack.faults.next("chat.postMessage", { kind: "error", error: "invalid_blocks" });
    await adapter.show(card({ pictures: [picture] }));
    expect(wordsOf(slack.messages(upgrades)[0]?.blocks)).toContain("A line that rises to 0.47 %.");
    expect(slack.messages(upgrades)[0]?.blocks.length).toBeGreaterThan(0);
  });
});

it("every card of a council is taken as it is", async () => {
  const { slack, adapter, faults } = await open();
  for (const one of gallery) await adapter.show(one);
  expect(slack.messages(upgrades)).toHaveLength(gallery.length);
  expect(faults).toEqual([]);
});
