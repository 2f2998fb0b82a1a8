/** One connection of a bot to the gateway: its frames, its identify or resume, and what becomes of its session. */

import { randomUUID } from "node:crypto";
import type { RawData, WebSocket } from "ws";
import {
  closeCode,
  type Delivery,
  type Dispatched,
  guildsIntent,
  opcode,
  privilegedIntents,
  type Session,
} from "./gateway-session.ts";
import type { Violation } from "./http.ts";
import { guildJson, userJson } from "./payloads.ts";
import type { World } from "./world.ts";

export interface GatewayParts {
  world: World;
  token: () => string;
  violations: Violation[];
  heartbeatMilliseconds: number;
  /** Privileged intents that were granted, as bits. */
  grantedIntents: number;
}

interface Frame {
  op: number;
  d?: unknown;
}

interface Counters {
  identifies: number;
  resumes: number;
  heartbeats: number;
  closedByBot: number[];
}

export interface State {
  parts: GatewayParts;
  sessions: Map<string, Session>;
  counters: Counters;
  delivery: Delivery;
  refused: number[];
  /** Connections that the platform closed: the bot's echo of the code says nothing. */
  closedHere: WeakSet<WebSocket>;
  acknowledges: boolean;
}

export function send(socket: WebSocket | undefined, frame: Frame | Dispatched): void {
  if (socket?.readyState === 1) socket.send(JSON.stringify({ s: null, t: null, ...frame }));
}

export function deliver(session: Session, t: string, d: unknown, delivery: Delivery): void {
  const once = () => {
    session.sequence += 1;
    const frame: Dispatched = { op: 0, s: session.sequence, t, d };
    session.sent.push(frame);
    send(session.socket, frame);
  };
  if (delivery.mode === "held") delivery.waiting.push(once);
  else once();
  if (delivery.mode === "doubled") once();
}

export function serve(socket: WebSocket, state: State): void {
  const { parts, counters } = state;
  let session: Session | undefined;
  send(socket, { op: opcode.hello, d: { heartbeat_interval: parts.heartbeatMilliseconds } });
  const handle = ({ op, d }: Frame) => {
    switch (op) {
      case opcode.heartbeat:
        counters.heartbeats += 1;
        if (state.acknowledges) send(socket, { op: opcode.acknowledged });
        return parts.world.changed();
      case opcode.identify:
        if (session !== undefined) return socket.close(closeCode.alreadyAuthenticated, "Already authenticated.");
        session = identify(socket, d as Identify, state);
        return;
      case opcode.resume:
        session = resume(socket, d as { token: string; session_id: string; seq: number }, state);
        return;
      case opcode.presence:
      case opcode.voice:
      case opcode.requestMembers:
        if (session === undefined) socket.close(closeCode.notAuthenticated, "Not authenticated.");
        return;
      default:
        return socket.close(closeCode.unknownOpcode, "Unknown opcode.");
    }
  };
  socket.on("message", (data: RawData) => {
    const frame = parse(data);
    if (frame === undefined) socket.close(closeCode.decodeError, "Error while decoding payload.");
    else handle(frame);
  });
  socket.on("close", (code) => {
    if (session?.socket === socket) {
      session.socket = undefined;
      // The bot gives the session up by closing with one of these.
      if (!state.closedHere.has(socket) && (code === 1000 || code === 1001)) session.alive = false;
    }
    if (!state.closedHere.has(socket)) counters.closedByBot.push(code);
    parts.world.changed();
  });
}

function parse(data: RawData): Frame | undefined {
  try {
    const frame = JSON.parse(String(data)) as Frame;
    return typeof frame?.op === "number" ? frame : undefined;
  } catch {
    return undefined;
  }
}

interface Identify {
  token: string;
  intents: number;
  shard?: [number, number];
}

function identify(socket: WebSocket, { token, intents, shard }: Identify, state: State): Session | undefined {
  const { parts, counters, sessions, refused, delivery } = state;
  const { world } = parts;
  counters.identifies += 1;
  world.changed();
  const refusal = refused.shift();
  if (refusal !== undefined) return void socket.close(refusal);
  if (token !== parts.token()) return void socket.close(closeCode.authenticationFailed, "Authentication failed.");
  if (!Number.isInteger(intents)) return void socket.close(closeCode.invalidIntents, "Invalid intent(s).");
  if ((intents & privilegedIntents & ~parts.grantedIntents) !== 0)
    return void socket.close(closeCode.disallowedIntents, "Disallowed intent(s).");
  if (intents !== guildsIntent)
    parts.violations.push({
      request: "IDENTIFY",
      problem: `Asked for intents ${intents}, where Guilds (1) is enough.`,
    });
  const session: Session = {
    id: randomUUID().replaceAll("-", ""),
    intents,
    socket,
    sequence: 0,
    sent: [],
    alive: true,
  };
  sessions.set(session.id, session);
  const bot = world.users.get(world.botUserId);
  const guilds = [...world.guilds.values()].filter((one) => one.members.has(world.botUserId));
  const immediate: Delivery = { ...delivery, mode: "normal" };
  deliver(
    session,
    "READY",
    {
      v: 10,
      user: bot === undefined ? null : { ...userJson(bot), verified: true, email: null, mfa_enabled: true },
      guilds: guilds.map(({ id }) => ({ id, unavailable: true })),
      session_id: session.id,
      session_type: "normal",
      resume_gateway_url: world.origin().replace("http", "ws"),
      shard: shard ?? [0, 1],
      application: { id: world.applicationId, flags: 0 },
      private_channels: [],
      presences: [],
      relationships: [],
      user_settings: {},
    },
    immediate,
  );
  for (const guild of guilds) deliver(session, "GUILD_CREATE", guildJson(world, guild), immediate);
  world.changed();
  return session;
}

function resume(
  socket: WebSocket,
  asked: { token: string; session_id: string; seq: number },
  state: State,
): Session | undefined {
  const { parts, counters, sessions } = state;
  counters.resumes += 1;
  if (asked.token !== parts.token()) return void socket.close(closeCode.authenticationFailed, "Authentication failed.");
  const session = sessions.get(asked.session_id);
  if (session === undefined || !session.alive) return void send(socket, { op: opcode.invalidSession, d: false });
  if (asked.seq > session.sequence) return void socket.close(closeCode.invalidSequence, "Invalid seq.");
  if (session.socket !== socket) session.socket?.terminate();
  session.socket = socket;
  for (const frame of session.sent) if (frame.s > asked.seq) send(socket, frame);
  deliver(session, "RESUMED", {}, { mode: "normal", waiting: [] });
  parts.world.changed();
  return session;
}
