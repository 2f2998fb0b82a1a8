/** Socket Mode: hello, envelopes, acknowledgements, and everything that goes wrong with connections. */

import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocket, WebSocketServer } from "ws";
import type { Delivered, DeliveryKind, Retry } from "./delivery.ts";
import { type Json, record, SlackRefusal } from "./model.ts";
import type { Workspace } from "./workspace.ts";

export interface Envelope {
  envelope_id: string;
  type: DeliveryKind;
  payload: Json;
  accepts_response_payload: boolean;
  retry_attempt?: number;
  retry_reason?: string;
}

interface Pending {
  envelope: Envelope;
  settle: (ack: Json | string | undefined) => void;
}

/** The connections of one app. Refused or slow openings are faults of the method apps.connections.open. */
export class SocketMode {
  /** Sent envelopes, in order, repetitions included. */
  readonly sent: Envelope[] = [];
  /** Ids of acknowledged envelopes, as they came. */
  readonly acks: string[] = [];
  readonly #workspace: Workspace;
  readonly #sockets = new WebSocketServer({ noServer: true });
  readonly #tickets = new Set<string>();
  readonly #live: WebSocket[] = [];
  readonly #pending = new Map<string, Pending>();
  #held: Envelope[] | undefined;
  #withheld: (() => void)[] | undefined;
  #opened = 0;

  constructor(workspace: Workspace) {
    this.#workspace = workspace;
  }

  /** Open connections. */
  connections(): number {
    return this.#live.length;
  }

  /** How many connections there have been. */
  opened(): number {
    return this.#opened;
  }

  /** Tells every connection to go, as when a container is recycled, or Socket Mode is switched off. */
  disconnect(reason: "warning" | "refresh_requested" | "link_disabled"): void {
    this.sendRaw(JSON.stringify({ type: "disconnect", reason, debug_info: { host: "loopback" } }));
  }

  /** Cuts every connection without a close frame. */
  kill(): void {
    for (const socket of [...this.#live]) socket.terminate();
  }

  /** Stops sending until {@link release}; what is delivered meanwhile waits. */
  hold(): void {
    this.#held = [];
  }

  /** Sends what waits, in order or the other way round. */
  release(order: "as delivered" | "reversed" = "as delivered"): void {
    const waiting = this.#held ?? [];
    this.#held = undefined;
    for (const envelope of order === "reversed" ? waiting.reverse() : waiting) this.#transmit(envelope);
  }

  /** Envelopes that {@link hold} keeps back. */
  held(): number {
    return this.#held?.length ?? 0;
  }

  /** Sends an envelope once more, as it was: the newest, if none is named. */
  resend(envelope: Envelope | undefined = this.sent.at(-1)): void {
    if (envelope === undefined) throw new Error("No envelope was sent yet.");
    this.#transmit(envelope);
  }

  /** Takes no notice of acknowledgements until the returned function is called; they count from then on. */
  withholdAcks(): () => void {
    this.#withheld = [];
    return () => {
      const waiting = this.#withheld ?? [];
      this.#withheld = undefined;
      for (const take of waiting) take();
    };
  }

  /** Acknowledgements that {@link withholdAcks} keeps back. */
  withheld(): number {
    return this.#withheld?.length ?? 0;
  }

  /** Sends a frame as it is, well-formed or not, on every connection. */
  sendRaw(frame: string): void {
    for (const socket of this.#live) socket.send(frame);
  }

  /** Answers apps.connections.open: a URL good for one connection. */
  ticket(token: string): Json {
    const { appToken, botToken } = this.#workspace.installation;
    if (token === "") throw new SlackRefusal("not_authed");
    if (token !== appToken) throw new SlackRefusal(token === botToken ? "not_allowed_token_type" : "invalid_auth");
    const ticket = randomUUID();
    this.#tickets.add(ticket);
    return { url: `${this.#workspace.origin.replace("http:", "ws:")}/link/?ticket=${ticket}` };
  }

  /** Takes an HTTP upgrade that shows a ticket. */
  upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    const ticket = new URL(request.url ?? "/", "http://loopback").searchParams.get("ticket") ?? "";
    if (this.#tickets.delete(ticket))
      this.#sockets.handleUpgrade(request, stream, head, (socket) => this.#admit(socket));
    else stream.end("HTTP/1.1 401 Unauthorized\r\n\r\n");
  }

  /** Sends an envelope and waits for its acknowledgement, at most `deadline` milliseconds. */
  deliver(kind: DeliveryKind, payload: Json, deadline: number, retry?: Retry): Promise<Delivered> {
    const from = performance.now();
    const again = kind === "events_api";
    const envelope: Envelope = {
      envelope_id: randomUUID(),
      type: kind,
      payload,
      accepts_response_payload: !again,
      ...(again ? { retry_attempt: retry?.attempt ?? 0, retry_reason: retry?.reason ?? "" } : {}),
    };
    for (const [id, one] of this.#pending)
      if (retry !== undefined && one.envelope.payload.event_id === payload.event_id) this.#pending.delete(id);
    return new Promise((resolve) => {
      const end = (body: Delivered["body"], failure?: string) => {
        clearTimeout(timer);
        const milliseconds = performance.now() - from;
        resolve({ acked: failure === undefined, status: undefined, body, milliseconds, failure, payload });
      };
      const timer = setTimeout(() => {
        // A person has been told of the failure; an event stays due.
        if (!again) this.#forget(payload);
        end(undefined, "operation_timeout");
      }, deadline);
      if (this.#live.length === 0 && !again) {
        end(undefined, "dispatch_failed");
        return;
      }
      this.#pending.set(envelope.envelope_id, { envelope, settle: end });
      this.#transmit(envelope);
    });
  }

  async stop(): Promise<void> {
    const closed = this.#live.map((socket) => new Promise((resolve) => socket.once("close", resolve)));
    for (const socket of this.#live) socket.close(1001);
    const cut = setTimeout(() => this.kill(), 1000);
    await Promise.all(closed);
    clearTimeout(cut);
    this.#sockets.close();
  }

  #admit(socket: WebSocket): void {
    this.#opened += 1;
    this.#live.push(socket);
    socket.on("message", (frame) => {
      const message = record(JSON.parse(String(frame)));
      const take = () => this.#acknowledged(String(message.envelope_id), record(message.payload));
      if (this.#withheld === undefined) take();
      else this.#withheld.push(take);
      this.#workspace.changes.changed();
    });
    socket.on("close", () => {
      this.#live.splice(this.#live.indexOf(socket), 1);
      this.#workspace.changes.changed();
    });
    socket.send(
      JSON.stringify({
        type: "hello",
        num_connections: this.#live.length,
        debug_info: { host: "loopback", build_number: 1, approximate_connection_time: 18060 },
        connection_info: { app_id: this.#workspace.installation.appId },
      }),
    );
    if (this.#held === undefined) this.#repeatPending();
    this.#workspace.changes.changed();
  }

  /** What was sent on a connection that died unacknowledged goes out again on the next one. */
  #repeatPending(): void {
    for (const [id, { envelope, settle }] of [...this.#pending]) {
      this.#pending.delete(id);
      const fresh = !this.sent.includes(envelope);
      const next = fresh ? envelope : repetition(envelope);
      this.#pending.set(next.envelope_id, { envelope: next, settle });
      this.#transmit(next);
    }
  }

  #transmit(envelope: Envelope): void {
    if (this.#held !== undefined) {
      this.#held.push(envelope);
    } else {
      const socket = this.#live.findLast((one) => one.readyState === WebSocket.OPEN);
      if (socket === undefined) return;
      this.sent.push(envelope);
      socket.send(JSON.stringify(envelope));
    }
    this.#workspace.changes.changed();
  }

  #acknowledged(id: string, payload: Json): void {
    this.acks.push(id);
    const waiting = this.#pending.get(id);
    this.#pending.delete(id);
    const keys = Object.keys(payload);
    if (waiting?.envelope.accepts_response_payload === false && keys.length > 0)
      this.#workspace.violations.push(`acknowledgement of ${waiting.envelope.type}: it takes no payload.`);
    const onlyText = keys.length === 1 && typeof payload.text === "string";
    waiting?.settle(keys.length === 0 ? undefined : onlyText ? String(payload.text) : payload);
    this.#workspace.changes.changed();
  }

  #forget(payload: Json): void {
    for (const [id, one] of this.#pending) if (one.envelope.payload === payload) this.#pending.delete(id);
  }
}

/** A repetition has an envelope id of its own; events count their attempts. */
function repetition(envelope: Envelope): Envelope {
  const again = { ...envelope, envelope_id: randomUUID() };
  if (envelope.type !== "events_api") return again;
  return { ...again, retry_attempt: (envelope.retry_attempt ?? 0) + 1, retry_reason: "timeout" };
}
