/** What exists on this Discord: users, guilds, channels, commands, messages. Everything is mutable while a bot runs. */

import { EventEmitter } from "node:events";
import type {
  APIAllowedMentions,
  APIApplicationCommand,
  APIEmbed,
  APIMessageTopLevelComponent,
} from "discord-api-types/v10";
import { PermissionFlagsBits as Permission } from "discord-api-types/v10";
import type { PlatformClock } from "./clock.ts";

export interface User {
  id: string;
  name: string;
  bot: boolean;
}

export interface Role {
  id: string;
  name: string;
  /** Whether anyone may notify it; otherwise a bot needs Mention Everyone. */
  mentionable: boolean;
}

export interface Guild {
  id: string;
  name: string;
  ownerId: string;
  roles: Map<string, Role>;
  /** Role ids by user id. */
  members: Map<string, string[]>;
}

/** A text channel (0), a direct message with the bot (1) or a public thread (11). */
export interface Channel {
  id: string;
  type: 0 | 1 | 11;
  guildId: string | undefined;
  name: string;
  /** What the bot may do here; a thread asks its parent. */
  botPermissions: bigint;
  parentId?: string;
  ownerId?: string;
  recipientId?: string;
  archived: boolean;
  locked: boolean;
  autoArchiveMinutes: number;
}

export interface Attachment {
  id: string;
  filename: string;
  /** The text for those who do not see it. */
  description: string | undefined;
  contentType: string;
  bytes: Uint8Array;
  url: string;
}

export interface Message {
  id: string;
  channelId: string;
  authorId: string;
  content: string;
  /** As sent, `attachment://` included. */
  embeds: APIEmbed[];
  /** As sent, each with the `id` that Discord gives it. */
  components: APIMessageTopLevelComponent[];
  attachments: Attachment[];
  flags: number;
  nonce: string | number | undefined;
  /** As sent with the newest change; undefined where it was left out, and then everything mentioned is notified. */
  allowedMentions: APIAllowedMentions | undefined;
  /** Users whom the message itself (never an edit) notified, through roles and everyone too. */
  notified: string[];
  /** Bodies of the edits as sent, oldest first. */
  edits: Record<string, unknown>[];
  /** The body as sent at first. */
  sent: Record<string, unknown>;
  /** The only user who sees it. */
  ephemeralFor: string | undefined;
  interactionId: string | undefined;
  deleted: boolean;
  createdAt: number;
  editedAt: number | undefined;
}

/** The permissions that an installation grants by Quorate's documentation. */
export const installedPermissions =
  Permission.ViewChannel |
  Permission.SendMessages |
  Permission.SendMessagesInThreads |
  Permission.CreatePublicThreads |
  Permission.AttachFiles |
  Permission.EmbedLinks;

export interface World {
  readonly clock: PlatformClock;
  readonly origin: () => string;
  readonly applicationId: string;
  readonly botUserId: string;
  readonly users: Map<string, User>;
  readonly guilds: Map<string, Guild>;
  readonly channels: Map<string, Channel>;
  /** By id, in the order they were sent. */
  readonly messages: Map<string, Message>;
  /** Application commands; the global ones under the empty string. */
  readonly commands: Map<string, APIApplicationCommand[]>;
  /** A new id: later ones are greater. */
  snowflake(): string;
  /** Something changed that somebody may wait for. */
  changed(): void;
  onChange(listener: () => void): () => void;
}

const discordEpoch = 1_420_070_400_000n;

export function emptyWorld(clock: PlatformClock, origin: () => string): World {
  const changes = new EventEmitter().setMaxListeners(0);
  let last = 0n;
  const snowflake = () => {
    const next = (BigInt(clock.now()) - discordEpoch) << 22n;
    last = next > last ? next : last + 1n;
    return String(last);
  };
  return {
    clock,
    origin,
    applicationId: snowflake(),
    botUserId: snowflake(),
    users: new Map(),
    guilds: new Map(),
    channels: new Map(),
    messages: new Map(),
    commands: new Map(),
    snowflake,
    changed: () => void changes.emit("change"),
    onChange(listener) {
      changes.on("change", listener);
      return () => void changes.off("change", listener);
    },
  };
}

/** What the bot may do in a channel; in a thread, what it may in the parent. */
export function botPermissions(world: World, channel: Channel): bigint {
  const parent = channel.parentId === undefined ? undefined : world.channels.get(channel.parentId);
  return (parent ?? channel).botPermissions;
}
