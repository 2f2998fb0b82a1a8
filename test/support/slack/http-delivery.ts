/** Deliveries to the bot's request URL, signed as Slack signs them (v0: HMAC-SHA256 over version, timestamp and body). */

import { createHmac } from "node:crypto";
import type { Delivered, DeliveryKind, Retry } from "./delivery.ts";
import type { Json } from "./model.ts";
import type { Workspace } from "./workspace.ts";

export interface RawDelivery {
  status: number | undefined;
  body: string;
  contentType: string;
  milliseconds: number;
  failure: "operation_timeout" | "dispatch_failed" | undefined;
}

/** The headers of a body sent at `seconds` since 1970. */
export function signed(signingSecret: string, body: string, seconds: number): Record<string, string> {
  const digest = createHmac("sha256", signingSecret).update(`v0:${seconds}:${body}`).digest("hex");
  return { "x-slack-request-timestamp": String(seconds), "x-slack-signature": `v0=${digest}` };
}

/** A body as Slack writes it, with its content type. */
export function encoded(kind: DeliveryKind, payload: Json): { body: string; contentType: string } {
  if (kind === "events_api") return { body: JSON.stringify(payload), contentType: "application/json" };
  const form = kind === "interactive" ? { payload: JSON.stringify(payload) } : (payload as Record<string, string>);
  return { body: new URLSearchParams(form).toString(), contentType: "application/x-www-form-urlencoded" };
}

/** POSTs bytes as they are and waits for the acknowledgement, at most `deadline` milliseconds. */
export async function postRaw(
  url: string,
  body: string,
  headers: Record<string, string>,
  deadline: number,
): Promise<RawDelivery> {
  const from = performance.now();
  try {
    const response = await fetch(url, { method: "POST", body, headers, signal: AbortSignal.timeout(deadline) });
    const answer = await response.text();
    return {
      status: response.status,
      body: answer,
      contentType: response.headers.get("content-type") ?? "",
      milliseconds: performance.now() - from,
      failure: response.ok ? undefined : "dispatch_failed",
    };
  } catch (fault) {
    const late = fault instanceof Error && fault.name === "TimeoutError";
    return {
      status: undefined,
      body: "",
      contentType: "",
      milliseconds: performance.now() - from,
      failure: late ? "operation_timeout" : "dispatch_failed",
    };
  }
}

/** Signs and sends a payload; an event that is sent again says so in its headers. */
export async function deliverOverHttp(
  workspace: Workspace,
  url: string,
  kind: DeliveryKind,
  payload: Json,
  deadline: number,
  retry?: Retry,
): Promise<Delivered> {
  const { body, contentType } = encoded(kind, payload);
  const seconds = Math.floor(workspace.clock.now() / 1000);
  const headers = {
    "content-type": contentType,
    ...signed(workspace.installation.signingSecret, body, seconds),
    ...(retry === undefined
      ? {}
      : { "x-slack-retry-num": String(retry.attempt), "x-slack-retry-reason": retry.reason }),
  };
  const raw = await postRaw(url, body, headers, deadline);
  const { status, milliseconds, failure } = raw;
  return { acked: failure === undefined, status, milliseconds, failure, payload, body: answerBody(raw) };
}

function answerBody({ body, contentType }: RawDelivery): Json | string | undefined {
  if (body === "") return undefined;
  return contentType.startsWith("application/json") ? (JSON.parse(body) as Json) : body;
}
