/** chat.postMessage: about one a second and channel, with short bursts. Off unless asked for. */

import type { PlatformClock } from "./clock.ts";
import { type ApiRequest, text } from "./model.ts";

export interface RateLimit {
  /** Messages that may come at once; one more every second. */
  burst: number;
}

type Refused = { status: number; body: string; headers: Record<string, string> };

/** A token bucket a channel: 429 with Retry-After where it is empty. */
export function rateLimiter(
  clock: PlatformClock,
  limit: RateLimit | undefined,
): (call: ApiRequest) => Refused | undefined {
  const buckets = new Map<string, { tokens: number; at: number }>();
  return ({ method, args }) => {
    if (limit === undefined || method !== "chat.postMessage") return undefined;
    const channel = text(args.channel);
    const bucket = buckets.get(channel) ?? { tokens: limit.burst, at: clock.now() };
    const tokens = Math.min(limit.burst, bucket.tokens + (clock.now() - bucket.at) / 1000);
    buckets.set(channel, { tokens: tokens < 1 ? tokens : tokens - 1, at: clock.now() });
    if (tokens >= 1) return undefined;
    return { status: 429, body: JSON.stringify({ ok: false, error: "ratelimited" }), headers: { "retry-after": "1" } };
  };
}
