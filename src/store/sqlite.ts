/** The embedded engine: node:sqlite under kysely, with every acknowledged transaction on the disk. */

import { existsSync } from "node:fs";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  Kysely,
  SqliteAdapter,
  type SqliteDatabase,
  SqliteDriver,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type TransactionSettings,
} from "kysely";
import { orFault, StoreFault, sqliteFault } from "./fault.ts";
import { migrate, requireCurrent } from "./migrations.ts";
import type { Engine, Tables } from "./schema.ts";

/** "QUOR": marks the file as Quorate's in its header (https://sqlite.org/pragma.html#pragma_application_id). */
const applicationId = 0x51554f52;

/** How long a transaction waits for one of another process. */
const busyTimeoutMs = 10_000;

export interface SqliteEngine extends Engine {
  /** The connection itself, for pragmas. */
  readonly database: DatabaseSync;
}

/**
 * Opens or makes the database file and brings its schema up to date; a reader needs it to exist and changes nothing.
 * Throws StoreFault for a file that is not a database, is another program's, or is from a newer version.
 */
export async function openSqlite(path: string, access: "write" | "read" = "write"): Promise<SqliteEngine> {
  const toFault = sqliteFault(path);
  if (access === "read" && !existsSync(path))
    throw new StoreFault("failed", `There is no database ${path}: start Quorate first, or name another data folder.`);
  const database = orFault(toFault, () => new DatabaseSync(path, { timeout: busyTimeoutMs, readBigInts: true }));
  const db = new Kysely<Tables>({ dialect: dialect(database, path) });
  try {
    orFault(toFault, () => prepareConnection(database, path, access));
    await (access === "read" ? requireCurrent(db, path) : migrate("sqlite", db, path));
  } catch (error) {
    database.close();
    throw error;
  }
  return { kind: "sqlite", db, database, ready: async () => undefined, close: () => db.destroy() };
}

function prepareConnection(database: DatabaseSync, path: string, access: "write" | "read"): void {
  const one = (sql: string) => Object.values(database.prepare(sql).get() ?? {})[0];
  if (one("select count(*) from sqlite_schema") === 0n && access === "write")
    database.exec(`pragma application_id = ${applicationId}`);
  if (one("pragma application_id") !== BigInt(applicationId))
    throw new StoreFault("not a database", `${path} is the database of another program; name another data folder.`);
  if (one("pragma journal_mode = wal") !== "wal")
    throw new StoreFault("failed", `The file system under ${path} cannot hold a write-ahead log; use a local disk.`);
  // FULL syncs the log at every commit; fullfsync makes macOS flush the drive's own cache too, and is nothing elsewhere.
  database.exec("pragma synchronous = full; pragma fullfsync = on; pragma foreign_keys = on");
  if (access === "read") database.exec("pragma query_only = on");
}

function dialect(database: DatabaseSync, path: string): Dialect {
  return {
    createDriver: () => new ImmediateDriver(database, path),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createAdapter: () => new SqliteAdapter(),
    createIntrospector: (db) => new SqliteIntrospector(db),
  };
}

class ImmediateDriver extends SqliteDriver {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync, path: string) {
    super({ database: forKysely(database, path) });
    this.#database = database;
  }

  /** Takes the write lock at once: a lock upgrade in mid-transaction fails without waiting. Readers take a snapshot. */
  override async beginTransaction(connection: DatabaseConnection, settings?: TransactionSettings): Promise<void> {
    const begin = settings?.accessMode === "read only" ? "begin" : "begin immediate";
    await connection.executeQuery(CompiledQuery.raw(begin));
  }

  /** SQLite itself rolls back on some errors, such as a full disk; a second rollback would hide the first error. */
  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    if (this.#database.isTransaction) await connection.executeQuery(CompiledQuery.raw("rollback"));
  }
}

/** The face of better-sqlite3 that kysely expects, with prepared statements kept. */
function forKysely(database: DatabaseSync, path: string): SqliteDatabase {
  const toFault = sqliteFault(path);
  const kept = new Map<string, ReturnType<typeof wrap>>();
  const wrap = (statement: StatementSync) => ({
    reader: statement.columns().length > 0,
    all: (values: readonly unknown[]) => orFault(toFault, () => statement.all(...(values as SQLInputValue[]))),
    run: (values: readonly unknown[]) => orFault(toFault, () => statement.run(...(values as SQLInputValue[]))),
    iterate: (values: readonly unknown[]) => statement.iterate(...(values as SQLInputValue[])),
  });
  return {
    close: () => database.close(),
    prepare(sql) {
      const known = kept.get(sql);
      if (known) return known;
      const fresh = orFault(toFault, () => wrap(database.prepare(sql)));
      if (kept.size >= 100) kept.clear();
      kept.set(sql, fresh);
      return fresh;
    },
  };
}
