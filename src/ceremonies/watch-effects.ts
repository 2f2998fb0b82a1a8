/** Outbox entries of the watch: what pagers besides chat are told, and the watchdog's heartbeats. */

import { PagerFault, type PagerMessage } from "../pager-port.ts";
import type { OutboxItem } from "../ports.ts";
import { heartbeatCard } from "./cards/watchdog-card.ts";
import type { EffectParts } from "./effects.ts";

/** What a pager will never take is said in chat, and not tried again. */
export async function tellPager(item: OutboxItem, parts: EffectParts): Promise<Record<string, unknown>> {
  const name = String(item.payload.pager);
  const pager = parts.pagers?.find((one) => one.name === name);
  if (pager === undefined) return { skipped: `${name} is not configured any more` };
  const given = item.payload.message as Omit<PagerMessage, "at"> & { at: string };
  try {
    return await pager.send({ ...given, at: BigInt(given.at) }, item.key);
  } catch (fault) {
    if (!(fault instanceof PagerFault && fault.isFinal)) throw fault;
    parts.pagerRefused?.(name, fault.message);
    return { refused: fault.message };
  }
}

/** The platform has to take it, as it would have to take a page. */
export async function sendHeartbeat(item: OutboxItem, parts: EffectParts): Promise<Record<string, unknown>> {
  const name = String(item.payload.platform);
  const at = BigInt(String(item.payload.at));
  const platform = parts.platforms.find((one) => one.name === name);
  if (platform === undefined) return { skipped: `${name} is not configured any more` };
  await platform.show(heartbeatCard(at, name));
  await parts.heartbeat?.(name, at);
  return { shownOn: name };
}
