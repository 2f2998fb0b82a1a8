/** What may be lost: profiles, ABIs, prices, answers of the Safe service. Never the log, never a secret. */

import { join } from "node:path";
import Keyv, { type KeyvStoreAdapter } from "keyv";
import { openPostgresCache } from "./cache-postgres.ts";
import { openSqliteCache } from "./cache-sqlite.ts";

/** A cache under one name. Values are JSON; whoever reads checks their shape, since an older program may have written them. */
interface Cache {
  /** Undefined where it is not kept, has expired, or could not be read. */
  get(key: string): Promise<unknown>;
  set(key: string, value: unknown): Promise<void>;
  delete(key: string): Promise<void>;
}

export interface Caches {
  /** Entries of different names never meet. `ttl` is in seconds. */
  namespace(name: string, ttl: bigint): Cache;
  close(): Promise<void>;
}

export type CacheLocation = { memory: true } | { dataDir: string } | { databaseUrl: string };

/** Never throws, and neither do its caches: a fault goes to `onFault` and is a miss. */
export function openCache(location: CacheLocation, onFault: (fault: unknown) => void): Caches {
  const keyv = new Keyv({ store: adapter(location, onFault), useKeyPrefix: false, throwOnErrors: true });
  let last: unknown;
  // keyv both emits and throws some faults; those of the background, such as a lost connection, it only emits.
  const report = (fault: unknown) => {
    if (fault !== last) onFault(fault);
    last = fault;
  };
  keyv.on("error", report);
  const orMiss = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (fault) {
      report(fault);
      return undefined;
    }
  };
  return {
    namespace(name, ttl) {
      const milliseconds = Number(ttl) * 1000;
      const full = (key: string) => `${name}:${key}`;
      return {
        get: (key) => orMiss<unknown>(() => keyv.get(full(key))),
        set: async (key, value) => void (await orMiss(() => keyv.set(full(key), value, milliseconds))),
        delete: async (key) => void (await orMiss(() => keyv.delete(full(key)))),
      };
    },
    close: async () => void (await orMiss(() => keyv.disconnect())),
  };
}

function adapter(location: CacheLocation, onFault: (fault: unknown) => void): KeyvStoreAdapter | Map<string, unknown> {
  try {
    if ("dataDir" in location) return openSqliteCache(join(location.dataDir, "cache.sqlite"));
    if ("databaseUrl" in location) return openPostgresCache(location.databaseUrl);
  } catch (fault) {
    onFault(fault);
  }
  return new SmallMap();
}

/** Letters that are kept in memory, of all values together: drawn pictures come as long as a canary runs. */
const mostLetters = 4_000_000;

/** Forgets what was kept first where there is too much: keyv itself forgets only what is asked for after its end. */
class SmallMap extends Map<string, unknown> {
  #letters = 0;

  override set(key: string, value: unknown): this {
    this.delete(key);
    super.set(key, value);
    this.#letters += lettersOf(value);
    for (const [oldest] of this) {
      if (this.#letters <= mostLetters) break;
      this.delete(oldest);
    }
    return this;
  }

  override delete(key: string): boolean {
    this.#letters -= lettersOf(this.get(key));
    return super.delete(key);
  }

  override clear(): void {
    this.#letters = 0;
    super.clear();
  }
}

/** keyv gives texts. */
const lettersOf = (value: unknown) => (typeof value === "string" ? value.length : 0);
