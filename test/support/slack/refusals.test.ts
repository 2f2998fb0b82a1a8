/** What Slack refuses, the loopback Slack refuses with the same code and place; a benign twin of each passes. */

import type { WebClient } from "@slack/web-api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { webClient } from "./bolt-app.ts";
import { blockTable, long, many, plain, section, viewTable } from "./refused-payloads.ts";
import { type SlackPlatform, startSlack } from "./slack.ts";

describe("payloads", () => {
  let slack: SlackPlatform;
  let client: WebClient;

  beforeAll(async () => {
    slack = await startSlack();
    slack.addUser({ id: "U0ADA", name: "ada" });
    slack.addUser({ id: "U0EVE", name: "eve" });
    slack.addChannel({ id: "C0IN", name: "council", members: ["U0ADA"] });
    slack.addChannel({ id: "C0OUT", name: "elsewhere", members: ["U0ADA"], invited: false });
    client = webClient(slack);
  });
  afterAll(() => slack.stop());

  /** The error code of a call, its places; or "ok". A refused payload must also be on record. */
  async function outcome(method: string, args: Record<string, unknown>): Promise<{ code: string; places: string[] }> {
    try {
      await client.apiCall(method, args);
      return { code: "ok", places: [] };
    } catch (fault) {
      const { data } = fault as { data: { error: string; response_metadata?: { messages?: string[] } } };
      const messages = data.response_metadata?.messages ?? [];
      return {
        code: data.error,
        places: messages.map((line) => /^\[ERROR\] .+ \[json-pointer:(.*)\]$/.exec(line)?.[1] ?? line),
      };
    }
  }

  test.each(blockTable)("blocks: %s", async (_what, bad, benign, place) => {
    const before = slack.violations.length;
    const refused = await outcome("chat.postMessage", { channel: "C0IN", text: "a", blocks: bad });
    expect(refused.code).toBe("invalid_blocks");
    expect(refused.places).toContain(place);
    expect(slack.violations.length).toBe(before + 1);
    const taken = await outcome("chat.postMessage", { channel: "C0IN", text: "a", blocks: benign });
    expect(taken).toEqual({ code: "ok", places: [] });
    expect(slack.violations.length).toBe(before + 1);
  });

  test.each(viewTable)("a modal: %s", async (_what, bad, benign, place) => {
    const trigger = async () => {
      slack.deliverTo("http://127.0.0.1:1/");
      const { payload } = await slack.slash("U0ADA", "form");
      return payload.trigger_id;
    };
    const refused = await outcome("views.open", { trigger_id: await trigger(), view: bad });
    expect(refused.code).toBe("invalid_arguments");
    expect(refused.places).toContain(place);
    expect(await outcome("views.open", { trigger_id: await trigger(), view: benign })).toMatchObject({ code: "ok" });
  });

  test.each<[string, string, Record<string, unknown>, Record<string, unknown>]>([
    ["msg_too_long", "chat.postMessage", { text: long(40_001) }, { text: long(40_000) }],
    [
      "msg_blocks_too_long",
      "chat.postMessage",
      { text: "a", blocks: many(5, () => section(plain(long(2401)))) },
      { text: "a", blocks: many(5, () => section(plain(long(2400)))) },
    ],
    ["invalid_blocks_format", "chat.postMessage", { text: "a", blocks: "[{" }, { text: "a", blocks: "[]" }],
    [
      "invalid_blocks",
      "chat.postMessage",
      { text: "a", attachments: [{ blocks: [section(plain(long(3001)))] }] },
      { text: "a", attachments: [{ color: "#ff0000", blocks: [section(plain(long(3000)))] }] },
    ],
    ["no_text", "chat.postMessage", { text: "" }, { text: "a" }],
    ["invalid_arguments", "chat.postMessage", { text: "a", colour: "red" }, { text: "a", mrkdwn: false }],
    ["channel_not_found", "chat.postMessage", { channel: "C0NONE", text: "a" }, { text: "a" }],
    ["not_in_channel", "chat.postMessage", { channel: "C0OUT", text: "a" }, { channel: "U0ADA", text: "a" }],
    ["thread_not_found", "chat.postMessage", { text: "a", thread_ts: "1.000000" }, { text: "a" }],
    ["user_not_found", "chat.postEphemeral", { user: "U0NONE", text: "a" }, { user: "U0ADA", text: "a" }],
    ["user_not_in_channel", "chat.postEphemeral", { user: "U0EVE", text: "a" }, { user: "U0ADA", text: "a" }],
    ["user_not_found", "users.info", { user: "U0NONE", channel: undefined }, { user: "U0EVE", channel: undefined }],
    ["unknown_method", "chat.shout", { text: "a" }, { text: "a" }],
  ])("%s from %s", async (code, method, bad, benign) => {
    expect((await outcome(method, { channel: "C0IN", ...bad })).code).toBe(code);
    const twin = method === "chat.shout" ? "chat.postMessage" : method;
    expect((await outcome(twin, { channel: "C0IN", ...benign })).code).toBe("ok");
  });

  test("a message is changed and taken away only by its author, and only while it is there", async () => {
    const { ts = "" } = await client.chat.postMessage({ channel: "C0IN", text: "card" });
    const at = { channel: "C0IN", ts };
    expect((await outcome("chat.update", { ...at, text: long(4001) })).code).toBe("msg_too_long");
    expect((await outcome("chat.update", { ...at, text: long(4000) })).code).toBe("ok");
    const theirs = slack.say("U0ADA", "C0IN", "hello");
    expect((await outcome("chat.update", { channel: "C0IN", ts: theirs.ts, text: "a" })).code).toBe(
      "cant_update_message",
    );
    expect((await outcome("chat.delete", { channel: "C0IN", ts: theirs.ts })).code).toBe("cant_delete_message");
    expect((await outcome("chat.delete", at)).code).toBe("ok");
    expect((await outcome("chat.update", { ...at, text: "a" })).code).toBe("message_not_found");
    const { message_ts = "" } = await client.chat.postEphemeral({ channel: "C0IN", user: "U0ADA", text: "private" });
    expect((await outcome("chat.update", { channel: "C0IN", ts: message_ts, text: "a" })).code).toBe(
      "message_not_found",
    );
  });

  test("what an update does not name stays; an empty list takes the blocks away", async () => {
    const metadata = { event_type: "card", event_payload: { key: "UP-1" } };
    const { ts = "" } = await client.chat.postMessage({
      channel: "C0IN",
      text: "a",
      blocks: [{ type: "divider" }],
      metadata,
    });
    const card = () => slack.messages("C0IN").find((one) => one.ts === ts);
    await client.chat.update({ channel: "C0IN", ts, text: "b" });
    expect(card()).toMatchObject({ text: "b", blocks: [{ type: "divider" }], metadata, edits: 1 });
    await client.chat.update({ channel: "C0IN", ts, text: "b", blocks: [] });
    expect(card()).toMatchObject({ blocks: [], metadata, edits: 2 });
  });

  test("a token opens what it is for, and its scopes allow", async () => {
    const as = (token: string) => webClient(slack, { token });
    const code = (call: Promise<unknown>) =>
      call.then(
        () => "ok",
        (fault: { data: { error: string } }) => fault.data.error,
      );
    expect(await code(as("").auth.test())).toBe("not_authed");
    expect(await code(as("xoxb-stolen").auth.test())).toBe("invalid_auth");
    expect(await code(as(slack.appToken).auth.test())).toBe("not_allowed_token_type");
    expect(await code(as(slack.botToken).apps.connections.open({}))).toBe("not_allowed_token_type");
    expect(await code(client.auth.test())).toBe("ok");
    expect(await code(client.conversations.history({ channel: "C0IN" }))).toBe("missing_scope");
    expect(await code(client.conversations.info({ channel: "C0IN" }))).toBe("missing_scope");
  });
});
