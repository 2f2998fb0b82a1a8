import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { buttonToken, storedButton } from "../../../src/chat/buttons.ts";
import type { Interaction } from "../../support/discord/interactions.ts";
import type { Message as DiscordMessage } from "../../support/discord/world.ts";
import type { Anybody } from "./council.ts";
import { type Deed, left, nothing, refused, refusedOnRecord, taken } from "./evidence.ts";
import { line } from "./lines.ts";
import { anew, openProgram, type Program } from "./program.ts";

let program: Program;
let secret: Uint8Array;
beforeAll(async () => {
  program = await openProgram();
  secret = await program.store.secret("buttons");
});
afterEach(() => anew(program));
afterAll(async () => {
  await program.stop();
  expect(program.slack.violations).toEqual([]);
  expect(program.discord.violations).toEqual([]);
});

interface SlackButton {
  value: string;
  action_id: string;
  text: { text: string };
}

function slackButton(label = "Approve"): { ts: string; button: SlackButton } {
  const { slack, places } = program;
  const card = slack.messages(places.slack.channel).find((one) => one.threadTs === undefined);
  const elements = (card?.blocks ?? []).flatMap((one) =>
    one.type === "actions" ? (one.elements as SlackButton[]) : [],
  );
  const button = elements.find((one) => one.text.text === label);
  if (card === undefined || button === undefined) throw new Error(`The card in Slack has no ${label}.`);
  return { ts: card.ts, button };
}

function discordCard(): DiscordMessage {
  const card = program.discord.messages().find((one) => one.ephemeralFor === undefined && one.components.length > 0);
  if (card === undefined) throw new Error("There is no card in Discord.");
  return card;
}

function discordToken(label = "Approve"): string {
  const rows = discordCard().components as { components: { label: string; custom_id: string }[] }[];
  const found = rows.flatMap((one) => one.components).find((one) => one.label === label);
  if (found === undefined) throw new Error(`The card in Discord has no ${label}.`);
  return found.custom_id;
}

/** Presses the card's button, which now carries something else where `value` is given. */
function pressInSlack(by: Anybody, value?: string): Deed {
  const { slack, places } = program;
  const { ts, button } = slackButton();
  const actions = [
    { type: "button", action_id: button.action_id, block_id: "b", value, action_ts: `${crypto.randomUUID()}` },
  ];
  const overrides = value === undefined ? {} : { actions };
  return { room: "slack", by, act: () => slack.click(places.slack.user(by), ts, "Approve", { overrides }) };
}

function pressInDiscord(by: Anybody, token = "Approve"): Deed {
  const { discord, places } = program;
  const act = (): Promise<Interaction> =>
    discord.click(places.discord.user(by), discordCard(), token, { forged: token !== "Approve" });
  return { room: "discord", by, act };
}

const unknown = /does not know this button|nothing that Quorate offers now/;
const other = (character: string) => (character === "A" ? "B" : "A");
/** The same with its character at `at` changed. */
const changed = (token: string, at: number) => `${token.slice(0, at)}${other(token.charAt(at))}${token.slice(at + 1)}`;

test(line("button/opaque"), async () => {
  const { revision, id } = await program.stage.state();
  for (const token of [slackButton().button.value, discordToken()]) {
    expect(token).toMatch(/^q1\.[\w-]{22}\.[\w-]{22}$/);
    for (const told of ["approve", id, "UP", `${revision}.`])
      expect(token.replace(/^q1\./, "")).not.toContain(`${told}:`);
  }
  expect(slackButton().button.action_id).toMatch(/^quorate:[0-9]+$/);
  // What it does is in the store alone, under that id.
  const [, key = ""] = slackButton().button.value.split(".");
  expect(await program.store.button(key)).toMatchObject({
    command: "approve",
    options: { ceremony: "UP-1" },
    revision: 1,
  });
  await taken(program, pressInSlack("ben"), "approved");
});

describe(line("button/forged"), () => {
  const forgeries: [string, (token: string) => string][] = [
    ["another id", (token) => changed(token, 5)],
    ["another code", (token) => changed(token, 30)],
    ["its last sign changed", (token) => changed(token, token.length - 1)],
    ["no code", (token) => token.split(".").slice(0, 2).join(".")],
    ["words", () => "approve UP-1"],
    ["a code for an id that no card had", () => tokenFor({ ceremony: "UP-1", digest: `0x${"0".repeat(64)}` })],
    ["a code of another secret", () => tokenFor({ ceremony: "UP-1" }, new Uint8Array(32))],
  ];
  const tokenFor = (options: Record<string, string>, key = secret) =>
    buttonToken(
      key,
      `slack:${program.places.slack.team}`,
      storedButton({ label: "Approve", command: "approve", options, style: "primary" }),
    );

  test.each(forgeries)("%s, in Slack", async (_, forge) => {
    await refused(program, pressInSlack("ben", forge(slackButton().button.value)), unknown);
    await taken(program, pressInSlack("ben"), "approved");
  });

  test.each(forgeries)("%s, in Discord", async (_, forge) => {
    await refused(program, pressInDiscord("ben", forge(discordToken())), unknown);
    await taken(program, pressInDiscord("ben"), "approved");
  });

  test("nothing at all, in Slack", async () => {
    await refused(program, pressInSlack("ben", ""), unknown);
    await taken(program, pressInSlack("ben"), "approved");
  });
});

describe(line("button/elsewhere"), () => {
  const approveRow = async () => {
    const row = await program.store.button(slackButton().button.value.split(".")[1] ?? "");
    if (row === undefined) throw new Error("The card's button is not kept.");
    return row;
  };

  test("Discord's in Slack, and Slack's in Discord", async () => {
    const inDiscord = discordToken();
    const inSlack = slackButton().button.value;
    await refused(program, pressInSlack("ben", inDiscord), unknown);
    await refused(program, pressInDiscord("ben", inSlack), unknown);
    await taken(program, pressInSlack("ben", inSlack), "approved");
    await anew(program);
    await taken(program, pressInDiscord("ben"), "approved");
  });

  test("one made for another workspace", async () => {
    const row = await approveRow();
    await refused(program, pressInSlack("ben", buttonToken(secret, "slack:T0SECOND", row)), unknown);
    await refused(
      program,
      pressInDiscord("ben", buttonToken(secret, "discord:112233445566778899", row, "do")),
      unknown,
    );
    await taken(program, pressInSlack("ben", buttonToken(secret, "slack:T0COUNCIL", row)), "approved");
  });

  test("one for another step", async () => {
    const row = await approveRow();
    const where = `discord:${program.discord.guildId}`;
    for (const step of ["submit", "open", ""])
      await refused(program, pressInDiscord("ben", buttonToken(secret, where, row, step)), unknown);
    await taken(program, pressInDiscord("ben", buttonToken(secret, where, row, "do")), "approved");
  });

  test("one copied from somebody's private answer is pressed as whoever presses it", async () => {
    const { slack } = program;
    await slack.slash("U0CARO", "status UP-1");
    const shown = await slack.until(() => slack.ephemerals("U0CARO").at(-1), "Caro sees UP-1");
    const elements = shown.blocks.flatMap((one) => (one.type === "actions" ? (one.elements as SlackButton[]) : []));
    const copied = elements.find((one) => one.text.text === "Approve")?.value ?? "";
    await refused(program, pressInSlack("nobody", copied), /belongs to nobody/);
    const { data } = await taken(program, pressInSlack("ben", copied), "approved");
    expect(data).toMatchObject({ by: { person: "ben" } });
  });
});

test(line("button/actor", "without the role"), async () => {
  await refusedOnRecord(program, pressInSlack("eve"), /approve|role/i);
  await refusedOnRecord(program, pressInDiscord("eve"), /approve|role/i);
  await taken(program, pressInSlack("ben"), "approved");
});

test(line("button/actor", "the author of the package"), async () => {
  await refusedOnRecord(program, pressInSlack("ada"), /Ada|approve|propos/i);
  await taken(program, pressInSlack("ben"), "approved");
});

test(line("button/actor", "somebody of nobody"), async () => {
  await refused(program, pressInSlack("nobody"), /belongs to nobody/);
  await refused(program, pressInDiscord("nobody"), /belongs to nobody/);
  await taken(program, pressInDiscord("ben"), "approved");
});

describe("what was written in a channel", () => {
  const says = "/upgrade approve UP-1";

  test(line("text/message", "Slack"), async () => {
    const { slack, places } = program;
    const { user, channel, team } = places.slack;
    const event = (type: string, at: number) => ({
      ...{ type: "event_callback", token: "x", team_id: team, api_app_id: slack.sign.length > 0 ? appId() : "" },
      event_id: `Ev0TEXT${at}`,
      event: { type, user: user("ben"), channel, channel_type: "channel", text: says, ts: `1.${at}` },
    });
    const appId = () => `${slack.delivered.find((one) => one.payload.api_app_id !== undefined)?.payload.api_app_id}`;
    await taken(program, { room: "slack", by: "ben", act: () => slack.slash("U0BEN", "approve UP-1") }, "approved");
    await anew(program);
    const words = slack.say(user("ben"), channel, says);
    for (const [at, type] of ["message", "app_mention", "message.im"].entries())
      await nothing(program, () => slack.deliverRaw(...eventRequest(event(type, at))));
    expect(slack.messages(channel)).toContain(words);
  });
  const eventRequest = (payload: Record<string, unknown>): [string, Record<string, string>] => {
    const { body, headers } = program.slack.sign("events_api", payload);
    return [body, headers];
  };

  test(line("text/message", "Discord"), async () => {
    const { discord, places } = program;
    const author = { id: places.discord.user("ben"), username: "ben", discriminator: "0", avatar: null };
    const channel_id = discord.channelId;
    const said = { id: "1573755278468317999", channel_id, guild_id: discord.guildId, author, content: says };
    const rest = {
      timestamp: "2026-01-01T00:00:00.000Z",
      mentions: [],
      mention_roles: [],
      attachments: [],
      embeds: [],
      type: 0,
    };
    await nothing(program, async () => discord.gateway.dispatch("MESSAGE_CREATE", { ...said, ...rest }));
    const act = () => discord.slash(author.id, "upgrade approve", { ceremony: "UP-1" });
    await taken(program, { room: "discord", by: "ben", act }, "approved");
  });
});

/** From here on UP-1 moves on: each case finds what the one before left. */
describe("what a button was offered for is over", () => {
  let early: { slack: string; discord: string };

  test(line("button/revision"), async () => {
    early = { slack: slackButton().button.value, discord: discordToken() };
    const { quorate } = program.stage;
    const send = (command: string, options: Record<string, string>) =>
      quorate.dispatch({ command, options, account: "console:ada", deliveryId: crypto.randomUUID() }, () => undefined);
    await send("propose", { target: "harbour", release: "2.0.0", revises: "UP-1", rationale: "Once more." });
    await send("check", { ceremony: "UP-1" });
    await program.quiet();
    expect(await program.stage.state()).toMatchObject({ status: "in review", revision: 2 });
    await refused(program, pressInSlack("ben", early.slack), /was for revision 1 of UP-1, which is at revision 2 now/);
    await refused(
      program,
      pressInDiscord("ben", early.discord),
      /was for revision 1 of UP-1, which is at revision 2 now/,
    );
    await taken(program, pressInSlack("ben"), "approved");
  });

  test(line("button/expiry"), async () => {
    const late = { slack: slackButton().button.value, discord: discordToken() };
    await taken(program, pressInSlack("ben"), "approved");
    await program.stage.wait(259_300n, 12);
    expect((await program.stage.state()).status).toBe("expired");
    const { ts } = ofTheCard();
    const { slack, discord, places } = program;
    const actions = [{ type: "button", action_id: "quorate:0", block_id: "b", value: late.slack, action_ts: "9.9" }];
    const inSlack: Deed = {
      room: "slack",
      by: "caro",
      act: () => slack.click("U0CARO", ts, "Show", { overrides: { actions } }),
    };
    await refusedOnRecord(program, inSlack, /is expired/);
    const act = () => discord.click(places.discord.user("caro"), discordCard(), late.discord, { forged: true });
    await refusedOnRecord(program, { room: "discord", by: "caro", act }, /is expired/);
  });

  const ofTheCard = () => slackButton("Show");
});

describe("a ceremony that ended", () => {
  let ended: Program;
  afterAll(() => ended?.stop());

  test(line("button/state"), async () => {
    ended = await openProgram();
    const before = program;
    program = ended;
    try {
      const { value } = slackButton().button;
      const token = discordToken();
      await taken(program, pressInSlack("ben"), "approved");
      const { slack, discord, places } = program;
      const cancel: Deed = {
        room: "slack",
        by: "caro",
        act: () => slack.slash("U0CARO", "cancel UP-1 reason=superseded"),
      };
      await taken(program, cancel, "cancelled");
      const { ts } = slackButton("Show");
      const actions = [{ type: "button", action_id: "quorate:0", block_id: "b", value, action_ts: "9.9" }];
      const inSlack: Deed = {
        room: "slack",
        by: "caro",
        act: () => slack.click("U0CARO", ts, "Show", { overrides: { actions } }),
      };
      const { data } = await refusedOnRecord(program, inSlack, /is cancelled/);
      expect(data).toMatchObject({ code: "state/cancelled" });
      const act = () => discord.click(places.discord.user("caro"), discordCard(), token, { forged: true });
      await refusedOnRecord(program, { room: "discord", by: "caro", act }, /is cancelled/);
      expect((await left(program)).events.filter((one) => one.includes(" approved "))).toHaveLength(1);
    } finally {
      program = before;
    }
  });
});
