/** Tells Discord of `/upgrade`, where what it has is not what is wanted. */

import { Routes } from "discord.js";
import type { Command } from "../../command.ts";
import type { Calls } from "./calls.ts";
import { commandJson, sameCommands } from "./command-json.ts";
import type { DiscordConfig } from "./config.ts";

/** Rejects where Discord does not take it. Discord allows 200 creations a day, so nothing is sent without need. */
export async function register(calls: Calls, config: DiscordConfig, commands: readonly Command[]): Promise<void> {
  const route = Routes.applicationGuildCommands(config.applicationId, config.guildId);
  const wanted = [commandJson(commands)];
  if (sameCommands(await calls.call("GET", route), wanted)) return;
  await calls.call("PUT", route, { body: wanted });
}
