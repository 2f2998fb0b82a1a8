/** The HTTP side: Web API, upload URLs and response URLs on one loopback port. */

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Faults } from "./faults.ts";
import { receiveUpload } from "./file-methods.ts";
import { callMethod } from "./methods.ts";
import { type ApiRequest, type Json, record, SlackRefusal, text } from "./model.ts";
import { type RateLimit, rateLimiter } from "./rate-limit.ts";
import { respond } from "./response-url.ts";
import type { SocketMode } from "./socket.ts";
import type { Workspace } from "./workspace.ts";

interface Answer {
  status: number;
  body: string;
  headers?: Record<string, string>;
}

interface ApiServer {
  stop(): Promise<void>;
}

/** Listens on 127.0.0.1 and writes its origin into the workspace. */
export async function startApi(
  workspace: Workspace,
  faults: Faults,
  socket: SocketMode,
  limit: RateLimit | undefined,
): Promise<ApiServer> {
  const tooFast = rateLimiter(workspace.clock, limit);
  const server = createServer((request, response) => {
    void handle(request, response).catch((fault: unknown) => {
      if (!response.headersSent) response.writeHead(500).end(String(fault));
    });
  });
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await bodyOf(request);
    const { pathname } = new URL(request.url ?? "/", "http://loopback");
    const call = pathname.startsWith("/api/") ? apiRequest(workspace, request, pathname, body) : undefined;
    const name = call?.method ?? (pathname.startsWith("/upload/") ? "upload" : "response_url");
    const args = call?.args ?? (name === "response_url" ? record(parsedJson(body)) : {});
    if (call !== undefined) workspace.requests.push(call);
    const work = async (): Promise<Answer> => {
      if (call !== undefined) return tooFast(call) ?? apiAnswer(() => answerOf(workspace, call, socket), workspace);
      if (name === "upload")
        return receiveUpload(workspace, pathname.split("/").at(-1) ?? "", request.headers["content-type"] ?? "", body);
      return respond(workspace, pathname, args);
    };
    const met = faults.meet(name, args);
    workspace.changes.changed();
    await perform(response, met, work);
    workspace.changes.changed();
  };
  server.on("upgrade", (request, stream, head) => socket.upgrade(request, stream, head));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  workspace.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    stop: async () => {
      faults.releaseAll();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Answers, or misbehaves the way the script says. */
async function perform(
  response: ServerResponse,
  met: ReturnType<Faults["meet"]>,
  work: () => Promise<Answer>,
): Promise<void> {
  const send = ({ status, body, headers }: Answer) => {
    response.writeHead(status, { "content-type": "application/json; charset=utf-8", ...headers }).end(body);
  };
  switch (met?.fault.kind) {
    case undefined:
      return send(await work());
    case "status": {
      const { status, retryAfter, body = "" } = met.fault;
      return send({ status, body, headers: retryAfter === undefined ? {} : { "retry-after": String(retryAfter) } });
    }
    case "error":
      return send({ status: 200, body: JSON.stringify({ ok: false, error: met.fault.error, ...met.fault.more }) });
    case "drop":
      if (met.fault.when === "after") await work();
      response.destroy();
      return;
    case "hang":
      await met.released;
      response.destroy();
      return;
    case "late": {
      const answer = await work();
      await met.released;
      return send(answer);
    }
  }
}

function answerOf(workspace: Workspace, call: ApiRequest, socket: SocketMode): Json {
  return call.method === "apps.connections.open" ? socket.ticket(call.token) : callMethod(workspace, call);
}

function apiAnswer(run: () => Json, workspace: Workspace): Answer {
  const headers = { "x-oauth-scopes": workspace.installation.scopes.join(",") };
  try {
    return { status: 200, headers, body: JSON.stringify({ ok: true, ...run() }) };
  } catch (fault) {
    if (!(fault instanceof SlackRefusal)) throw fault;
    return { status: 200, headers, body: JSON.stringify({ ok: false, error: fault.code, ...fault.more }) };
  }
}

/** Arguments that are JSON inside a form, and those that are no text. */
const jsonArguments = new Set(["blocks", "attachments", "metadata", "view", "files", "channels"]);
const numbers = new Set(["length", "limit"]);
const booleans = new Set(
  "unfurl_links unfurl_media mrkdwn reply_broadcast link_names as_user include_all_metadata inclusive include_locale".split(
    " ",
  ),
);

function apiRequest(workspace: Workspace, request: IncomingMessage, pathname: string, body: Buffer): ApiRequest {
  const contentType = request.headers["content-type"] ?? "";
  const given = contentType.startsWith("application/json") ? record(parsedJson(body)) : formArguments(body);
  const { token, ...args } = given;
  const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1];
  return {
    method: pathname.slice("/api/".length),
    token: bearer ?? text(token),
    args,
    at: workspace.clock.now(),
    heardAt: Number(process.hrtime.bigint()) / 1e6,
    contentType,
  };
}

function formArguments(body: Buffer): Json {
  return Object.fromEntries(
    [...new URLSearchParams(body.toString("utf8"))].map(([key, value]) => {
      if (jsonArguments.has(key)) return [key, parsedJson(Buffer.from(value)) ?? value];
      if (numbers.has(key)) return [key, Number(value)];
      return [key, booleans.has(key) ? value === "true" : value];
    }),
  );
}

function parsedJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer<ArrayBuffer>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
