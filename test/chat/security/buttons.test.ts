import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { buttonToken, storedButton } from "../../../src/chat/buttons.ts";
import { buttonsOf, type CardButtons, inDiscord, inSlack, named } from "./card-buttons.ts";
import { nothing, refused, refusedOnRecord, taken } from "./evidence.ts";
import { line } from "./lines.ts";
import { anew, openProgram, type Program } from "./program.ts";

let program: Program;
let secret: Uint8Array;
let slackCard: CardButtons;
let discordCard: CardButtons;
beforeAll(async () => {
  program = await openProgram();
  slackCard = inSlack(program);
  discordCard = inDiscord(program);
  secret = await program.store.secret("buttons");
});
afterEach(() => anew(program));
afterAll(async () => {
  await program.stop();
  expect(program.slack.violations).toEqual([]);
  expect(program.discord.violations).toEqual([]);
});

const unknown = /does not know this button|nothing that Quorate offers now/;
const other = (character: string) => (character === "A" ? "B" : "A");
/** The same with its character at `at` changed. */
const changed = (token: string, at: number) => `${token.slice(0, at)}${other(token.charAt(at))}${token.slice(at + 1)}`;

test(line("button/opaque"), async () => {
  for (const token of [slackCard.token(), discordCard.token()]) expect(token).toMatch(/^q1\.[\w-]{22}\.[\w-]{22}$/);
  expect(slackCard.actionId()).toMatch(/^quorate:[0-9]+$/);
  // What it does is in the store alone, under that id.
  const [, key = ""] = slackCard.token().split(".");
  expect(await program.store.button(key)).toMatchObject({
    command: "approve",
    options: { ceremony: "UP-1" },
    revision: 1,
  });
  await taken(program, slackCard.press("ben"), "approved");
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
    await refused(program, slackCard.press("ben", forge(slackCard.token())), unknown);
    await taken(program, slackCard.press("ben"), "approved");
  });

  test.each(forgeries)("%s, in Discord", async (_, forge) => {
    await refused(program, discordCard.press("ben", forge(discordCard.token())), unknown);
    await taken(program, discordCard.press("ben"), "approved");
  });

  test("nothing at all, in Slack", async () => {
    await refused(program, slackCard.press("ben", ""), unknown);
    await taken(program, slackCard.press("ben"), "approved");
  });
});

describe(line("button/elsewhere"), () => {
  const approveRow = async () => {
    const row = await program.store.button(slackCard.token().split(".")[1] ?? "");
    if (row === undefined) throw new Error("The card's button is not kept.");
    return row;
  };

  test("Discord's in Slack, and Slack's in Discord", async () => {
    const inDiscord = discordCard.token();
    const inSlack = slackCard.token();
    await refused(program, slackCard.press("ben", inDiscord), unknown);
    await refused(program, discordCard.press("ben", inSlack), unknown);
    await taken(program, slackCard.press("ben", inSlack), "approved");
    await anew(program);
    await taken(program, discordCard.press("ben"), "approved");
  });

  test("one made for another workspace", async () => {
    const row = await approveRow();
    await refused(program, slackCard.press("ben", buttonToken(secret, "slack:T0SECOND", row)), unknown);
    await refused(
      program,
      discordCard.press("ben", buttonToken(secret, "discord:112233445566778899", row, "do")),
      unknown,
    );
    await taken(program, slackCard.press("ben", buttonToken(secret, "slack:T0COUNCIL", row)), "approved");
  });

  test("one for another step", async () => {
    const row = await approveRow();
    const where = `discord:${program.discord.guildId}`;
    for (const step of ["submit", "open", ""])
      await refused(program, discordCard.press("ben", buttonToken(secret, where, row, step)), unknown);
    await taken(program, discordCard.press("ben", buttonToken(secret, where, row, "do")), "approved");
  });

  test("one copied from somebody's private answer is pressed as whoever presses it", async () => {
    const { slack } = program;
    await slack.slash("U0CARO", "status UP-1");
    const shown = await slack.until(() => slack.ephemerals("U0CARO").at(-1), "Caro sees UP-1");
    const copied = named(buttonsOf(shown), "Approve").value;
    await refused(program, slackCard.press("nobody", copied), /belongs to nobody/);
    const { data } = await taken(program, slackCard.press("ben", copied), "approved");
    expect(data).toMatchObject({ by: { person: "ben" } });
  });
});

test(line("button/actor", "without the role"), async () => {
  await refusedOnRecord(program, slackCard.press("eve"), /approve|role/i);
  await refusedOnRecord(program, discordCard.press("eve"), /approve|role/i);
  await taken(program, slackCard.press("ben"), "approved");
});

test(line("button/actor", "somebody of nobody"), async () => {
  await refused(program, slackCard.press("nobody"), /belongs to nobody/);
  await refused(program, discordCard.press("nobody"), /belongs to nobody/);
  await taken(program, discordCard.press("ben"), "approved");
});

describe("what was written in a channel", () => {
  const says = "/upgrade approve UP-1";

  test(line("text/message", "Slack"), async () => {
    const { slack, places } = program;
    const { user, channel, team } = places.slack;
    await taken(program, { room: "slack", by: "ben", act: () => slack.slash("U0BEN", "approve UP-1") }, "approved");
    const { api_app_id } = slack.delivered.at(-1)?.payload ?? {};
    await anew(program);
    slack.say(user("ben"), channel, says);
    for (const [at, type] of ["message", "app_mention"].entries()) {
      const event = { type, user: user("ben"), channel, channel_type: "channel", text: says, ts: `1.${at}` };
      const about = { type: "event_callback", token: "x", team_id: team, api_app_id, event_id: `Ev0TEXT${at}` };
      const { body, headers } = slack.sign("events_api", { ...about, event });
      await nothing(program, () => slack.deliverRaw(body, headers));
    }
  });

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
