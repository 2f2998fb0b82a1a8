/** Application commands, global and of a guild. */

import type { APIApplicationCommand } from "discord-api-types/v10";
import { type Body, checkBody, refuseIfAny } from "../checks.ts";
import { refusals } from "../errors.ts";
import { objectBody, type ReceivedRequest, type Route } from "../http.ts";
import { commandListProblems } from "../rules/commands.ts";
import type { World } from "../world.ts";

export function commandRoutes(world: World): Route[] {
  return ["/applications/:application/commands", "/applications/:application/guilds/:guild/commands"].flatMap(
    (path): Route[] => [
      { method: "GET", path, handle: (request) => ({ status: 200, body: list(world, request) }) },
      { method: "PUT", path, handle: (request) => ({ status: 200, body: replaceAll(world, request) }) },
      {
        method: "POST",
        path,
        handle(request) {
          const commands = list(world, request);
          const body = objectBody(request);
          checkBody("ApplicationCommandCreateRequestSchema", "command", body);
          const old = commands.find((one) => one.name === body.name && one.type === (body.type ?? 1));
          const made = stored(world, request, body, old?.id);
          const others = commands.filter((one) => one !== old);
          refuseIfAny(commandListProblems([...others, made]));
          save(world, request, [...others, made]);
          return { status: old === undefined ? 201 : 200, body: made };
        },
      },
      {
        method: "GET",
        path: `${path}/:command`,
        handle: (request) => ({ status: 200, body: one(world, request) }),
      },
      {
        method: "PATCH",
        path: `${path}/:command`,
        handle(request) {
          const old = one(world, request);
          const body = objectBody(request);
          checkBody("ApplicationCommandPatchRequestPartialSchema", "command", body);
          const made = stored(world, request, { ...old, ...body }, old.id);
          save(
            world,
            request,
            list(world, request).map((each) => (each === old ? made : each)),
          );
          return { status: 200, body: made };
        },
      },
      {
        method: "DELETE",
        path: `${path}/:command`,
        handle(request) {
          const gone = one(world, request);
          save(
            world,
            request,
            list(world, request).filter((each) => each !== gone),
          );
          return { status: 204 };
        },
      },
    ],
  );
}

function list(world: World, { params }: ReceivedRequest): APIApplicationCommand[] {
  if (params.application !== world.applicationId) throw refusals.unknownApplication();
  if (params.guild !== undefined && !world.guilds.has(params.guild)) throw refusals.missingAccess();
  return world.commands.get(params.guild ?? "") ?? [];
}

function one(world: World, request: ReceivedRequest): APIApplicationCommand {
  const found = list(world, request).find(({ id }) => id === request.params.command);
  if (found === undefined) throw refusals.unknownCommand();
  return found;
}

function save(world: World, { params }: ReceivedRequest, commands: APIApplicationCommand[]): void {
  world.commands.set(params.guild ?? "", commands);
  world.changed();
}

function replaceAll(world: World, request: ReceivedRequest): APIApplicationCommand[] {
  const old = list(world, request);
  if (!Array.isArray(request.body))
    throw refusals.invalidForm([
      { path: [], code: "LIST_TYPE_CONVERT", message: "Only iterables may be used in a ListType" },
    ]);
  const bodies = request.body as Body[];
  for (const [index, body] of bodies.entries())
    checkBody("ApplicationCommandUpdateRequestSchema", "command", body, [index]);
  refuseIfAny(commandListProblems(bodies));
  const made = bodies.map((body) => stored(world, request, body, old.find(({ name }) => name === body.name)?.id));
  save(world, request, made);
  return made;
}

function stored(world: World, { params }: ReceivedRequest, body: Body, id = world.snowflake()): APIApplicationCommand {
  return {
    default_member_permissions: null,
    dm_permission: true,
    contexts: null,
    integration_types: [0],
    nsfw: false,
    description: "",
    ...body,
    type: body.type ?? 1,
    id,
    application_id: world.applicationId,
    version: world.snowflake(),
    ...(params.guild === undefined ? {} : { guild_id: params.guild }),
  } as unknown as APIApplicationCommand;
}
