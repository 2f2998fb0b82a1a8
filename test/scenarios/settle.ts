/** The council in both loopback platforms, each person under an account of their own, and what starts the program there. */

import type { DiscordPlatform } from "../support/discord/discord.ts";
import type { SlackPlatform } from "../support/slack/slack.ts";
import { type Places, people } from "./chat-policies.ts";

export function settle(slack: SlackPlatform, discord: DiscordPlatform): Places {
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

/** Socket Mode. */
export function environmentOf(slack: SlackPlatform, discord: DiscordPlatform): Record<string, string> {
  return {
    SLACK_BOT_TOKEN: slack.botToken,
    SLACK_APP_TOKEN: slack.appToken,
    SLACK_TEAM_IDS: slack.team.id,
    SLACK_API_URL: slack.apiUrl,
    DISCORD_BOT_TOKEN: discord.token,
    DISCORD_APPLICATION_ID: discord.applicationId,
    DISCORD_GUILD_ID: discord.guildId,
    DISCORD_API_URL: discord.apiUrl,
  };
}
