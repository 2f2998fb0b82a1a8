/** Work owed because of events: at least once, in order within a lane. */

import type { Kysely, Selectable, Transaction } from "kysely";
import { sql } from "kysely";
import { canonicalJson } from "../domain/canonical.ts";
import type { Outbox, OutboxEntry, OutboxItem } from "../ports.ts";
import { type Engine, inParts, type OutboxTable, type Tables } from "./schema.ts";

type Row = Selectable<OutboxTable>;

/** Inside the transaction that appends the events. An entry whose key is known is dropped. */
export async function addOutboxEntries(
  trx: Transaction<Tables>,
  stream: string,
  entries: OutboxEntry[],
): Promise<void> {
  const rows = entries.map(({ kind, key, lane, payload }) => ({
    ...{ stream, kind, key, lane, attempts: 0, retry_at: 0 },
    payload: canonicalJson(payload),
  }));
  for (const part of inParts(rows))
    await trx
      .insertInto("outbox")
      .values(part)
      .onConflict((row) => row.doNothing())
      .execute();
}

export function createOutbox(engine: Engine): Outbox {
  const { db } = engine;
  return {
    async due(now, limit, busy = []) {
      await engine.ready();
      const free = busy.length === 0 ? firstOfLanes(db) : firstOfLanes(db).where("lane", "not in", busy);
      const pagesFirst = sql`case when kind in ('page', 'pager', 'broadcast') then 0 else 1 end`;
      const rows = await free.where("retry_at", "<=", now).orderBy(pagesFirst).orderBy("id").limit(limit).execute();
      return rows.map(toItem);
    },
    async saveProgress(id, progress) {
      await openEntry(db, id)
        .set({ progress: canonicalJson(progress) })
        .execute();
    },
    async complete(id, now, result) {
      const done_order = sql<number>`(select coalesce(max(done_order), 0) + 1 from outbox)`;
      const text = result === undefined ? null : canonicalJson(result);
      await openEntry(db, id).set({ done_order, done_at: now, result: text }).execute();
    },
    async fail(id, retryAt, error) {
      await openEntry(db, id)
        .set((row) => ({ attempts: row("attempts", "+", 1), retry_at: retryAt, error }))
        .execute();
    },
    async enqueue(stream, entries) {
      await engine.ready();
      await db.transaction().execute((trx) => addOutboxEntries(trx, stream, entries));
    },
    async forget(kind, before) {
      await db.deleteFrom("outbox").where("kind", "=", kind).where("done_at", "<", before).execute();
    },
    async open() {
      const count = db.selectFrom("outbox").select((row) => row.fn.countAll().as("open"));
      return Number((await count.where("done_order", "is", null).executeTakeFirstOrThrow()).open);
    },
    async done(stream, kind) {
      const all = db.selectFrom("outbox").selectAll().where("stream", "=", stream).where("done_order", "is not", null);
      const found = kind === undefined ? all : all.where("kind", "=", kind);
      const rows = await found.orderBy("done_order").orderBy("id").execute();
      return rows.map((row) => ({ ...toItem(row), result: json(row.result) }));
    },
  };
}

/** Only open entries change: what is done stays as it was done, whoever reports again. */
function openEntry(db: Kysely<Tables>, id: number) {
  return db.updateTable("outbox").where("id", "=", id).where("done_order", "is", null);
}

function firstOfLanes(db: Kysely<Tables>) {
  return db
    .selectFrom("outbox")
    .selectAll()
    .where("id", "in", (query) =>
      query
        .selectFrom("outbox")
        .select((row) => row.fn.min("id").as("first"))
        .where("done_order", "is", null)
        .groupBy("lane"),
    );
}

function toItem(row: Row): OutboxItem {
  const { kind, key, lane, stream } = row;
  return {
    ...{ id: Number(row.id), kind, key, lane, stream, attempts: Number(row.attempts) },
    payload: JSON.parse(row.payload),
    progress: json(row.progress),
  };
}

function json(text: string | null): Record<string, unknown> | undefined {
  return text === null ? undefined : JSON.parse(text);
}
