/**
 * Stored events become a ceremony: verified, parsed, folded. Rows that were read before are not hashed and folded
 * again, as long as they are the very same, every byte; anything else is verified from the first event on.
 */

import { eventHash, genesisHash, verifyStream } from "../domain/audit-log.ts";
import type { CeremonyState } from "../domain/ceremony.ts";
import { eventTypes, type LoggedEvent, parseEvent } from "../domain/events.ts";
import { evolve } from "../domain/evolve.ts";
import { Refused, refusal } from "../domain/refusal.ts";
import type { StoredEvent } from "../ports.ts";

export interface ReadLog {
  events: LoggedEvent[];
  /** Undefined where there are no events. */
  state: CeremonyState | undefined;
}

/** Throws {@link Refused} where the rows do not verify, or are of a newer version. */
export type LogReader = (id: string, stream: string, stored: readonly StoredEvent[]) => ReadLog;

interface Known extends ReadLog {
  /** What each row was, as text. */
  rows: string[];
}

/** Ceremonies that are kept in mind. */
const MOST_KNOWN = 100;

export function createLogReader(): LogReader {
  const known = new Map<string, Known>();
  return (id, stream, stored) => {
    const rows = stored.map(textOf);
    const before = known.get(stream);
    const start = before?.rows.every((row, index) => row === rows[index]) ? before : undefined;
    const fresh = stored.slice(start?.rows.length ?? 0);
    if (start !== undefined && fresh.length === 0) return { events: [...start.events], state: start.state };
    if (!continues(stream, start, fresh)) refuseTampered(id, stream, stored);
    const events = [...(start?.events ?? [])];
    let state = start?.state;
    for (const one of fresh) {
      const logged = readable(id, one);
      events.push(logged);
      state = evolve(id, state, logged);
    }
    known.delete(stream);
    known.set(stream, { rows, events, state });
    const [oldest] = known.keys();
    if (known.size > MOST_KNOWN && oldest !== undefined) known.delete(oldest);
    return { events: [...events], state };
  };
}

function textOf({ at, ...row }: StoredEvent): string {
  return JSON.stringify({ at: at.toString(), ...row });
}

/** Whether fresh rows follow on from what was verified before. */
function continues(stream: string, from: ReadLog | undefined, fresh: readonly StoredEvent[]): boolean {
  let previous = from?.state?.head ?? genesisHash(stream);
  let seq = from?.events.length ?? 0;
  for (const one of fresh) {
    seq += 1;
    if (one.seq !== seq || one.stream !== stream) return false;
    try {
      if (eventHash(previous, one) !== one.hash) return false;
    } catch {
      // A text without RFC 8785 form cannot have been written by us.
      return false;
    }
    previous = one.hash;
  }
  return true;
}

/** A log that does not verify is believed in nothing (trust rule 8). */
function refuseTampered(id: string, stream: string, stored: readonly StoredEvent[]): never {
  const [fault] = verifyStream(stream, stored);
  throw new Refused(
    refusal(
      "integrity/log",
      `The log of ${id} has been tampered with: ${fault?.problem ?? "its events do not follow on from each other"}. Nothing was done; run quorate audit verify.`,
    ),
  );
}

/** An event that this version cannot read stops its ceremony in a sentence: what it means is not guessed. */
function readable(id: string, stored: StoredEvent): LoggedEvent {
  try {
    return parseEvent(stored);
  } catch (fault) {
    const newer = !(eventTypes as readonly string[]).includes(stored.type);
    const sentence = newer
      ? `The log of ${id} was written by a newer Quorate: event ${stored.seq} is of the kind "${stored.type}", which this version does not know. Nothing was done; use that version.`
      : `The log of ${id} cannot be read: ${(fault as Error).message} Nothing was done; run quorate audit verify.`;
    throw new Refused(refusal("integrity/log", sentence));
  }
}
