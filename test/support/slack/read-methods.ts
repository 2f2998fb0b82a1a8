/** Methods that only read. */

import { messageJson } from "./chat-methods.ts";
import { type Channel, type Json, type Message, SlackRefusal, text } from "./model.ts";
import { teamOf, type Workspace } from "./workspace.ts";

export function authTest(workspace: Workspace): Json {
  const { installation } = workspace;
  const team = teamOf(workspace, installation.team);
  return {
    url: `https://${team.domain}.slack.com/`,
    team: team.domain,
    user: workspace.users.get(installation.botUserId)?.name,
    team_id: team.id,
    user_id: installation.botUserId,
    bot_id: installation.botId,
    ...(team.enterprise === undefined ? {} : { enterprise_id: team.enterprise.id }),
    is_enterprise_install: false,
  };
}

export function usersInfo(workspace: Workspace, args: Json): Json {
  const user = workspace.users.get(text(args.user));
  if (user === undefined) throw new SlackRefusal("user_not_found");
  return {
    user: {
      id: user.id,
      team_id: user.team,
      name: user.name,
      real_name: user.name,
      deleted: user.deleted,
      tz: "Etc/UTC",
      profile: { real_name: user.name, display_name: user.name, team: user.team },
      is_bot: user.bot,
      is_app_user: false,
      is_restricted: user.restricted,
      is_ultra_restricted: user.ultraRestricted,
      ...(user.stranger ? { is_stranger: true } : {}),
      ...(user.enterprise === undefined
        ? {}
        : { enterprise_user: { id: user.id, enterprise_id: user.enterprise, teams: [user.team] } }),
    },
  };
}

function channelOf(workspace: Workspace, args: Json): Channel {
  const channel = workspace.channels.get(text(args.channel));
  if (channel === undefined) throw new SlackRefusal("channel_not_found");
  return channel;
}

export function conversationsInfo(workspace: Workspace, args: Json): Json {
  const channel = channelOf(workspace, args);
  return {
    channel: {
      id: channel.id,
      name: channel.name,
      is_channel: true,
      is_archived: false,
      is_private: false,
      is_member: channel.members.includes(workspace.installation.botUserId),
      context_team_id: workspace.installation.team,
    },
  };
}

/** Newest first, replies left out. */
export function history(workspace: Workspace, args: Json): Json {
  const rows = readable(workspace, args).filter((one) => one.threadTs === undefined);
  return page(workspace, rows.reverse(), args);
}

/** The parent and its replies, oldest first. */
export function replies(workspace: Workspace, args: Json): Json {
  const parent = text(args.ts);
  const rows = readable(workspace, args).filter((one) => one.ts === parent || one.threadTs === parent);
  if (rows.length === 0) throw new SlackRefusal("thread_not_found");
  return page(workspace, rows, args);
}

function readable(workspace: Workspace, args: Json): Message[] {
  const channel = channelOf(workspace, args);
  if (!channel.members.includes(workspace.installation.botUserId)) throw new SlackRefusal("not_in_channel");
  const inclusive = args.inclusive === true;
  const oldest = text(args.oldest) || "0";
  const latest = text(args.latest) || "9999999999.999999";
  return workspace.messages.filter(
    ({ channel: where, ephemeralFor, ts }) =>
      where === channel.id &&
      ephemeralFor === undefined &&
      (Number(ts) > Number(oldest) || (inclusive && ts === oldest)) &&
      (Number(ts) < Number(latest) || (inclusive && ts === latest)),
  );
}

function page(workspace: Workspace, rows: Message[], args: Json): Json {
  const start = Number(text(args.cursor) || 0);
  const limit = Math.min(Number(args.limit ?? 100), 999);
  const end = start + limit;
  return {
    messages: rows.slice(start, end).map((message) => ({
      ...messageJson(workspace, message),
      ...(args.include_all_metadata === true && message.metadata !== undefined ? { metadata: message.metadata } : {}),
    })),
    has_more: end < rows.length,
    response_metadata: { next_cursor: end < rows.length ? String(end) : "" },
  };
}
