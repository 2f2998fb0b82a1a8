/** What somebody with a shell on the bot's host can do to the database: anything. The hashes are public functions. */

import { DatabaseSync } from "node:sqlite";
import { keccak256 } from "viem";
import { eventHash, genesisHash } from "../../domain/audit-log.ts";
import { canonicalJson } from "../../domain/canonical.ts";
import type { Hex } from "../../domain/primitives.ts";
import { CEREMONY } from "../stage.ts";

const stream = `ceremony/${CEREMONY}`;

/** JSON as the log has it. */
export type Json = Record<string, unknown>;

export interface HostEvent {
  type: string;
  at: bigint;
  data: Json;
  hash: Hex;
}

/** Changes the events in place; `rehash` makes the chain of hashes whole again, recorded head included. */
export function rewriteLog(database: string, change: (events: HostEvent[]) => void, rehash: boolean): void {
  withDatabase(database, (db) => {
    const rows = db.prepare("select type, at, data, hash from events where stream = ? order by seq").all(stream);
    const events = rows.map((row) => ({
      type: String(row.type),
      at: BigInt(String(row.at)),
      data: JSON.parse(String(row.data)) as Json,
      hash: String(row.hash) as Hex,
    }));
    change(events);
    if (rehash) rehashed(events);
    db.prepare("delete from events where stream = ?").run(stream);
    const insert = db.prepare("insert into events (stream, seq, type, at, data, hash, batch) values (?,?,?,?,?,?,'')");
    for (const [index, { type, at, data, hash }] of events.entries())
      insert.run(stream, index + 1, type, at, canonicalJson(data), hash);
    const last = events.at(-1);
    if (rehash && last !== undefined)
      db.prepare("update heads set seq = ?, head = ? where stream = ?").run(events.length, last.hash, stream);
  });
}

/** Makes every hash follow from the events again. */
export function rehashed(events: HostEvent[]): void {
  let previous = genesisHash(stream);
  for (const [index, one] of events.entries()) {
    previous = eventHash(previous, { stream, seq: index + 1, type: one.type, at: one.at, data: one.data });
    one.hash = previous;
  }
}

export function eventOf(events: readonly HostEvent[], type: string): HostEvent {
  const found = events.find((one) => one.type === type);
  if (found === undefined) throw new Error(`The log has no event "${type}".`);
  return found;
}

/** Changes kept content in place, under its old hash. */
export function rewriteBlob(database: string, hash: Hex, change: (bytes: Uint8Array) => Uint8Array): void {
  withDatabase(database, (db) => {
    const row = db.prepare("select bytes from blobs where hash = ?").get(hash);
    if (!(row?.bytes instanceof Uint8Array)) throw new Error(`No content is kept under ${hash}.`);
    db.prepare("update blobs set bytes = ? where hash = ?").run(change(Uint8Array.from(row.bytes)), hash);
  });
}

/** Keeps other content, under its own hash. */
export function addBlob(database: string, bytes: Uint8Array): Hex {
  const hash = keccak256(bytes);
  withDatabase(database, (db) =>
    db.prepare("insert or ignore into blobs (hash, bytes) values (?, ?)").run(hash, bytes),
  );
  return hash;
}

/** Changes the payload of what waits in the outbox, and has it tried at once. */
export function rewriteOutbox(database: string, kind: string, change: (payload: Json) => Json): void {
  withDatabase(database, (db) => {
    const rows = db.prepare("select id, payload from outbox where kind = ? and done_order is null").all(kind);
    for (const row of rows)
      db.prepare("update outbox set payload = ?, retry_at = 0 where id = ?").run(
        canonicalJson(change(JSON.parse(String(row.payload)) as Json)),
        row.id ?? null,
      );
  });
}

function withDatabase(database: string, work: (db: DatabaseSync) => void): void {
  const db = new DatabaseSync(database, { timeout: 5000 });
  try {
    work(db);
  } finally {
    db.close();
  }
}

/** Another last byte: one bit is enough. */
export function flipped(bytes: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[copy.length - 1] = (copy.at(-1) ?? 0) ^ 1;
  return copy;
}

/** As {@link flipped}, in hexadecimal. */
export function flippedHex(hex: Hex): Hex {
  const last = Number.parseInt(hex.slice(-1), 16) ^ 1;
  return `${hex.slice(0, -1)}${last.toString(16)}` as Hex;
}
