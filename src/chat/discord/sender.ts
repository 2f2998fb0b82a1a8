/** Whether somebody may be heard at all. What they may do is for dispatch and the domain; Discord's roles say nothing here. */

import type { Policy } from "../../domain/policy.ts";
import type { DiscordConfig } from "./config.ts";
import type { Envelope } from "./interaction.ts";

/** `InteractionContextType.Guild` and `ApplicationIntegrationType.GuildInstall` of Discord's documentation. */
const inGuild = 0;
const guildInstall = "0";

export type Sender = { account: string; user: string } | { refusal: string };

/** By what Discord itself says about the sender; whatever is not known is a refusal. `now`: seconds since 1970. */
export function senderOf(from: Envelope, config: DiscordConfig, policy: Policy, now: bigint): Sender {
  const { guildId, applicationId } = config;
  if (from.application_id !== applicationId)
    return refused(
      "This was meant for another application. Ask the operator to compare the application id that is set.",
    );
  if (from.guild_id === undefined || from.context !== inGuild)
    return refused("Quorate listens only in the council's Discord server. Say it in a channel there.");
  if (from.guild_id !== guildId || !policy.workspaces.discord.some((one) => one.guild === guildId))
    return refused("This server is not the council's. Say it in the council's own Discord server.");
  if (from.authorizing_integration_owners?.[guildInstall] !== guildId)
    return refused(
      "Quorate is not installed by this server itself. Ask the operator to add it to the council's server.",
    );
  if (from.member === undefined)
    return refused("Discord does not say that you are a member of this server. Join it, and try again.");
  return (
    memberRefusal(from.member, now) ?? {
      account: `discord:${guildId}:${from.member.user.id}`,
      user: from.member.user.id,
    }
  );
}

/** For members as an interaction brings them and as they are asked for alike. */
export function memberRefusal(
  { user, pending, communication_disabled_until }: NonNullable<Envelope["member"]>,
  now: bigint,
): { refusal: string } | undefined {
  if (user.bot || user.system) return refused("Bots take no part in a council. Use an account of your own.");
  if (pending) return refused("You have not accepted this server's rules yet. Accept them, and try again.");
  const until = communication_disabled_until ? Date.parse(communication_disabled_until) / 1000 : 0;
  if (Number.isNaN(until) || until > Number(now))
    return refused("You are timed out in this server. Ask a moderator to lift it, and try again.");
  return undefined;
}

function refused(sentence: string): { refusal: string } {
  return { refusal: `${sentence} Nothing was done.` };
}
