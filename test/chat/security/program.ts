/** The whole program as it is composed, between a loopback Slack, a loopback Discord and the embedded chain. */

import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { inspect } from "node:util";
import { type ChatPlatforms, openChatPlatforms } from "../../../src/chat-platforms.ts";
import type { Policy } from "../../../src/domain/policy.ts";
import { readEnvironment } from "../../../src/env.ts";
import type { ChatPlatform, Store } from "../../../src/ports.ts";
import { createPrinter } from "../../../src/rehearsal/printer.ts";
import { CEREMONY, openStage, type Stage } from "../../../src/rehearsal/stage.ts";
import { proposeAndCheck } from "../../../src/rehearsal/steps.ts";
import { type DiscordPlatform, startDiscord } from "../../support/discord/discord.ts";
import { freePort } from "../../support/free-port.ts";
import { sharedBuilds } from "../../support/sample-policy.ts";
import { type SlackPlatform, startSlack } from "../../support/slack/slack.ts";
import { council, type Places, settle } from "./council.ts";

export interface Program {
  stage: Stage;
  slack: SlackPlatform;
  discord: DiscordPlatform;
  places: Places;
  policy: Policy;
  store: Store;
  publicUrl: string;
  /** What was reported, with every cause and field of it. */
  faults: readonly string[];
  /** The same as it was raised. */
  raised: readonly { where: string; fault: unknown }[];
  /** Lets seconds pass for the platforms and the adapters, so that nothing remembered holds any more. */
  pass(seconds: number): void;
  /** Ends the program and starts it again over the same database, the chain going on. */
  restart(): Promise<void>;
  /** Resolves once nothing is left to do. */
  quiet(): Promise<void>;
  stop(): Promise<void>;
}

export interface ProgramOptions {
  /** How Slack's requests come. */
  slack?: "http" | "socket";
  /** Changes policy files before they are read; `folder` has them. */
  files?: (folder: string) => Promise<void>;
  /** False: there is no ceremony yet. Otherwise UP-1, by Ada, is in review. */
  proposed?: boolean;
}

export async function openProgram({
  slack: way = "http",
  files,
  proposed = true,
}: ProgramOptions = {}): Promise<Program> {
  const [slack, discord, port] = await Promise.all([startSlack(), startDiscord(), freePort()]);
  const places = settle(slack, discord);
  const policies = await council(places, files);
  const publicUrl = `http://127.0.0.1:${port}`;
  const environment = readEnvironment({
    PORT: String(port),
    PUBLIC_URL: publicUrl,
    SLACK_BOT_TOKEN: slack.botToken,
    ...(way === "http" ? { SLACK_SIGNING_SECRET: slack.signingSecret } : { SLACK_APP_TOKEN: slack.appToken }),
    SLACK_TEAM_IDS: places.slack.team,
    SLACK_API_URL: slack.apiUrl,
    DISCORD_BOT_TOKEN: discord.token,
    DISCORD_APPLICATION_ID: discord.applicationId,
    DISCORD_GUILD_ID: discord.guildId,
    DISCORD_API_URL: discord.apiUrl,
  });
  const socketOnly = way === "socket" ? { ...environment, port: 0 } : environment;
  const faults: string[] = [];
  const raised: { where: string; fault: unknown }[] = [];
  const onFault = (where: string, fault: unknown) => {
    raised.push({ where, fault });
    faults.push(`${where}: ${inspect(fault, { depth: Number.POSITIVE_INFINITY, showHidden: true })}`);
  };
  const clock = { now: () => BigInt(Math.floor(slack.clock.now() / 1000)) };
  let chat: ChatPlatforms | undefined;
  const opened = async ({ policy, store }: Pick<Program, "policy" | "store">) => {
    chat = await openChatPlatforms({ environment: socketOnly, policy, store, clock, onFault });
  };
  const stage = await openStage({
    policies: policies.folder,
    builds: sharedBuilds(join(policies.folder, "builds")),
    printer: createPrinter(() => undefined, { colour: false }),
    async platforms(running) {
      places.alsoOwns(running.policy);
      await opened(running);
      return ["slack", "discord"].map((name) => platformNow(name, () => chat));
    },
  });
  const { policy, store } = stage.running;
  if (way === "http") slack.deliverTo(`${publicUrl}/slack/events`);
  const start = async () => {
    await chat?.start(stage.quorate);
    await discord.until(() => discord.commands(discord.guildId).length > 0, "the commands to be registered");
  };
  const quiet = async () => {
    for (;;) {
      await stage.quorate.settle();
      if ((await store.open()) === 0) return;
      await pause(20);
    }
  };
  await start();
  if (proposed) await proposeAndCheck(stage, "ada", "2.0.0");
  await quiet();
  return {
    ...{ stage, slack, discord, places, policy, store, publicUrl, faults, raised, quiet },
    pass(seconds) {
      slack.clock.advance(seconds * 1000);
      discord.advance(seconds * 1000);
    },
    async restart() {
      await chat?.stop();
      await stage.pause();
      await opened({ policy, store });
      stage.resume();
      await start();
    },
    async stop() {
      await chat?.stop();
      await stage.stop();
      await Promise.all([slack.stop(), discord.stop()]);
      await policies.remove();
    },
  };
}

/** The platform of this name in whichever run of the program there is now. */
function platformNow(name: string, chat: () => ChatPlatforms | undefined): ChatPlatform {
  const now = () => {
    const found = chat()?.adapters.find((one) => one.name === name);
    if (found === undefined) throw new Error(`There is no ${name}.`);
    return found;
  };
  return {
    name,
    show: (card) => now().show(card),
    health: () => now().health?.() ?? { state: "up", since: 0n, reason: "" },
  };
}

/** Takes every vote back and lets a while pass, so that a case finds what the one before it found. */
export async function anew(program: Program): Promise<void> {
  const { stage } = program;
  program.pass(120);
  const { approvals, denials } = await stage.state();
  for (const { person } of [...approvals, ...denials])
    await stage.quorate.dispatch(
      {
        command: "withdraw",
        options: { ceremony: CEREMONY },
        account: `console:${person}`,
        deliveryId: `anew:${person}:${crypto.randomUUID()}`,
      },
      () => undefined,
    );
  await program.quiet();
}
