/** Buttons that the program did not make, and those of the Home tab. */

import { afterEach, describe, expect, it } from "vitest";
import { notice } from "../../../src/view.ts";
import { card } from "../console/sample-cards.ts";
import { answerTo } from "./asking.ts";
import { openSetting, type Setting, team, upgrades, wordsOf } from "./council.ts";

let setting: Setting;
const open = async () => {
  setting = await openSetting({ mode: "http" });
  return setting;
};
afterEach(() => setting.stop());

const answer = (user: string, count?: number) => answerTo(setting, user, count);

describe("a button that the program did not make", () => {
  it.each([
    ["another code", (value: string) => value.replace(/.$/, (last) => (last === "A" ? "Q" : "A"))],
    ["nothing", () => ""],
    ["somebody's words", () => "approve UP-1"],
  ])("with %s does nothing, and says so", async (_, forge) => {
    const { slack, adapter, asked } = await open();
    await adapter.show(card({ actions: [{ label: "Show", command: "show", options: {}, style: "plain" }] }));
    const [message] = slack.messages(upgrades);
    const [element] = (message?.blocks ?? []).flatMap((block) =>
      block.type === "actions" ? (block.elements as { value: string; action_id: string }[]) : [],
    );
    const actions = [
      {
        type: "button",
        action_id: element?.action_id,
        block_id: "b",
        value: forge(element?.value ?? ""),
        action_ts: "1.1",
      },
    ];
    await slack.click("UBEN", message?.ts ?? "", "Show", { overrides: { actions } });
    expect((await answer("UBEN")).words).toContain("does not know this button");
    expect(asked).toEqual([]);
    await slack.click("UBEN", message?.ts ?? "", "Show");
    await answer("UBEN", 2);
    expect(asked).toHaveLength(1);
  });

  it("from another installation does nothing", async () => {
    const { slack, adapter, asked, restart } = await open();
    await adapter.show(card({ actions: [{ label: "Show", command: "show", options: {}, style: "plain" }] }));
    await restart({ secret: new Uint8Array(32).fill(8) });
    await slack.click("UBEN", slack.messages(upgrades)[0]?.ts ?? "", "Show");
    expect((await answer("UBEN")).words).toContain("does not know this button");
    expect(asked).toEqual([]);
  });
});

describe("the Home tab", () => {
  it("shows what waits for the person, and nothing but a sentence to anybody else", async () => {
    const { slack, answers, asked } = await open();
    answers.set(
      "todo",
      notice("neutral", "UP-1 waits for your approval.", {
        actions: [{ label: "Show UP-1", command: "show", options: { ceremony: "UP-1" }, style: "primary" }],
      }),
    );
    await slack.openHome("UBEN");
    const home = await slack.until(() => slack.home("UBEN"), "Ben's Home");
    expect(wordsOf(home.blocks)).toContain("UP-1 waits for your approval.");
    expect(asked).toMatchObject([{ command: "todo", account: `slack:${team}:UBEN` }]);
    await slack.openHome("USTRANGE");
    const other = await slack.until(() => slack.home("USTRANGE"), "a stranger's Home");
    expect(wordsOf(other.blocks)).toContain("none of the council's");
    expect(asked).toHaveLength(1);
  });

  it("answers its buttons directly, and is written again", async () => {
    const { slack, answers } = await open();
    answers.set(
      "todo",
      notice("neutral", "Waiting.", {
        actions: [{ label: "Show UP-1", command: "show", options: { ceremony: "UP-1" }, style: "primary" }],
      }),
    );
    await slack.openHome("UBEN");
    const home = await slack.until(() => slack.home("UBEN"), "Ben's Home");
    answers.set("todo", notice("good", "Nothing waits for you."));
    await slack.clickInView("UBEN", home.id, "Show UP-1");
    await slack.until(() => wordsOf(slack.home("UBEN")?.blocks).includes("Nothing waits for you."), "the Home is new");
    const direct = slack.requests.filter((call) => call.method === "chat.postMessage");
    expect(direct).toMatchObject([{ args: { channel: "UBEN" } }]);
  });
});
