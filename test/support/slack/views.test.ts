/** Triggers, response URLs, and views that change or lie on each other. */

import type { WebClient } from "@slack/web-api";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type RunningApp, socketApp, webClient } from "./bolt-app.ts";
import { type SlackPlatform, startSlack } from "./slack.ts";

let slack: SlackPlatform;
let client: WebClient;
let running: RunningApp;
/** What the next submission is acknowledged with. */
let response: { response_action: "push"; view: ReturnType<typeof modal> } | { response_action: "clear" } | undefined;

const plain = (text: string) => ({ type: "plain_text" as const, text });
const modal = (title: string) => ({
  type: "modal" as const,
  title: plain(title),
  submit: plain("Send"),
  notify_on_close: true,
  private_metadata: title,
  blocks: [
    {
      type: "input" as const,
      block_id: "b",
      label: plain("Why"),
      element: { type: "plain_text_input" as const, action_id: "a" },
    },
    { type: "actions" as const, elements: [{ type: "button" as const, action_id: "more", text: plain("More") }] },
  ],
});

beforeEach(async () => {
  slack = await startSlack();
  slack.addUser({ id: "U0ADA", name: "ada" });
  slack.addChannel({ id: "C0IN", name: "council", members: ["U0ADA"] });
  client = webClient(slack);
  response = undefined;
  running = await socketApp(slack, (app) => {
    app.command("/upgrade", ({ ack }) => ack());
    app.action("more", ({ ack }) => ack());
    app.action("approve", ({ ack }) => ack());
    app.view(/.*/, ({ ack }) => (response === undefined ? ack() : ack(response)));
    app.view({ type: "view_closed" }, ({ ack }) => ack());
  });
});
afterEach(async () => {
  await running.stop();
  await slack.stop();
});

const code = (call: Promise<unknown>) =>
  call.then(
    () => "ok",
    (fault: { data: { error: string } }) => fault.data.error,
  );
const trigger = async () => String((await slack.slash("U0ADA", "form")).payload.trigger_id);

test("a trigger opens one view, within three seconds", async () => {
  const first = await trigger();
  expect(await code(client.views.open({ trigger_id: first, view: modal("One") }))).toBe("ok");
  expect(await code(client.views.open({ trigger_id: first, view: modal("Two") }))).toBe("exchanged_trigger_id");
  const late = await trigger();
  slack.clock.advance(3001);
  expect(await code(client.views.open({ trigger_id: late, view: modal("Three") }))).toBe("expired_trigger_id");
  expect(await code(client.views.open({ trigger_id: "made up", view: modal("Four") }))).toBe("invalid_trigger_id");
  expect(slack.modals("U0ADA").map((one) => one.title)).toEqual(["One"]);
});

test("an update needs the view, and its hash where one is given", async () => {
  const { view } = await client.views.open({ trigger_id: await trigger(), view: modal("One") });
  const view_id = view?.id ?? "";
  const old = view?.hash ?? "";
  expect(await code(client.views.update({ view_id, hash: old, view: modal("Two") }))).toBe("ok");
  expect(await code(client.views.update({ view_id, hash: old, view: modal("Three") }))).toBe("hash_conflict");
  expect(await code(client.views.update({ view_id: "V0NONE", view: modal("Three") }))).toBe("view_not_found");
  expect(slack.modals("U0ADA").map((one) => one.title)).toEqual(["Two"]);
});

test("a push needs a trigger of the modal, and an external_id is one view's alone", async () => {
  await client.views.open({ trigger_id: await trigger(), view: { ...modal("One"), external_id: "up-1" } });
  expect(await code(client.views.push({ trigger_id: await trigger(), view: modal("Two") }))).toBe("invalid_trigger_id");
  const second = { ...modal("Two"), external_id: "up-1" };
  expect(await code(client.views.open({ trigger_id: await trigger(), view: second }))).toBe("duplicate_external_id");
  expect(await code(client.views.update({ external_id: "up-1", view: second }))).toBe("ok");
  expect(slack.modals("U0ADA").map((one) => one.title)).toEqual(["Two"]);
});

test("three views lie on each other, not four; closing tells the app, and clears on demand", async () => {
  await client.views.open({ trigger_id: await trigger(), view: modal("One") });
  for (const [title, expected] of [
    ["Two", "ok"],
    ["Three", "ok"],
    ["Four", "push_limit_reached"],
  ] as const) {
    const top = slack.modals("U0ADA").at(-1);
    const pressed = await slack.clickInView("U0ADA", top?.id ?? "", "More");
    expect(await code(client.views.push({ trigger_id: String(pressed?.payload.trigger_id), view: modal(title) }))).toBe(
      expected,
    );
  }
  expect(await slack.closeModal("U0ADA")).toMatchObject({
    acked: true,
    payload: { type: "view_closed", is_cleared: false },
  });
  expect(slack.modals("U0ADA").map((one) => one.title)).toEqual(["One", "Two"]);
  expect(await slack.closeModal("U0ADA", true)).toMatchObject({ payload: { is_cleared: true } });
  expect(slack.modals("U0ADA")).toEqual([]);
});

test("a submission carries what was entered, and its answer pushes, pops or clears", async () => {
  await client.views.open({ trigger_id: await trigger(), view: modal("One") });
  response = { response_action: "push", view: modal("Two") };
  const sent = await slack.submit("U0ADA", { Why: "a < b" });
  expect(sent.payload).toMatchObject({
    type: "view_submission",
    api_app_id: slack.appId,
    enterprise: null,
    is_enterprise_install: false,
    user: { id: "U0ADA", team_id: "T0COUNCIL" },
    view: { private_metadata: "One", state: { values: { b: { a: { type: "plain_text_input", value: "a < b" } } } } },
  });
  expect(slack.modals("U0ADA").map((one) => one.title)).toEqual(["One", "Two"]);
  response = undefined;
  await slack.submit("U0ADA", { Why: "x" });
  expect(slack.modals("U0ADA").map((one) => one.title)).toEqual(["One"]);
  response = { response_action: "clear" };
  await slack.submit("U0ADA", { Why: "x" });
  expect(slack.modals("U0ADA")).toEqual([]);
});

test("a response URL works five times in thirty minutes", async () => {
  const url = async () => String((await slack.slash("U0ADA", "status")).payload.response_url);
  const send = async (to: string, body: object) => {
    const answer = await fetch(to, {
      method: "POST",
      body: JSON.stringify(body),
      headers: { "content-type": "application/json" },
    });
    return `${answer.status} ${await answer.text()}`;
  };
  const first = await url();
  for (let use = 0; use < 5; use++) expect(await send(first, { text: "a" })).toBe("200 ok");
  expect(await send(first, { text: "a" })).toBe("404 used_url");
  expect(slack.ephemerals("U0ADA")).toHaveLength(5);
  const second = await url();
  expect(await send(second, { blocks: [{ type: "nope" }] })).toBe("400 invalid_blocks");
  slack.clock.advance(30 * 60_000 + 1);
  expect(await send(second, { text: "a" })).toBe("404 expired_url");
});

test("the response URL of a click replaces or deletes the message that was clicked, private ones too", async () => {
  const blocks = [
    { type: "actions" as const, elements: [{ type: "button" as const, action_id: "approve", text: plain("Approve") }] },
  ];
  const { message_ts = "" } = await client.chat.postEphemeral({
    channel: "C0IN",
    user: "U0ADA",
    text: "Sure?",
    blocks,
  });
  const pressed = await slack.click("U0ADA", message_ts, "Approve");
  expect(pressed?.payload).toMatchObject({
    container: { type: "message", message_ts, channel_id: "C0IN", is_ephemeral: true },
    actions: [{ action_id: "approve", type: "button" }],
  });
  expect(pressed?.payload).not.toHaveProperty("message");
  const send = (body: object) =>
    fetch(String(pressed?.payload.response_url), {
      method: "POST",
      body: JSON.stringify(body),
      headers: { "content-type": "application/json" },
    });
  await send({ replace_original: true, text: "Approved.", blocks: [] });
  expect(slack.ephemerals("U0ADA")).toMatchObject([{ ts: message_ts, text: "Approved.", blocks: [] }]);
  await send({ delete_original: true });
  expect(slack.ephemerals("U0ADA")).toEqual([]);
});
