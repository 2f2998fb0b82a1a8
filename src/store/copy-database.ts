/** A database of SQLite as it is at one moment, in another file. */

import { DatabaseSync } from "node:sqlite";

/** A consistent copy, with what is still in the write-ahead log; `to` must not be there yet. */
export function copyDatabase(from: string, to: string): void {
  const source = new DatabaseSync(from, { readOnly: true });
  try {
    source.prepare("vacuum into ?").run(to);
  } finally {
    source.close();
  }
}
