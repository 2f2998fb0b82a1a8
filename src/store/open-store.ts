/** Opens the one database of a Quorate. */

import { join } from "node:path";
import type { Store } from "../ports.ts";
import { createBlockStore } from "./blocks.ts";
import { createButtons } from "./buttons.ts";
import { lockDataDir } from "./data-dir.ts";
import { createDeliveries } from "./deliveries.ts";
import { createEventLog } from "./event-log.ts";
import { takeLease } from "./lease.ts";
import { createLinks } from "./links.ts";
import { createLogRows, type LogRows } from "./log-rows.ts";
import { createOutbox } from "./outbox.ts";
import { openPostgres } from "./postgres.ts";
import { sampleNews } from "./sample-news.ts";
import { createSampleStore } from "./samples.ts";
import type { Engine } from "./schema.ts";
import { type OpenSeal, sealBeside, sealIn, sealOf } from "./seal-key.ts";
import { createSecrets } from "./secrets.ts";
import { createShownCards } from "./shown-cards.ts";
import { openSqlite } from "./sqlite.ts";

export type StoreLocation = ({ dataDir: string } | { databaseUrl: string }) & {
  /** What signatures are sealed with; left out, a key of the data folder's or of the database's own. */
  sealKey?: Uint8Array | undefined;
};

/** The ports' Store, and the view below it that an audit needs. */
export interface OpenedStore extends Store, LogRows {}

/**
 * Opens for reading and writing, as the only process that does: a second one is refused with the first one's process
 * id. Throws StoreFault, whose message is one sentence: in use, not a database, newer version, unreachable.
 */
export async function openStore(location: StoreLocation): Promise<OpenedStore> {
  return createStore(
    await ("dataDir" in location ? ownDataDir(location.dataDir) : leasedDatabase(location.databaseUrl)),
    sealAt(location, "write"),
  );
}

/** Opens for audits beside a running Quorate: takes no lock and cannot write. The database must exist. */
export async function openStoreToRead(location: StoreLocation): Promise<OpenedStore> {
  return createStore(
    "dataDir" in location
      ? await openSqlite(databaseFile(location.dataDir), "read")
      : await openPostgres(location.databaseUrl, "read"),
    sealAt(location, "read"),
  );
}

/** Where the log lies inside a data folder. */
export function databaseFile(dataDir: string): string {
  return join(dataDir, "quorate.sqlite");
}

function sealAt(location: StoreLocation, access: "write" | "read"): OpenSeal | undefined {
  if (location.sealKey !== undefined) return sealOf(location.sealKey);
  return "dataDir" in location ? sealIn(location.dataDir, access) : undefined;
}

/** The parts over one engine. */
export function createStore(engine: Engine, seal: OpenSeal = sealBeside(createSecrets(engine))): OpenedStore {
  const news = sampleNews();
  return {
    ...createEventLog(engine, seal),
    ...createOutbox(engine),
    ...createSampleStore(engine, news),
    ...createDeliveries(engine),
    ...createShownCards(engine),
    ...createButtons(engine),
    ...createSecrets(engine),
    ...createLinks(engine),
    ...createBlockStore(engine, news),
    ...createLogRows(engine),
    close: () => engine.close(),
  };
}

async function ownDataDir(path: string): Promise<Engine> {
  const dataDir = lockDataDir(path);
  try {
    const engine = await openSqlite(databaseFile(path));
    const close = () => engine.close().finally(() => dataDir.release());
    return { ...engine, close };
  } catch (error) {
    dataDir.release();
    throw error;
  }
}

async function leasedDatabase(databaseUrl: string): Promise<Engine> {
  const lease = await takeLease(databaseUrl);
  try {
    const engine = await openPostgres(databaseUrl);
    const close = () => engine.close().finally(() => lease.release());
    return { ...engine, ready: () => lease.ensure(), close };
  } catch (error) {
    await lease.release();
    throw error;
  }
}
