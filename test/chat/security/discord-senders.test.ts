import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Interaction } from "../../support/discord/interactions.ts";
import type { Anybody } from "./council.ts";
import { type Deed, refused, refusedOnRecord, taken } from "./evidence.ts";
import { line } from "./lines.ts";
import { anew, openProgram, type Program } from "./program.ts";

let program: Program;
beforeAll(async () => {
  program = await openProgram({ slack: "socket" });
});
afterEach(() => anew(program));
afterAll(async () => {
  await program.stop();
  expect(program.discord.violations).toEqual([]);
});

type Overrides = Record<string, unknown>;
const id = (by: Anybody) => program.places.discord.user(by);
const notTheirs = "112233445566778899";

function approves(by: Anybody, overrides: Overrides = {}): Deed {
  const { discord } = program;
  return {
    room: "discord",
    by,
    act: () => discord.slash(id(by), "upgrade approve", { ceremony: "UP-1" }, { overrides }),
  };
}

/** The case beside its twin: the same person and words, without what is wrong. */
async function refusedUnless(deed: Deed, says: RegExp, twin: Deed = approves(deed.by)): Promise<void> {
  await refused(program, deed, says);
  program.pass(61);
  await taken(program, twin, "approved", /You approved UP-1/);
}

const member = (change: Overrides, user: Overrides = {}) => ({
  member: { user: { id: id("ben"), ...user }, ...change },
});

describe("who somebody is", () => {
  test(line("who/ids", "Discord"), async () => {
    const { by } = (await taken(program, approves("ben"), "approved")).data as { by: unknown };
    const account = `discord:${program.discord.guildId}:${id("ben")}`;
    expect(by).toMatchObject({ person: "ben", account });
    await refused(program, approves("nobody"), /belongs to nobody/);
  });

  test(line("who/name", "and e-mail"), async () => {
    const called = { username: "ben", global_name: "Ben", email: "ben@harbour.example" };
    const asTwin = { member: { user: { id: id("twin"), ...called }, nick: "Ben" } };
    await refusedUnless(
      approves("twin", asTwin),
      /belongs to nobody/,
      approves("ben", member({ nick: "Ben" }, called)),
    );
  });

  test(line("who/one-person", "on two platforms"), async () => {
    await taken(program, approves("ben"), "approved");
    const { slack } = program;
    const again: Deed = { room: "slack", by: "ben", act: () => slack.slash("U0BEN", "approve UP-1") };
    await refusedOnRecord(program, again, /one person has one vote, on every platform/);
  });
});

describe("where it comes from", () => {
  test(line("discord/application"), () =>
    refusedUnless(approves("ben", { application_id: notTheirs }), /meant for another application/),
  );

  test.each<[string, () => Overrides, RegExp]>([
    ["another", () => ({ guild_id: notTheirs }), /This server is not the council's/],
    ["none", () => ({ guild_id: undefined }), /listens only in the council's Discord server/],
  ])(`${line("discord/guild")}: %s`, (_, overrides, says) => refusedUnless(approves("ben", overrides()), says));

  test(line("discord/guild", "one that the bot is in too"), async () => {
    const { discord } = program;
    const other = discord.addGuild("Elsewhere");
    const channel = discord.addChannel(other.id, "upgrades").id;
    discord.addMember(other.id, id("ben"));
    const act = () => discord.slash(id("ben"), "upgrade approve", { ceremony: "UP-1" }, { channel, forged: true });
    await refusedUnless({ room: "discord", by: "ben", act }, /This server is not the council's/);
  });

  test.each<[string, Overrides]>([
    ["a conversation with the bot", { context: 1 }],
    ["a private channel", { context: 2 }],
    ["not said", { context: undefined }],
    ["said as text", { context: "0" }],
  ])(`${line("discord/context")}: %s`, (_, overrides) =>
    refusedUnless(approves("ben", overrides), /listens only in the council's Discord server/),
  );

  test.each<[string, () => Overrides | undefined]>([
    ["by a user", () => ({ "1": id("ben") })],
    ["by another server", () => ({ "0": notTheirs })],
    ["by nobody", () => ({})],
    ["not said", () => undefined],
  ])(`${line("discord/install")}: %s`, (_, owners) =>
    refusedUnless(approves("ben", { authorizing_integration_owners: owners() }), /not installed by this server itself/),
  );
});

describe("in what standing", () => {
  test.each<[string, () => Overrides]>([
    ["left out", () => ({ member: undefined })],
    ["a user instead", () => ({ member: undefined, user: { id: id("ben") } })],
    ["one without a user", () => ({ member: { roles: [] } })],
  ])(`${line("discord/member")}: %s`, (_, overrides) =>
    refusedUnless(approves("ben", overrides()), /does not say that you are a member/),
  );

  test.each<[string, Overrides]>([
    ["a bot", { bot: true }],
    ["a system user", { system: true }],
  ])(`${line("discord/bot")}: %s`, (_, user) =>
    refusedUnless(approves("ben", member({}, user)), /Bots take no part in a council/),
  );

  test(line("discord/bot", "by Discord's own answer"), async () => {
    const { discord } = program;
    discord.faults.next("GET /guilds/*/members/*", {
      kind: "status",
      status: 200,
      body: { user: { id: id("ben"), bot: true } },
    });
    await refusedUnless(approves("ben"), /Bots take no part in a council/);
  });

  test(line("discord/registry"), async () => {
    const { discord } = program;
    const approver = discord.addRole(discord.guildId, "approver").id;
    discord.addMember(discord.guildId, id("nobody"), [approver]);
    await refused(
      program,
      approves("nobody", { member: { user: { id: id("nobody") }, roles: [approver], permissions: "8" } }),
      /belongs to nobody/,
    );
    discord.addMember(discord.guildId, id("eve"), [approver]);
    await refusedOnRecord(program, approves("eve"), /approve|role/i);
    await taken(program, approves("ben"), "approved");
  });

  test(line("discord/registry", "for what is offered while somebody types"), async () => {
    const { discord } = program;
    const offered = async (by: Anybody) =>
      (await discord.autocomplete(id(by), "upgrade approve", { ceremony: "" }, "ceremony")).choices;
    expect(await offered("nobody")).toEqual([]);
    expect(await offered("ben")).toMatchObject([{ value: "UP-1" }]);
  });

  test.each([
    ["an error of its own", { kind: "status", status: 500 }, 2],
    ["a refusal", { kind: "status", status: 403, body: { code: 50001, message: "Missing Access" } }, 1],
    ["a broken connection", { kind: "drop", done: false }, 4],
    ["somebody else", { kind: "status", status: 200, body: { user: { id: "112233445566778899" } } }, 1],
    ["nothing of the user", { kind: "status", status: 200, body: { roles: [] } }, 1],
    ["silence", { kind: "hold", done: false }, 2],
  ] as const)(`${line("discord/unknown")}: %s`, async (_, fault, times) => {
    const { discord } = program;
    const armed = discord.faults.next("GET /guilds/*/members/*", fault, { times });
    await refused(program, approves("ben"), /could not say whether you are still a member/);
    expect(armed.hits).toBeGreaterThan(0);
    discord.faults.clear();
    await taken(program, approves("ben"), "approved");
  });
});

describe(line("discord/later"), () => {
  /** What was true when it was pressed is no longer when it arrives. */
  async function putOutMeanwhile(act: () => Promise<Interaction>): Promise<Interaction> {
    const { discord } = program;
    discord.gateway.deliver("held");
    const done = act();
    await discord.until(() => discord.interactions().at(-1)?.kind === undefined, "the deed");
    discord.removeMember(discord.guildId, id("ben"));
    discord.gateway.release();
    return done;
  }
  afterEach(() => program.discord.addMember(program.discord.guildId, id("ben")));
  const back = () => {
    program.discord.addMember(program.discord.guildId, id("ben"));
    program.pass(61);
  };

  test("between the card and the click", async () => {
    const { discord } = program;
    const card = discord.messages().find((one) => one.ephemeralFor === undefined && one.components.length > 0);
    if (card === undefined) throw new Error("There is no card.");
    const click = () => discord.click(id("ben"), card, "Approve");
    await refused(program, { room: "discord", by: "ben", act: () => putOutMeanwhile(click) }, /no longer a member/);
    back();
    await taken(program, { room: "discord", by: "ben", act: click }, "approved");
  });

  test("between the form and sending it", async () => {
    const { discord } = program;
    const opened = await discord.slash(id("ben"), "upgrade deny", { ceremony: "UP-1" });
    const send = () => discord.submit(id("ben"), opened, { Reason: "The fee is wrong." });
    program.pass(61);
    await refused(program, { room: "discord", by: "ben", act: () => putOutMeanwhile(send) }, /no longer a member/);
    back();
    await taken(program, { room: "discord", by: "ben", act: send }, "denied");
  });
});
