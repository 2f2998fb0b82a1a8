/** chat.*: what the bot says. */

import { checkMessage } from "./content.ts";
import { limits } from "./limits.ts";
import { type Attachment, type Json, type Message, record, records, SlackRefusal, text } from "./model.ts";
import { kept, newId, type Workspace } from "./workspace.ts";

/** The conversation the bot may write to; a user's id stands for the direct conversation with the user. */
function writable(workspace: Workspace, id: string): string {
  const user = workspace.users.get(id);
  if (user !== undefined) {
    const direct = [...workspace.channels.values()].find((one) => one.name === `dm:${id}`);
    if (direct !== undefined) return direct.id;
    const channel = { id: newId("D"), name: `dm:${id}`, members: [id, workspace.installation.botUserId] };
    workspace.channels.set(channel.id, channel);
    return channel.id;
  }
  const channel = workspace.channels.get(id);
  if (channel === undefined) throw new SlackRefusal("channel_not_found");
  if (!channel.members.includes(workspace.installation.botUserId)) throw new SlackRefusal("not_in_channel");
  return channel.id;
}

/** The bot's own message. */
function own(workspace: Workspace, args: Json, otherwise: string): Message {
  const channel = writable(workspace, text(args.channel));
  const message = workspace.messages.find((one) => one.channel === channel && one.ts === text(args.ts));
  if (message === undefined || message.ephemeralFor !== undefined) throw new SlackRefusal("message_not_found");
  if (message.user !== workspace.installation.botUserId) throw new SlackRefusal(otherwise);
  return message;
}

/** Puts a message where people see it. */
export function post(workspace: Workspace, args: Json, where: Partial<Message> & { channel: string }): Message {
  const message: Message = {
    ts: workspace.ts(),
    threadTs: undefined,
    user: workspace.installation.botUserId,
    text: text(args.text),
    blocks: kept(args.blocks),
    attachments: keptAttachments(args.attachments),
    metadata: args.metadata === undefined ? undefined : record(args.metadata),
    edits: 0,
    files: [],
    unfurlLinks: typeof args.unfurl_links === "boolean" ? args.unfurl_links : undefined,
    unfurlMedia: typeof args.unfurl_media === "boolean" ? args.unfurl_media : undefined,
    ephemeralFor: undefined,
    ...where,
  };
  workspace.messages.push(message);
  workspace.changes.changed();
  return message;
}

/** Changes what a message shows. Blocks and metadata that are not given stay; an empty list or object takes them away. */
export function edit(workspace: Workspace, message: Message, args: Json): void {
  if (args.text !== undefined) message.text = text(args.text);
  if (args.blocks !== undefined) message.blocks = kept(args.blocks);
  if (args.attachments !== undefined) message.attachments = keptAttachments(args.attachments);
  if (args.metadata !== undefined) message.metadata = record(args.metadata);
  message.edits += 1;
  workspace.changes.changed();
}

function keptAttachments(attachments: unknown): Attachment[] {
  return records(attachments).map((one) => ({ ...one, blocks: kept(one.blocks) }));
}

export function remove(workspace: Workspace, message: Message): void {
  workspace.messages.splice(workspace.messages.indexOf(message), 1);
  workspace.changes.changed();
}

/** A message as Slack writes it in answers and in interactions. */
export function messageJson(workspace: Workspace, message: Message): Json {
  const { installation } = workspace;
  const bot = message.user === installation.botUserId;
  return {
    type: "message",
    ...(bot ? { bot_id: installation.botId, app_id: installation.appId } : {}),
    user: message.user,
    team: installation.team,
    ts: message.ts,
    text: message.text,
    ...(message.threadTs === undefined ? {} : { thread_ts: message.threadTs }),
    ...(message.blocks.length === 0 ? {} : { blocks: message.blocks }),
    ...(message.attachments.length === 0 ? {} : { attachments: message.attachments }),
    ...(message.edits === 0 ? {} : { edited: { user: message.user, ts: message.ts } }),
    ...(message.files.length === 0 ? {} : { files: message.files.map((id) => ({ id })) }),
  };
}

export function postMessage(workspace: Workspace, args: Json): Json {
  checkMessage(workspace, args);
  const channel = writable(workspace, text(args.channel));
  const message = post(workspace, args, { channel, threadTs: threadOf(workspace, channel, args) });
  return { channel, ts: message.ts, message: messageJson(workspace, message) };
}

function threadOf(workspace: Workspace, channel: string, args: Json): string | undefined {
  if (args.thread_ts === undefined) return undefined;
  const parent = workspace.messages.find((one) => one.channel === channel && one.ts === text(args.thread_ts));
  if (parent === undefined) throw new SlackRefusal("thread_not_found");
  return parent.threadTs ?? parent.ts;
}

export function update(workspace: Workspace, args: Json): Json {
  checkMessage(workspace, args, limits.updateText);
  const message = own(workspace, args, "cant_update_message");
  edit(workspace, message, args);
  return { channel: message.channel, ts: message.ts, text: message.text, message: messageJson(workspace, message) };
}

export function deleteMessage(workspace: Workspace, args: Json): Json {
  const message = own(workspace, args, "cant_delete_message");
  remove(workspace, message);
  return { channel: message.channel, ts: message.ts };
}

export function postEphemeral(workspace: Workspace, args: Json): Json {
  checkMessage(workspace, args);
  const channel = writable(workspace, text(args.channel));
  const user = text(args.user);
  if (!workspace.users.has(user)) throw new SlackRefusal("user_not_found");
  if (!workspace.channels.get(channel)?.members.includes(user)) throw new SlackRefusal("user_not_in_channel");
  const message = post(workspace, args, {
    channel,
    threadTs: args.thread_ts === undefined ? undefined : text(args.thread_ts),
    ephemeralFor: user,
  });
  return { message_ts: message.ts };
}

export function getPermalink(workspace: Workspace, args: Json): Json {
  const channel = workspace.channels.get(text(args.channel));
  if (channel === undefined) throw new SlackRefusal("channel_not_found");
  const ts = text(args.message_ts);
  const message = workspace.messages.find((one) => one.channel === channel.id && one.ts === ts);
  if (message === undefined || message.ephemeralFor !== undefined) throw new SlackRefusal("message_not_found");
  const domain = workspace.teams.get(workspace.installation.team)?.domain;
  return {
    channel: channel.id,
    permalink: `https://${domain}.slack.com/archives/${channel.id}/p${ts.replace(".", "")}`,
  };
}
