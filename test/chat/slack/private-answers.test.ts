/** How a private answer reaches the person, whatever fails on the way. */

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { answerTo, reason } from "./asking.ts";
import { openSetting, type Setting, upgrades } from "./council.ts";

let setting: Setting;
const open = async () => {
  setting = await openSetting({ mode: "http" });
  return setting;
};
afterEach(() => setting.stop());

const answer = (user: string, count?: number) => answerTo(setting, user, count);

describe("an answer arrives", () => {
  it("without its response_url, as an ephemeral message", async () => {
    const { slack } = await open();
    slack.faults.next("response_url", { kind: "status", status: 404, body: "expired_url" });
    await slack.slash("UADA", "show UP-1", { channel: upgrades });
    expect((await answer("UADA")).words).toContain("Done by the council.");
    expect(slack.requests.filter((call) => call.method === "chat.postEphemeral")).toHaveLength(1);
  });

  it("from a channel without the bot, directly", async () => {
    const { slack } = await open();
    slack.faults.next("response_url", { kind: "status", status: 404, body: "expired_url" });
    await slack.slash("UADA", "show UP-1", { channel: "C0ELSEWHERE" });
    const [post] = await slack.until(() => {
      const posts = slack.requests.filter((call) => call.method === "chat.postMessage");
      return posts.length > 0 && posts;
    }, "the answer is sent directly");
    expect(post?.args).toMatchObject({ channel: "UADA" });
  });

  it("never at an address that is not Slack's", async () => {
    const { slack } = await open();
    let visits = 0;
    const thief = createServer((_, response) => {
      visits += 1;
      response.end("ok");
    });
    await new Promise<void>((resolve) => thief.listen(0, "127.0.0.1", resolve));
    const response_url = `http://127.0.0.1:${(thief.address() as AddressInfo).port}/steal`;
    await slack.slash("UADA", "show UP-1", { channel: upgrades, overrides: { response_url } });
    await answer("UADA");
    await new Promise((resolve) => thief.close(resolve));
    expect(visits).toBe(0);
  });

  it("as text where Slack refuses the blocks", async () => {
    const { slack } = await open();
    slack.faults.next("response_url", { kind: "status", status: 400, body: "invalid_blocks" });
    await slack.slash("UADA", "show UP-1");
    const found = await slack.until(() => slack.ephemerals("UADA")[0], "an answer");
    expect(found).toMatchObject({ blocks: [], text: "✅ Done: Done by the council." });
  });

  it("with a button for a form that Slack no longer opens, and the button opens it", async () => {
    const { slack, answers } = await open();
    answers.set("deny", reason);
    slack.faults.next("views.open", { kind: "error", error: "expired_trigger_id" });
    await slack.slash("UBEN", "deny UP-1");
    const { ts, words } = await answer("UBEN");
    expect(words).toContain("within three seconds");
    await slack.click("UBEN", ts, "Deny UP-1");
    await slack.until(() => slack.modals("UBEN")[0], "the form is open");
  });
});
