/** The gateway over a real WebSocket (JSON): hello, identify, heartbeats, dispatches, resume; and what goes wrong with it. */

import type { Server } from "node:http";
import { type WebSocket, WebSocketServer } from "ws";
import { deliver, type GatewayParts, type State, send, serve } from "./gateway-connection.ts";
import { type Delivery, opcode, type Session } from "./gateway-session.ts";

/** What a test sees of the gateway, and how it makes it misbehave. */
export interface Gateway {
  readonly identifies: number;
  readonly resumes: number;
  readonly heartbeats: number;
  /** Codes with which the bot closed its connections. */
  readonly closedByBot: number[];
  /** Whether a bot is connected and ready. */
  readonly connected: boolean;
  /** To every session, in order. */
  dispatch(type: string, data: unknown): void;
  /** A frame exactly as given; an object is sent as JSON, a dispatch without `s` gets the next one. */
  deliverRaw(payload: string | Record<string, unknown>): void;
  /** Op 7. */
  reconnect(): void;
  /** Op 9; a session that is not resumable is forgotten. */
  invalidate(resumable: boolean): void;
  /** Cuts the connection without a close frame. */
  drop(): void;
  close(code: number, reason?: string): void;
  /** The next so many identifies are closed with this code. */
  refuseIdentify(code: number, times?: number): void;
  withholdAcknowledgements(on: boolean): void;
  /** From now on dispatches are kept back, sent twice, or as usual. */
  deliver(mode: Delivery["mode"]): void;
  /** Sends what was kept back, and goes on as usual. */
  release(order?: "in order" | "reversed"): void;
}

export interface GatewayServer extends Gateway {
  url(): string;
  remainingStarts(): number;
  stop(): void;
}

export function createGateway(server: Server, parts: GatewayParts): GatewayServer {
  const sockets = new WebSocketServer({ server });
  const state: State = {
    parts,
    sessions: new Map(),
    counters: { identifies: 0, resumes: 0, heartbeats: 0, closedByBot: [] },
    delivery: { mode: "normal", waiting: [] },
    refused: [],
    closedHere: new WeakSet(),
    acknowledges: true,
  };
  const { counters, sessions, delivery } = state;
  sockets.on("connection", (socket, request) => {
    if (/compress=|encoding=etf/.test(request.url ?? ""))
      parts.violations.push({ request: `GATEWAY ${request.url}`, problem: "This gateway speaks plain JSON alone." });
    serve(socket, state);
  });
  return {
    get identifies() {
      return counters.identifies;
    },
    get resumes() {
      return counters.resumes;
    },
    get heartbeats() {
      return counters.heartbeats;
    },
    closedByBot: counters.closedByBot,
    get connected() {
      return connected(state).length > 0;
    },
    url: () => parts.world.origin().replace("http", "ws"),
    remainingStarts: () => 1000 - counters.identifies,
    dispatch(type, data) {
      for (const session of sessions.values()) if (session.alive) deliver(session, type, data, delivery);
    },
    deliverRaw(payload) {
      for (const { session, socket } of connected(state)) {
        if (typeof payload === "object" && payload.op === opcode.dispatch && payload.s === undefined)
          session.sequence += 1;
        socket.send(typeof payload === "string" ? payload : JSON.stringify({ s: session.sequence, ...payload }));
      }
    },
    ...misbehaviour(state),
    stop() {
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
    },
  };
}

/** Sessions with a connection that is open. */
function connected({ sessions }: State): { session: Session; socket: WebSocket }[] {
  return [...sessions.values()].flatMap((session) => {
    const { socket } = session;
    return socket?.readyState === 1 ? [{ session, socket }] : [];
  });
}

type Misbehaviour = Pick<
  Gateway,
  "reconnect" | "invalidate" | "drop" | "close" | "refuseIdentify" | "withholdAcknowledgements" | "deliver" | "release"
>;

function misbehaviour(state: State): Misbehaviour {
  const { delivery, closedHere, refused } = state;
  const end = (how: (socket: WebSocket) => void) => {
    for (const { socket } of connected(state)) {
      closedHere.add(socket);
      how(socket);
    }
  };
  return {
    reconnect() {
      for (const { socket } of connected(state)) send(socket, { op: opcode.reconnect, d: null });
    },
    invalidate(resumable) {
      for (const { session, socket } of connected(state)) {
        session.alive = resumable;
        send(socket, { op: opcode.invalidSession, d: resumable });
      }
    },
    drop: () => end((socket) => socket.terminate()),
    close: (code, reason = "") => end((socket) => socket.close(code, reason)),
    refuseIdentify: (code, times = 1) => void refused.push(...Array<number>(times).fill(code)),
    withholdAcknowledgements(on) {
      state.acknowledges = !on;
    },
    deliver(mode) {
      delivery.mode = mode;
    },
    release(order = "in order") {
      delivery.mode = "normal";
      const waiting = delivery.waiting.splice(0);
      for (const go of order === "reversed" ? waiting.reverse() : waiting) go();
    },
  };
}
