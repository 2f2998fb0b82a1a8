/** keyv's store over node:sqlite, in a file of its own that anybody may delete. */

import { EventEmitter } from "node:events";
import { mkdirSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { KeyvStoreAdapter } from "keyv";

/** Opens or makes the file. One that is damaged is thrown away: nothing in it is needed. */
export function openSqliteCache(path: string): KeyvStoreAdapter {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  try {
    return new SqliteCache(open(path));
  } catch {
    for (const ending of ["", "-wal", "-shm"]) rmSync(path + ending, { force: true });
    return new SqliteCache(open(path));
  }
}

function open(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: 1000 });
  try {
    // synchronous = off: a crash of the machine may cost the cache, and a write never waits for the disk.
    database.exec(`
      pragma journal_mode = wal; pragma synchronous = off;
      create table if not exists cache (key text primary key, value text not null, expires integer) strict, without rowid;
      create index if not exists cache_expires on cache (expires);
      delete from cache where expires <= ${Date.now()}`);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

class SqliteCache extends EventEmitter implements KeyvStoreAdapter {
  readonly opts = {};
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    super();
    this.#database = database;
  }

  /** keyv keeps value and expiry together in one text, and judges the expiry itself. */
  async get<Value>(key: string): Promise<Value | undefined> {
    return this.#database.prepare("select value from cache where key = ?").get(key)?.value as Value | undefined;
  }

  async set(key: string, value: string, ttl?: number): Promise<void> {
    const expires = ttl === undefined ? null : Date.now() + ttl;
    this.#database.prepare("insert or replace into cache values (?, ?, ?)").run(key, value, expires);
  }

  async delete(key: string): Promise<boolean> {
    return this.#database.prepare("delete from cache where key = ?").run(key).changes === 1;
  }

  async clear(): Promise<void> {
    this.#database.exec("delete from cache");
  }

  async disconnect(): Promise<void> {
    this.#database.close();
  }
}
