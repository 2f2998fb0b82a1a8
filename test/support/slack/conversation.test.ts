/** Real bolt apps, over HTTP and over Socket Mode, do with the loopback Slack what a council does with the real one. */

import type { App } from "@slack/bolt";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { httpApp, type RunningApp, socketApp } from "./bolt-app.ts";
import { type SlackPlatform, startSlack } from "./slack.ts";

const plain = (text: string) => ({ type: "plain_text" as const, text });

/** One button that asks, a form with one field, a Home tab. */
function listeners(app: App): void {
  app.command("/upgrade", async ({ ack, command, client, respond }) => {
    await ack();
    if (command.text === "form") {
      await client.views.open({
        trigger_id: command.trigger_id,
        view: {
          type: "modal",
          callback_id: "reason",
          title: plain("Deny UP-1"),
          submit: plain("Deny"),
          blocks: [
            { type: "input", block_id: "reason", label: plain("Reason"), element: { type: "plain_text_input" } },
          ],
        },
      });
    } else if (command.text === "card") {
      await client.chat.postMessage({
        channel: command.channel_id,
        text: "UP-1 is in review.",
        unfurl_links: false,
        metadata: { event_type: "card", event_payload: { key: "UP-1" } },
        blocks: [
          {
            type: "actions",
            elements: [
              {
                type: "button",
                action_id: "approve",
                text: plain("Approve"),
                value: "UP-1",
                confirm: {
                  title: plain("Approve?"),
                  text: plain("This counts."),
                  confirm: plain("Yes"),
                  deny: plain("No"),
                },
              },
            ],
          },
        ],
      });
    } else await respond(`Heard: ${command.text}`);
  });
  app.action("approve", async ({ ack, body, client, respond }) => {
    await ack();
    if (body.type !== "block_actions" || body.message === undefined || body.channel === undefined) return;
    await client.chat.update({ channel: body.channel.id, ts: body.message.ts, text: "UP-1 is approved.", blocks: [] });
    await respond({ text: "Your approval counts.", response_type: "ephemeral" });
  });
  app.view("reason", async ({ ack, view }) => {
    const entered = view.state.values.reason;
    const reason = Object.values(entered ?? {})[0]?.value ?? "";
    if (reason === "no") await ack({ response_action: "errors", errors: { reason: "Say why." } });
    else await ack({ response_action: "clear" });
  });
  app.event("app_home_opened", async ({ event, client }) => {
    await client.views.publish({
      user_id: event.user,
      view: { type: "home", blocks: [{ type: "section", text: plain("Nothing to do.") }] },
    });
  });
}

describe.each([
  { how: "HTTP", start: httpApp },
  { how: "Socket Mode", start: socketApp },
])("over $how", ({ start }) => {
  let slack: SlackPlatform;
  let running: RunningApp;
  let installed: object;

  beforeEach(async () => {
    slack = await startSlack({ team: { enterprise: { id: "E0ORG", name: "Org" } } });
    installed = {
      api_app_id: slack.appId,
      team: { id: "T0COUNCIL", domain: "council", enterprise_id: "E0ORG" },
      enterprise: { id: "E0ORG", name: "Org" },
      is_enterprise_install: false,
    };
    slack.addUser({ id: "U0ADA", name: "ada" });
    slack.addUser({ id: "U0BEN", name: "ben" });
    slack.addChannel({ id: "C0COUNCIL", name: "council", members: ["U0ADA", "U0BEN"] });
    running = await start(slack, listeners);
  });
  afterEach(async () => {
    await running.stop();
    await slack.stop();
    expect(slack.violations).toEqual([]);
  });

  test("a command says where it comes from", async () => {
    const { payload } = await slack.slash("U0ADA", "status", { command: "/upgrade" });
    expect(payload).toMatchObject({
      command: "/upgrade",
      text: "status",
      team_id: "T0COUNCIL",
      team_domain: "council",
      enterprise_id: "E0ORG",
      channel_id: "C0COUNCIL",
      channel_name: "council",
      user_id: "U0ADA",
      api_app_id: slack.appId,
      is_enterprise_install: "false",
      trigger_id: expect.any(String),
    });
    await slack.until(() => slack.ephemerals("U0ADA").length === 1, "the answer is there");
  });

  test("a command is answered to the one who typed it, mentions and markup escaped", async () => {
    const { acked, failure } = await slack.slash("U0ADA", "hello @ben <b> & #council");
    expect({ acked, failure }).toEqual({ acked: true, failure: undefined });
    const [answer] = await slack.until(
      () => slack.ephemerals("U0ADA").length > 0 && slack.ephemerals("U0ADA"),
      "an answer comes",
    );
    expect(answer?.text).toBe("Heard: hello <@U0BEN|ben> &lt;b&gt; &amp; <#C0COUNCIL|council>");
    expect(slack.messages("C0COUNCIL")).toEqual([]);
    expect(slack.ephemerals("U0BEN")).toEqual([]);
  });

  test("a button asks, is pressed, and the card changes in place", async () => {
    await slack.slash("U0ADA", "card");
    const card = await slack.until(() => slack.messages("C0COUNCIL")[0], "the card is there");
    expect(card.metadata).toEqual({ event_type: "card", event_payload: { key: "UP-1" } });
    await expect(slack.click("U0BEN", card.ts, "Approve")).rejects.toThrow("asks for confirmation");
    expect(await slack.click("U0BEN", card.ts, "Approve", { confirm: "deny" })).toBeUndefined();
    const pressed = await slack.click("U0BEN", card.ts, "Approve", { confirm: "accept" });
    expect(pressed?.acked).toBe(true);
    expect(pressed?.payload).toMatchObject({
      type: "block_actions",
      ...installed,
      trigger_id: expect.any(String),
      response_url: expect.stringContaining("/actions/"),
      user: { id: "U0BEN", team_id: "T0COUNCIL" },
      container: { type: "message", message_ts: card.ts, channel_id: "C0COUNCIL", is_ephemeral: false },
      channel: { id: "C0COUNCIL", name: "council" },
      message: { ts: card.ts, user: slack.botUserId, app_id: slack.appId, text: "UP-1 is in review." },
      actions: [{ action_id: "approve", block_id: card.blocks[0]?.block_id, type: "button", value: "UP-1" }],
    });
    await slack.until(() => slack.ephemerals("U0BEN").length === 1, "Ben is told");
    expect(slack.messages("C0COUNCIL")).toMatchObject([
      { ts: card.ts, text: "UP-1 is approved.", edits: 1, blocks: [] },
    ]);
  });

  test("a form shows what is wrong, and closes when all is well", async () => {
    await slack.slash("U0ADA", "form");
    const form = await slack.until(() => slack.modals("U0ADA")[0], "the form is open");
    await expect(slack.submit("U0ADA", {})).rejects.toThrow("required");
    await slack.submit("U0ADA", { Reason: "no" }, form.id);
    expect(slack.modals("U0ADA")[0]?.errors).toEqual({ reason: "Say why." });
    await slack.submit("U0ADA", { Reason: "The delay is too short." });
    expect(slack.modals("U0ADA")).toEqual([]);
  });

  test("the Home tab is filled for the one who opens it", async () => {
    const { acked } = await slack.openHome("U0ADA");
    expect(acked).toBe(true);
    const home = await slack.until(() => slack.home("U0ADA"), "the Home tab is there");
    expect(home.blocks).toMatchObject([{ type: "section", text: { text: "Nothing to do." } }]);
    expect(slack.home("U0BEN")).toBeUndefined();
  });
});
