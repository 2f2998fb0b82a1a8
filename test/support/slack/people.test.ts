/** People can do what Slack's client lets them do, and an app that answers wrongly is found out. */

import type { WebClient } from "@slack/web-api";
import { afterEach, beforeEach, expect, test } from "vitest";
import { httpApp, type RunningApp, webClient } from "./bolt-app.ts";
import { type SlackPlatform, startSlack } from "./slack.ts";

let slack: SlackPlatform;
let client: WebClient;
let running: RunningApp;
/** What the next acknowledgement says. */
let answer: object | undefined;

const plain = (text: string) => ({ type: "plain_text" as const, text });
const options = [
  { text: plain("Routine"), value: "routine" },
  { text: plain("Emergency"), value: "emergency" },
];
const form = {
  type: "modal" as const,
  title: plain("Propose"),
  submit: plain("Propose"),
  blocks: [
    {
      type: "input" as const,
      block_id: "title",
      label: plain("Title"),
      element: { type: "plain_text_input" as const, action_id: "title", min_length: 3, max_length: 10 },
    },
    {
      type: "input" as const,
      block_id: "lane",
      label: plain("Lane"),
      optional: true,
      element: { type: "static_select" as const, action_id: "lane", options },
    },
  ],
};

beforeEach(async () => {
  slack = await startSlack();
  slack.addUser({ id: "U0ADA", name: "ada" });
  slack.addUser({ id: "U0BEN", name: "ben" });
  slack.addChannel({ id: "C0IN", name: "council", members: ["U0ADA"] });
  client = webClient(slack);
  answer = undefined;
  running = await httpApp(slack, (app) => {
    app.command("/upgrade", ({ ack }) => ack(answer as { text: string }));
    app.action(/.*/, ({ ack }) => ack());
    app.view(/.*/, ({ ack }) => ack(answer as { response_action: "clear" }));
  });
});
afterEach(async () => {
  await running.stop();
  await slack.stop();
});

async function openForm(): Promise<void> {
  const { payload } = await slack.slash("U0ADA", "propose");
  await client.views.open({ trigger_id: String(payload.trigger_id), view: form });
}

test("a form is sent only as Slack's client lets it be sent", async () => {
  await openForm();
  await expect(slack.submit("U0ADA", { Title: "" })).rejects.toThrow('"Title" is required');
  await expect(slack.submit("U0ADA", { Title: "ab" })).rejects.toThrow("too short");
  await expect(slack.submit("U0ADA", { Title: "eleven chars" })).rejects.toThrow("no more characters");
  await expect(slack.submit("U0ADA", { Title: "two\nlines" })).rejects.toThrow("one line");
  await expect(slack.submit("U0ADA", { Title: "Pool v2", Lane: "Fast" })).rejects.toThrow("no option Fast");
  await expect(slack.submit("U0ADA", { Title: "Pool v2", Reason: "x" })).rejects.toThrow("no field Reason");
  await expect(slack.submit("U0BEN", { Title: "Pool v2" })).rejects.toThrow("no form open");
  const sent = await slack.submit("U0ADA", { title: "Pool v2", Lane: "Emergency" });
  expect(sent.payload).toMatchObject({
    view: {
      state: {
        values: {
          title: { title: { type: "plain_text_input", value: "Pool v2" } },
          lane: { lane: { type: "static_select", selected_option: options[1] } },
        },
      },
    },
  });
});

test("errors for fields that are not there are the app's mistake", async () => {
  await openForm();
  answer = { response_action: "errors", errors: { reason: "Say why." } };
  expect(await slack.submit("U0ADA", { Title: "Pool v2" })).toMatchObject({ failure: "invalid_errors" });
  expect(slack.violations).toEqual(['answer to a submission: invalid_errors {"unknown":["reason"]}']);
});

test("an answer that no Slack shows is the app's mistake", async () => {
  answer = { text: "a", blocks: [{ type: "banner" }] };
  await slack.slash("U0ADA", "status");
  expect(slack.violations).toHaveLength(1);
  expect(slack.ephemerals("U0ADA")).toEqual([]);
});

test("people press what they see: by label where it is the only one, menus by option, private messages their own", async () => {
  const blocks = [
    {
      type: "actions" as const,
      elements: [
        { type: "button" as const, action_id: "a", text: plain("Look") },
        { type: "button" as const, action_id: "b", text: plain("Look") },
        { type: "overflow" as const, action_id: "more", options },
      ],
    },
  ];
  const { message_ts = "" } = await client.chat.postEphemeral({ channel: "C0IN", user: "U0ADA", text: "a", blocks });
  await expect(slack.click("U0BEN", message_ts, "a")).rejects.toThrow("sees no message");
  await expect(slack.click("U0ADA", message_ts, "Look")).rejects.toThrow("2 buttons are called Look");
  await expect(slack.click("U0ADA", message_ts, "Go")).rejects.toThrow("0 buttons are called Go");
  await expect(slack.click("U0ADA", message_ts, "a", { confirm: "accept" })).rejects.toThrow("does not ask");
  const pressed = await slack.click("U0ADA", message_ts, "more", { option: "Routine" });
  expect(pressed?.payload).toMatchObject({ actions: [{ action_id: "more", selected_option: options[0] }] });
});

test("buttons inside an attachment work like others", async () => {
  const blocks = [
    { type: "actions" as const, elements: [{ type: "button" as const, action_id: "a", text: plain("Look") }] },
  ];
  const { ts = "" } = await client.chat.postMessage({
    channel: "C0IN",
    text: "a",
    attachments: [{ color: "#f00", blocks }],
  });
  expect((await slack.click("U0ADA", ts, "Look"))?.acked).toBe(true);
});
