/** keyv's Postgres store, made safe against a server that goes away. */

import { setImmediate as nextTurn } from "node:timers/promises";
import { KeyvPostgres } from "@keyv/postgres";
import type { KeyvStoreAdapter } from "keyv";
import pg from "pg";
import { connection, schemaName } from "./postgres.ts";

/** Never waits long: a cache that is slower than what it caches is a miss. */
export function openPostgresCache(databaseUrl: string): KeyvStoreAdapter {
  const table = { schema: schemaName, table: "cache", keySize: 1000, useUnloggedTable: true };
  return new OwnPool({ ...table, ...connection(databaseUrl), connectionTimeoutMillis: 2_000, query_timeout: 2_000 });
}

/**
 * The library shares one pool among all stores of a process and does not listen to its errors: an idle connection
 * that the server closes would then end the process.
 */
class OwnPool extends KeyvPostgres {
  #pool: pg.Pool | undefined;

  override async connect() {
    // The library calls this from its constructor, before this object's own fields exist.
    await nextTurn();
    const pool = new pg.Pool({ ...this.opts, max: 2 });
    pool.on("error", (error) => this.emit("error", error));
    this.#pool = pool;
    return async (sql: string, values?: unknown[]) => (await pool.query(sql, values)).rows;
  }

  override async disconnect(): Promise<void> {
    await nextTurn();
    await this.#pool?.end();
  }
}
