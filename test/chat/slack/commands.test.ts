/** Commands and forms: what a person does, what reaches the council, what the person sees. */

import { afterEach, describe, expect, it } from "vitest";
import { notice } from "../../../src/view.ts";
import { card } from "../console/sample-cards.ts";
import { answerTo, reason } from "./asking.ts";
import { openSetting, type Setting, type SettingOptions, team, upgrades, wordsOf } from "./council.ts";

let setting: Setting;
const open = async (options?: SettingOptions) => {
  setting = await openSetting(options);
  return setting;
};
afterEach(() => setting.stop());

const answer = (user: string, count?: number) => answerTo(setting, user, count);

describe.each(["socket", "http"] as const)("over %s", (mode) => {
  it("runs a command, acknowledges it with nothing, and answers the person alone", async () => {
    const { slack, asked } = await open({ mode });
    const delivered = await slack.slash("UADA", "show UP-1");
    expect(delivered).toMatchObject({ acked: true, body: undefined });
    expect((await answer("UADA")).words).toContain("Done by the council.");
    expect(asked).toEqual([
      {
        command: "show",
        options: { ceremony: "UP-1" },
        account: `slack:${team}:UADA`,
        deliveryId: `slack:${team}:${delivered.payload.trigger_id}`,
      },
    ]);
    expect(slack.messages(upgrades)).toEqual([]);
    expect(slack.ephemerals("UBEN")).toEqual([]);
  });

  it("presses a button of a card after Slack has asked, with the revision it was offered for", async () => {
    const { slack, adapter, asked } = await open({ mode });
    await adapter.show(
      card({
        actions: [
          {
            label: "Approve",
            command: "approve",
            options: { ceremony: "UP-1" },
            style: "primary",
            confirm: "Sure?",
            revision: 4,
          },
        ],
      }),
    );
    const [message] = slack.messages(upgrades);
    await slack.click("UBEN", message?.ts ?? "", "Approve", { confirm: "deny" });
    expect(asked).toEqual([]);
    await slack.click("UBEN", message?.ts ?? "", "Approve", { confirm: "accept" });
    expect((await answer("UBEN")).words).toContain("Done by the council.");
    expect(asked).toMatchObject([
      { command: "approve", options: { ceremony: "UP-1" }, account: `slack:${team}:UBEN`, revision: 4 },
    ]);
    expect(slack.messages(upgrades)).toMatchObject([{ edits: 0 }]);
  });

  it("opens a form, says at the field what is wrong, and sends it when it is right", async () => {
    const { slack, asked, answers } = await open({ mode });
    answers.set("deny", (invocation) =>
      invocation.options.reason === undefined ? reason : notice("good", "You denied UP-1."),
    );
    await slack.slash("UBEN", "deny UP-1");
    const modal = await slack.until(() => slack.modals("UBEN")[0], "the form is open");
    expect(modal).toMatchObject({ title: "Deny UP-1", submit: "Deny" });
    const blank = await slack.submit("UBEN", { Reason: "   " });
    expect(blank.body).toEqual({
      response_action: "errors",
      errors: { reason: "This is needed: blanks are not enough." },
    });
    expect(asked).toHaveLength(1);
    await slack.submit("UBEN", { Reason: "The fee is wrong." });
    expect(slack.modals("UBEN")).toEqual([]);
    expect((await answer("UBEN")).words).toContain("You denied UP-1.");
    expect(asked[1]).toMatchObject({
      command: "deny",
      options: { ceremony: "UP-1", reason: "The fee is wrong." },
      account: `slack:${team}:UBEN`,
      deliveryId: `slack:${team}:${modal.id}`,
      revision: 3,
    });
  });
});

describe("a command as typed", () => {
  it("with nothing after it asks for help", async () => {
    const { slack, asked } = await open({ mode: "http" });
    await slack.slash("UADA", "");
    await answer("UADA");
    expect(asked).toMatchObject([{ command: "help", options: {} }]);
  });

  it("that nobody understands is answered with what was meant, as a button", async () => {
    const { slack, asked } = await open({ mode: "http" });
    await slack.slash("UADA", "aprove UP-1");
    const { ts, words } = await answer("UADA");
    expect(words).toContain("Did you mean approve?");
    expect(asked).toEqual([]);
    await slack.click("UADA", ts, "/upgrade approve UP-1");
    await answer("UADA", 2);
    expect(asked).toMatchObject([{ command: "approve", options: { ceremony: "UP-1" } }]);
  });

  it("comes through Slack's escapes as it was typed", async () => {
    const { slack, asked } = await open({ mode: "http" });
    await slack.slash("UADA", 'deny UP-1 reason="a < b && c > d, see @ben in #upgrades"');
    await answer("UADA");
    expect(asked).toMatchObject([{ options: { reason: "a < b && c > d, see @ben in #upgrades" } }]);
  });

  it("is answered with a card for the channel in private, and calls nobody", async () => {
    const { slack, answers } = await open({ mode: "http" });
    answers.set("show", card({ mentions: ["ben", "caro"] }));
    await slack.slash("UADA", "show UP-1");
    const { words } = await answer("UADA");
    expect(words).toContain("Vault 1.2.0");
    expect(JSON.stringify(slack.ephemerals("UADA"))).not.toMatch(/UBEN|UCARO/);
    expect(slack.messages(upgrades)).toEqual([]);
  });

  it("says once that it is under way, and then what came of it", async () => {
    const { slack, answers } = await open({ mode: "http" });
    answers.set("check", (_, progress) => {
      progress("Simulating the upgrade.");
      progress("Rehearsing the rollback.");
      return notice("good", "All gates passed.");
    });
    await slack.slash("UADA", "check UP-1");
    expect((await answer("UADA", 2)).words).toContain("All gates passed.");
    expect(slack.ephemerals("UADA").map((one) => wordsOf(one.blocks))[0]).toContain("Simulating the upgrade.");
    expect(slack.ephemerals("UADA")).toHaveLength(2);
  });

  it("is not answered before its progress is told", async () => {
    const { slack, answers } = await open({ mode: "http" });
    const slow = slack.faults.next("response_url", { kind: "late" });
    answers.set("check", (_, progress) => {
      progress("Simulating the upgrade.");
      return notice("good", "All gates passed.");
    });
    await slack.slash("UADA", "check UP-1");
    await answer("UADA");
    await slack.slash("UBEN", "show UP-1");
    await answer("UBEN");
    expect(slack.ephemerals("UADA")).toHaveLength(1);
    slow.release();
    expect((await answer("UADA", 2)).words).toContain("All gates passed.");
  });
});

describe("the same again", () => {
  it("runs once where Slack delivers an envelope twice, and says so", async () => {
    const { slack, asked } = await open();
    await slack.slash("UBEN", "approve UP-1");
    await answer("UBEN");
    slack.socket.resend();
    expect((await answer("UBEN", 2)).words).toContain("This was received before.");
    expect(new Set(asked.map((one) => one.deliveryId)).size).toBe(1);
  });

  it("runs once where the acknowledgement is lost with the connection", async () => {
    const { slack, asked } = await open();
    const take = slack.socket.withholdAcks();
    const delivered = slack.slash("UBEN", "approve UP-1");
    await answer("UBEN");
    slack.socket.kill();
    await slack.until(() => slack.socket.sent.length > 1, "the envelope comes again");
    take();
    await delivered;
    expect((await answer("UBEN", 2)).words).toContain("This was received before.");
    expect(new Set(asked.map((one) => one.deliveryId)).size).toBe(1);
  });

  it("is two requests where a person presses twice", async () => {
    const { slack, adapter, asked } = await open({ mode: "http" });
    await adapter.show(card({ actions: [{ label: "Show", command: "show", options: {}, style: "plain" }] }));
    const ts = slack.messages(upgrades)[0]?.ts ?? "";
    await slack.click("UBEN", ts, "Show");
    await slack.click("UBEN", ts, "Show");
    await answer("UBEN", 2);
    expect(new Set(asked.map((one) => one.deliveryId)).size).toBe(2);
  });
});
