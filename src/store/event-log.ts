/** The hash-chained log: append by compare-and-set, read back, and the content kept beside it. */

import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { type Kysely, sql, type Transaction } from "kysely";
import { contentHash } from "../content-hash.ts";
import { eventHash, genesisHash } from "../domain/audit-log.ts";
import { canonicalJson } from "../domain/canonical.ts";
import type { Hex } from "../domain/primitives.ts";
import type { KeptContent } from "../kept-content.ts";
import type { AppendExtras, Appended, EventStore, NewEvent, StoredEvent } from "../ports.ts";
import { isUnreachable, StoreFault } from "./fault.ts";
import { addOutboxEntries } from "./outbox.ts";
import { type Engine, type EventsTable, inParts, type Tables } from "./schema.ts";
import { isSealed } from "./seal.ts";
import type { OpenSeal } from "./seal-key.ts";

const conflict: Appended = { ok: false, conflict: "sequence moved on" };

/** Milliseconds between the attempts to append while the database cannot be reached: three seconds in all. */
const retryPauses = [100, 200, 400, 800, 1500];

interface Batch {
  id: string;
  stream: string;
  expectedSeq: number;
  events: NewEvent[];
  at: bigint;
  extras: AppendExtras;
}

export function createEventLog(engine: Engine, seal: OpenSeal): Omit<EventStore, "close"> {
  const { db } = engine;
  return {
    async append(stream, expectedSeq, events, at, extras = {}) {
      if (stream === "") throw new StoreFault("refused", "A stream needs a name.");
      for (const { hash, bytes } of extras.blobs ?? []) refuseOtherContent(hash, bytes);
      const blobs = await Promise.all((extras.blobs ?? []).map((one) => keptForm(one, seal)));
      return append(engine, { id: randomUUID(), stream, expectedSeq, events, at, extras: { ...extras, blobs } });
    },
    async read(stream, afterSeq = 0) {
      const rows = db.selectFrom("events").selectAll().where("stream", "=", stream).where("seq", ">", afterSeq);
      return (await rows.orderBy("seq").execute()).map(toEvent);
    },
    async streams(prefix = "") {
      const rows = db.selectFrom("heads").selectAll().orderBy("stream");
      const found = prefix === "" ? rows : rows.where(sql`substr(stream, 1, length(${prefix}))`, "=", prefix);
      return (await found.execute()).map((row) => ({ ...row, seq: Number(row.seq) }));
    },
    async blob(hash) {
      const row = await db.selectFrom("blobs").select("bytes").where("hash", "=", hash).executeTakeFirst();
      if (row === undefined) return undefined;
      if (contentHash(row.bytes) === hash) return Uint8Array.from(row.bytes);
      const plain = isSealed(row.bytes) ? (await seal()).open(row.bytes) : undefined;
      if (plain === undefined || contentHash(plain) !== hash)
        throw new StoreFault("damaged", `The content kept under ${hash} is not what was written; restore a backup.`);
      return plain;
    },
  };
}

/** The bytes as they lie in the database. */
async function keptForm({ sealed, ...plain }: KeptContent, seal: OpenSeal): Promise<KeptContent> {
  return sealed ? { ...plain, bytes: (await seal()).seal(plain.bytes) } : plain;
}

/**
 * Where the connection breaks after COMMIT was sent, nobody knows whether it took effect, and it may even take effect
 * later. Doing the same again settles it: the compare-and-set waits for the earlier transaction, and fails if that
 * one won; then the batch id in the row tells our own events from another writer's.
 */
async function append(engine: Engine, batch: Batch): Promise<Appended> {
  let unsure = false;
  for (let attempt = 0; ; attempt++) {
    try {
      await engine.ready();
      const events = await tryAppend(engine.db, batch);
      if (events) return { ok: true, events };
      const ours = unsure ? await eventsOfBatch(engine.db, batch) : [];
      return ours.length > 0 ? { ok: true, events: ours } : conflict;
    } catch (error) {
      const wait = retryPauses[attempt];
      if (!isUnreachable(error) || wait === undefined) throw error;
      unsure = true;
      await pause(wait);
    }
  }
}

/** The events as stored, or undefined when the stream's end is not at `expectedSeq`. */
async function tryAppend(db: Kysely<Tables>, batch: Batch): Promise<StoredEvent[] | undefined> {
  const { stream, expectedSeq, extras } = batch;
  const row = await db.selectFrom("heads").selectAll().where("stream", "=", stream).executeTakeFirst();
  const before = row ? { seq: Number(row.seq), hash: row.head } : { seq: 0, hash: genesisHash(stream) };
  if (before.seq !== expectedSeq) return undefined;
  const rows = chainedRows(batch, before.hash);
  const last = rows.at(-1);
  const written = await db.transaction().execute(async (trx) => {
    if (last && !(await moveHead(trx, before.seq, last))) return false;
    for (const part of inParts(rows)) await trx.insertInto("events").values(part).execute();
    await addOutboxEntries(trx, stream, extras.outbox ?? []);
    for (const { hash, bytes } of extras.blobs ?? [])
      await trx
        .insertInto("blobs")
        .values({ hash, bytes })
        .onConflict((kept) => kept.doNothing())
        .execute();
    return true;
  });
  return written ? rows.map(toEvent) : undefined;
}

/** The compare-and-set. On Postgres it waits for another writer's transaction on the same stream to end. */
async function moveHead(trx: Transaction<Tables>, fromSeq: number, to: EventsTable): Promise<boolean> {
  const head = { seq: Number(to.seq), head: to.hash };
  const result =
    fromSeq === 0
      ? await trx
          .insertInto("heads")
          .values({ stream: to.stream, ...head })
          .onConflict((row) => row.doNothing())
          .executeTakeFirst()
      : await trx
          .updateTable("heads")
          .set(head)
          .where("stream", "=", to.stream)
          .where("seq", "=", fromSeq)
          .executeTakeFirst();
  return ("numInsertedOrUpdatedRows" in result ? result.numInsertedOrUpdatedRows : result.numUpdatedRows) === 1n;
}

function chainedRows(batch: Batch, previous: Hex): EventsTable[] {
  const { stream, expectedSeq, at, id } = batch;
  let hash = previous;
  return batch.events.map(({ type, data }, index) => {
    const seq = expectedSeq + index + 1;
    hash = eventHash(hash, { stream, seq, type, at, data });
    return { stream, seq, type, at, data: canonicalJson(data), hash, batch: id };
  });
}

async function eventsOfBatch(db: Kysely<Tables>, { stream, id }: Batch): Promise<StoredEvent[]> {
  const rows = db.selectFrom("events").selectAll().where("stream", "=", stream).where("batch", "=", id);
  return (await rows.orderBy("seq").execute()).map(toEvent);
}

function toEvent(row: EventsTable): StoredEvent {
  const { stream, type, hash } = row;
  const seq = Number(row.seq);
  try {
    return { stream, seq, type, at: BigInt(row.at), data: JSON.parse(row.data), hash };
  } catch (cause) {
    throw new StoreFault("damaged", `Event ${seq} of ${stream} is not readable: the log was damaged or edited.`, {
      cause,
    });
  }
}

function refuseOtherContent(hash: Hex, bytes: Uint8Array): void {
  if (contentHash(bytes) !== hash)
    throw new StoreFault("refused", `The content given for ${hash} has another hash: it was changed on its way.`);
}
