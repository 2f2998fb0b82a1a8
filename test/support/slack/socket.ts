/** Socket Mode: hello, envelopes, acknowledgements, and everything that goes wrong with connections. */

import { randomBytes, randomUUID } from "node:crypto";
import type { Server } from "node:http";
import { WebSocket, WebSocketServer } from "ws";
import type { Delivered, DeliveryKind } from "./delivery.ts";
import { type Json, record, SlackRefusal } from "./model.ts";
import type { Workspace } from "./workspace.ts";

export type DisconnectReason = "warning" | "refresh_requested" | "link_disabled";

export interface Envelope {
  envelope_id: string;
  type: DeliveryKind;
  payload: Json;
  accepts_response_payload: boolean;
  retry_attempt?: number;
  retry_reason?: string;
}

export interface SocketMode {
  /** Open connections. */
  connections(): number;
  /** How many connections there have been. */
  opened(): number;
  /** Sent envelopes, in order, repetitions included. */
  readonly sent: readonly Envelope[];
  /** Ids of acknowledged envelopes, in order, as they came. */
  readonly acks: readonly string[];
  /** Tells every connection to go, as Slack does when it recycles a container or Socket Mode is switched off. */
  disconnect(reason: DisconnectReason): void;
  /** Cuts every connection without a close frame. */
  kill(): void;
  /** Stops sending until {@link release}; what is delivered meanwhile waits. */
  hold(): void;
  /** Sends what waits, in order or the other way round. */
  release(order?: "as delivered" | "reversed"): void;
  /** Sends an envelope once more, as it was: the newest, if none is named. */
  resend(envelope?: Envelope): void;
  /** Takes no notice of acknowledgements until the returned function is called; they count from then on. */
  withholdAcks(): () => void;
  /** Sends text as it is, well-formed or not. */
  sendRaw(frame: string): void;
}

interface Pending {
  envelope: Envelope;
  settle: (ack: Json | string | undefined) => void;
}

export interface SocketServer {
  mode: SocketMode;
  /** Answers apps.connections.open. */
  open(token: string): Json;
  deliver(
    kind: DeliveryKind,
    payload: Json,
    deadline: number,
    retry?: { attempt: number; reason: string },
  ): Promise<Delivered>;
  stop(): void;
}

/** Attaches to the HTTP server of the Web API. */
export function socketServer(workspace: Workspace, attach: () => Server): SocketServer {
  const sockets = new WebSocketServer({ noServer: true });
  const tickets = new Set<string>();
  const live: WebSocket[] = [];
  const pending = new Map<string, Pending>();
  const sent: Envelope[] = [];
  const acks: string[] = [];
  let held: Envelope[] | undefined;
  let withheld: (() => void)[] | undefined;
  let opened = 0;
  let attached = false;

  const transmit = (envelope: Envelope) => {
    if (held !== undefined) return void held.push(envelope);
    const socket = live.at(-1);
    if (socket === undefined) return;
    sent.push(envelope);
    socket.send(JSON.stringify(envelope));
    workspace.changes.changed();
  };
  const acknowledged = (id: string, payload: Json) => {
    acks.push(id);
    const waiting = pending.get(id);
    pending.delete(id);
    const empty = Object.keys(payload).length === 0;
    if (waiting?.envelope.accepts_response_payload === false && !empty)
      workspace.violations.push(`envelope ${waiting.envelope.type}: it takes no response payload.`);
    const onlyText = Object.keys(payload).length === 1 && typeof payload.text === "string";
    waiting?.settle(empty ? undefined : onlyText ? String(payload.text) : payload);
    workspace.changes.changed();
  };
  const admit = (socket: WebSocket) => {
    opened += 1;
    live.push(socket);
    socket.on("message", (frame) => {
      const message = record(JSON.parse(String(frame)));
      const take = () => acknowledged(String(message.envelope_id), record(message.payload));
      if (withheld === undefined) take();
      else withheld.push(take);
    });
    socket.on("close", () => {
      live.splice(live.indexOf(socket), 1);
      workspace.changes.changed();
    });
    socket.send(JSON.stringify(hello(workspace, live.length)));
    // What was sent on a connection that died unacknowledged goes out again on the next one.
    for (const [id, { envelope }] of pending) {
      const again = repeated(envelope);
      const waiting = pending.get(id);
      pending.delete(id);
      if (waiting !== undefined) pending.set(again.envelope_id, { ...waiting, envelope: again });
      transmit(again);
    }
    workspace.changes.changed();
  };
  const listen = () => {
    if (attached) return;
    attached = true;
    attach().on("upgrade", (request, stream, head) => {
      const ticket = new URL(request.url ?? "/", "http://loopback").searchParams.get("ticket") ?? "";
      if (!tickets.delete(ticket)) return void stream.end("HTTP/1.1 401 Unauthorized\r\n\r\n");
      sockets.handleUpgrade(request, stream, head, admit);
    });
  };

  return {
    open: (token) => {
      if (token === "") throw new SlackRefusal("not_authed");
      if (token !== workspace.installation.appToken)
        throw new SlackRefusal(token === workspace.installation.botToken ? "not_allowed_token_type" : "invalid_auth");
      listen();
      const ticket = randomUUID();
      tickets.add(ticket);
      return {
        url: `${workspace.origin.replace("http:", "ws:")}/link/?ticket=${ticket}&app_id=${randomBytes(8).toString("hex")}`,
      };
    },
    deliver: (kind, payload, deadline, retry) =>
      new Promise((resolve) => {
        const from = performance.now();
        const envelope: Envelope = {
          envelope_id: randomUUID(),
          type: kind,
          payload,
          accepts_response_payload: kind !== "events_api",
          ...(kind === "events_api" ? { retry_attempt: retry?.attempt ?? 0, retry_reason: retry?.reason ?? "" } : {}),
        };
        const end = (body: Delivered["body"], failure?: string) => {
          clearTimeout(timer);
          const milliseconds = performance.now() - from;
          resolve({ acked: failure === undefined, status: undefined, body, milliseconds, failure, payload });
        };
        const timer = setTimeout(() => {
          if (kind !== "events_api") pending.delete(envelope.envelope_id);
          end(undefined, "operation_timeout");
        }, deadline);
        if (live.length === 0 && kind !== "events_api") return end(undefined, "dispatch_failed");
        pending.set(envelope.envelope_id, { envelope, settle: (ack) => end(ack) });
        transmit(envelope);
      }),
    mode: {
      connections: () => live.length,
      opened: () => opened,
      sent,
      acks,
      disconnect: (reason) => {
        const frame = JSON.stringify({ type: "disconnect", reason, debug_info: { host: "loopback" } });
        for (const socket of live) socket.send(frame);
      },
      kill: () => {
        for (const socket of live) socket.terminate();
      },
      hold: () => {
        held = [];
      },
      release: (order = "as delivered") => {
        const waiting = held ?? [];
        held = undefined;
        for (const envelope of order === "reversed" ? waiting.reverse() : waiting) transmit(envelope);
      },
      resend: (envelope = sent.at(-1)) => {
        if (envelope === undefined) throw new Error("No envelope was sent yet.");
        transmit(envelope);
      },
      withholdAcks: () => {
        withheld = [];
        return () => {
          const waiting = withheld ?? [];
          withheld = undefined;
          for (const take of waiting) take();
        };
      },
      sendRaw: (frame) => {
        for (const socket of live) if (socket.readyState === WebSocket.OPEN) socket.send(frame);
      },
    },
    stop: () => {
      for (const socket of live) socket.terminate();
      sockets.close();
    },
  };
}

function hello(workspace: Workspace, connections: number): Json {
  return {
    type: "hello",
    num_connections: connections,
    debug_info: { host: "loopback", build_number: 1, approximate_connection_time: 18060 },
    connection_info: { app_id: workspace.installation.appId },
  };
}

/** A repetition has an envelope id of its own; events count their attempts. */
function repeated(envelope: Envelope): Envelope {
  const again = { ...envelope, envelope_id: randomUUID() };
  if (envelope.type !== "events_api") return again;
  return { ...again, retry_attempt: (envelope.retry_attempt ?? 0) + 1, retry_reason: "timeout" };
}
