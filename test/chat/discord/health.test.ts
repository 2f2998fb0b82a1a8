import { describe, expect, it } from "vitest";
import { createDiscord } from "../../../src/chat/discord/discord.ts";
import { notice } from "../../../src/view.ts";
import { installedPermissions } from "../../support/discord/world.ts";
import { expectHouseStyle } from "../../support/house-style.ts";
import { readOf } from "./message-text.ts";
import { type OpenDiscord, openDiscord, until } from "./open-discord.ts";
import { sampleCard } from "./sample-views.ts";

const stateOf = ({ adapter }: OpenDiscord) => adapter.health?.();
const becomes = (open: OpenDiscord, state: "up" | "down") =>
  until(
    () => stateOf(open)?.state === state,
    () => `${state}, but ${stateOf(open)?.state}: ${stateOf(open)?.reason}`,
  );

async function expectHeard({ discord, people }: OpenDiscord): Promise<void> {
  const said = await discord.slash(people.ada, "upgrade why");
  await discord.until(() => readOf(said.original).includes("It is done."), "the answer");
}

describe("the connection", () => {
  it("is not there before the start, and shows nothing then", async () => {
    const open = await openDiscord({ started: false });
    expect(stateOf(open)).toMatchObject({ state: "starting" });
    await expect(open.adapter.show(sampleCard())).rejects.toThrow("Quorate is not connected to Discord.");
    await open.adapter.start(open.council);
    await open.up();
    expect(stateOf(open)).toMatchObject({ state: "up", reason: "" });
    await open.adapter.show(sampleCard());
  });

  it("is made in the end where Discord is ill at the start", async () => {
    const open = await openDiscord({ started: false });
    const { discord } = open;
    discord.faults.next("GET /gateway/bot", { kind: "status", status: 503 }, { times: 5 });
    await open.adapter.start(open.council);
    expect(stateOf(open)).toMatchObject({ state: "down" });
    expectHouseStyle(stateOf(open)?.reason ?? "");
    await open.up();
    await expectHeard(open);
  });

  it("goes on where Discord tells it to reconnect, ends the session, or just drops it", async () => {
    const open = await openDiscord();
    const { discord } = open;
    for (const happen of [
      () => discord.gateway.reconnect(),
      () => discord.gateway.invalidate(true),
      () => discord.gateway.drop(),
      () => discord.gateway.close(1001),
      () => discord.gateway.close(4000),
    ]) {
      happen();
      await expectHeardSoon(open);
    }
    discord.gateway.invalidate(false);
    await becomes(open, "down");
    await becomes(open, "up");
    await expectHeard(open);
  }, 60_000);

  it("is down with the reason where Discord refuses the token, and comes back once it does not", async () => {
    const open = await openDiscord();
    const { discord } = open;
    const { token } = discord;
    discord.token = `${token}changed`;
    discord.gateway.close(4004);
    await becomes(open, "down");
    await until(
      () => discord.requests.some((one) => one.path === "/gateway/bot" && one.status === 401),
      () => "a refused login",
    );
    expect(stateOf(open)).toMatchObject({ state: "down", reason: "Discord refused the bot's token." });
    expect(JSON.stringify(open.faults.map(({ fault }) => `${fault} ${(fault as Error).stack}`))).not.toContain(token);
    discord.token = token;
    await becomes(open, "up");
    await expectHeard(open);
  });

  it("lets cards through again once Discord takes the token again", async () => {
    const open = await openDiscord();
    const { discord } = open;
    const { token } = discord;
    discord.token = `${token}changed`;
    await expect(open.adapter.show(sampleCard())).rejects.toThrow("Discord refused the bot's token.");
    expect(stateOf(open)).toMatchObject({ state: "down", reason: "Discord refused the bot's token." });
    discord.token = token;
    await open.adapter.show(sampleCard());
    expect(stateOf(open)).toMatchObject({ state: "up" });
  });

  it("says so where the token is another application's", async () => {
    const open = await openDiscord({ started: false, config: { applicationId: "112233445566778899" } });
    await open.adapter.start(open.council);
    await becomes(open, "down");
    expect(stateOf(open)?.reason).toContain("another application");
  });

  it("is down where calls fail, and up with the next that does not", async () => {
    const open = await openDiscord();
    open.discord.faults.next("POST /channels/**", { kind: "drop", done: false });
    await expect(open.adapter.show(sampleCard())).rejects.toThrow("Discord cannot be reached");
    expect(stateOf(open)).toMatchObject({ state: "down" });
    await open.adapter.show(sampleCard());
    expect(stateOf(open)).toMatchObject({ state: "up", reason: "" });
  });

  it("is down where the bot may not speak in the channel, until it may", async () => {
    const open = await openDiscord();
    open.discord.permit(open.discord.channelId, 0n);
    await expect(open.adapter.show(sampleCard())).rejects.toThrow("Missing Access");
    expect(stateOf(open)).toMatchObject({ state: "down" });
    expectHouseStyle(stateOf(open)?.reason ?? "");
    open.discord.permit(open.discord.channelId, installedPermissions);
    await open.adapter.show(sampleCard());
    expect(stateOf(open)).toMatchObject({ state: "up" });
  });

  it("is down while Discord does not take the command, and tries again", async () => {
    const open = await openDiscord({ started: false });
    const { discord } = open;
    const denied = { kind: "status", status: 403, body: { code: 50001, message: "Missing Access" } } as const;
    discord.faults.next("GET /applications/**", denied, { times: 3 });
    await open.adapter.start(open.council);
    await becomes(open, "down");
    expect(stateOf(open)?.reason).toContain("does not offer /upgrade");
    await open.up();
    await expectHeard(open);
  });

  it("is made again where Discord stops to answer on it", async () => {
    const open = await openDiscord({
      platform: { heartbeatMilliseconds: 50 },
      pace: { first: 5, most: 20_000, refused: 20 },
    });
    const { discord } = open;
    discord.gateway.withholdAcknowledgements(true);
    await becomes(open, "down");
    discord.gateway.withholdAcknowledgements(false);
    await becomes(open, "up");
    await expectHeard(open);
  });

  it("survives whatever comes over it", async () => {
    const open = await openDiscord();
    const { discord } = open;
    for (const payload of [
      "no JSON",
      "null",
      "[]",
      { op: 0, t: "INTERACTION_CREATE", s: 900, d: null },
      { op: 0, t: "INTERACTION_CREATE", s: 901, d: {} },
      { op: 0, t: "INTERACTION_CREATE", s: 902, d: { id: 5, type: "x" } },
      { op: 0, t: "INTERACTION_CREATE", s: 903, d: { id: "1", type: 99, token: "t", application_id: "2" } },
      { op: 0, t: "INTERACTION_CREATE", s: 904, d: { id: "2", type: 2, token: "t", application_id: "2", data: "x" } },
      { op: 0, t: "GUILD_CREATE", s: 905, d: null },
      { op: 0, t: "MESSAGE_CREATE", s: 906, d: { id: 1 } },
      { op: 0, t: "error", s: 907, d: "boo" },
      { op: 0, t: "NEVER_HEARD_OF", s: 908, d: {} },
      { op: 77, d: {} },
      { op: 9, d: null },
      { op: 10, d: null },
    ])
      discord.gateway.deliverRaw(payload);
    await expectHeard(open);
  });

  it("is made anew where it cannot be resumed at all", async () => {
    const open = await openDiscord();
    const { discord } = open;
    const user = { id: discord.botUserId, username: "quorate", discriminator: "0", avatar: null, bot: true };
    const application = { id: discord.applicationId, flags: 0 };
    const ready = { v: 10, user, application, guilds: [], session_id: "s", resume_gateway_url: "no address" };
    discord.gateway.deliverRaw({ op: 0, t: "READY", d: ready });
    const before = discord.gateway.identifies;
    discord.gateway.drop();
    await discord.until(() => discord.gateway.identifies > before, "a new session");
    await becomes(open, "up");
    await expectHeard(open);
  });

  it("survives a council that throws, and a store that does", async () => {
    const open = await openDiscord();
    const { discord, people, parts } = open;
    open.answer(() => {
      throw new Error("A secret detail.");
    });
    const said = await discord.slash(people.ada, "upgrade why");
    await discord.until(() => readOf(said.original).includes("Something went wrong inside Quorate."), "the apology");
    expect(readOf(said.original)).not.toContain("secret");
    parts.store.keepButtons = async () => Promise.reject(new Error("The disk is full."));
    open.answer(() => notice("good", "It is done.", { actions: sampleCard().actions }));
    const other = await discord.slash(people.ada, "upgrade why");
    await discord.until(() => readOf(other.original).includes("Something went wrong inside Quorate."), "the apology");
  });
});

async function expectHeardSoon(open: OpenDiscord): Promise<void> {
  await until(
    () => stateOf(open)?.state === "down" || stateOf(open)?.state === "up",
    () => "a state",
  );
  await becomes(open, "up");
  for (;;) {
    const said = await open.discord.slash(open.people.ada, "upgrade why");
    if (said.failed) continue;
    await open.discord.until(() => readOf(said.original).includes("It is done."), "the answer");
    return;
  }
}

describe("what no retry can mend", () => {
  it("is refused at the start, in a sentence that names the setting", async () => {
    const { parts, council, discord } = await openDiscord({ started: false });
    const config = {
      token: discord.token,
      applicationId: discord.applicationId,
      guildId: discord.guildId,
      apiUrl: discord.apiUrl,
    };
    const { policy } = parts;
    const elsewhere = createDiscord(config, {
      ...parts,
      policy: { ...policy, workspaces: { ...policy.workspaces, discord: [] } },
    });
    await expect(elsewhere.start(council)).rejects.toThrow("workspaces.discord");
    const nowhere = createDiscord(config, {
      ...parts,
      policy: { ...policy, channels: { upgrades: ["console:upgrades"] } },
    });
    await expect(nowhere.start(council)).rejects.toThrow("channels.upgrades");
    expect(discord.requests).toEqual([]);
  });
});
