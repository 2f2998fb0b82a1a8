/** Asks the console to do something. What comes of it arrives by the event stream. */

import type { Completion } from "../completion.ts";

/** Resolves to the console's sentence where it refuses, and to undefined where it took the request. */
export async function post(action: string, body: Record<string, unknown>): Promise<string | undefined> {
  const answer = await send(action, body);
  return typeof answer === "string" ? answer : undefined;
}

/** Suggestions for the word at the caret; none where the console does not answer. */
export async function complete(account: string, text: string, caret: number): Promise<Completion> {
  const answer = await send("complete", { account, text, caret });
  return typeof answer === "string" ? { from: caret, to: caret, suggestions: [] } : (answer as Completion);
}

async function send(action: string, body: Record<string, unknown>): Promise<unknown> {
  try {
    const response = await fetch(`/api/${action}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    const answer = await response.json();
    return response.ok ? answer : String(answer.error);
  } catch {
    return "The console did not answer. Is it still running?";
  }
}

/** Unique for one thing asked: asked twice with the same id, it is done once. */
export function newId(): string {
  return crypto.randomUUID();
}
