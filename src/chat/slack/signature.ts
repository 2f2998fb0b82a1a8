/** Whether an HTTP request is Slack's, of now, and new (docs.slack.dev, verifying requests; notes on its replays). */

import { createHmac, timingSafeEqual } from "node:crypto";

/** Seconds that a timestamp may be away from now, either way. */
const tolerance = 300n;

export class SignatureCheck {
  readonly #secret: string;
  /** Signatures seen, with the second after which they are too old anyway. */
  readonly #seen = new Map<string, bigint>();

  constructor(secret: string) {
    this.#secret = secret;
  }

  /** Undefined where the request is good; else why it is not. A good one is good once. `now` is in seconds. */
  problem(
    body: Buffer,
    timestamp: string | undefined,
    signature: string | undefined,
    now: bigint,
  ): "forged" | "late" | "replayed" | undefined {
    if (timestamp === undefined || signature === undefined || !/^[0-9]{1,15}$/.test(timestamp)) return "forged";
    const expected = createHmac("sha256", this.#secret).update(`v0:${timestamp}:`).update(body).digest();
    const given = /^v0=([0-9a-f]{64})$/.exec(signature)?.[1];
    if (given === undefined || !timingSafeEqual(Buffer.from(given, "hex"), expected)) return "forged";
    const at = BigInt(timestamp);
    if (at > now + tolerance || at < now - tolerance) return "late";
    for (const [old, end] of this.#seen) {
      if (end >= now) break;
      this.#seen.delete(old);
    }
    if (this.#seen.has(given)) return "replayed";
    this.#seen.set(given, now + 2n * tolerance);
    return undefined;
  }
}
