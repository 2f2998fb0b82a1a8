/** What the bot sends to a response_url: five times within thirty minutes. */

import { edit, post, remove } from "./chat-methods.ts";
import { checkMessage } from "./content.ts";
import { limits } from "./limits.ts";
import { type Json, SlackRefusal, text } from "./model.ts";
import type { ResponseUrl, Workspace } from "./workspace.ts";

/** Gives the HTTP answer; a refusal is written as plain text with status 404 (the URL) or 400 (the content). */
export function respond(workspace: Workspace, path: string, args: Json): { status: number; body: string } {
  const url = workspace.responseUrls.get(path);
  if (url === undefined) return { status: 404, body: "invalid_url" };
  if (workspace.clock.now() - url.issued > limits.responseUrlMinutes * 60_000)
    return { status: 404, body: "expired_url" };
  if (url.uses >= limits.responseUrlUses) return { status: 404, body: "used_url" };
  url.uses += 1;
  try {
    act(workspace, url, args);
    return { status: 200, body: "ok" };
  } catch (fault) {
    if (!(fault instanceof SlackRefusal)) throw fault;
    workspace.violations.push(`response_url: ${fault.code} ${JSON.stringify(fault.more)}`);
    return { status: 400, body: fault.code };
  }
}

function act(workspace: Workspace, url: ResponseUrl, args: Json): void {
  const original = workspace.messages.find((one) => one.channel === url.channel && one.ts === url.original);
  if (args.delete_original === true) {
    if (original !== undefined) remove(workspace, original);
    return;
  }
  checkMessage(workspace, args);
  if (args.replace_original === true && original !== undefined) {
    edit(workspace, original, args);
    return;
  }
  const everybody = args.response_type === "in_channel";
  post(workspace, args, {
    channel: url.channel,
    threadTs: args.thread_ts === undefined ? url.threadTs : text(args.thread_ts),
    ephemeralFor: everybody ? undefined : url.user,
  });
}
