/** Who is there and may do what, changeable while a bot runs; the bot hears of it as it would from Discord. */

import { createMessage } from "./messages.ts";
import { channelJson, guildJson } from "./payloads.ts";
import {
  type Channel,
  type Guild,
  installedPermissions,
  type Message,
  type Role,
  type User,
  type World,
} from "./world.ts";

export interface Population {
  /** A server; the bot is installed in it unless told otherwise. */
  addGuild(name: string, more?: { bot?: boolean; id?: string }): Guild;
  addChannel(guild: string, name: string, more?: { id?: string; botPermissions?: bigint }): Channel;
  removeChannel(channel: string): void;
  /** From now on the bot may do just this in the channel. */
  permit(channel: string, botPermissions: bigint): void;
  addRole(guild: string, name: string, more?: { id?: string; mentionable?: boolean }): Role;
  /** A person (or another bot) with an account, who is in no server yet. */
  addUser(name: string, more?: { id?: string; bot?: boolean }): User;
  addMember(guild: string, user: string, roles?: string[]): void;
  /** Takes a person, or the bot itself, out of a server. */
  removeMember(guild: string, user: string): void;
  /** Somebody writes in a channel. */
  write(user: string, content: string, channel: string): Message;
}

export function populate(world: World, dispatch: (type: string, data: unknown) => void): Population {
  world.users.set(world.botUserId, { id: world.botUserId, name: "quorate", bot: true });
  const guildOf = (id: string): Guild => present(world.guilds.get(id), `guild ${id}`);
  const hears = (guild: Guild) => guild.members.has(world.botUserId);
  return {
    addGuild(name, { bot = true, id = world.snowflake() } = {}) {
      const members = new Map<string, string[]>(bot ? [[world.botUserId, []]] : []);
      const guild: Guild = { id, name, ownerId: world.snowflake(), roles: new Map(), members };
      world.guilds.set(id, guild);
      if (bot) dispatch("GUILD_CREATE", guildJson(world, guild));
      return guild;
    },
    addChannel(guild, name, { id = world.snowflake(), botPermissions = installedPermissions } = {}) {
      const channel: Channel = {
        id,
        type: 0,
        guildId: guild,
        name,
        botPermissions,
        archived: false,
        locked: false,
        autoArchiveMinutes: 4320,
      };
      world.channels.set(id, channel);
      if (hears(guildOf(guild))) dispatch("CHANNEL_CREATE", channelJson(world, channel));
      return channel;
    },
    removeChannel(id) {
      const channel = present(world.channels.get(id), `channel ${id}`);
      world.channels.delete(id);
      dispatch("CHANNEL_DELETE", channelJson(world, channel));
      world.changed();
    },
    permit(channel, botPermissions) {
      present(world.channels.get(channel), `channel ${channel}`).botPermissions = botPermissions;
    },
    addRole(guild, name, { id = world.snowflake(), mentionable = true } = {}) {
      const role = { id, name, mentionable };
      guildOf(guild).roles.set(id, role);
      return role;
    },
    addUser(name, { id = world.snowflake(), bot = false } = {}) {
      const user = { id, name, bot };
      world.users.set(id, user);
      return user;
    },
    addMember: (guild, user, roles = []) => void guildOf(guild).members.set(user, roles),
    removeMember(id, user) {
      const guild = guildOf(id);
      guild.members.delete(user);
      if (user === world.botUserId) dispatch("GUILD_DELETE", { id, unavailable: false });
      world.changed();
    },
    write: (user, content, channel) =>
      createMessage(world, {
        channel: present(world.channels.get(channel), `channel ${channel}`),
        authorId: user,
        body: { content },
        files: [],
      }),
  };
}

function present<T>(thing: T | undefined, what: string): T {
  if (thing === undefined) throw new Error(`There is no ${what}.`);
  return thing;
}
