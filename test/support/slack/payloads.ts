/** The bodies of commands, interactions and events, with the fields Slack sends. */

import { messageJson } from "./chat-methods.ts";
import type { Json, Message, View } from "./model.ts";
import { viewJson } from "./view-methods.ts";
import { issueResponseUrl, issueTrigger, newId, teamOf, userOf, type Workspace } from "./workspace.ts";

/** Fields of the workspace and the app that every interaction carries. */
function common(workspace: Workspace, user: string): Json {
  const person = userOf(workspace, user);
  const team = teamOf(workspace, person.team);
  const { enterprise } = team;
  return {
    user: { id: person.id, username: person.name, name: person.name, team_id: person.team },
    api_app_id: workspace.installation.appId,
    token: workspace.installation.verificationToken,
    team: {
      id: team.id,
      domain: team.domain,
      ...(enterprise === undefined ? {} : { enterprise_id: enterprise.id, enterprise_name: enterprise.name }),
    },
    enterprise: enterprise ?? null,
    is_enterprise_install: false,
  };
}

/** A slash command's form fields, all of them strings. */
export function slashBody(workspace: Workspace, user: string, channel: string, command: string, words: string): Json {
  const person = userOf(workspace, user);
  const team = teamOf(workspace, person.team);
  return {
    token: workspace.installation.verificationToken,
    team_id: team.id,
    team_domain: team.domain,
    ...(team.enterprise === undefined
      ? {}
      : { enterprise_id: team.enterprise.id, enterprise_name: team.enterprise.name }),
    channel_id: channel,
    channel_name: workspace.channels.get(channel)?.name ?? "directmessage",
    user_id: person.id,
    user_name: person.name,
    command,
    text: escaped(workspace, words),
    api_app_id: workspace.installation.appId,
    is_enterprise_install: "false",
    response_url: issueResponseUrl(workspace, { user, channel, threadTs: undefined, original: undefined }),
    trigger_id: issueTrigger(workspace, user),
  };
}

/** `should_escape`: & < > as entities, known people and channels as `<@U1|name>` and `<#C1|name>`. */
function escaped(workspace: Workspace, words: string): string {
  const inert = words.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  return inert.replace(/(^|[\s="])([@#])([\w.-]+)/g, (whole, before: string, sign: string, name: string) => {
    const known = [...(sign === "@" ? workspace.users : workspace.channels).values()].find((one) => one.name === name);
    return known === undefined ? whole : `${before}<${sign}${known.id}|${name}>`;
  });
}

export function messageAction(workspace: Workspace, user: string, message: Message, action: Json): Json {
  const hidden = message.ephemeralFor !== undefined;
  const { channel, threadTs } = message;
  return {
    type: "block_actions",
    ...common(workspace, user),
    container: {
      type: "message",
      message_ts: message.ts,
      channel_id: channel,
      is_ephemeral: hidden,
      ...(threadTs === undefined ? {} : { thread_ts: threadTs }),
    },
    trigger_id: issueTrigger(workspace, user),
    channel: { id: channel, name: workspace.channels.get(channel)?.name ?? "directmessage" },
    ...(hidden ? {} : { message: messageJson(workspace, message) }),
    state: { values: {} },
    response_url: issueResponseUrl(workspace, { user, channel, threadTs, original: message.ts }),
    actions: [{ ...action, action_ts: workspace.ts() }],
  };
}

export function viewAction(workspace: Workspace, view: View, action: Json): Json {
  return {
    type: "block_actions",
    ...common(workspace, view.user),
    container: { type: "view", view_id: view.id },
    trigger_id: issueTrigger(workspace, view.user, view.type === "modal" ? view.id : undefined),
    view: viewJson(workspace, view),
    actions: [{ ...action, action_ts: workspace.ts() }],
  };
}

export function viewSubmission(workspace: Workspace, view: View, values: Json): Json {
  return {
    type: "view_submission",
    ...common(workspace, view.user),
    trigger_id: issueTrigger(workspace, view.user, view.id),
    view: viewJson(workspace, view, values),
    response_urls: [],
  };
}

export function viewClosed(workspace: Workspace, view: View, isCleared: boolean): Json {
  return {
    type: "view_closed",
    ...common(workspace, view.user),
    view: viewJson(workspace, view),
    is_cleared: isCleared,
  };
}

export function eventBody(workspace: Workspace, user: string, event: Json): Json {
  const { installation, clock } = workspace;
  const team = teamOf(workspace, userOf(workspace, user).team);
  return {
    token: installation.verificationToken,
    team_id: team.id,
    api_app_id: installation.appId,
    event: { ...event, user, event_ts: workspace.ts() },
    type: "event_callback",
    event_id: newId("Ev"),
    event_time: Math.floor(clock.now() / 1000),
    authorizations: [
      {
        enterprise_id: team.enterprise?.id ?? null,
        team_id: installation.team,
        user_id: installation.botUserId,
        is_bot: true,
        is_enterprise_install: false,
      },
    ],
    is_ext_shared_channel: false,
  };
}
