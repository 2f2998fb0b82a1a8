/** The tables, alike on both engines. JSON is RFC 8785 text; integers that may pass 2^63 are decimal text. */

import type { Generated, Kysely } from "kysely";
import type { ChainId, Hex } from "../domain/primitives.ts";
import type { LinkPurpose } from "../links.ts";
import type { SampleRow } from "../ports.ts";

/** 64-bit integers come as bigint from SQLite and as text from Postgres: read with Number() or BigInt(). */
type Integer = number | bigint | string;

export interface EventsTable {
  stream: string;
  seq: Integer;
  type: string;
  at: Integer;
  data: string;
  hash: Hex;
  /** Random, one for each append: shows after a lost connection whether that append took effect. Not hashed. */
  batch: string;
}

interface HeadsTable {
  stream: string;
  seq: Integer;
  head: Hex;
}

export interface OutboxTable {
  id: Generated<Integer>;
  key: string;
  kind: string;
  lane: string;
  stream: string;
  payload: string;
  progress: string | null;
  attempts: Integer;
  /** Wall time in seconds before which it is not taken. */
  retry_at: Integer;
  error: string | null;
  /** Place in the order of completion; null while open. */
  done_order: Integer | null;
  done_at: Integer | null;
  result: string | null;
}

interface BlobsTable {
  hash: Hex;
  bytes: Uint8Array;
}

interface SamplesTable {
  ceremony: string;
  metric: string;
  chain: ChainId;
  block_number: Integer;
  block_hash: Hex;
  block_time: Integer;
  observed_at: Integer;
  /** Decimal; null where nothing could be read. */
  value: string | null;
  verdict: SampleRow["verdict"];
  reason: string;
}

interface DeliveriesTable {
  id: string;
  at: Integer;
}

interface ShownCardsTable {
  platform: string;
  key: string;
  channel: string;
  message: string;
  thread: string | null;
  revision: Integer;
}

interface ButtonsTable {
  id: string;
  /** {command, options, label, revision?, confirm?} */
  content: string;
  at: Integer;
}

interface SecretsTable {
  name: string;
  bytes: Uint8Array;
}

interface LinksTable {
  hash: Hex;
  purpose: LinkPurpose;
  person: string;
  account: string;
  ceremony: string;
  revision: Integer;
  digest: Hex | "";
  sign_until: Integer;
  used_at: Integer | null;
}

/** One row a chain and block. */
export interface BlockVerdictsTable {
  chain: ChainId;
  number: Integer;
  hash: Hex;
  parent: Hex;
  /** Block timestamp, seconds. */
  time: Integer;
  /** Hash of the catalogue whose entries the verdicts are of. */
  catalogue: Hex;
  verdict_count: Integer;
  /** See domain/watch/verdict-bits.ts. */
  verdicts: Uint8Array;
  others: string;
  /** The block that a reorganisation put in its place; null for a canonical one. */
  superseded_by: Hex | null;
}

interface BlockCursorsTable {
  chain: ChainId;
  /** Up to this number no block is missing. */
  complete: Integer;
}

interface MetaTable {
  key: string;
  value: string;
}

export interface Tables {
  events: EventsTable;
  heads: HeadsTable;
  outbox: OutboxTable;
  blobs: BlobsTable;
  samples: SamplesTable;
  deliveries: DeliveriesTable;
  shown_cards: ShownCardsTable;
  buttons: ButtonsTable;
  secrets: SecretsTable;
  links: LinksTable;
  block_verdicts: BlockVerdictsTable;
  block_cursors: BlockCursorsTable;
  meta: MetaTable;
}

/** One opened database: everything above it is written once, for both engines. */
export interface Engine {
  readonly kind: "sqlite" | "postgres";
  readonly db: Kysely<Tables>;
  /** Throws a StoreFault where this process may not write now, because another took the database over. */
  ready(): Promise<void>;
  close(): Promise<void>;
}

/** Rows in parts that stay far below both engines' limits on parameters of one statement. */
export function* inParts<T>(rows: readonly T[]): Generator<T[]> {
  for (let start = 0; start < rows.length; start += 500) yield rows.slice(start, start + 500);
}
