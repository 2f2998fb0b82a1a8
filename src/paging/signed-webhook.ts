/**
 * A webhook of the council's own. Each request is signed: HMAC-SHA256 over `timestamp.body` with the shared secret, in hex.
 * A receiver refuses what is older or newer than five minutes, and a delivery it has seen within them (docs/on-call.md).
 */

import { createHmac } from "node:crypto";
import { canonicalJson, toJson } from "../domain/canonical.ts";
import { type Pager, PagerFault } from "../pager-port.ts";
import type { Clock } from "../ports.ts";
import { postJson } from "./post-json.ts";

export interface SignedWebhookConfig {
  url: string;
  /** 32 characters at least. */
  secret: string;
  clock: Clock;
  timeoutMs?: number;
}

export const signatureHeaders = {
  timestamp: "quorate-timestamp",
  delivery: "quorate-delivery",
  signature: "quorate-signature",
} as const;

export function createSignedWebhook({ url, secret, clock, timeoutMs = 10_000 }: SignedWebhookConfig): Pager {
  return {
    name: "webhook",
    async send(message, delivery) {
      const body = canonicalJson(toJson({ schema: "quorate/alert/1", delivery, ...message }));
      // Signed anew at each attempt, or a retry would come from outside of the window.
      const timestamp = `${clock.now()}`;
      const headers = {
        [signatureHeaders.timestamp]: timestamp,
        [signatureHeaders.delivery]: delivery,
        [signatureHeaders.signature]: `v1=${webhookSignature(secret, timestamp, body)}`,
      };
      const { status } = await postJson("The alert webhook", url, body, headers, timeoutMs);
      if (status >= 200 && status < 300) return { status };
      const isFinal = status >= 400 && status < 500 && status !== 401 && status !== 403 && status !== 408;
      throw new PagerFault(`The alert webhook answered ${status}.`, { isFinal });
    },
  };
}

/** Hex of HMAC-SHA256 (RFC 2104) over `timestamp.body`. */
export function webhookSignature(secret: string, timestamp: string, body: string): string {
  return createHmac("sha256", secret).update(`${timestamp}.${body}`).digest("hex");
}
