/** Pictures of cards: uploaded, or described. */

import { afterEach, describe, expect, it } from "vitest";
import { card } from "../console/sample-cards.ts";
import { openSetting, type Setting, type SettingOptions, upgrades, wordsOf } from "./council.ts";

let setting: Setting;
const open = async (options?: SettingOptions) => {
  setting = await openSetting({ mode: "http", ...options });
  return setting;
};
afterEach(() => setting.stop());

const picture = { title: "Deviation", alt: "A line that rises to 0.47 %.", svg: "<svg/>" };

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
