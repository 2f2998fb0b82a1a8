/** One Quorate a database: an advisory lock on Postgres that the server frees when its connection ends. */

import pg from "pg";
import { postgresFault, StoreFault } from "./fault.ts";
import { connection } from "./postgres.ts";

/** "quorate" in ASCII. Advisory locks are counted for each database apart. */
const lockKey = 0x71756f72617465n;

/** How long to wait for a predecessor's lock: the server needs a moment to see that a killed process is gone. */
const patience = "3s";

export interface Lease {
  /** Takes the lock again after a lost connection. Throws "in use" where another process was faster. */
  ensure(): Promise<void>;
  release(): Promise<void>;
}

/** Throws StoreFault "in use" with the other process in its sentence. Needs a session: no transaction pooler between. */
export async function takeLease(databaseUrl: string): Promise<Lease> {
  let held: pg.Client | undefined;
  let taking: Promise<void> | undefined;
  const take = async () => {
    const client = await lockedClient(databaseUrl);
    const lost = () => {
      if (held === client) held = undefined;
    };
    client.on("error", lost);
    client.on("end", lost);
    held = client;
  };
  const ensure = async () => {
    if (held) return;
    taking ??= take().finally(() => {
      taking = undefined;
    });
    await taking;
  };
  await ensure();
  return {
    ensure,
    async release() {
      await held?.end();
    },
  };
}

async function lockedClient(databaseUrl: string): Promise<pg.Client> {
  const client = new pg.Client(connection(databaseUrl));
  client.on("error", () => undefined);
  try {
    await client.connect();
    // The server gives up a vanished host's connection, and with it the lock, after half a minute instead of two hours.
    await client.query("set tcp_keepalives_idle = 10; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 4");
    await client.query(`set lock_timeout = '${patience}'`);
    await client.query("select pg_advisory_lock($1)", [lockKey]);
    return client;
  } catch (error) {
    const fault = postgresFault(error);
    const other = fault.kind === "busy" ? await holder(client) : undefined;
    await client.end().catch(() => undefined);
    if (other === undefined) throw fault;
    throw new StoreFault(
      "in use",
      `Another Quorate works on this database already (${other}): stop it first, or give this one another database.`,
      { cause: error },
    );
  }
}

async function holder(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ application_name: string }>(
    `select application_name from pg_locks join pg_stat_activity using (pid)
     where locktype = 'advisory' and granted and (classid::bigint << 32) | objid::bigint = $1
       and database = (select oid from pg_database where datname = current_database())`,
    [lockKey],
  );
  return rows[0]?.application_name || "unknown";
}
