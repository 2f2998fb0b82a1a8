/** The store, told of to the instruments: what was judged, what was taken back, and when a page left that was decided here. */

import type { OutboxEntry, OutboxItem, Store } from "../ports.ts";
import type { Instruments } from "./instruments.ts";

/** Outbox kinds that wake somebody (ceremonies/consequences.ts). */
const paging = ["page", "pager"];

/** `arrival`: milliseconds of `performance.now()` at which a block's head came in, by its hash. */
export function countedStore(store: Store, instruments: Instruments, arrival: ReadonlyMap<string, number>): Store {
  /** When a page that is not delivered yet was decided, by its key. */
  const decided = new Map<string, number>();
  const items = new Map<number, OutboxItem>();

  function enqueued(entries: readonly OutboxEntry[] = []): void {
    for (const one of entries) if (paging.includes(one.kind)) decided.set(one.key, performance.now());
  }
  function paged(id: number, outcome: "delivered" | "failed"): void {
    const item = items.get(id);
    items.delete(id);
    if (item === undefined) return;
    const since = decided.get(item.key);
    if (outcome === "delivered") decided.delete(item.key);
    // Of one that an earlier start decided nobody knows how long it took.
    const ms = since === undefined ? undefined : performance.now() - since;
    instruments.paged(channelOf(item), outcome, ms);
  }

  return {
    ...store,
    async append(stream, expected, events, at, extras) {
      const appended = await store.append(stream, expected, events, at, extras);
      if (appended.ok) enqueued(extras?.outbox);
      return appended;
    },
    async enqueue(stream, entries) {
      await store.enqueue(stream, entries);
      enqueued(entries);
    },
    async due(now, limit, busy) {
      const found = await store.due(now, limit, busy);
      for (const one of found) if (paging.includes(one.kind)) items.set(one.id, one);
      return found;
    },
    async complete(id, now, result) {
      await store.complete(id, now, result);
      paged(id, "delivered");
    },
    async fail(id, retryAt, error) {
      await store.fail(id, retryAt, error);
      paged(id, "failed");
    },
    async keepBlock(chain, block, samples, complete) {
      const came = arrival.get(block.hash);
      const counts: Record<string, number> = {};
      for (const verdict of block.verdicts) counts[verdict] = (counts[verdict] ?? 0) + 1;
      instruments.judged(chain, came === undefined ? undefined : performance.now() - came, counts);
      await store.keepBlock(chain, block, samples, complete);
    },
    async supersedeBlocks(chain, orphaned, complete) {
      await store.supersedeBlocks(chain, orphaned, complete);
      instruments.reorganised(chain, orphaned.length);
    },
  };
}

/** The chat platform or the pager; both are known beforehand. */
function channelOf({ payload }: OutboxItem): string {
  const name = payload.platform ?? payload.pager;
  return typeof name === "string" ? name : "unknown";
}
