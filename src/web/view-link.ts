/** Addresses of ceremony pages: whoever has one may read it, and nobody can make one up. */

import { createHmac, timingSafeEqual } from "node:crypto";

/** `/view/UP-1/CODE`; `secret` are 32 bytes, the code is HMAC-SHA-256 cut to 128 bits. */
export function viewPath(secret: Uint8Array, ceremony: string): string {
  return `/view/${ceremony}/${code(secret, ceremony)}`;
}

/** Below `base` the page of the ceremony that a card's key begins with: `UP-1/breach/solvency` is about UP-1, `gas/…` about none. */
export function pageAddress(secret: Uint8Array, base: string, key: string): string | undefined {
  const [ceremony] = /^UP-[1-9][0-9]{0,5}(?=\/|$)/.exec(key) ?? [];
  return ceremony === undefined ? undefined : `${base}${viewPath(secret, ceremony)}`;
}

export function isViewCode(secret: Uint8Array, ceremony: string, given: string): boolean {
  const expected = Buffer.from(code(secret, ceremony));
  const found = Buffer.from(given);
  return found.length === expected.length && timingSafeEqual(found, expected);
}

function code(secret: Uint8Array, ceremony: string): string {
  return createHmac("sha256", secret).update(`view ${ceremony}`).digest().subarray(0, 16).toString("base64url");
}
