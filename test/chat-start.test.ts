/** The program as an operator starts it, configured by the environment alone, in Slack and in Discord at once. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ChatPolicies, chatPolicies, type Places } from "./scenarios/chat-policies.ts";
import { readInDiscord, readInSlack } from "./scenarios/reading.ts";
import { environmentOf, settle } from "./scenarios/settle.ts";
import { type DiscordPlatform, startDiscord } from "./support/discord/discord.ts";
import { freePort } from "./support/free-port.ts";
import { type SlackPlatform, startSlack } from "./support/slack/slack.ts";

const root = join(import.meta.dirname, "..");
let slack: SlackPlatform;
let discord: DiscordPlatform;
let places: Places;
let policies: ChatPolicies;
let port: number;
let output = "";
let program: ChildProcess;

beforeAll(async () => {
  [slack, discord, port] = await Promise.all([startSlack(), startDiscord(), freePort()]);
  places = settle(slack, discord);
  policies = await chatPolicies(places);
  program = start({});
  await slack.until(() => output.includes("Open http://127.0.0.1:"), "the program to say that it runs");
  await discord.until(() => discord.commands(discord.guildId).length > 0, "the commands to be registered");
}, 120_000);

afterAll(async () => {
  await stopped(program);
  await Promise.all([slack.stop(), discord.stop()]);
  await policies.remove();
});

function start(change: Record<string, string>): ChildProcess {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", join(root, "src/cli.ts"), "start"], {
    env: {
      PATH: process.env.PATH ?? "",
      QUORATE_POLICIES: policies.folder,
      ...environmentOf(slack, discord),
      PUBLIC_URL: `http://127.0.0.1:${port}`,
      PORT: `${port}`,
      ...change,
    },
  });
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (chunk: Buffer) => {
      output += chunk;
      slack.changed();
    });
  return child;
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  child.kill("SIGTERM");
  await once(child, "exit");
}

test("it says where it talks, and prints no token", () => {
  expect(output).toContain("It talks in Slack and Discord.");
  for (const token of [slack.botToken, slack.appToken, discord.token]) expect(output).not.toContain(token);
});

test("a proposal in Discord is a card in both, and its link shows all of it", async () => {
  const asked = await discord.slash(places.discord.user("ada"), "upgrade propose", {
    target: "harbour",
    release: "2.0.0",
  });
  expect(asked.failed).toBe(false);
  await slack.until(() => slack.messages("C0UPGRADES").find((one) => one.text.includes("DRAFTED")), "the first card");
  await slack.slash(places.slack.user("ben"), "check UP-1");
  const inSlack = await slack.until(
    () => slack.messages("C0UPGRADES").find((one) => one.text.includes("IN REVIEW")),
    "the card to be in review in Slack",
  );
  await discord.until(
    () => discord.messages().find((one) => readInDiscord(one).includes("IN REVIEW")),
    "the card to be in review in Discord",
  );
  expect(readInSlack(inSlack)).toContain("Upgrade harbour to 2.0.0");
  const [page = ""] = /http:\/\/127\.0\.0\.1:\d+\/view\/UP-1\/[\w-]{22}/.exec(JSON.stringify(inSlack.blocks)) ?? [];
  const html = await (await fetch(page)).text();
  expect(html).toContain("UP-1</bdi> · <bdi>Upgrade harbour to 2.0.0</bdi></h1>");
  expect(slack.violations).toEqual([]);
  expect(discord.violations).toEqual([]);
});

test("whoever may sign gets a private link in Slack, and the page opens", async () => {
  await slack.slash(places.slack.user("caro"), "sign UP-1");
  const answer = await slack.until(
    () => slack.ephemerals(places.slack.user("caro")).find((one) => JSON.stringify(one.blocks).includes("/sign#")),
    "the private link",
  );
  const [link = ""] = /http:\/\/127\.0\.0\.1:\d+\/sign#[A-Za-z0-9_-]{43}/.exec(JSON.stringify(answer.blocks)) ?? [];
  const [page, token] = link.split("#");
  expect(await (await fetch(page ?? "")).text()).toContain("<title>Sign · Quorate</title>");
  const headers = { origin: `http://127.0.0.1:${port}`, "content-type": "application/json" };
  const brief = await fetch(`http://127.0.0.1:${port}/api/brief`, {
    method: "POST",
    headers,
    body: JSON.stringify({ token }),
  });
  expect(await brief.json()).toMatchObject({ ceremony: "UP-1", person: { id: "caro" } });
});

describe("what cannot work is said at the start, in one sentence, with exit code 2", () => {
  test.each<[string, Record<string, string>, RegExp]>([
    ["half of Slack", { SLACK_APP_TOKEN: "" }, /^Slack is half configured: SLACK_APP_TOKEN is missing/],
    ["half of Discord", { DISCORD_GUILD_ID: "" }, /^Discord is half configured: DISCORD_GUILD_ID is missing/],
    ["a team that is not the token's", { SLACK_TEAM_IDS: "T0OTHER" }, /T0OTHER|SLACK_TEAM_IDS/],
    ["a guild that policy does not list", { DISCORD_GUILD_ID: "123456789012345678" }, /123456789012345678|workspaces/],
  ])("%s", async (_what, change, sentence) => {
    const child = start({ PORT: "0", PUBLIC_URL: "", ...change });
    let error = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      error += chunk;
    });
    const [code] = await once(child, "close");
    // The operator's log is JSON; what is for people is a line of text.
    const sentences = error.split("\n").filter((line) => line !== "" && !line.startsWith("{"));
    expect(sentences).toHaveLength(1);
    expect(sentences[0]).toMatch(sentence);
    expect(code).toBe(2);
  });
});
