/** The chat platforms' part of the environment. Half of a platform is refused with the name of what is missing. */

import { EnvironmentFault } from "./environment-fault.ts";

export interface SlackEnvironment {
  botToken: string;
  /** Socket Mode. Undefined: HTTP. */
  appToken?: string;
  /** HTTP. Undefined: Socket Mode. */
  signingSecret?: string;
  apiUrl?: string;
  /** Where the app is installed. */
  teamIds: string[];
}

export interface DiscordEnvironment {
  token: string;
  applicationId: string;
  guildId: string;
  apiUrl?: string;
}

export interface ChatEnvironment {
  slack: SlackEnvironment | undefined;
  discord: DiscordEnvironment | undefined;
  /** Where people reach the program's pages; without a slash at the end. */
  publicUrl: string | undefined;
}

type Set = Record<string, string | undefined>;

/** Reads what is set; throws {@link EnvironmentFault}. */
export function readChatEnvironment(set: Set): ChatEnvironment {
  return { slack: slackOf(set), discord: discordOf(set), publicUrl: urlOf(set, "PUBLIC_URL") };
}

/** Socket Mode by default; HTTP where the signing secret and a port are set. */
function slackOf(set: Set): SlackEnvironment | undefined {
  if (!anyOf(set, slackNames)) return undefined;
  const botToken = needed(set, "SLACK_BOT_TOKEN", "Slack", /^xoxb-\S+$/, "a bot token starts with xoxb-");
  const teamIds = needed(
    set,
    "SLACK_TEAM_IDS",
    "Slack",
    /^T[A-Z0-9]+(?:\s*,\s*T[A-Z0-9]+)*$/,
    "teams are written T024BE7LD, several separated by commas",
  );
  const { SLACK_APP_TOKEN: appToken, SLACK_SIGNING_SECRET: signingSecret, PORT } = set;
  if (appToken !== undefined && !/^xapp-\S+$/.test(appToken))
    throw new EnvironmentFault("SLACK_APP_TOKEN is not usable: an app-level token starts with xapp-.");
  const http = signingSecret !== undefined && PORT !== undefined;
  if (!http && appToken === undefined)
    throw new EnvironmentFault(
      signingSecret === undefined
        ? "Slack is half configured: SLACK_APP_TOKEN is missing (Socket Mode), or SLACK_SIGNING_SECRET and PORT (HTTP). See docs/slack.md."
        : "Slack is half configured: PORT is missing, which Slack's requests come to. See docs/slack.md.",
    );
  return {
    botToken,
    ...(http ? { signingSecret } : appToken === undefined ? {} : { appToken }),
    ...apiUrlOf(set, "SLACK_API_URL"),
    teamIds: teamIds.split(",").map((one) => one.trim()),
  };
}

function discordOf(set: Set): DiscordEnvironment | undefined {
  if (!anyOf(set, discordNames)) return undefined;
  const id = /^[0-9]{15,21}$/;
  return {
    token: needed(set, "DISCORD_BOT_TOKEN", "Discord", /^\S+$/, "a bot token is one word"),
    applicationId: needed(set, "DISCORD_APPLICATION_ID", "Discord", id, "it is a number of 17 to 20 digits"),
    guildId: needed(set, "DISCORD_GUILD_ID", "Discord", id, "it is a number of 17 to 20 digits"),
    ...apiUrlOf(set, "DISCORD_API_URL"),
  };
}

const slackNames = ["SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_API_URL", "SLACK_TEAM_IDS"];
const discordNames = ["DISCORD_BOT_TOKEN", "DISCORD_APPLICATION_ID", "DISCORD_GUILD_ID", "DISCORD_API_URL"];

const anyOf = (set: Set, names: readonly string[]) => names.some((name) => set[name] !== undefined);

function needed(set: Set, name: string, platform: string, shape: RegExp, rule: string): string {
  const value = set[name];
  if (value === undefined)
    throw new EnvironmentFault(
      `${platform} is half configured: ${name} is missing. See docs/${platform.toLowerCase()}.md.`,
    );
  if (!shape.test(value)) throw new EnvironmentFault(`${name} is not usable: ${rule}.`);
  return value;
}

function apiUrlOf(set: Set, name: string): { apiUrl?: string } {
  const apiUrl = urlOf(set, name);
  return apiUrl === undefined ? {} : { apiUrl };
}

/** Tokens and links travel there, so plain http is for this machine alone. */
function urlOf(set: Set, name: string): string | undefined {
  const text = set[name];
  if (text === undefined) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const local = url?.protocol === "http:" && ["127.0.0.1", "localhost", "[::1]"].includes(url.hostname);
  if (url === undefined || url.username !== "" || url.password !== "" || (url.protocol !== "https:" && !local))
    throw new EnvironmentFault(`${name} is not usable: it is an https address (http only for 127.0.0.1).`);
  if (url.search !== "" || url.hash !== "")
    throw new EnvironmentFault(`${name} is not usable: pages are below it, so nothing follows a ? or #.`);
  return text.replace(/\/+$/, "");
}
