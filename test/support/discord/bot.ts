/** A real discord.js bot on a loopback Discord, with nothing of Quorate in it: what the platform is tried with. */

import {
  type APIApplicationCommand,
  type ApplicationCommandDataResolvable,
  Client,
  type ClientOptions,
  Events,
  GatewayIntentBits,
  type Interaction,
  type TextChannel,
} from "discord.js";
import { type DiscordOptions, type DiscordPlatform, startDiscord } from "./discord.ts";

export interface Bot {
  discord: DiscordPlatform;
  client: Client<true>;
  /** A member of the guild. */
  ada: string;
  channel: TextChannel;
  /** Answers interactions; what it throws is kept in `faults`. */
  answer<T extends Interaction>(handle: (interaction: T) => Promise<unknown>): void;
  faults: unknown[];
}

export const upgradeCommand: ApplicationCommandDataResolvable & Partial<APIApplicationCommand> = {
  name: "upgrade",
  description: "Runs an upgrade.",
  options: [
    {
      type: 1,
      name: "approve",
      description: "Approves what is in review.",
      options: [
        { type: 3, name: "ceremony", description: "Which ceremony", autocomplete: true },
        { type: 3, name: "lane", description: "Which lane", choices: [{ name: "Routine", value: "routine" }] },
      ],
    },
  ],
};

export function newClient(discord: DiscordPlatform, rest: ClientOptions["rest"] = {}): Client {
  return new Client({
    intents: [GatewayIntentBits.Guilds],
    rest: { api: discord.apiUrl, ...rest },
    allowedMentions: { parse: [] },
  });
}

/** Resolves when the client says that it is ready. */
export async function login(client: Client, token: string): Promise<Client<true>> {
  const ready = new Promise<Client<true>>((resolve) => client.once(Events.ClientReady, resolve));
  await client.login(token);
  return ready;
}

/** Runs `act` with a bot that is online and has registered `/upgrade approve`. */
export async function withBot(
  act: (bot: Bot) => Promise<void>,
  options: DiscordOptions = {},
  rest: ClientOptions["rest"] = {},
): Promise<void> {
  const discord = await startDiscord(options);
  const starting = newClient(discord, rest);
  try {
    const ada = discord.addUser("ada").id;
    discord.addMember(discord.guildId, ada);
    const client = await login(starting, discord.token);
    await client.application.commands.set([upgradeCommand], discord.guildId);
    const faults: unknown[] = [];
    await act({
      discord,
      client,
      ada,
      channel: client.channels.cache.get(discord.channelId) as TextChannel,
      faults,
      answer(handle) {
        client.on(Events.InteractionCreate, (interaction) => {
          handle(interaction as Parameters<typeof handle>[0]).catch((fault) => faults.push(fault));
        });
      },
    });
  } finally {
    await starting.destroy();
    await discord.stop();
  }
}
