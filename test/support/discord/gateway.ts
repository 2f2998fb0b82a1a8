/** The gateway over a real WebSocket (JSON): hello, identify, heartbeats, dispatches, resume; and what goes wrong with it. */

import type { Server } from "node:http";
import { type WebSocket, WebSocketServer } from "ws";
import { type Counters, deliver, type GatewayParts, send, serve } from "./gateway-connection.ts";
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
  const { world } = parts;
  const sockets = new WebSocketServer({ server });
  const sessions = new Map<string, Session>();
  const counters: Counters = { identifies: 0, resumes: 0, heartbeats: 0, closedByBot: [] };
  const delivery: Delivery = { mode: "normal", waiting: [] };
  const refused: number[] = [];
  const closedHere = new WeakSet<WebSocket>();
  let acknowledges = true;
  const state = { parts, sessions, counters, delivery, refused, closedHere, acknowledges: () => acknowledges };
  sockets.on("connection", (socket) => serve(socket, state));
  const open = () => [...sessions.values()].filter((one) => one.socket?.readyState === 1);
  const url = () => world.origin().replace("http", "ws");

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
      return open().length > 0;
    },
    url,
    remainingStarts: () => 1000 - counters.identifies,
    dispatch: (type, data) => {
      for (const session of sessions.values()) if (session.alive) deliver(session, type, data, delivery);
    },
    deliverRaw(payload) {
      for (const session of open()) {
        if (typeof payload === "object" && payload.op === opcode.dispatch && payload.s === undefined)
          session.sequence += 1;
        const frame = typeof payload === "string" ? payload : JSON.stringify({ s: session.sequence, ...payload });
        session.socket?.send(frame);
      }
    },
    reconnect: () => open().forEach((one) => void send(one.socket, { op: opcode.reconnect, d: null })),
    invalidate(resumable) {
      for (const one of open()) {
        one.alive = resumable;
        send(one.socket, { op: opcode.invalidSession, d: resumable });
      }
    },
    drop() {
      for (const { socket } of open()) {
        if (socket !== undefined) closedHere.add(socket);
        socket?.terminate();
      }
    },
    close(code, reason = "") {
      for (const { socket } of open()) {
        if (socket !== undefined) closedHere.add(socket);
        socket?.close(code, reason);
      }
    },
    refuseIdentify: (code, times = 1) => void refused.push(...Array<number>(times).fill(code)),
    withholdAcknowledgements(on) {
      acknowledges = !on;
    },
    deliver(mode) {
      delivery.mode = mode;
    },
    release(order = "in order") {
      delivery.mode = "normal";
      const waiting = delivery.waiting.splice(0);
      for (const go of order === "reversed" ? waiting.reverse() : waiting) go();
    },
    stop() {
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
    },
  };
}
