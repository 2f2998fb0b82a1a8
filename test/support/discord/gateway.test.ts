/** The gateway as a real discord.js lives with it: sessions, resumes, refusals, and dispatches gone astray. */

import { type ChatInputCommandInteraction, Events, GatewayIntentBits } from "discord.js";
import { describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { type Bot, login, newClient, withBot } from "./bot.ts";
import { type DiscordPlatform, startDiscord } from "./discord.ts";

type Slash = ChatInputCommandInteraction;
const quiet = () => undefined;

async function withDiscord(act: (discord: DiscordPlatform) => Promise<void>): Promise<void> {
  const discord = await startDiscord();
  try {
    await act(discord);
  } finally {
    await discord.stop();
  }
}

describe("a session", () => {
  const losses: { how: string; lose(bot: Bot): void; resumes: number; identifies: number }[] = [
    { how: "is cut", lose: ({ discord }) => discord.gateway.drop(), resumes: 1, identifies: 1 },
    {
      how: "is asked to reconnect (op 7)",
      lose: ({ discord }) => discord.gateway.reconnect(),
      resumes: 1,
      identifies: 1,
    },
    {
      how: "is invalid but resumable (op 9)",
      lose: ({ discord }) => discord.gateway.invalidate(true),
      resumes: 1,
      identifies: 1,
    },
    {
      how: "is invalid (op 9)",
      lose: ({ discord }) => discord.gateway.invalidate(false),
      resumes: 0,
      identifies: 2,
    },
    { how: "is closed with 4000", lose: ({ discord }) => discord.gateway.close(4000), resumes: 1, identifies: 1 },
    { how: "is closed with 1001", lose: ({ discord }) => discord.gateway.close(1001), resumes: 1, identifies: 1 },
  ];

  test.each(losses)("that $how comes back and answers", ({ lose, resumes, identifies }) =>
    withBot(async (bot) => {
      const { discord, ada, answer, client } = bot;
      client.on(Events.Error, quiet);
      answer<Slash>((one) => one.reply("Here."));
      lose(bot);
      const { gateway } = discord;
      await discord.until(
        () => gateway.resumes + gateway.identifies > 1 && gateway.connected,
        "the bot's return",
        20_000,
      );
      expect((await discord.slash(ada, "upgrade approve")).kind).toBe(4);
      expect([gateway.resumes, gateway.identifies]).toEqual([resumes, identifies]);
    }),
  );

  test("gets after a resume what was dispatched meanwhile", () =>
    withBot(async ({ discord, ada, answer }) => {
      answer<Slash>((one) => one.reply("Here."));
      discord.gateway.drop();
      await discord.until(() => !discord.gateway.connected, "the loss");
      expect((await discord.slash(ada, "upgrade approve")).kind).toBe(4);
      expect(discord.gateway.resumes).toBe(1);
    }));

  test("that is over cannot be resumed", () =>
    withDiscord(async (discord) => {
      const frames: { op: number; d?: unknown; t?: string | null }[] = [];
      const socket = new WebSocket(discord.apiUrl.replace("http", "ws").replace("/api", "/?v=10&encoding=json"));
      socket.on("message", (data) => frames.push(JSON.parse(String(data))));
      await discord.until(() => frames[0], "hello");
      const { token } = discord;
      socket.send(JSON.stringify({ op: 2, d: { token, intents: 1, properties: {} } }));
      const ready = await discord.until(() => frames.find(({ t }) => t === "READY"), "READY");
      const { session_id } = ready.d as { session_id: string };
      const resume = JSON.stringify({ op: 6, d: { token, session_id, seq: 1 } });
      socket.send(resume);
      await discord.until(() => frames.find(({ t }) => t === "RESUMED"), "the resume");
      discord.gateway.invalidate(false);
      socket.send(resume);
      await discord.until(() => frames.filter(({ op, d }) => op === 9 && d === false).length === 2, "the refusal");
      socket.terminate();
    }));

  test("beats, and one whose beats nobody acknowledges is left for another", () =>
    withBot(
      async ({ discord }) => {
        const { gateway } = discord;
        await discord.until(() => gateway.heartbeats > 2, "heartbeats");
        expect(gateway.resumes).toBe(0);
        gateway.withholdAcknowledgements(true);
        await discord.until(() => gateway.resumes > 0, "a resume", 20_000);
        gateway.withholdAcknowledgements(false);
      },
      { heartbeatMilliseconds: 100 },
    ));
});

describe("dispatches", () => {
  const heard = async (bot: Bot, deliver: (ada: string) => Promise<unknown>, count: number) => {
    const ids: string[] = [];
    bot.answer<Slash>(async (one) => void ids.push(one.id));
    await deliver(bot.ada);
    await bot.discord.until(() => ids.length >= count, `${count} interactions`);
    return ids;
  };

  test("come twice where told to", () =>
    withBot(async (bot) => {
      const { discord } = bot;
      discord.gateway.deliver("doubled");
      const ids = await heard(bot, async (ada) => void discord.slash(ada, "upgrade approve"), 2);
      expect(ids[0]).toBe(ids[1]);
    }));

  test("are held back, and come in another order", () =>
    withBot(async (bot) => {
      const { discord } = bot;
      discord.gateway.deliver("held");
      const ids = await heard(
        bot,
        async (ada) => {
          void discord.slash(ada, "upgrade approve");
          void discord.slash(ada, "upgrade approve");
          await discord.until(() => discord.interactions().length === 2, "both");
          discord.gateway.release("reversed");
        },
        2,
      );
      expect(ids).toEqual(
        discord
          .interactions()
          .map(({ id }) => id)
          .reverse(),
      );
    }));

  test("may be of an unknown type, and the bot goes on", () =>
    withBot(async ({ discord, ada, answer }) => {
      answer<Slash>((one) => one.reply("Here."));
      discord.gateway.deliverRaw({ op: 0, t: "SOMETHING_NEW", d: { id: "1" } });
      expect((await discord.slash(ada, "upgrade approve")).kind).toBe(4);
    }));
});

describe("a login", () => {
  test("waits out a gateway that is not there, and only so often", () =>
    withDiscord(async (discord) => {
      const failing = discord.faults.next("GET /gateway/bot", { kind: "status", status: 503 }, { times: 4 });
      const client = newClient(discord, { retries: 0 });
      await expect(client.login(discord.token)).rejects.toMatchObject({ status: 503 });
      const patient = newClient(discord, { retries: 3 });
      await login(patient, discord.token);
      expect(failing.hits).toBe(4);
      await Promise.all([client.destroy(), patient.destroy()]);
    }));

  test("with a token that is not the bot's is refused, over REST and over the gateway", () =>
    withDiscord(async (discord) => {
      const client = newClient(discord);
      await expect(client.login("wrong.token.here")).rejects.toThrow("An invalid token was provided");
      expect(discord.requests[0]).toMatchObject({ path: "/gateway/bot", status: 401 });
      await client.destroy();
    }));

  test("whose identify is refused ends with that close code", () =>
    withDiscord(async (discord) => {
      discord.gateway.refuseIdentify(4004);
      const client = newClient(discord);
      const closed = new Promise<number>((resolve) => client.on(Events.ShardDisconnect, ({ code }) => resolve(code)));
      client.login(discord.token).catch(quiet);
      expect(await closed).toBe(4004);
      await client.destroy();
    }));

  test("that asks for a privileged intent is closed with 4014, and for more than Guilds is a violation", () =>
    withDiscord(async (discord) => {
      const closes = (frames: unknown[]) => converse(discord, frames);
      const identify = (intents: number, token = discord.token) => ({ op: 2, d: { token, intents, properties: {} } });
      expect(await closes([identify(1 | GatewayIntentBits.MessageContent)])).toBe(4014);
      expect(await closes([identify(1, "other")])).toBe(4004);
      expect(await closes([{ op: 8, d: {} }])).toBe(4003);
      expect(await closes([{ op: 99 }])).toBe(4001);
      expect(await closes(["no frame"])).toBe(4002);
      expect(await closes([identify(1), identify(1)])).toBe(4005);
      expect(discord.violations).toEqual([]);
      expect(await closes([identify(1 | GatewayIntentBits.GuildMessages), { op: 99 }])).toBe(4001);
      expect(discord.violations).toMatchObject([{ request: "IDENTIFY" }]);
    }));
});

/** Sends frames over a bare WebSocket; resolves with the code that it was closed with. */
async function converse(discord: DiscordPlatform, frames: unknown[]): Promise<number> {
  const answer = await fetch(`${discord.apiUrl}/v10/gateway`);
  const { url } = (await answer.json()) as { url: string };
  const socket = new WebSocket(`${url}/?v=10&encoding=json`);
  return new Promise((resolve) => {
    socket.on("open", () => {
      for (const frame of frames) socket.send(JSON.stringify(frame));
    });
    socket.on("close", resolve);
  });
}
