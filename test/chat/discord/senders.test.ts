import { describe, expect, it } from "vitest";
import { memberRefusal } from "../../../src/chat/discord/sender.ts";
import { expectHouseStyle } from "../../support/house-style.ts";
import { readOf } from "./message-text.ts";
import { type OpenDiscord, openDiscord } from "./open-discord.ts";

const user = { id: "112233445566778899" };

/** How an interaction differs from a sincere one. */
const rows: {
  says: string;
  overrides: (open: OpenDiscord) => Record<string, unknown>;
}[] = [
  { says: "another application", overrides: () => ({ application_id: "112233445566778899" }) },
  { says: "another server", overrides: () => ({ guild_id: "112233445566778899" }) },
  { says: "no server", overrides: () => ({ guild_id: undefined }) },
  { says: "a private channel of the bot", overrides: () => ({ context: 1 }) },
  { says: "a place that is not said", overrides: () => ({ context: undefined }) },
  { says: "a place that is no number", overrides: () => ({ context: "0" }) },
  {
    says: "an installation by a user",
    overrides: ({ people }) => ({ authorizing_integration_owners: { "1": people.ben } }),
  },
  { says: "an installation by another server", overrides: () => ({ authorizing_integration_owners: { "0": "1" } }) },
  { says: "no installation", overrides: () => ({ authorizing_integration_owners: undefined }) },
  { says: "no member", overrides: ({ people }) => ({ member: undefined, user: { id: people.ben } }) },
  { says: "a bot", overrides: ({ people }) => ({ member: { user: { id: people.ben, bot: true }, roles: [] } }) },
  {
    says: "a system user",
    overrides: ({ people }) => ({ member: { user: { id: people.ben, system: true }, roles: [] } }),
  },
  {
    says: "a member who has not accepted the rules",
    overrides: ({ people }) => ({ member: { user: { id: people.ben }, pending: true } }),
  },
  {
    says: "a member in a timeout",
    overrides: ({ people, discord }) => ({
      member: {
        user: { id: people.ben },
        communication_disabled_until: new Date(discord.now() + 60_000).toISOString(),
      },
    }),
  },
  {
    says: "a timeout that is no time",
    overrides: ({ people }) => ({ member: { user: { id: people.ben }, communication_disabled_until: "soon" } }),
  },
];

describe("who is heard", () => {
  it("is a member of the council's server, by an interaction as Discord sends it", async () => {
    const open = await openDiscord();
    const { discord, people, invocations } = open;
    for (const overrides of [
      {},
      { member: { user: { id: people.ben }, pending: false, communication_disabled_until: null } },
      {
        member: {
          user: { id: people.ben },
          communication_disabled_until: new Date(discord.now() - 60_000).toISOString(),
        },
      },
    ]) {
      const said = await discord.slash(people.ben, "upgrade why", {}, { overrides });
      await discord.until(() => readOf(said.original).includes("It is done."), "the answer");
    }
    expect(invocations).toHaveLength(3);
  });

  it("is nobody else, and each is told in private what to do", async () => {
    const open = await openDiscord();
    const { discord, people, invocations } = open;
    for (const { says, overrides } of rows) {
      const said = await discord.slash(people.ben, "upgrade why", {}, { overrides: overrides(open) });
      expect(said, says).toMatchObject({ kind: 4, ephemeral: true });
      const text = readOf(said.original);
      expect(text, says).toContain("Nothing was done.");
      const sentence = text.replace(/^🛑 \*\*Problem:\*\* /, "");
      expectHouseStyle(sentence);
    }
    expect(invocations).toEqual([]);
  });

  it("is nobody where policy does not list the server any more", async () => {
    const open = await openDiscord();
    open.policy.workspaces.discord.length = 0;
    const said = await open.discord.slash(open.people.ben, "upgrade why");
    expect(readOf(said.original)).toContain("not the council's");
    expect(open.invocations).toEqual([]);
  });

  it("is nobody in a private conversation with the bot", async () => {
    const { discord, people, invocations, breaches } = await openDiscord();
    const said = await discord.slash(
      people.ben,
      "upgrade why",
      {},
      {
        channel: breaches,
        overrides: { guild_id: undefined, member: undefined, user: { id: people.ben }, context: 1 },
      },
    );
    expect(readOf(said.original)).toContain("Quorate listens only in the council's Discord server.");
    expect(invocations).toEqual([]);
  });
});

describe("whoever changes something", () => {
  const asked = ({ discord }: OpenDiscord) => discord.requests.filter((one) => one.path.includes("/members/")).length;

  it("is asked for at Discord at that moment, and remembered for a minute", async () => {
    const open = await openDiscord();
    const { discord, people } = open;
    const approve = async () => {
      const said = await discord.slash(people.ben, "upgrade approve");
      await discord.until(() => !said.thinking, "the answer");
      return readOf(said.original);
    };
    expect(await approve()).toContain("It is done.");
    expect(await approve()).toContain("It is done.");
    expect(asked(open)).toBe(1);
    discord.advance(61_000);
    expect(await approve()).toContain("It is done.");
    expect(asked(open)).toBe(2);
  });

  it("is refused once they have left, though reading goes on", async () => {
    const open = await openDiscord();
    const { discord, people, invocations } = open;
    discord.faults.next("GET /guilds/*/members/*", {
      kind: "status",
      status: 404,
      body: { code: 10007, message: "Unknown Member" },
    });
    const said = await discord.slash(people.ben, "upgrade approve");
    await discord.until(() => readOf(said.original).includes("no longer a member"), "the refusal");
    const read = await discord.slash(people.ben, "upgrade why");
    await discord.until(() => readOf(read.original).includes("It is done."), "the answer");
    expect(invocations.map((one) => one.command)).toEqual(["why"]);
  });

  it("is refused where Discord cannot say", async () => {
    const { discord, people, invocations } = await openDiscord();
    discord.faults.next("GET /guilds/*/members/*", { kind: "status", status: 500 }, { times: 2 });
    const said = await discord.slash(people.ben, "upgrade approve");
    await discord.until(() => readOf(said.original).includes("could not say"), "the refusal");
    discord.faults.next("GET /guilds/*/members/*", { kind: "status", status: 200, body: { user: { id: people.ada } } });
    const other = await discord.slash(people.ben, "upgrade approve");
    await discord.until(
      () => readOf(other.original).includes("could not say"),
      "the refusal of somebody else's answer",
    );
    expect(invocations).toEqual([]);
  });

  it("is judged by what Discord answers, as by what it delivers", () => {
    expect(memberRefusal({ user }, 1000n)).toBeUndefined();
    expect(memberRefusal({ user: { ...user, bot: true } }, 1000n)).toBeDefined();
    expect(memberRefusal({ user, pending: true }, 1000n)).toBeDefined();
    expect(memberRefusal({ user, communication_disabled_until: "2100-01-01T00:00:00Z" }, 1000n)).toBeDefined();
  });
});
