/** What somebody with write access to the database could make of a log: its hashes computed anew. */

import { eventHash, genesisHash } from "../../src/domain/audit-log.ts";
import type { StoredEvent } from "../../src/ports.ts";

export function rechained(events: readonly StoredEvent[]): StoredEvent[] {
  let previous = genesisHash(events[0]?.stream ?? "");
  return events.map((one) => {
    const { stream, seq, type, at, data } = one;
    previous = eventHash(previous, { stream, seq, type, at, data });
    return { ...one, hash: previous };
  });
}
