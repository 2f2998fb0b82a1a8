/** The shared engine: node-postgres under kysely, in a schema of its own. */

import { hostname } from "node:os";
import { Kysely, PostgresDialect, type PostgresPoolClient, type PostgresQueryResult } from "kysely";
import pg from "pg";
import { asFault, isUnreachable, postgresFault, StoreFault } from "./fault.ts";
import { migrate, requireCurrent } from "./migrations.ts";
import type { Engine, Tables } from "./schema.ts";

/** Where the tables live, so that they share a database with other programs' tables without a clash. */
export const schemaName = "quorate";

/** Who holds a connection, as `pg_stat_activity` and the sentence about a taken database show it (63 bytes at most). */
const applicationName = `quorate on ${hostname().slice(0, 30)}, process ${process.pid}`;

/**
 * What every connection of ours is opened with. A silent peer is given up after about a minute. Throws StoreFault for
 * what is no address; the sentence does not repeat it, since it may hold a password.
 */
export function connection(databaseUrl: string): pg.ClientConfig {
  if (!/^postgres(ql)?:/.test(databaseUrl) || !URL.canParse(databaseUrl))
    throw new StoreFault(
      "failed",
      "DATABASE_URL is not a Postgres address such as postgres://user@host:5432/database.",
    );
  return {
    connectionString: databaseUrl,
    application_name: applicationName,
    connectionTimeoutMillis: 5_000,
    query_timeout: 60_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
  };
}

/**
 * Opens the database and brings its schema up to date; a reader changes nothing.
 * Throws StoreFault where it cannot be reached or is from a newer version. Whether another process works on it is
 * the lease's business.
 */
export async function openPostgres(databaseUrl: string, access: "write" | "read" = "write"): Promise<Engine> {
  const pool = new pg.Pool({ ...connection(databaseUrl), max: 8 });
  // A connection that breaks is replaced, and its queries report it. It may also break while nobody uses it, or while it is
  // being thrown away: without a listener for as long as it is there, that would end the process.
  pool.on("error", ignore);
  pool.on("connect", (client) => client.on("error", ignore));
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: guarded(pool, access) }) });
  try {
    const where = await schemaExists(pool);
    if (!where.exists && access === "read")
      throw new StoreFault(
        "failed",
        `The Postgres database ${where.name} holds no Quorate yet: start Quorate on it first.`,
      );
    if (!where.exists) await pool.query(`create schema if not exists ${schemaName}`);
    await (access === "read" ? requireCurrent(db, where.name) : migrate("postgres", db, where.name));
  } catch (error) {
    await pool.end();
    throw asFault(postgresFault, error);
  }
  return { kind: "postgres", db, ready: async () => undefined, close: () => db.destroy() };
}

async function schemaExists(pool: pg.Pool): Promise<{ name: string; exists: boolean }> {
  const { rows } = await pool.query<{ name: string; exists: boolean }>(
    "select current_database() as name, exists (select from pg_namespace where nspname = $1) as exists",
    [schemaName],
  );
  return rows[0] ?? { name: "", exists: false };
}

/**
 * Gives kysely connections that are set up, whose errors are StoreFaults, and that are thrown away once broken: one
 * whose query timed out still waits for that answer, and would give it to the next user.
 */
function guarded(pool: pg.Pool, access: "write" | "read") {
  const prepared = new WeakSet<pg.PoolClient>();
  return {
    end: () => pool.end(),
    async connect(): Promise<PostgresPoolClient> {
      const client = await pool.connect().catch(rethrow);
      let broken: unknown;
      const query = async <R>(sql: string, values: readonly unknown[] = []) => {
        if (broken) throw broken;
        try {
          return (await client.query(sql, [...values])) as unknown as PostgresQueryResult<R>;
        } catch (error) {
          const fault = postgresFault(error);
          if (isUnreachable(fault)) broken = fault;
          throw fault;
        }
      };
      const release = () => client.release(broken !== undefined);
      if (!prepared.has(client)) {
        try {
          await query(setUp(access));
          prepared.add(client);
        } catch (error) {
          broken = error;
          release();
          throw error;
        }
      }
      return { query: query as PostgresPoolClient["query"], release };
    },
  };
}

const ignore = () => undefined;
const rethrow = (error: unknown): never => {
  throw postgresFault(error);
};

/**
 * A commit must be on the server's disk when it is acknowledged, whatever the server's default is. The server ends
 * a transaction whose client vanished, so that its locks do not hold the log up.
 */
function setUp(access: "write" | "read"): string {
  return `
    select set_config('search_path', '${schemaName}', false),
      set_config('lock_timeout', '10s', false),
      set_config('statement_timeout', '30s', false),
      set_config('idle_in_transaction_session_timeout', '30s', false),
      set_config('default_transaction_read_only', '${access === "read" ? "on" : "off"}', false),
      case when current_setting('synchronous_commit') in ('off', 'local')
        then set_config('synchronous_commit', 'on', false) end`;
}
