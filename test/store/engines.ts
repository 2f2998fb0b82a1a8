/** Both engines for `describe.each`, each with databases of its own and a back door to edit them. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import pg from "pg";
import { databaseFile, type StoreLocation } from "../../src/store/open-store.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";

/** Somebody with a database shell: no foreign keys, no Quorate. */
export interface Intruder {
  run(sql: string): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

export interface TestEngine {
  name: "sqlite" | "postgres";
  start(): Promise<void>;
  stop(): Promise<void>;
  /** A new, empty place for a store. */
  place(): Promise<StoreLocation>;
  intruder(place: StoreLocation): Promise<Intruder>;
}

export const testEngines: TestEngine[] = [sqlite(), postgres()];

function sqlite(): TestEngine {
  const folders: string[] = [];
  return {
    name: "sqlite",
    start: async () => undefined,
    async stop() {
      for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
    },
    async place() {
      const dataDir = mkdtempSync(join(tmpdir(), "quorate-store-"));
      folders.push(dataDir);
      return { dataDir };
    },
    async intruder(place) {
      if (!("dataDir" in place)) throw new TypeError("not a data folder");
      const database = new DatabaseSync(databaseFile(place.dataDir), { enableForeignKeyConstraints: false });
      return {
        run: async (sql) => database.prepare(sql).all(),
        close: async () => database.close(),
      };
    },
  };
}

function postgres(): TestEngine {
  let server: TestPostgres | undefined;
  return {
    name: "postgres",
    async start() {
      server = await startPostgres();
    },
    async stop() {
      await server?.stop();
    },
    async place() {
      if (!server) throw new TypeError("start() comes first");
      return { databaseUrl: await server.createDatabase() };
    },
    async intruder(place) {
      if (!("databaseUrl" in place)) throw new TypeError("not a database address");
      const client = new pg.Client({ connectionString: place.databaseUrl });
      await client.connect();
      // "replica" switches the foreign keys' triggers off.
      await client.query("set search_path = quorate; set session_replication_role = replica");
      return { run: async (sql) => (await client.query(sql)).rows, close: () => client.end() };
    },
  };
}

/** A text as an SQL literal. */
export const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;

const tables = ["events", "heads", "outbox", "blobs", "samples", "deliveries", "block_verdicts", "block_cursors"];

/** Forgets everything in a place: much faster than a new database. */
export async function emptied(intruder: Intruder): Promise<void> {
  for (const table of tables) await intruder.run(`delete from ${table}`);
}
