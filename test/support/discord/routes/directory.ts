/** Who and what there is: the application, the gateway, users, guilds, members, roles. */

import { refusals } from "../errors.ts";
import type { ReceivedRequest, Route } from "../http.ts";
import { channelJson, guildJson, memberJson, rolesJson, userJson } from "../payloads.ts";
import type { Guild, World } from "../world.ts";

export interface GatewayAddress {
  url(): string;
  /** How many sessions may still be started today. */
  remainingStarts(): number;
}

export function directoryRoutes(world: World, gateway: GatewayAddress): Route[] {
  const application = { method: "GET", handle: () => ({ status: 200, body: applicationJson(world) }) } as const;
  return [
    { method: "GET", path: "/gateway", open: true, handle: () => ({ status: 200, body: { url: gateway.url() } }) },
    {
      method: "GET",
      path: "/gateway/bot",
      handle: () => ({
        status: 200,
        body: {
          url: gateway.url(),
          shards: 1,
          session_start_limit: {
            total: 1000,
            remaining: gateway.remainingStarts(),
            reset_after: 86_400_000,
            max_concurrency: 1,
          },
        },
      }),
    },
    { ...application, path: "/oauth2/applications/@me" },
    { ...application, path: "/applications/@me" },
    { method: "GET", path: "/users/:user", handle: (request) => ({ status: 200, body: user(world, request) }) },
    {
      method: "GET",
      path: "/guilds/:guild",
      handle: (request) => ({ status: 200, body: guildJson(world, guild(world, request)) }),
    },
    {
      method: "GET",
      path: "/guilds/:guild/roles",
      handle: (request) => ({ status: 200, body: rolesJson(guild(world, request)) }),
    },
    {
      method: "GET",
      path: "/guilds/:guild/channels",
      handle(request) {
        const { id } = guild(world, request);
        const channels = [...world.channels.values()].filter((one) => one.guildId === id && one.type === 0);
        return { status: 200, body: channels.map((one) => channelJson(world, one)) };
      },
    },
    {
      method: "GET",
      path: "/guilds/:guild/members/:user",
      handle(request) {
        const inside = guild(world, request);
        const id = request.params.user ?? "";
        if (!world.users.has(id)) throw refusals.unknownUser();
        if (!inside.members.has(id)) throw refusals.unknownMember();
        return { status: 200, body: memberJson(world, inside, id) };
      },
    },
  ];
}

function guild(world: World, { params }: ReceivedRequest): Guild {
  const found = world.guilds.get(params.guild ?? "");
  if (found === undefined) throw refusals.unknownGuild();
  if (!found.members.has(world.botUserId)) throw refusals.missingAccess();
  return found;
}

function user(world: World, { params }: ReceivedRequest) {
  const id = params.user === "@me" ? world.botUserId : (params.user ?? "");
  const found = world.users.get(id);
  if (found === undefined) throw refusals.unknownUser();
  return userJson(found);
}

function applicationJson(world: World) {
  const bot = world.users.get(world.botUserId);
  return {
    id: world.applicationId,
    name: "Quorate",
    icon: null,
    description: "",
    summary: "",
    bot_public: false,
    bot_require_code_grant: false,
    verify_key: "00".repeat(32),
    flags: 0,
    hook: true,
    redirect_uris: [],
    ...(bot === undefined ? {} : { bot: userJson(bot) }),
  };
}
