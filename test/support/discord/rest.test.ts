/** REST as discord.js meets it: rate limits, faults, tokens, and what is not there. */

import { describe, expect, test } from "vitest";
import { withBot } from "./bot.ts";
import { startDiscord } from "./discord.ts";

const posting = "POST /channels/:channel/messages";

describe("rate limits", () => {
  test("are advertised with every answer, and do not bite by themselves", () =>
    withBot(async ({ discord }) => {
      const answer = await fetch(`${discord.apiUrl}/v10/users/@me`, {
        headers: { authorization: `Bot ${discord.token}` },
      });
      const names = ["limit", "remaining", "reset", "reset-after", "bucket"];
      for (const name of names) expect(answer.headers.get(`x-ratelimit-${name}`), name).not.toBeNull();
    }));

  test("that bite hold discord.js back by their headers, without one 429", () =>
    withBot(
      async ({ discord, channel }) => {
        await Promise.all(["1", "2", "3", "4", "5"].map((text) => channel.send(text)));
        expect(discord.messages()).toHaveLength(5);
        expect(discord.requests.filter(({ status }) => status === 429)).toEqual([]);
        const [first, , third] = discord.requests.filter(({ route }) => route === "/channels/:channel/messages");
        expect((third?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(150);
      },
      { rateLimits: [{ route: posting, limit: 2, perMilliseconds: 200 }] },
    ));

  test("answer 429 to who ignores them, a channel for itself", async () => {
    const discord = await startDiscord({ rateLimits: [{ route: posting, limit: 1, perMilliseconds: 60_000 }] });
    const other = discord.addChannel(discord.guildId, "other").id;
    const post = (channel: string) =>
      call(discord.apiUrl, discord.token, "POST", `/channels/${channel}/messages`, { content: "x" });
    expect((await post(discord.channelId)).status).toBe(200);
    const refused = await post(discord.channelId);
    expect(refused.status).toBe(429);
    expect(refused.headers.get("retry-after")).toBe("60");
    expect(refused.headers.get("x-ratelimit-scope")).toBe("user");
    expect(refused.headers.get("x-ratelimit-remaining")).toBe("0");
    expect(await refused.json()).toMatchObject({ message: "You are being rate limited.", global: false });
    expect((await post(other)).status).toBe(200);
    discord.advance(60_000);
    expect((await post(discord.channelId)).status).toBe(200);
    await discord.stop();
  });

  test("count all requests together too", async () => {
    const discord = await startDiscord({ rateLimits: [{ limit: 1000, perMilliseconds: 1000 }], globalLimit: 2 });
    const me = () => call(discord.apiUrl, discord.token, "GET", "/users/@me");
    const answers = [await me(), await me(), await me()];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 429]);
    expect(answers[2]?.headers.get("x-ratelimit-global")).toBe("true");
    expect(await answers[2]?.json()).toMatchObject({ global: true });
    await discord.stop();
  });
});

describe("faults", () => {
  test("a 429 is waited out and the message sent once", () =>
    withBot(async ({ discord, channel }) => {
      const limited = discord.faults.next("POST /channels/*/messages", {
        kind: "429",
        retryAfter: 0.05,
        scope: "shared",
      });
      await channel.send("Once.");
      expect(limited.hits).toBe(1);
      expect(discord.messages()).toHaveLength(1);
    }));

  test("a 503 is retried", () =>
    withBot(async ({ discord, channel }) => {
      const failing = discord.faults.next("POST /channels/**", { kind: "status", status: 503 }, { times: 2 });
      await channel.send("At last.");
      expect(failing.hits).toBe(2);
    }));

  test("hit one channel alone", () =>
    withBot(async ({ discord, client, channel }) => {
      const other = discord.addChannel(discord.guildId, "other").id;
      discord.faults.next(
        "POST /channels/*/messages",
        { kind: "status", status: 403, body: { code: 50_013, message: "Missing Permissions" } },
        { times: 9, where: ({ params }) => params.channel === other },
      );
      await channel.send("Here.");
      await expect(
        client.rest.post(`/channels/${other}/messages`, { body: { content: "There." } }),
      ).rejects.toMatchObject({
        code: 50_013,
      });
    }));

  test.each([
    { done: true, messages: 2 },
    { done: false, messages: 1 },
  ])("a connection cut after the deed ($done) is tried again, and the deed may be done twice", ({ done, messages }) =>
    withBot(async ({ discord, channel }) => {
      discord.faults.next("POST /channels/*/messages", { kind: "drop", done });
      await channel.send("Once or twice.").catch(() => channel.send("Once or twice."));
      expect(discord.messages()).toHaveLength(messages);
    }),
  );

  test.each([true, false])("a request held back (done: %s) goes on when released", (done) =>
    withBot(async ({ discord, channel }) => {
      const held = discord.faults.next("POST /channels/*/messages", { kind: "hold", done });
      let answered = false;
      const sending = channel.send("Slowly.").then(() => {
        answered = true;
      });
      await discord.until(() => held.hits === 1 && (!done || discord.messages().length === 1), "the request");
      expect([answered, discord.messages().length]).toEqual([false, done ? 1 : 0]);
      held.release();
      await sending;
      expect(discord.messages()).toHaveLength(1);
    }),
  );
});

describe("what is not there", () => {
  test("is answered as Discord does, and an unknown route is a violation", async () => {
    const discord = await startDiscord();
    const get = (path: string) => call(discord.apiUrl, discord.token, "GET", path);
    const codes = async (path: string) => {
      const answer = await get(path);
      return [answer.status, ((await answer.json()) as { code: number }).code];
    };
    expect(await codes("/channels/1")).toEqual([404, 10_003]);
    expect(await codes("/guilds/1")).toEqual([404, 10_004]);
    expect(await codes("/users/1")).toEqual([404, 10_013]);
    expect(await codes(`/guilds/${discord.guildId}/members/1`)).toEqual([404, 10_013]);
    expect(await codes(`/guilds/${discord.guildId}/members/${discord.addUser("eve").id}`)).toEqual([404, 10_007]);
    expect(await codes(`/applications/${discord.applicationId}/commands/1`)).toEqual([404, 10_063]);
    expect(await codes("/applications/1/commands")).toEqual([404, 10_002]);
    expect(discord.violations).toEqual([]);
    expect(await codes("/guilds/1/bans")).toEqual([404, 0]);
    expect(discord.violations).toMatchObject([{ request: "GET /guilds/1/bans" }]);
    await discord.stop();
  });

  test("is a token that is not the bot's", async () => {
    const discord = await startDiscord();
    const answer = await call(discord.apiUrl, "wrong", "GET", "/users/@me");
    expect([answer.status, await answer.json()]).toEqual([401, { message: "401: Unauthorized", code: 0 }]);
    const webhook = await call(discord.apiUrl, "", "POST", `/webhooks/${discord.applicationId}/made-up`, {
      content: "x",
    });
    expect([webhook.status, await webhook.json()]).toMatchObject([401, { code: 50_027 }]);
    await discord.stop();
  });

  test("is a body that is no JSON; and a 204 has no content type", async () => {
    const discord = await startDiscord();
    const url = `${discord.apiUrl}/v10/channels/${discord.channelId}`;
    const headers = { authorization: `Bot ${discord.token}`, "content-type": "application/json" };
    const broken = await fetch(`${url}/messages`, { method: "POST", headers, body: "{" });
    expect([broken.status, await broken.json()]).toMatchObject([400, { code: 50_109 }]);
    const typing = await fetch(`${url}/typing`, { method: "POST", headers });
    expect([typing.status, typing.headers.get("content-type")]).toEqual([204, null]);
    await discord.stop();
  });
});

function call(apiUrl: string, token: string, method: string, path: string, body?: unknown): Promise<Response> {
  return fetch(`${apiUrl}/v10${path}`, {
    method,
    headers: { authorization: `Bot ${token}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}
