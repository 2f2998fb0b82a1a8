/** The REST side: parses, records, checks the token, limits rates, misbehaves where told to, and hands over to a route. */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Body, UploadedFile } from "./checks.ts";
import { DiscordRefusal, refusals } from "./errors.ts";
import type { RestFaults } from "./faults.ts";
import type { RateLimits } from "./rate-limits.ts";
import { parseBody } from "./request-body.ts";
import type { World } from "./world.ts";

/** A request as it came in, and how it was answered. */
export interface ReceivedRequest {
  method: string;
  /** Below `/api/v10`, decoded: `/channels/1/messages`. */
  path: string;
  /** The route's template, or the empty string where there is none. */
  route: string;
  params: Record<string, string>;
  query: URLSearchParams;
  headers: IncomingMessage["headers"];
  /** JSON, or the `payload_json` of a multipart body. */
  body: unknown;
  files: UploadedFile[];
  at: number;
  /** Undefined while it is not answered. */
  status: number | undefined;
  /** Discord's error code, where it was refused. */
  code: number | undefined;
}

export interface Reply {
  status: number;
  body?: unknown;
}

export interface Route {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Such as `/channels/:channel/messages`. */
  path: string;
  /** Interaction answers and webhooks carry their own token instead of the bot's. */
  open?: true;
  handle(request: ReceivedRequest): Reply | Promise<Reply>;
}

export interface Violation {
  request: string;
  problem: string;
}

export interface RestParts {
  world: World;
  token: () => string;
  routes: readonly Route[];
  faults: RestFaults;
  limits: RateLimits;
  requests: ReceivedRequest[];
  violations: Violation[];
}

export function createRest(parts: RestParts): Server {
  return createServer((request, response) => {
    answer(parts, request, response).catch((fault) => {
      parts.violations.push({ request: `${request.method} ${request.url}`, problem: `The platform failed: ${fault}` });
      response.destroy();
    });
  });
}

async function answer(parts: RestParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { world, faults, limits, requests } = parts;
  const url = new URL(request.url ?? "/", world.origin());
  if (url.pathname.startsWith("/attachments/")) return sendAttachment(world, url, response);
  const path = decodeURIComponent(url.pathname.replace(/^\/api(\/v[0-9]+)?/, ""));
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk as Uint8Array);
  const found = find(parts.routes, request.method ?? "", path);
  const received: ReceivedRequest = {
    method: request.method ?? "",
    path,
    route: found?.route.path ?? "",
    params: found?.params ?? {},
    query: url.searchParams,
    headers: request.headers,
    body: undefined,
    files: [],
    at: world.clock.now(),
    status: undefined,
    code: undefined,
  };
  requests.push(received);
  world.changed();
  const limit = limits.take(received);
  const fault = faults.take(received);
  const headers = { ...limit.headers };
  const finish = (status: number, body?: unknown, more: Record<string, string> = {}) => {
    received.status = status;
    received.code = (body as { code?: number } | undefined)?.code;
    // A 204 has no body and says nothing about a content type.
    if (status === 204) response.writeHead(204, { ...headers, ...more }).end();
    else
      response
        .writeHead(status, { "content-type": "application/json", ...headers, ...more })
        .end(JSON.stringify(body ?? null));
    world.changed();
  };
  if (fault !== undefined && (await fault.before(response, finish))) return world.changed();
  if (limit.refused !== undefined) return finish(429, limit.refused);
  const { status, body } = await serve(parts, found?.route, received, Buffer.concat(chunks));
  if (fault !== undefined && (await fault.after(response))) return world.changed();
  finish(status, body);
}

async function serve(
  parts: RestParts,
  route: Route | undefined,
  request: ReceivedRequest,
  bytes: Buffer,
): Promise<Reply> {
  try {
    if (route?.open === undefined && request.headers.authorization !== `Bot ${parts.token()}`)
      throw refusals.unauthorized();
    if (route === undefined) throw refusals.notFound();
    Object.assign(request, await parseBody(request.headers["content-type"], bytes));
    return await route.handle(request);
  } catch (fault) {
    if (!(fault instanceof DiscordRefusal)) throw fault;
    if (fault.code === 50_035 || fault.code === 50_006 || fault.code === 50_109 || route === undefined)
      parts.violations.push({ request: `${request.method} ${request.path}`, problem: JSON.stringify(fault.toJSON()) });
    return { status: fault.status, body: fault.toJSON() };
  }
}

function find(
  routes: readonly Route[],
  method: string,
  path: string,
): { route: Route; params: Record<string, string> } | undefined {
  const steps = path.split("/");
  for (const route of routes) {
    const template = route.path.split("/");
    if (route.method !== method || template.length !== steps.length) continue;
    const params: Record<string, string> = {};
    const fits = template.every((step, index) => {
      const given = steps[index] ?? "";
      if (!step.startsWith(":")) return step === given;
      params[step.slice(1)] = given;
      return given !== "";
    });
    if (fits) return { route, params };
  }
  return undefined;
}

function sendAttachment(world: World, url: URL, response: ServerResponse): void {
  const all = [...world.messages.values()].flatMap((one) => one.attachments);
  const one = all.find((attachment) => attachment.url === url.href);
  if (one === undefined) response.writeHead(404).end();
  else response.writeHead(200, { "content-type": one.contentType }).end(one.bytes);
}

/** The body as an object; nothing sent is an empty one. */
export function objectBody(request: ReceivedRequest): Body {
  const { body } = request;
  if (body === undefined) return {};
  if (typeof body !== "object" || body === null || Array.isArray(body))
    throw refusals.invalidForm([
      { path: [], code: "DICT_TYPE_CONVERT", message: "Only dictionaries may be used in a DictType" },
    ]);
  return body as Body;
}
