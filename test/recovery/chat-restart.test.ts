/** kill -9 while a card is on its way: the platform has it and the program does not know. Nothing is lost, nothing posted twice. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { BlockProducer } from "../../src/embedded/block-producer.ts";
import { type StartedWorld, startWorld } from "../../src/embedded/world.ts";
import { type ChatPolicies, chatPolicies, type Places } from "../scenarios/chat-policies.ts";
import { readInDiscord, readInSlack } from "../scenarios/reading.ts";
import { environmentOf, settle } from "../scenarios/settle.ts";
import { type DiscordPlatform, startDiscord } from "../support/discord/discord.ts";
import { gasKey, quietBlocks } from "../support/live-quorate.ts";
import { type SlackPlatform, startSlack } from "../support/slack/slack.ts";

let world: StartedWorld;
let blocks: BlockProducer;
let slack: SlackPlatform;
let discord: DiscordPlatform;
let places: Places;
let policies: ChatPolicies;
let dataDir: string;
let output = "";
let program: ChildProcess;

beforeEach(async () => {
  world = await startWorld();
  blocks = await quietBlocks(world);
  const scopes = ["commands", "chat:write", "files:write", "users:read", "channels:history"];
  [slack, discord, dataDir] = await Promise.all([
    startSlack({ scopes }),
    startDiscord(),
    mkdtemp(join(tmpdir(), "quorate-restart-")),
  ]);
  places = settle(slack, discord);
  policies = await chatPolicies(places);
  program = await start();
}, 120_000);

afterEach(async () => {
  await killed();
  await Promise.all([slack.stop(), discord.stop(), blocks.stop()]);
  await world.stop();
  await policies.remove();
  await rm(dataDir, { recursive: true, force: true });
});

async function start(): Promise<ChildProcess> {
  output = "";
  const child = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", join(import.meta.dirname, "../../src/cli.ts"), "start"],
    {
      env: {
        PATH: process.env.PATH ?? "",
        QUORATE_POLICIES: policies.folder,
        QUORATE_DATA: dataDir,
        RPC_31337: world.url,
        GAS_KEY: gasKey,
        ...environmentOf(slack, discord),
      },
    },
  );
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (chunk: Buffer) => {
      output += chunk;
      slack.changed();
    });
  await slack.until(() => output.includes("It talks in Slack and Discord."), "the program to say that it runs");
  return child;
}

async function killed(): Promise<void> {
  if (program.exitCode !== null || program.signalCode !== null) return;
  program.kill("SIGKILL");
  await once(program, "exit");
}

const channel = {
  slack: () => slack.messages("C0UPGRADES").filter((one) => one.threadTs === undefined),
  discord: () => discord.messages().filter((one) => one.ephemeralFor === undefined),
};
/** The message that shows every minute that a breach would arrive stands beside them. */
const cardsIn = {
  slack: () => channel.slack().filter((one) => !readInSlack(one).includes("WATCHDOG")),
  discord: () => channel.discord().filter((one) => !readInDiscord(one).includes("WATCHDOG")),
};

test("the card and its notes stand once on each platform, and go on being edited", async () => {
  await slack.until(() => channel.slack().length === 1, "the first heartbeat in Slack");
  await discord.until(() => channel.discord().length === 1, "the first heartbeat in Discord");
  // Both platforms take the first card, and neither's answer arrives.
  const slackHeld = slack.faults.next("chat.postMessage", { kind: "late" });
  const discordHeld = discord.faults.next("POST /channels/*/messages", { kind: "hold", done: true });
  await slack.slash(places.slack.user("ada"), "propose target=harbour release=2.0.0");
  await slack.until(() => cardsIn.slack().length === 1, "the card in Slack");
  await discord.until(() => cardsIn.discord().length === 1, "the card in Discord");
  await killed();
  slackHeld.release();
  discordHeld.release();

  program = await start();
  await slack.slash(places.slack.user("ben"), "check UP-1");
  await slack.until(() => cardsIn.slack()[0]?.text.includes("IN REVIEW"), "the card in review in Slack");
  await discord.until(
    () => cardsIn.discord().some((one) => readInDiscord(one).includes("IN REVIEW")),
    "the card in review in Discord",
  );
  const [root, ...more] = cardsIn.slack();
  expect(more.map(readInSlack)).toEqual([]);
  expect(cardsIn.discord().map(readInDiscord)).toHaveLength(1);
  const heads = (texts: string[]) => texts.map((one) => /log #\d+/.exec(one)?.[0]);
  const inThread = () => slack.messages("C0UPGRADES").filter((one) => one.threadTs === root?.ts);
  await slack.until(() => inThread().length >= 3, "three notes in Slack");
  expect(heads(inThread().map(readInSlack))).toEqual(["log #1", "log #2", "log #3"]);
  const notes = () => discord.messages(discord.threads()[0]?.id);
  await discord.until(() => notes().length >= 3, "three notes in Discord");
  expect(heads(notes().map(readInDiscord))).toEqual(["log #1", "log #2", "log #3"]);
  expect(slack.violations).toEqual([]);
  expect(discord.violations).toEqual([]);
});
