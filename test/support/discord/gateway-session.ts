/** A gateway session: it outlives its connections, and keeps what was dispatched for a resume. */

import type { WebSocket } from "ws";

export interface Dispatched {
  op: 0;
  s: number;
  t: string;
  d: unknown;
}

export interface Session {
  readonly id: string;
  readonly intents: number;
  socket: WebSocket | undefined;
  sequence: number;
  sent: Dispatched[];
  /** False once it cannot be resumed. */
  alive: boolean;
}

/** Opcodes of Discord's page "Gateway". */
export const opcode = {
  dispatch: 0,
  heartbeat: 1,
  identify: 2,
  presence: 3,
  voice: 4,
  resume: 6,
  reconnect: 7,
  requestMembers: 8,
  invalidSession: 9,
  hello: 10,
  acknowledged: 11,
} as const;

/** Close codes of the same page. */
export const closeCode = {
  unknownOpcode: 4001,
  decodeError: 4002,
  notAuthenticated: 4003,
  authenticationFailed: 4004,
  alreadyAuthenticated: 4005,
  invalidSequence: 4007,
  invalidIntents: 4013,
  disallowedIntents: 4014,
} as const;

/** Guild members, presences and message content: granted one by one in Discord's developer portal. */
export const privilegedIntents = (1 << 1) | (1 << 8) | (1 << 15);
export const guildsIntent = 1;

/** How dispatches reach the bot: at once, kept until released, or twice. */
export interface Delivery {
  mode: "normal" | "held" | "doubled";
  waiting: (() => void)[];
}
