/** The folder with everything of one Quorate, locked so that no two processes share it. */

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { StoreFault } from "./fault.ts";

export interface DataDir {
  readonly path: string;
  /** Frees the folder; the end of the process does so too, however it ends. */
  release(): void;
}

/**
 * Makes the folder where it is missing (readable by its owner only) and locks it. The lock is the operating system's,
 * on a file held open by SQLite: a kill -9 frees it, and a process id that was given out anew cannot be mistaken for
 * the owner. Throws StoreFault "in use" with the owner's process id.
 */
export function lockDataDir(path: string): DataDir {
  makeFolder(path);
  const owner = join(path, "lock-owner");
  const lock = openLock(path);
  try {
    lock.exec("pragma locking_mode = exclusive; begin exclusive");
    writeFileSync(owner, String(process.pid));
  } catch (cause) {
    lock.close();
    // 5 is SQLITE_BUSY: https://sqlite.org/rescode.html#busy
    if ((cause as { errcode?: number }).errcode === 5)
      throw new StoreFault(
        "in use",
        `Another Quorate (process ${ownerOf(owner)}) works in ${path}: stop it first, or give this one another data folder.`,
        { cause },
      );
    throw unusable(path, cause);
  }
  return { path, release: () => lock.close() };
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw unusable(path, cause);
  }
}

function openLock(path: string): DatabaseSync {
  try {
    return new DatabaseSync(join(path, "lock.sqlite"), { timeout: 0 });
  } catch (cause) {
    throw unusable(path, cause);
  }
}

/** The owner writes its id just after it took the lock. */
function ownerOf(file: string): string {
  try {
    return readFileSync(file, "utf8") || "unknown";
  } catch {
    return "unknown";
  }
}

function unusable(path: string, cause: unknown): StoreFault {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new StoreFault("failed", `The data folder ${path} cannot be used: ${reason}.`, { cause });
}
