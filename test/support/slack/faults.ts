/** Scripted misbehaviour of the Web API: what the next calls of a method meet. */

import { type Json, text } from "./model.ts";

export type ApiFault =
  /** An HTTP status; 429 comes with Retry-After in seconds. Nothing is done. */
  | { kind: "status"; status: number; retryAfter?: number; body?: string }
  /** `{ok: false, error}`. Nothing is done. */
  | { kind: "error"; error: string; more?: Json }
  /** The connection breaks off, before the work or after it. */
  | { kind: "drop"; when: "before" | "after" }
  /** Never answered, and nothing done, until {@link ArmedFault.release}; then the connection breaks off. */
  | { kind: "hang" }
  /** The work is done at once, the answer goes out at {@link ArmedFault.release}. */
  | { kind: "late" };

export interface ArmedFault {
  /** How many calls have met it. */
  met(): number;
  release(): void;
}

export interface FaultWhen {
  /** How many calls meet it; one, if not said. */
  times?: number;
  /** Only calls for this channel. */
  channel?: string;
}

interface Armed {
  method: string;
  fault: ApiFault;
  left: number;
  channel: string | undefined;
  met: number;
  released: Promise<void>;
}

export interface Faults {
  /** Script of a method, such as "chat.postMessage"; "response_url" and "upload" are methods too. In order of arming. */
  next(method: string, fault: ApiFault, when?: FaultWhen): ArmedFault;
  /** The fault this call meets, counted. */
  meet(method: string, args: Json): { fault: ApiFault; released: Promise<void> } | undefined;
  /** Lets go of whatever still hangs. */
  releaseAll(): void;
}

export function apiFaults(): Faults {
  const armed: Armed[] = [];
  const releases: (() => void)[] = [];
  return {
    next: (method, fault, when = {}) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      const one: Armed = { method, fault, left: when.times ?? 1, channel: when.channel, met: 0, released: promise };
      armed.push(one);
      releases.push(resolve);
      return { met: () => one.met, release: resolve };
    },
    meet: (method, args) => {
      const one = armed.find(
        (each) =>
          each.method === method &&
          each.left > 0 &&
          (each.channel === undefined || each.channel === text(args.channel)),
      );
      if (one === undefined) return undefined;
      one.left -= 1;
      one.met += 1;
      return { fault: one.fault, released: one.released };
    },
    releaseAll: () => {
      for (const release of releases) release();
    },
  };
}
