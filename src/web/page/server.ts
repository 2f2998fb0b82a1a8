/** The questions that go to the server the page came from. Every answer is read as untrusted. */

import type { Hex } from "../../domain/primitives.ts";
import { inert } from "./plain-words.ts";

export type Answer = { ok: true; value: unknown } | { ok: false; sentence: string };

export async function fetchBrief(token: string): Promise<Answer> {
  if (token === "") return { ok: false, sentence: "This link is not whole: what follows its # is missing." };
  return post("brief", { token });
}

export function handIn(token: string, tx: string, safeTxHash: Hex, signature: Hex): Promise<Answer> {
  return post("signature", { token, tx, safeTxHash, signature });
}

/** Whether the executor's wallet may be asked now: asked right before it. */
export function askReady(token: string): Promise<Answer> {
  return post("ready", { token });
}

/** Has the chain looked at. */
export function tellSent(token: string, leg: string, hash: Hex): Promise<Answer> {
  return post("sent", { token, leg, hash });
}

/** What the wallet signed to be linked. */
export function handInLink(token: string, wallet: string, signature: string): Promise<Answer> {
  return post("link", { token, wallet, signature });
}

async function post(what: string, body: Record<string, string>): Promise<Answer> {
  try {
    const response = await fetch(`/api/${what}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(20_000),
      redirect: "error",
      credentials: "omit",
    });
    const value: unknown = await response.json();
    if (response.ok) return { ok: true, value };
    const error = typeof value === "object" && value !== null && "error" in value ? value.error : undefined;
    return { ok: false, sentence: typeof error === "string" ? inert(error).slice(0, 500) : "The server refused." };
  } catch {
    return { ok: false, sentence: "The server did not answer." };
  }
}
