/** An event log without what differs between two runs of the same story: the platform, hashes, and the time of day. */

import { toJson } from "../../src/domain/canonical.ts";
import type { LoggedEvent } from "../../src/domain/events.ts";

/** Names whose values are times or places of a run: blocks, windows, deadlines, accounts. */
const ofTheRun = new Set(["account", "delivery", "timestamp", "notBefore", "notAfter", "expiresAt", "readyAt", "at"]);

/** One line an event: its type and everything in it that the story decides. */
export function storyOf(history: readonly LoggedEvent[]): string[] {
  return history.map(({ type, data }) => `${type} ${JSON.stringify(withoutRun(toJson(data)))}`);
}

function withoutRun(value: unknown, name = ""): unknown {
  if (ofTheRun.has(name)) return "…";
  if (Array.isArray(value)) return value.map((one) => withoutRun(one));
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withoutRun(one, key)]));
  // Hashes, signatures, calldata with windows in it; addresses are the same in every run.
  if (typeof value === "string") return value.replace(/0x[0-9a-f]{64,}/g, "0x…").replace(/\b1[6-9]\d{8}\b/g, "<time>");
  return value;
}
