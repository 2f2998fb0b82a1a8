/** Reading channels back, where the scopes for it are granted. */

import { expect, test } from "vitest";
import { webClient } from "./bolt-app.ts";
import { startSlack } from "./slack.ts";

test("history is newest first without replies, replies oldest first, metadata on request, pages by cursor", async () => {
  const slack = await startSlack({ scopes: ["chat:write", "channels:history", "channels:read"] });
  slack.addChannel({ id: "C0IN", name: "council" });
  const client = webClient(slack);
  const metadata = { event_type: "card", event_payload: { key: "UP-1" } };
  const { ts: first = "" } = await client.chat.postMessage({ channel: "C0IN", text: "one", metadata });
  const { ts: reply } = await client.chat.postMessage({ channel: "C0IN", text: "reply", thread_ts: first });
  const { ts: second } = await client.chat.postMessage({ channel: "C0IN", text: "two" });

  const page = await client.conversations.history({ channel: "C0IN", limit: 1 });
  expect(page.messages?.map((one) => one.ts)).toEqual([second]);
  const cursor = page.response_metadata?.next_cursor ?? "";
  const rest = await client.conversations.history({ channel: "C0IN", cursor, include_all_metadata: true });
  expect(rest.messages?.map((one) => [one.ts, one.metadata])).toEqual([[first, metadata]]);
  const thread = await client.conversations.replies({ channel: "C0IN", ts: first });
  expect(thread.messages?.map((one) => [one.ts, one.metadata])).toEqual([
    [first, undefined],
    [reply, undefined],
  ]);
  const { channel } = await client.conversations.info({ channel: "C0IN" });
  expect(channel?.is_member).toBe(true);
  const { permalink } = await client.chat.getPermalink({ channel: "C0IN", message_ts: first });
  expect(permalink).toBe(`https://council.slack.com/archives/C0IN/p${first.replace(".", "")}`);
  expect(slack.violations).toEqual([]);
  await slack.stop();
});

test("a profile says what Slack knows of a person, and changes with it", async () => {
  const slack = await startSlack({ team: { enterprise: { id: "E0ORG", name: "Org" } } });
  slack.addTeam({ id: "T0GUESTS" });
  slack.addUser({ id: "U0ADA", enterprise: "E0ORG" });
  slack.addUser({ id: "U0GUEST", team: "T0GUESTS", stranger: true, restricted: true });
  const client = webClient(slack);
  const profile = async (user: string) => (await client.users.info({ user })).user;
  expect(await profile("U0ADA")).toMatchObject({
    team_id: "T0COUNCIL",
    deleted: false,
    is_bot: false,
    is_restricted: false,
    is_ultra_restricted: false,
    enterprise_user: { enterprise_id: "E0ORG" },
  });
  expect(await profile("U0GUEST")).toMatchObject({ team_id: "T0GUESTS", is_stranger: true, is_restricted: true });
  slack.setUser("U0ADA", { deleted: true });
  expect(await profile("U0ADA")).toMatchObject({ deleted: true });
  await slack.stop();
});

test("arguments may come as JSON too, and the token among them", async () => {
  const slack = await startSlack();
  slack.addChannel({ id: "C0IN", name: "council" });
  const call = async (headers: Record<string, string>, body: object) => {
    const url = `${slack.apiUrl}chat.postMessage`;
    const json = { "content-type": "application/json; charset=utf-8", ...headers };
    return (await fetch(url, { method: "POST", headers: json, body: JSON.stringify(body) })).json();
  };
  const args = { channel: "C0IN", text: "true", blocks: [{ type: "divider" }] };
  expect(await call({ authorization: `Bearer ${slack.botToken}` }, args)).toMatchObject({ ok: true });
  expect(await call({}, { token: slack.botToken, ...args })).toMatchObject({ ok: true });
  expect(await call({}, args)).toEqual({ ok: false, error: "not_authed" });
  expect(slack.messages("C0IN").map((one) => one.text)).toEqual(["true", "true"]);
  await slack.stop();
});
