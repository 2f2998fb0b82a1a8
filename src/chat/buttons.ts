/** What a message's button carries: an opaque id and a code over it. What it does lies in the store under that id. */

import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { canonicalJson } from "../domain/canonical.ts";
import type { Buttons, StoredButton } from "../ports.ts";
import type { Action } from "../view.ts";

/** `q1.ID.CODE`, 49 characters: both platforms allow at least 100. */
const shape = /^q1\.([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{22})$/;

/** The row for an action; the same action is always the same row. */
export function storedButton(action: Action): StoredButton {
  const { command, options, label, confirm, revision } = action;
  const content = canonicalJson({ command, options, label, confirm: confirm ?? null, revision: revision ?? null });
  const id = createHash("sha256").update(content).digest().subarray(0, 16).toString("base64url");
  return { id, command, options, label, confirm, revision };
}

/**
 * The text that a button carries. `where` is what it is bound to, such as `slack:T1`: elsewhere the code does not hold.
 * `step` tells two buttons of one action apart, as "ask" and "do" where a platform has no confirmation of its own.
 */
export function buttonToken(secret: Uint8Array, where: string, { id }: StoredButton, step = ""): string {
  return `q1.${id}.${code(secret, where, id, step)}`;
}

/** The row that a pressed button stands for; undefined where the program never made this button, for this place and step. */
export async function pressedButton(
  secret: Uint8Array,
  where: string,
  token: string,
  store: Buttons,
  step = "",
): Promise<StoredButton | undefined> {
  const [, id, given] = shape.exec(token) ?? [];
  if (id === undefined || given === undefined) return undefined;
  const expected = code(secret, where, id, step);
  if (!timingSafeEqual(Buffer.from(given), Buffer.from(expected))) return undefined;
  return store.button(id);
}

/** HMAC-SHA-256 (RFC 2104), cut to 128 bits. */
function code(secret: Uint8Array, where: string, id: string, step: string): string {
  const hmac = createHmac("sha256", secret).update(JSON.stringify([where, id, step]));
  return hmac.digest().subarray(0, 16).toString("base64url");
}
