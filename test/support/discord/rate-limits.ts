/**
 * Buckets and the X-RateLimit-* headers. Advertised limits are wide and never bite; enforced ones answer 429.
 * A bucket is a route with its major parameter: channel, guild, or webhook with token.
 */

import { createHash } from "node:crypto";
import type { PlatformClock } from "./clock.ts";
import type { ReceivedRequest } from "./http.ts";

export interface RateLimit {
  /** `METHOD /route/:template`, or nothing for every route that has no own one. */
  route?: string;
  limit: number;
  perMilliseconds: number;
}

export interface RateLimits {
  take(request: ReceivedRequest): { headers: Record<string, string>; refused?: Record<string, unknown> };
}

interface Bucket {
  used: number;
  resetsAt: number;
}

const advertised: RateLimit = { limit: 10_000, perMilliseconds: 1000 };

/** `enforced`: limits that bite, with the first that names the route; `perSecond`: of all requests, 50 at Discord. */
export function createRateLimits(clock: PlatformClock, enforced: readonly RateLimit[], perSecond: number): RateLimits {
  const buckets = new Map<string, Bucket>();
  const current = (key: string, length: number): Bucket => {
    const known = buckets.get(key);
    if (known !== undefined && known.resetsAt > clock.now()) return known;
    const fresh = { used: 0, resetsAt: clock.now() + length };
    buckets.set(key, fresh);
    return fresh;
  };
  return {
    take(request) {
      // Answers to interactions are outside the global limit, and have no bucket.
      if (request.route === "" || request.route.startsWith("/interactions/")) return { headers: {} };
      const name = `${request.method} ${request.route}`;
      const everywhere = current("global", 1000);
      everywhere.used += 1;
      if (enforced.length > 0 && everywhere.used > perSecond)
        return tooMany((everywhere.resetsAt - clock.now()) / 1000, { global: true, scope: "global" });
      const { limit, perMilliseconds } =
        enforced.find((one) => one.route === name || one.route === undefined) ?? advertised;
      const { channel, guild, webhook, token } = request.params;
      const bucket = current(`${name} ${channel ?? guild ?? ""}${webhook ?? ""}${token ?? ""}`, perMilliseconds);
      bucket.used += 1;
      const after = Math.max(0, bucket.resetsAt - clock.now()) / 1000;
      const headers = {
        "x-ratelimit-limit": String(limit),
        "x-ratelimit-remaining": String(Math.max(0, limit - bucket.used)),
        "x-ratelimit-reset": (bucket.resetsAt / 1000).toFixed(3),
        "x-ratelimit-reset-after": after.toFixed(3),
        "x-ratelimit-bucket": createHash("md5").update(name).digest("hex"),
      };
      if (bucket.used <= limit) return { headers };
      const refusal = tooMany(after, { global: false, scope: "user" });
      return { ...refusal, headers: { ...headers, ...refusal.headers } };
    },
  };
}

/** The body and headers of a 429. `retryAfter` in seconds. */
export function tooMany(
  retryAfter: number,
  { global, scope }: { global: boolean; scope: "user" | "global" | "shared" },
): {
  headers: Record<string, string>;
  refused: Record<string, unknown>;
} {
  return {
    headers: {
      "retry-after": String(Math.ceil(retryAfter)),
      "x-ratelimit-scope": scope,
      ...(global ? { "x-ratelimit-global": "true" } : {}),
    },
    refused: { message: "You are being rate limited.", retry_after: retryAfter, global },
  };
}
