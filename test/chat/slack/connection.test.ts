/** Connections that fail, heal and are renewed; and deliveries that are not what Slack sends. */

import { afterEach, describe, expect, it } from "vitest";
import { card } from "../console/sample-cards.ts";
import { openSetting, type Setting, type SettingOptions, team, upgrades, wordsOf } from "./council.ts";

let setting: Setting | undefined;
const open = async (options?: SettingOptions) => {
  const opened = await openSetting(options);
  setting = opened;
  return opened;
};
afterEach(async () => {
  await setting?.stop();
  setting = undefined;
});

const health = () => setting?.adapter.health?.();

/** Once the adapter is up and Slack has a connection to it, a command is answered. */
async function works(count = 1): Promise<void> {
  if (setting === undefined) throw new Error("Nothing is open.");
  const { slack } = setting;
  await slack.until(() => slack.socket.connections() > 0, "there is a connection");
  await expect.poll(() => health()?.state, { timeout: 20_000 }).toBe("up");
  await slack.slash("UADA", "show UP-1");
  await slack.until(() => slack.ephemerals("UADA").length >= count, "the command is answered");
}

describe("Socket Mode", () => {
  it("is up after hello, and answers", async () => {
    await open();
    expect(health()).toMatchObject({ state: "up", reason: "" });
    await works();
  });

  it.each([
    ["apps.connections.open", { kind: "status", status: 503 }],
    ["apps.connections.open", { kind: "error", error: "invalid_auth" }],
    ["auth.test", { kind: "status", status: 503 }],
    ["auth.test", { kind: "error", error: "invalid_auth" }],
    ["auth.test", { kind: "drop", when: "before" }],
  ] as const)("starts although %s meets %o, says that it is down, and heals by itself", async (method, fault) => {
    const { adapter } = await open({ before: (slack) => slack.faults.next(method, fault, { times: 2 }) });
    expect(adapter.health?.()).toMatchObject({ state: "down", reason: expect.stringMatching(/^Slack .*\.$/) });
    await works();
  });

  it("shows nothing before Slack has said who the bot is, and says so", async () => {
    const { adapter } = await open({
      before: (slack) => slack.faults.next("auth.test", { kind: "status", status: 503 }),
    });
    await expect(adapter.show(card())).rejects.toThrow("HTTP status 503");
    await works();
    await adapter.show(card());
  });

  it.each(["warning", "refresh_requested"] as const)("comes back when Slack says %s", async (reason) => {
    const { slack } = await open();
    slack.socket.disconnect(reason);
    await slack.until(() => slack.socket.opened() > 1, "a second connection");
    await works();
  });

  it("comes back when the connection is cut, and when the token does not hold for a while", async () => {
    const { slack } = await open();
    slack.faults.next("apps.connections.open", { kind: "error", error: "invalid_auth" }, { times: 2 });
    slack.socket.kill();
    await expect.poll(() => health()?.reason).toContain("invalid_auth");
    expect(health()).toMatchObject({ state: "down" });
    await works();
  });

  it("is down while the bot's token is revoked, and up when Slack takes it again", async () => {
    const { slack, adapter } = await open();
    slack.faults.next("chat.postMessage", { kind: "error", error: "token_revoked" });
    await expect(adapter.show(card())).rejects.toThrow("token_revoked");
    expect(health()).toMatchObject({ state: "down", reason: expect.stringContaining("renew SLACK_BOT_TOKEN") });
    await works();
    await adapter.show(card());
    expect(slack.messages(upgrades)).toHaveLength(1);
  });

  it.each([
    "null",
    "7",
    "no JSON",
    "{}",
    '{"type":"events_api"}',
    '{"type":"events_api","envelope_id":"1","payload":{"event":{}}}',
    '{"type":"slash_commands"}',
    '{"type":"slash_commands","envelope_id":"2","payload":{"command":"/upgrade","text":7}}',
    '{"type":"interactive","envelope_id":"3","payload":{"type":"block_actions"}}',
    '{"type":"interactive","envelope_id":"4","payload":{"type":"view_submission","view":{}}}',
    '{"type":"interactive","envelope_id":"5","payload":null}',
    '{"type":"error"}',
  ])("survives the frame %s", async (frame) => {
    const { slack, asked } = await open();
    slack.socket.sendRaw(frame);
    await works();
    expect(asked).toHaveLength(1);
  });

  it("leaves no connection behind when it stops", async () => {
    const { slack, adapter } = await open();
    await adapter.stop();
    await slack.until(() => slack.socket.connections() === 0, "no connection is left");
  });
});

describe("what no retry mends ends the start", () => {
  it("a token of another team", async () => {
    await expect(openSetting({ config: { teamIds: ["T0OTHER"] } })).rejects.toThrow(
      `SLACK_BOT_TOKEN belongs to the Slack team ${team}, which SLACK_TEAM_IDS does not name.`,
    );
  });

  it("no channel for upgrades", async () => {
    const start = openSetting({ policy: (policy) => ({ ...policy, channels: { upgrades: ["console:upgrades"] } }) });
    await expect(start).rejects.toThrow("channels.yaml names no Slack channel for upgrades");
  });
});

describe("HTTP", () => {
  const http = () => open({ mode: "http" });
  const command = (slack: Setting["slack"]) => ({
    token: "x",
    team_id: team,
    team_domain: "council",
    channel_id: upgrades,
    channel_name: "upgrades",
    user_id: "UADA",
    user_name: "ada",
    command: "/upgrade",
    text: "show UP-1",
    api_app_id: slack.appId,
    is_enterprise_install: "false",
    response_url: `${new URL(slack.apiUrl).origin}/commands/none`,
    trigger_id: "1.2.abc",
  });

  it.each([0, 299, -299])("takes a request that is %i s old", async (age) => {
    const { slack, asked } = await http();
    const { body, headers } = slack.sign("slash_commands", command(slack), age);
    expect(await slack.deliverRaw(body, headers)).toMatchObject({ status: 200, body: "" });
    await expect.poll(() => asked.length).toBe(1);
  });

  it.each([302, -302, 86_400, -86_400])("refuses one that is %i s old", async (age) => {
    const { slack, asked } = await http();
    const { body, headers } = slack.sign("slash_commands", command(slack), age);
    expect(await slack.deliverRaw(body, headers)).toMatchObject({ status: 401 });
    expect(asked).toEqual([]);
  });

  it("takes a signed request once, and a replay never", async () => {
    const { slack, asked } = await http();
    const { body, headers } = slack.sign("slash_commands", command(slack));
    await slack.deliverRaw(body, headers);
    expect(await slack.deliverRaw(body, headers)).toMatchObject({ status: 409 });
    slack.clock.advance(200_000);
    expect(await slack.deliverRaw(body, headers)).toMatchObject({ status: 409 });
    await expect.poll(() => asked.length).toBe(1);
  });

  it.each<[string, (headers: Record<string, string>) => Record<string, string>]>([
    ["no signature", ({ "x-slack-signature": _, ...rest }) => rest],
    ["no timestamp", ({ "x-slack-request-timestamp": _, ...rest }) => rest],
    ["another signature", (headers) => ({ ...headers, "x-slack-signature": `v0=${"0".repeat(64)}` })],
    ["a signature of no shape", (headers) => ({ ...headers, "x-slack-signature": "v0=xyz" })],
    [
      "another timestamp",
      (headers) => ({
        ...headers,
        "x-slack-request-timestamp": String(Number(headers["x-slack-request-timestamp"]) + 1),
      }),
    ],
  ])("refuses a request with %s", async (_, forge) => {
    const { slack, asked } = await http();
    const { body, headers } = slack.sign("slash_commands", command(slack));
    expect(await slack.deliverRaw(body, forge(headers))).toMatchObject({ status: 401 });
    expect(asked).toEqual([]);
    expect(await slack.deliverRaw(body, headers)).toMatchObject({ status: 200 });
  });

  it("refuses a body that is not the one that was signed", async () => {
    const { slack, asked } = await http();
    const { body, headers } = slack.sign("slash_commands", command(slack));
    expect(await slack.deliverRaw(body.replace("show", "deny"), headers)).toMatchObject({ status: 401 });
    expect(asked).toEqual([]);
  });

  it.each([
    [{ type: "block_actions" }],
    [{ type: "view_submission", view: {} }],
    [
      {
        type: "view_submission",
        view: { id: "V1", private_metadata: "x", callback_id: "quorate:deny", state: { values: {} } },
      },
    ],
    [{ type: "nothing known" }],
    [{}],
  ])("survives the interaction %o", async (payload) => {
    const { slack, asked } = await http();
    const { body, headers } = slack.sign("interactive", payload);
    await slack.deliverRaw(body, headers);
    await slack.slash("UADA", "show UP-1");
    await expect.poll(() => asked.length).toBe(1);
  });

  it("does not answer for a command that is not its own", async () => {
    const { slack, asked } = await http();
    expect(await slack.slash("UADA", "x", { command: "/other" })).toMatchObject({ acked: false, status: 404 });
    expect(asked).toEqual([]);
  });

  it("answers Slack's question for the address", async () => {
    const { slack } = await http();
    expect((await slack.event({ type: "url_verification", challenge: "abc" })).body).toEqual({ challenge: "abc" });
  });

  it("acts on no message text", async () => {
    const { slack, asked } = await http();
    await slack.event({
      type: "event_callback",
      team_id: team,
      api_app_id: slack.appId,
      event_id: "Ev1",
      event: { type: "message", channel: upgrades, user: "UADA", text: "/upgrade approve UP-1", ts: "1.1" },
    });
    await slack.slash("UADA", "show UP-1");
    await expect.poll(() => asked.map((one) => one.command)).toEqual(["show"]);
  });

  it("repeats nothing that somebody typed as a mention", async () => {
    const { slack } = await http();
    await slack.slash("UADA", '"<!channel> @here *x*"');
    const answer = await slack.until(() => slack.ephemerals("UADA")[0], "an answer");
    expect(wordsOf(answer.blocks)).toContain("<!channel> @here *x*");
    expect(answer.text).not.toMatch(/<!|@here|\*/);
  });
});
