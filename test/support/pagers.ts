/** Loopback pagers, as strict as the real ones: PagerDuty's Events API v2, and a receiver of the signed webhook. */

import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { z } from "zod";

export const routingKey = "R0123456789ABCDEFGHIJKLMNOPQRSTU";
export const webhookSecret = "a shared secret of 32 characters!";

/** `status`: answers so for a while; `silent`: never answers. */
export type PagerTrouble = { kind: "none" | "silent" } | { kind: "status"; status: number; retryAfter?: string };

interface Loopback {
  readonly url: string;
  misbehave(trouble: PagerTrouble): void;
  /** What was refused, and why: the sender is to blame for each. */
  readonly refused: string[];
  stop(): Promise<void>;
}

/** https://developer.pagerduty.com/docs/send-alert-event: what the real one answers 400 to. */
const common = { routing_key: z.string().length(32), dedup_key: z.string().min(1).max(255) };
const event = z.discriminatedUnion("event_action", [
  z.strictObject({
    ...common,
    event_action: z.literal("trigger"),
    client: z.string().optional(),
    client_url: z.url().optional(),
    links: z.array(z.strictObject({ href: z.url(), text: z.string().optional() })).optional(),
    payload: z.strictObject({
      summary: z.string().min(1).max(1024),
      source: z.string().min(1),
      severity: z.enum(["critical", "error", "warning", "info"]),
      timestamp: z.iso.datetime().optional(),
      component: z.string().optional(),
      group: z.string().optional(),
      class: z.string().optional(),
      custom_details: z.record(z.string(), z.unknown()).optional(),
    }),
  }),
  z.strictObject({ ...common, event_action: z.enum(["acknowledge", "resolve"]) }),
]);

export interface Incident {
  dedupKey: string;
  state: "triggered" | "acknowledged" | "resolved";
  summary: string;
  severity: string;
}

export interface LoopbackPagerDuty extends Loopback {
  readonly incidents: Incident[];
  /** Each time somebody's phone would have rung: not for a trigger of an incident that is open already. */
  readonly rings: string[];
}

export async function startPagerDuty(): Promise<LoopbackPagerDuty> {
  const incidents: Incident[] = [];
  const rings: string[] = [];
  const refused: string[] = [];
  const take = (text: string, { url, method }: IncomingMessage): Reply => {
    if (url !== "/v2/enqueue" || method !== "POST") return { status: 404, body: "not found" };
    const parsed = event.safeParse(jsonOf(text));
    if (!parsed.success || parsed.data.routing_key !== routingKey) {
      const errors = parsed.error?.issues.map((one) => `${one.path.join(".")}: ${one.message}`) ?? [
        "Invalid routing key",
      ];
      refused.push(errors.join("; "));
      return {
        status: 400,
        body: JSON.stringify({ status: "invalid event", message: "Event object is invalid", errors }),
      };
    }
    const { dedup_key: dedupKey, ...rest } = parsed.data;
    const open = incidents.find((one) => one.dedupKey === dedupKey && one.state !== "resolved");
    if (rest.event_action === "trigger" && open === undefined) {
      incidents.push({ dedupKey, state: "triggered", summary: rest.payload.summary, severity: rest.payload.severity });
      rings.push(rest.payload.summary);
    }
    if (rest.event_action !== "trigger" && open !== undefined)
      open.state = rest.event_action === "resolve" ? "resolved" : "acknowledged";
    return {
      status: 202,
      body: JSON.stringify({ status: "success", message: "Event processed", dedup_key: dedupKey }),
    };
  };
  return { ...(await start(take)), incidents, rings, refused };
}

/** As docs/on-call.md tells whoever builds one. */
const alertMessage = z.strictObject({
  schema: z.literal("quorate/alert/1"),
  delivery: z.string().min(1),
  action: z.enum(["trigger", "acknowledge", "resolve"]),
  dedupKey: z.string().min(1).max(255),
  alert: z.string(),
  severity: z.union([z.literal(1), z.literal(2), z.literal(3)]),
  summary: z.string().min(1),
  source: z.string(),
  component: z.string(),
  at: z.string().regex(/^[0-9]+$/),
  details: z.record(z.string(), z.string()),
  test: z.boolean(),
});
export type AlertMessage = z.output<typeof alertMessage>;

export interface LoopbackWebhook extends Loopback {
  readonly messages: AlertMessage[];
  /** What was received twice and taken once. */
  readonly repeated: string[];
}

/** Seconds, to either side. */
const window = 300;

export async function startWebhook(now: () => number): Promise<LoopbackWebhook> {
  const messages: AlertMessage[] = [];
  const refused: string[] = [];
  const repeated: string[] = [];
  const seen = new Map<string, number>();
  const no = (status: number, why: string): Reply => {
    refused.push(why);
    return { status, body: why };
  };
  const take = (text: string, { headers }: IncomingMessage): Reply => {
    const timestamp = `${headers["quorate-timestamp"]}`;
    const delivery = `${headers["quorate-delivery"]}`;
    if (!/^[0-9]{1,12}$/.test(timestamp) || Math.abs(now() - Number(timestamp)) > window) return no(401, "timestamp");
    const given = Buffer.from(`${headers["quorate-signature"]}`);
    const wanted = Buffer.from(
      `v1=${createHmac("sha256", webhookSecret).update(`${timestamp}.${text}`).digest("hex")}`,
    );
    if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return no(401, "signature");
    const parsed = alertMessage.safeParse(jsonOf(text));
    if (!parsed.success) return no(422, parsed.error.message);
    if (parsed.data.delivery !== delivery) return no(422, "delivery");
    if (seen.has(delivery)) {
      repeated.push(delivery);
      return { status: 200, body: "again" };
    }
    seen.set(delivery, now());
    messages.push(parsed.data);
    return { status: 200, body: "" };
  };
  return { ...(await start(take)), messages, refused, repeated };
}

export interface LoopbackDeadman extends Loopback {
  pings(): number;
}

/** An external dead-man's switch: it only counts that it was asked. */
export async function startDeadman(): Promise<LoopbackDeadman> {
  let pings = 0;
  const loopback = await start(() => {
    pings += 1;
    return { status: 200, body: "OK" };
  });
  return { ...loopback, refused: [], pings: () => pings };
}

interface Reply {
  status: number;
  body: string;
}

async function start(take: (text: string, request: IncomingMessage) => Reply): Promise<Omit<Loopback, "refused">> {
  let trouble: PagerTrouble = { kind: "none" };
  const server: Server = createServer((request, response) => {
    void answer(request, response).catch(() => response.destroy());
  });
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    if (trouble.kind === "silent") return;
    if (trouble.kind === "status") {
      const headers = trouble.retryAfter === undefined ? {} : { "retry-after": trouble.retryAfter };
      response.writeHead(trouble.status, headers).end("trouble");
      return;
    }
    const { status, body } = take(Buffer.concat(parts).toString("utf8"), request);
    response.writeHead(status).end(body);
  }
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    misbehave(next) {
      trouble = next;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
