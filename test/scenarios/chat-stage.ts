/** A rehearsal's stage whose people talk through real adapters to a loopback Slack and a loopback Discord. */

import { openChatPlatforms } from "../../src/chat-platforms.ts";
import type { PersonName } from "../../src/embedded/people.ts";
import { readEnvironment } from "../../src/env.ts";
import type { Quorate } from "../../src/main.ts";
import type { Voice } from "../../src/rehearsal/council.ts";
import { createPrinter } from "../../src/rehearsal/printer.ts";
import { openStage, type Stage } from "../../src/rehearsal/stage.ts";
import { type DiscordPlatform, startDiscord } from "../support/discord/discord.ts";
import { type SlackPlatform, startSlack } from "../support/slack/slack.ts";
import { chatPolicies, type Places, people, type Somebody } from "./chat-policies.ts";
import { type Answers, listening, type Room, sayInConsole, sayInDiscord, sayInSlack } from "./voices.ts";

export interface ChatStage {
  stage: Stage;
  slack: SlackPlatform;
  discord: DiscordPlatform;
  places: Places;
  answers: Answers;
  /** What the adapters reported; a good run has nothing. */
  faults: readonly string[];
  stop(): Promise<void>;
}

/** `roomOf`: where each person sits. */
export async function openChatStage(roomOf: (person: Somebody) => Room): Promise<ChatStage> {
  const [slack, discord] = await Promise.all([startSlack(), startDiscord()]);
  const places = settle(slack, discord);
  const policies = await chatPolicies(places);
  const answers = listening();
  const faults: string[] = [];
  const environment = readEnvironment({
    SLACK_BOT_TOKEN: slack.botToken,
    SLACK_APP_TOKEN: slack.appToken,
    SLACK_TEAM_IDS: slack.team.id,
    SLACK_API_URL: slack.apiUrl,
    DISCORD_BOT_TOKEN: discord.token,
    DISCORD_APPLICATION_ID: discord.applicationId,
    DISCORD_GUILD_ID: discord.guildId,
    DISCORD_API_URL: discord.apiUrl,
  });
  const onFault = (where: string, fault: unknown) =>
    void faults.push(`${where}: ${fault instanceof Error ? fault.message : fault}`);
  let chat: Awaited<ReturnType<typeof openChatPlatforms>> | undefined;
  let stage: Stage | undefined;
  const dispatch: Quorate["dispatch"] = async (invocation, progress) => {
    if (stage === undefined) throw new Error("The stage is not open yet.");
    const view = await stage.quorate.dispatch(invocation, progress);
    answers.all.push({ invocation, view });
    return view;
  };
  let deliveries = 0;
  const voice: Voice = {
    account: (person) => accountOf(places, roomOf(person), person),
    say(person: PersonName, command, options) {
      const parts = { slack, discord, places, answers };
      const room = roomOf(person);
      if (room === "slack") return sayInSlack(parts, person, command, options);
      if (room === "discord") return sayInDiscord(parts, person, command, options);
      deliveries += 1;
      return sayInConsole(dispatch, person, command, options, `console:scenario-${deliveries}`);
    },
  };
  stage = await openStage({
    policies: policies.folder,
    printer: createPrinter(() => undefined, { colour: false }),
    voice,
    async platforms({ policy, store, world }) {
      chat = await openChatPlatforms({ environment, policy, store, clock: world.time, onFault });
      return chat.adapters;
    },
  });
  await chat?.start({ ...stage.quorate, dispatch });
  await discord.until(() => discord.commands(discord.guildId).length > 0, "the commands to be registered");
  return {
    ...{ stage, slack, discord, places, answers, faults },
    async stop() {
      await chat?.stop();
      await stage?.stop();
      await Promise.all([slack.stop(), discord.stop()]);
      await policies.remove();
    },
  };
}

export function accountOf({ slack, discord }: Places, room: Room, person: Somebody): string {
  if (room === "slack") return `slack:${slack.team}:${slack.user(person)}`;
  if (room === "discord") return `discord:${discord.guild}:${discord.user(person)}`;
  return `console:${person}`;
}

/** Everybody is on both platforms, under an account of their own on each. */
function settle(slack: SlackPlatform, discord: DiscordPlatform): Places {
  const discordIds = new Map(people.map((person, index) => [person, `9000000000000000${10 + index}`]));
  const places: Places = {
    slack: { team: slack.team.id, channel: "C0UPGRADES", user: (person) => `U0${person.toUpperCase()}` },
    discord: {
      guild: discord.guildId,
      channel: discord.channelId,
      user: (person) => discordIds.get(person) ?? "",
    },
  };
  for (const person of people) {
    slack.addUser({ id: places.slack.user(person), name: person });
    discord.addUser(person, { id: places.discord.user(person) });
    discord.addMember(discord.guildId, places.discord.user(person), []);
  }
  slack.addChannel({ id: places.slack.channel, name: "upgrades", members: people.map(places.slack.user) });
  return places;
}
