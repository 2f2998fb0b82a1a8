/** Channels, their messages and their threads. */

import { PermissionFlagsBits as Permission } from "discord-api-types/v10";
import { type Body, checkMessage, refuseIfAny } from "../checks.ts";
import { refusals } from "../errors.ts";
import { objectBody, type ReceivedRequest, type Reply, type Route } from "../http.ts";
import { createMessage, editMessage } from "../messages.ts";
import { channelJson, messageJson } from "../payloads.ts";
import { messageFlags } from "../rules/messages.ts";
import { type BodyName, schemaProblems } from "../schema.ts";
import { botPermissions, type Channel, type Message, type World } from "../world.ts";

/** How long the same nonce gives the same message back. */
const nonceMemory = 5 * 60_000;

type Dispatch = (type: string, data: unknown) => void;

export function channelRoutes(world: World, dispatch: Dispatch): Route[] {
  return [...messageRoutes(world), ...threadRoutes(world, dispatch)];
}

function messageRoutes(world: World): Route[] {
  const messages = "/channels/:channel/messages";
  return [
    {
      method: "GET",
      path: messages,
      handle(request) {
        const channel = visible(world, request);
        const limit = Number(request.query.get("limit") ?? 50);
        if (!(limit >= 1 && limit <= 100))
          throw refusals.invalidForm([
            { path: ["limit"], code: "NUMBER_TYPE_MAX", message: "int value should be between 1 and 100." },
          ]);
        // Without the permission to read history the list is empty.
        const readable = allows(world, channel, Permission.ReadMessageHistory) ? shown(world, channel) : [];
        return { status: 200, body: newestFirst(readable, request.query, limit).map((one) => messageJson(world, one)) };
      },
    },
    { method: "POST", path: messages, handle: (request) => post(world, request) },
    {
      method: "GET",
      path: `${messages}/:message`,
      handle(request) {
        const channel = visible(world, request);
        demand(world, channel, Permission.ReadMessageHistory);
        return { status: 200, body: messageJson(world, message(world, request)) };
      },
    },
    {
      method: "PATCH",
      path: `${messages}/:message`,
      handle(request) {
        const channel = visible(world, request);
        const target = message(world, request);
        const body = objectBody(request);
        if (target.authorId !== world.botUserId) throw refusals.notTheAuthor();
        if (channel.archived) throw refusals.archivedThread();
        checkMessage("MessageEditRequestPartialSchema", body, request.files, target.attachments);
        demandFor(world, channel, body, request.files.length);
        editMessage(world, target, body, request.files);
        return { status: 200, body: messageJson(world, target) };
      },
    },
    {
      method: "DELETE",
      path: `${messages}/:message`,
      handle(request) {
        const channel = visible(world, request);
        const target = message(world, request);
        if (target.authorId !== world.botUserId) demand(world, channel, Permission.ManageMessages);
        target.deleted = true;
        world.changed();
        return { status: 204 };
      },
    },
    {
      method: "POST",
      path: "/channels/:channel/typing",
      handle(request) {
        demand(world, visible(world, request), Permission.SendMessages);
        return { status: 204 };
      },
    },
  ];
}

function threadRoutes(world: World, dispatch: Dispatch): Route[] {
  const path = "/channels/:channel";
  return [
    { method: "GET", path, handle: (request) => ({ status: 200, body: channelJson(world, visible(world, request)) }) },
    {
      method: "PATCH",
      path,
      handle(request) {
        const channel = visible(world, request);
        const body = objectBody(request);
        if (channel.type !== 11) throw refusals.missingPermissions();
        checkThread("UpdateThreadRequestPartialSchema", body);
        const own = channel.ownerId === world.botUserId;
        if (!own || body.locked !== undefined) demand(world, channel, Permission.ManageThreads);
        if (typeof body.name === "string") channel.name = body.name;
        if (typeof body.archived === "boolean") channel.archived = body.archived;
        if (typeof body.locked === "boolean") channel.locked = body.locked;
        dispatch("THREAD_UPDATE", channelJson(world, channel));
        world.changed();
        return { status: 200, body: channelJson(world, channel) };
      },
    },
    {
      method: "POST",
      path: `${path}/messages/:message/threads`,
      handle(request) {
        const channel = visible(world, request);
        const start = message(world, request);
        // discord.js names the type, public, here too; Discord takes no other.
        const { type = 11, ...body } = objectBody(request);
        checkThread("CreateTextThreadWithMessageRequestSchema", type === 11 ? body : { ...body, type });
        if (world.channels.has(start.id)) throw refusals.threadExists();
        return thread(world, dispatch, channel, body, start.id);
      },
    },
    {
      method: "POST",
      path: `${path}/threads`,
      handle(request) {
        const channel = visible(world, request);
        const body = objectBody(request);
        checkThread("CreateTextThreadWithoutMessageRequestSchema", body);
        // Without a type Discord makes a private thread, which nobody but the bot would see.
        if (body.type !== 11) demand(world, channel, Permission.CreatePrivateThreads);
        return thread(world, dispatch, channel, body, world.snowflake());
      },
    },
    {
      method: "PUT",
      path: `${path}/thread-members/:user`,
      handle(request) {
        demand(world, visible(world, request), Permission.SendMessagesInThreads);
        return { status: 204 };
      },
    },
  ];
}

function post(world: World, request: ReceivedRequest): Reply {
  const channel = visible(world, request);
  const body = objectBody(request);
  checkMessage("MessageCreateRequestSchema", body, request.files);
  // Discord drops the flag, and what was meant for one person is read by all.
  if ((Number(body.flags ?? 0) & messageFlags.ephemeral) !== 0)
    refuseIfAny([
      { path: ["flags"], code: "MESSAGE_FLAGS_INVALID", message: "Only answers to interactions are private." },
    ]);
  if (channel.type !== 1) {
    demand(world, channel, channel.type === 11 ? Permission.SendMessagesInThreads : Permission.SendMessages);
    demandFor(world, channel, body, request.files.length);
  }
  if (channel.locked) demand(world, channel, Permission.ManageThreads);
  const { nonce } = body;
  const again =
    body.enforce_nonce === true && (nonce ?? "") !== ""
      ? shown(world, channel).find(
          (one) =>
            one.authorId === world.botUserId &&
            String(one.nonce) === String(nonce) &&
            world.clock.now() - one.createdAt < nonceMemory,
        )
      : undefined;
  const sent = again ?? createMessage(world, { channel, authorId: world.botUserId, body, files: request.files });
  return { status: 200, body: messageJson(world, sent) };
}

function thread(world: World, dispatch: Dispatch, parent: Channel, body: Body, id: string): Reply {
  demand(world, parent, Permission.CreatePublicThreads);
  const made: Channel = {
    id,
    type: 11,
    guildId: parent.guildId,
    name: String(body.name),
    botPermissions: 0n,
    parentId: parent.id,
    ownerId: world.botUserId,
    archived: false,
    locked: false,
    autoArchiveMinutes: Number(body.auto_archive_duration ?? 4320),
  };
  world.channels.set(id, made);
  dispatch("THREAD_CREATE", { ...channelJson(world, made), newly_created: true });
  world.changed();
  return { status: 201, body: channelJson(world, made) };
}

function checkThread(schema: BodyName, body: Body): void {
  refuseIfAny(schemaProblems(schema, body));
}

function visible(world: World, { params }: ReceivedRequest): Channel {
  const channel = world.channels.get(params.channel ?? "");
  if (channel === undefined) throw refusals.unknownChannel();
  const guild = channel.guildId === undefined ? undefined : world.guilds.get(channel.guildId);
  const inside = channel.type === 1 || guild?.members.has(world.botUserId) === true;
  if (!inside || !allows(world, channel, Permission.ViewChannel)) throw refusals.missingAccess();
  return channel;
}

function allows(world: World, channel: Channel, permission: bigint): boolean {
  return channel.type === 1 || (botPermissions(world, channel) & permission) === permission;
}

function demand(world: World, channel: Channel, permission: bigint): void {
  if (!allows(world, channel, permission)) throw refusals.missingPermissions();
}

/** Embeds and files need permissions of their own. */
function demandFor(world: World, channel: Channel, body: Body, files: number): void {
  if (Array.isArray(body.embeds) && body.embeds.length > 0) demand(world, channel, Permission.EmbedLinks);
  if (files > 0) demand(world, channel, Permission.AttachFiles);
}

/** Messages that the channel shows to everybody: those that only one person sees are in no channel. */
function shown(world: World, channel: Channel): Message[] {
  return [...world.messages.values()].filter(
    (one) => one.channelId === channel.id && !one.deleted && one.ephemeralFor === undefined,
  );
}

function message(world: World, { params }: ReceivedRequest): Message {
  const found = world.messages.get(params.message ?? "");
  if (found === undefined || found.deleted || found.channelId !== params.channel || found.ephemeralFor !== undefined)
    throw refusals.unknownMessage();
  return found;
}

function newestFirst(messages: Message[], query: URLSearchParams, limit: number): Message[] {
  const before = query.get("before");
  const after = query.get("after");
  const fitting = messages.filter(
    ({ id }) => (before === null || BigInt(id) < BigInt(before)) && (after === null || BigInt(id) > BigInt(after)),
  );
  return (after === null ? fitting.slice(-limit) : fitting.slice(0, limit)).reverse();
}
