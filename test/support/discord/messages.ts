/** Messages are made, edited and notified about here, whichever way they came in. */

import type { APIAllowedMentions, APIEmbed, APIMessageTopLevelComponent } from "discord-api-types/v10";
import { PermissionFlagsBits as Permission } from "discord-api-types/v10";
import type { Body, UploadedFile } from "./checks.ts";
import { refusals } from "./errors.ts";
import { allComponents } from "./rules/components.ts";
import { messageFlags } from "./rules/messages.ts";
import { type Attachment, botPermissions, type Channel, type Message, type World } from "./world.ts";

export interface NewMessage {
  channel: Channel;
  authorId: string;
  body: Body;
  files: readonly UploadedFile[];
  flags?: number;
  ephemeralFor?: string;
  interactionId?: string;
}

export function createMessage(
  world: World,
  { channel, authorId, body, files, flags = 0, ephemeralFor, interactionId }: NewMessage,
): Message {
  const id = world.snowflake();
  const message: Message = {
    id,
    channelId: channel.id,
    authorId,
    content: "",
    embeds: [],
    components: [],
    attachments: [],
    flags: flags | (Number(body.flags ?? 0) & ~messageFlags.loading),
    nonce: body.nonce as string | number | undefined,
    allowedMentions: body.allowed_mentions as APIAllowedMentions | undefined,
    notified: [],
    edits: [],
    sent: body,
    ephemeralFor,
    interactionId,
    deleted: false,
    createdAt: world.clock.now(),
    editedAt: undefined,
  };
  fill(world, message, body, files);
  const quiet = (message.flags & messageFlags.suppressNotifications) !== 0;
  message.notified = quiet || (flags & messageFlags.loading) !== 0 ? [] : notified(world, channel, message);
  if (isEmpty(message) && (flags & messageFlags.loading) === 0) throw refusals.emptyMessage();
  world.messages.set(id, message);
  channel.archived = false;
  world.changed();
  return message;
}

/** What is left out stays; `attachments`, where given, says which of the old ones stay. Nobody is notified. */
export function editMessage(world: World, message: Message, body: Body, files: readonly UploadedFile[]): void {
  const before = { ...message };
  fill(world, message, body, files);
  if (isEmpty(message)) {
    Object.assign(message, before);
    throw refusals.emptyMessage();
  }
  if (body.allowed_mentions !== undefined) message.allowedMentions = body.allowed_mentions as APIAllowedMentions;
  const keep = message.flags & (messageFlags.ephemeral | messageFlags.suppressNotifications);
  if (body.flags !== undefined && body.flags !== null) message.flags = keep | Number(body.flags);
  message.flags &= ~messageFlags.loading;
  message.edits.push(body);
  message.editedAt = world.clock.now();
  world.changed();
}

function fill(world: World, message: Message, body: Body, files: readonly UploadedFile[]): void {
  if (body.content !== undefined) message.content = (body.content as string | null) ?? "";
  if (body.embeds !== undefined) message.embeds = (body.embeds as APIEmbed[] | null) ?? [];
  if (body.components !== undefined) message.components = numbered(body.components);
  const listed = body.attachments as { id: string; filename?: string; description?: string }[] | null | undefined;
  const kept =
    listed === undefined
      ? message.attachments
      : message.attachments.filter((one) => listed?.some(({ id }) => id === one.id));
  message.attachments = [
    ...kept,
    ...files.map((file): Attachment => {
      const about = listed?.find((one) => one.id === String(file.index));
      const id = world.snowflake();
      const filename = about?.filename ?? file.filename;
      return {
        id,
        filename,
        description: about?.description,
        contentType: file.contentType,
        bytes: file.bytes,
        url: `${world.origin()}/attachments/${message.channelId}/${id}/${encodeURIComponent(filename)}`,
      };
    }),
  ];
}

/** Every component gets a number, as Discord gives it. */
function numbered(components: unknown): APIMessageTopLevelComponent[] {
  const copy = JSON.parse(JSON.stringify(components ?? [])) as APIMessageTopLevelComponent[];
  for (const [index, { component }] of allComponents(copy).entries())
    if ((component as { id?: number }).id === undefined) (component as { id?: number }).id = index + 1;
  return copy;
}

function isEmpty({ content, embeds, components, attachments }: Message): boolean {
  return content.trim() === "" && embeds.length === 0 && components.length === 0 && attachments.length === 0;
}

/** Who gets a notification: mentions in the content, as far as allowed_mentions lets them through. Embeds mention nobody. */
function notified(world: World, channel: Channel, message: Message): string[] {
  const guild = channel.guildId === undefined ? undefined : world.guilds.get(channel.guildId);
  const { content } = message;
  const allowed: { parse?: string[]; users?: string[]; roles?: string[] } = message.allowedMentions ?? {
    parse: ["users", "roles", "everyone"],
  };
  const mayAll = (botPermissions(world, channel) & Permission.MentionEveryone) !== 0n;
  const lets = (kind: "users" | "roles", id: string) =>
    (allowed.parse ?? []).includes(kind) || (allowed[kind] ?? []).includes(id);
  const people = new Set<string>();
  for (const [, id = ""] of content.matchAll(/<@!?([0-9]+)>/g))
    if (lets("users", id) && world.users.has(id)) people.add(id);
  for (const [, id = ""] of content.matchAll(/<@&([0-9]+)>/g)) {
    const role = guild?.roles.get(id);
    if (role === undefined || !lets("roles", id) || !(role.mentionable || mayAll)) continue;
    for (const [user, roles] of guild?.members ?? []) if (roles.includes(id)) people.add(user);
  }
  const everyone = /@(everyone|here)\b/.test(content) && mayAll && (allowed.parse ?? []).includes("everyone");
  if (everyone) for (const user of guild?.members.keys() ?? []) people.add(user);
  people.delete(message.authorId);
  return [...people].filter((id) => message.ephemeralFor === undefined || message.ephemeralFor === id);
}
