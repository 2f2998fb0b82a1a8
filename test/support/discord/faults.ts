/** REST that misbehaves on command: limits, errors, silence, cut connections, answers that come late. */

import type { ServerResponse } from "node:http";
import type { ReceivedRequest } from "./http.ts";
import { tooMany } from "./rate-limits.ts";

export type RestFault =
  | { kind: "429"; retryAfter: number; scope?: "user" | "global" | "shared"; bucket?: string }
  | { kind: "status"; status: number; body?: unknown }
  /** Never answers, or only on release; `done` says whether the request was carried out meanwhile. */
  | { kind: "hold"; done: boolean }
  /** Cuts the connection; `done` says whether the request was carried out before. */
  | { kind: "drop"; done: boolean };

export interface FaultHandle {
  /** How many requests it has hit. */
  readonly hits: number;
  /** Lets held requests go on. */
  release(): void;
}

type Finish = (status: number, body?: unknown, headers?: Record<string, string>) => void;

interface ActiveFault {
  /** True where the request is over with. */
  before(response: ServerResponse, finish: Finish): Promise<boolean>;
  after(response: ServerResponse): Promise<boolean>;
}

export interface RestFaults {
  /**
   * The next requests that fit misbehave: `pattern` is `METHOD /path` with `*` for one step and `**` for the rest, such as
   * `GET /users/*`; `times` is 1 unless told, `where` narrows it further.
   */
  next(
    pattern: string,
    fault: RestFault,
    more?: { times?: number; where?: (request: ReceivedRequest) => boolean },
  ): FaultHandle;
  take(request: ReceivedRequest): ActiveFault | undefined;
  /** Takes every fault back and lets everything held go on. */
  clear(): void;
}

export function createFaults(): RestFaults {
  let planned: { fits(request: ReceivedRequest): boolean; left: number; hit(): ActiveFault; release(): void }[] = [];
  return {
    next(pattern, fault, { times = 1, where = () => true } = {}) {
      const expression = asExpression(pattern);
      const gate = Promise.withResolvers<void>();
      const handle = { hits: 0, release: () => gate.resolve() };
      planned.push({
        fits: (request) => expression.test(`${request.method} ${request.path}`) && where(request),
        left: times,
        hit() {
          handle.hits += 1;
          return active(fault, gate.promise);
        },
        release: handle.release,
      });
      return handle;
    },
    take(request) {
      const plan = planned.find((one) => one.left > 0 && one.fits(request));
      if (plan === undefined) return undefined;
      plan.left -= 1;
      return plan.hit();
    },
    clear() {
      for (const one of planned) one.release();
      planned = [];
    },
  };
}

function asExpression(pattern: string): RegExp {
  const escaped = pattern.replace(/[.+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${escaped.replace(/\*\*|\*/g, (stars) => (stars === "**" ? ".*" : "[^/]+"))}$`);
}

function active(fault: RestFault, released: Promise<void>): ActiveFault {
  const none = async () => false;
  switch (fault.kind) {
    case "429": {
      const scope = fault.scope ?? "user";
      const { headers, refused } = tooMany(fault.retryAfter, { global: scope === "global", scope });
      const bucket = fault.bucket === undefined ? {} : { "x-ratelimit-bucket": fault.bucket };
      return { before: async (_, finish) => over(() => finish(429, refused, { ...headers, ...bucket })), after: none };
    }
    case "status":
      return { before: async (_, finish) => over(() => finish(fault.status, fault.body ?? {})), after: none };
    case "drop": {
      const cut = async (response: ServerResponse) => over(() => response.destroy());
      return fault.done ? { before: none, after: cut } : { before: cut, after: none };
    }
    case "hold": {
      const wait = () => released.then(() => false);
      return fault.done ? { before: none, after: wait } : { before: wait, after: none };
    }
  }
}

function over(act: () => void): true {
  act();
  return true;
}
