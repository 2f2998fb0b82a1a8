/** The Web API's methods: what each needs, and what it does. */

import * as chat from "./chat-methods.ts";
import { completeUpload, getUploadUrl } from "./file-methods.ts";
import { type ApiRequest, type Json, refusedFor, SlackRefusal } from "./model.ts";
import { authTest, conversationsInfo, history, replies, usersInfo } from "./read-methods.ts";
import * as views from "./view-methods.ts";
import type { Workspace } from "./workspace.ts";

interface Method {
  /** Undefined: any token of the app. */
  scope: string | undefined;
  run(workspace: Workspace, args: Json): Json;
}

const methods: Record<string, Method> = {
  "auth.test": { scope: undefined, run: authTest },
  "users.info": { scope: "users:read", run: usersInfo },
  "chat.postMessage": { scope: "chat:write", run: chat.postMessage },
  "chat.update": { scope: "chat:write", run: chat.update },
  "chat.delete": { scope: "chat:write", run: chat.deleteMessage },
  "chat.postEphemeral": { scope: "chat:write", run: chat.postEphemeral },
  "chat.getPermalink": { scope: undefined, run: chat.getPermalink },
  "conversations.info": { scope: "channels:read", run: conversationsInfo },
  "conversations.history": { scope: "channels:history", run: history },
  "conversations.replies": { scope: "channels:history", run: replies },
  "views.open": { scope: undefined, run: views.open },
  "views.push": { scope: undefined, run: views.push },
  "views.update": { scope: undefined, run: views.update },
  "views.publish": { scope: undefined, run: views.publish },
  "files.getUploadURLExternal": { scope: "files:write", run: getUploadUrl },
  "files.completeUploadExternal": { scope: "files:write", run: completeUpload },
};

/** Refusals that say the payload itself is wrong, whatever the state of things. */
const wrongPayload = new Set([
  "invalid_arguments",
  "invalid_blocks",
  "invalid_blocks_format",
  "msg_too_long",
  "msg_blocks_too_long",
  "no_text",
  "unknown_method",
  "not_authed",
  "alt_txt_too_large",
  "missing_argument",
]);

/** Does what a method does; throws a {@link SlackRefusal}, and notes a payload that no Slack would take. */
export function callMethod(workspace: Workspace, { method, token, args }: ApiRequest): Json {
  try {
    const known = methods[method];
    if (known === undefined) throw new SlackRefusal("unknown_method", { req_method: method });
    authorise(workspace, token, known.scope);
    const answer = () => known.run(workspace, args);
    const argued = workspace.schemas.args(method, withoutVendorGap(method, args));
    if (argued.length > 0) throw refusedFor("invalid_arguments", argued);
    return answer();
  } catch (fault) {
    if (fault instanceof SlackRefusal && wrongPayload.has(fault.code))
      workspace.violations.push(`${method}: ${fault.code} ${JSON.stringify(fault.more)}`);
    throw fault;
  }
}

/** Arguments that the SDK's types leave out: bolt's `team_id` on every call, and the documented name of the alt text. */
function withoutVendorGap(method: string, { team_id: _team, ...args }: Json): Json {
  if (method !== "files.getUploadURLExternal") return args;
  const { alt_txt: _words, alt_text: _lost, ...rest } = args;
  return rest;
}

function authorise(workspace: Workspace, token: string, scope: string | undefined): void {
  const { botToken, scopes } = workspace.installation;
  if (token === "") throw new SlackRefusal("not_authed");
  if (token !== botToken)
    throw new SlackRefusal(token === workspace.installation.appToken ? "not_allowed_token_type" : "invalid_auth");
  if (scope !== undefined && !scopes.includes(scope))
    throw new SlackRefusal("missing_scope", { needed: scope, provided: scopes.join(",") });
}
