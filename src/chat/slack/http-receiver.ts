/** Slack's requests over HTTP: verified by their bytes before anything reads them. Bolt's own check is one-sided and takes replays. */

import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { App, Receiver, ReceiverEvent } from "@slack/bolt";
import type { Clock } from "../../ports.ts";
import { SignatureCheck } from "./signature.ts";

/** Slack's largest bodies carry a view or a message; they stay far below. */
const mostBytes = 1_000_000;

export class HttpReceiver implements Receiver {
  readonly #check: SignatureCheck;
  readonly #clock: Clock;
  readonly #onFault: (where: string, fault: unknown) => void;
  #app: App | undefined;
  #open = false;

  constructor(signingSecret: string, clock: Clock, onFault: (where: string, fault: unknown) => void) {
    this.#check = new SignatureCheck(signingSecret);
    this.#clock = clock;
    this.#onFault = onFault;
  }

  init(app: App): void {
    this.#app = app;
  }

  async start(): Promise<void> {
    this.#open = true;
  }

  async stop(): Promise<void> {
    this.#open = false;
  }

  readonly listener: RequestListener = (request, response) => {
    this.#receive(request, response).catch((fault: unknown) => {
      this.#onFault("slack request", fault);
      if (!response.headersSent) respond(response, 500);
    });
  };

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== "POST") return respond(response, 405);
    const body = await bytesOf(request);
    if (body === undefined) return respond(response, 413);
    const header = (name: string) => headerOf(request, name);
    const problem = this.#check.problem(
      body,
      header("x-slack-request-timestamp"),
      header("x-slack-signature"),
      this.#clock.now(),
    );
    if (problem !== undefined) return respond(response, problem === "replayed" ? 409 : 401);
    const parsed = parse(body.toString("utf8"), header("content-type") ?? "");
    if (parsed === undefined) return respond(response, 400);
    if (parsed.ssl_check !== undefined) return respond(response, 200);
    if (parsed.type === "url_verification") return respond(response, 200, { challenge: String(parsed.challenge) });
    if (!this.#open || this.#app === undefined) return respond(response, 503);
    const event: ReceiverEvent = {
      body: parsed,
      ack: async (answer) => respond(response, 200, answer),
      ...retryOf(header("x-slack-retry-num"), header("x-slack-retry-reason")),
    };
    await this.#app.processEvent(event);
    if (!response.headersSent) respond(response, 404);
  }
}

function retryOf(
  number: string | undefined,
  reason: string | undefined,
): Pick<ReceiverEvent, "retryNum" | "retryReason"> {
  return {
    ...(number === undefined ? {} : { retryNum: Number(number) }),
    ...(reason === undefined ? {} : { retryReason: reason }),
  };
}

function headerOf(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === "string" ? value : undefined;
}

/** Undefined where it is too long. */
async function bytesOf(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > mostBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/**
 * Events come as JSON, interactions as JSON in a form, commands as a form; undefined where it is none of them. The
 * signature does not cover the content type, so nothing is guessed from it.
 */
function parse(text: string, contentType: string): Record<string, unknown> | undefined {
  const [type = ""] = contentType.split(";");
  try {
    if (type.trim() === "application/json") return record(JSON.parse(text));
    if (type.trim() !== "application/x-www-form-urlencoded") return undefined;
    const form = Object.fromEntries(new URLSearchParams(text));
    return form.payload === undefined ? form : record(JSON.parse(form.payload));
  } catch {
    return undefined;
  }
}

function record(value: unknown): Record<string, unknown> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
}

function respond(response: ServerResponse, status: number, body?: unknown): void {
  if (response.headersSent) return;
  if (body === undefined || body === "") {
    response.writeHead(status).end();
    return;
  }
  const text = typeof body === "string" ? body : JSON.stringify(body);
  response
    .writeHead(status, {
      "content-type": typeof body === "string" ? "text/plain; charset=utf-8" : "application/json; charset=utf-8",
    })
    .end(text);
}
