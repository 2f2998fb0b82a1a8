/** Users, members, guilds, channels and messages in Discord's own JSON. */

import type { APIEmbed } from "discord-api-types/v10";
import {
  type Attachment,
  botPermissions,
  type Channel,
  type Guild,
  type Message,
  type User,
  type World,
} from "./world.ts";

type Json = Record<string, unknown>;

export function userJson(user: User): Json {
  return {
    id: user.id,
    username: user.name,
    global_name: user.name,
    discriminator: "0",
    avatar: null,
    bot: user.bot,
    system: false,
    public_flags: 0,
    flags: 0,
  };
}

export function memberJson(world: World, guild: Guild, userId: string): Json {
  const user = world.users.get(userId);
  return {
    ...(user === undefined ? {} : { user: userJson(user) }),
    roles: guild.members.get(userId) ?? [],
    nick: null,
    avatar: null,
    banner: null,
    joined_at: "2024-01-01T00:00:00.000000+00:00",
    premium_since: null,
    deaf: false,
    mute: false,
    flags: 0,
    pending: false,
    communication_disabled_until: null,
  };
}

export function rolesJson(guild: Guild): Json[] {
  const everyone = { id: guild.id, name: "@everyone", mentionable: false };
  return [everyone, ...guild.roles.values()].map((role, position) => ({
    ...role,
    position,
    color: 0,
    colors: { primary_color: 0, secondary_color: null, tertiary_color: null },
    hoist: false,
    icon: null,
    unicode_emoji: null,
    permissions: "0",
    managed: false,
    flags: 0,
  }));
}

export function channelJson(world: World, channel: Channel): Json {
  const { id, type, name } = channel;
  if (type === 1) {
    const user = world.users.get(channel.recipientId ?? "");
    return { id, type, recipients: user === undefined ? [] : [userJson(user)], last_message_id: null, flags: 0 };
  }
  const common = { id, type, name, guild_id: channel.guildId, last_message_id: null, rate_limit_per_user: 0, flags: 0 };
  if (type === 0)
    return { ...common, parent_id: null, position: 0, topic: null, nsfw: false, permission_overwrites: [] };
  return {
    ...common,
    parent_id: channel.parentId,
    owner_id: channel.ownerId,
    message_count: [...world.messages.values()].filter((one) => one.channelId === id).length,
    member_count: 1,
    thread_metadata: {
      archived: channel.archived,
      locked: channel.locked,
      auto_archive_duration: channel.autoArchiveMinutes,
      archive_timestamp: "2024-01-01T00:00:00.000000+00:00",
      create_timestamp: "2024-01-01T00:00:00.000000+00:00",
    },
  };
}

export function guildJson(world: World, guild: Guild): Json {
  const inside = [...world.channels.values()].filter((one) => one.guildId === guild.id);
  return {
    id: guild.id,
    name: guild.name,
    owner_id: guild.ownerId,
    icon: null,
    splash: null,
    discovery_splash: null,
    description: null,
    banner: null,
    vanity_url_code: null,
    afk_channel_id: null,
    afk_timeout: 300,
    application_id: null,
    system_channel_id: null,
    system_channel_flags: 0,
    rules_channel_id: null,
    public_updates_channel_id: null,
    safety_alerts_channel_id: null,
    verification_level: 0,
    default_message_notifications: 1,
    explicit_content_filter: 0,
    mfa_level: 1,
    nsfw_level: 0,
    nsfw: false,
    premium_tier: 0,
    premium_subscription_count: 0,
    premium_progress_bar_enabled: false,
    preferred_locale: "en-US",
    features: [],
    emojis: [],
    stickers: [],
    roles: rolesJson(guild),
    joined_at: "2024-01-01T00:00:00.000000+00:00",
    large: false,
    unavailable: false,
    member_count: guild.members.size,
    members: [memberJson(world, guild, world.botUserId)],
    channels: inside.filter((one) => one.type === 0).map((one) => channelJson(world, one)),
    threads: inside.filter((one) => one.type === 11 && !one.archived).map((one) => channelJson(world, one)),
    voice_states: [],
    presences: [],
    stage_instances: [],
    guild_scheduled_events: [],
    soundboard_sounds: [],
  };
}

export function attachmentJson({ id, filename, description, contentType, bytes, url }: Attachment): Json {
  return {
    id,
    filename,
    ...(description === undefined ? {} : { description }),
    size: bytes.length,
    url,
    proxy_url: url,
    content_type: contentType,
  };
}

/** As Discord gives it back: an attachment that an embed shows is in the embed, and no longer in the list. */
export function messageJson(world: World, message: Message): Json {
  const author = world.users.get(message.authorId);
  const shown = new Set<string>();
  const embeds = message.embeds.map((embed) => withUrls(embed, message.attachments, shown));
  return {
    id: message.id,
    type: message.interactionId === undefined ? 0 : 20,
    channel_id: message.channelId,
    author: author === undefined ? null : userJson(author),
    content: message.content,
    embeds,
    components: message.components,
    attachments: message.attachments.filter((one) => !shown.has(one.id)).map(attachmentJson),
    flags: message.flags,
    mentions: [],
    mention_roles: [],
    mention_everyone: false,
    pinned: false,
    tts: false,
    timestamp: timestamp(message.createdAt),
    edited_timestamp: message.editedAt === undefined ? null : timestamp(message.editedAt),
    ...(message.nonce === undefined ? {} : { nonce: message.nonce }),
    ...(message.interactionId === undefined
      ? {}
      : { webhook_id: world.applicationId, application_id: world.applicationId }),
  };
}

function withUrls(embed: APIEmbed, attachments: Attachment[], shown: Set<string>): APIEmbed {
  const resolve = (url: string) => {
    const name = /^attachment:\/\/(.+)$/.exec(url)?.[1];
    const attachment = attachments.find((one) => one.filename === name);
    if (attachment === undefined) return url;
    shown.add(attachment.id);
    return attachment.url;
  };
  return JSON.parse(JSON.stringify(embed), (key, value) =>
    (key === "url" || key === "icon_url") && typeof value === "string" ? resolve(value) : value,
  );
}

export function timestamp(at: number): string {
  return new Date(at).toISOString().replace("Z", "000+00:00");
}

/** The bot's permissions in a channel, as interactions carry them. */
export function appPermissions(world: World, channel: Channel): string {
  return String(channel.type === 1 ? 0n : botPermissions(world, channel));
}
