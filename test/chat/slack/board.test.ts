/** Cards in their channel: where they stand, how they change, and what happens when Slack does not take them. */

import { afterEach, describe, expect, it } from "vitest";
import type { Card } from "../../../src/view.ts";
import { card, gallery, hostileCard } from "../console/sample-cards.ts";
import { breaches, faultOf, openSetting, type Setting, type SettingOptions, upgrades, wordsOf } from "./council.ts";

let setting: Setting;
const open = async (options?: SettingOptions) => {
  setting = await openSetting({ mode: "http", ...options });
  return setting;
};
afterEach(() => setting.stop());

const breach: Card = {
  ...card({ key: "UP-8/breach-1", status: "SEV1 BREACH", tone: "bad", mentions: ["finn"], actions: [] }),
  urgent: true,
};
const picture = { title: "Deviation", alt: "A line that rises to 0.47 %.", svg: "<svg/>" };

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
    expect(message?.text).toMatch(/^🛑 SEV1 BREACH: .* <@UFINN> <!subteam\^S0ONCALL>$/);
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

it("every card of a council is taken as it is", async () => {
  const { slack, adapter, faults } = await open();
  for (const one of gallery) await adapter.show(one);
  expect(slack.messages(upgrades)).toHaveLength(gallery.length);
  expect(faults).toEqual([]);
});
