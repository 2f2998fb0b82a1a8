/** One person in Slack, in Discord and in the console is one person: for separation and for the quorum. */

import { afterAll, beforeAll, expect, test } from "vitest";
import { proposeAndCheck, sign } from "../../src/rehearsal/steps.ts";
import { sentence } from "../support/embedded.ts";
import { type ChatStage, openChatStage } from "./chat-stage.ts";

let chat: ChatStage;
beforeAll(async () => {
  chat = await openChatStage((person) => (person === "ben" ? "discord" : "slack"));
  await proposeAndCheck(chat.stage, "ben", "2.0.0");
}, 120_000);
afterAll(() => chat.stop());

const ceremony = "UP-1";

test("who proposed in Discord cannot approve in Slack or in the console", async () => {
  for (const room of ["slack", "console", "discord"] as const)
    expect(sentence(await chat.say(room, "ben", "approve", { ceremony }))).toMatch(/wrote any part of a package/);
  expect((await chat.stage.state()).status).toBe("in review");
});

test("who approved in Slack has approved: again in Discord and in the console counts nothing", async () => {
  const first = sentence(await chat.say("slack", "finn", "approve", { ceremony }));
  expect(first).toContain("2 more approvals needed");
  for (const room of ["discord", "console"] as const)
    expect(sentence(await chat.say(room, "finn", "approve", { ceremony }))).toMatch(/approved/);
  expect(sentence(await chat.say("slack", "caro", "approve", { ceremony }))).toContain("1 more approval needed");
  expect((await chat.stage.state()).status).toBe("in review");
});

test("what was approved in Slack is withdrawn in Discord", async () => {
  expect(sentence(await chat.say("discord", "finn", "withdraw", { ceremony }))).toContain("2 more approvals needed");
});

test("two at once, one in Slack and one in Discord, both count, and a third time of the first does not", async () => {
  await Promise.all([
    chat.say("slack", "finn", "approve", { ceremony }),
    chat.say("discord", "dev", "approve", { ceremony }),
  ]);
  await chat.stage.reaches("approved");
});

test("who approved in both cannot execute from either", async () => {
  await sign(chat.stage, ["finn", "caro", "dev"]);
  for (const room of ["slack", "discord", "console"] as const) {
    const view = await chat.say(room, "dev", "execute", { ceremony });
    expect(view).toMatchObject({ kind: "notice", tone: "bad" });
  }
});
