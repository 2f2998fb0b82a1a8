/** The hash chain over a stream of events, and what a broken one shows. */

import { concat, keccak256, stringToBytes } from "viem";
import { canonicalJson } from "./canonical.ts";
import type { Hex } from "./primitives.ts";

export interface ChainedEvent {
  stream: string;
  seq: number;
  type: string;
  /** Wall time in seconds. */
  at: bigint;
  data: Record<string, unknown>;
  hash: Hex;
}

/** What the first event of a stream is chained to; it names the stream, so that streams cannot be swapped. */
export function genesisHash(stream: string): Hex {
  return keccak256(stringToBytes(`quorate/log/1:${stream}`));
}

/** keccak256(previous ‖ RFC 8785 of {at, data, seq, stream, type}). */
export function eventHash(previous: Hex, event: Omit<ChainedEvent, "hash">): Hex {
  const { stream, seq, type, at, data } = event;
  const text = canonicalJson({ stream, seq, type, at, data });
  const known = hashedLast.get(previous + text);
  if (known !== undefined) return known;
  const hash = keccak256(concat([previous, keccak256(stringToBytes(text))]));
  hashedLast.set(previous + text, hash);
  const [oldest] = hashedLast.keys();
  if (hashedLast.size > mostHashed && oldest !== undefined) hashedLast.delete(oldest);
  return hash;
}

/** An event is hashed by who decides it, by who writes it and by who reads it back, within a moment. */
const hashedLast = new Map<string, Hex>();
const mostHashed = 32;

/** Undefined for an event that cannot have been written: its text has no RFC 8785 form. */
function hashOrNothing(previous: Hex, event: ChainedEvent): Hex | undefined {
  try {
    return eventHash(previous, event);
  } catch {
    return undefined;
  }
}

export interface LogFault {
  stream: string;
  seq: number;
  problem: string;
}

/**
 * Every place where a stream is not what was written: a changed, dropped, reordered or inserted event, and, where
 * `head` is known from elsewhere (the heads table, a message in the channel), a shortened stream.
 */
export function verifyStream(
  stream: string,
  events: readonly ChainedEvent[],
  head?: { seq: number; hash: Hex },
): LogFault[] {
  const faults: LogFault[] = [];
  let previous = genesisHash(stream);
  for (const [index, event] of events.entries()) {
    const seq = index + 1;
    if (event.seq !== seq) {
      faults.push({ stream, seq, problem: `event ${seq} is missing: the next one found is ${event.seq}` });
      return faults;
    }
    if (event.stream !== stream || hashOrNothing(previous, event) !== event.hash) {
      faults.push({
        stream,
        seq,
        problem: `event ${seq} (${event.type}) does not match its hash: it was changed, moved or inserted`,
      });
      return faults;
    }
    previous = event.hash;
  }
  if (head !== undefined && head.seq > events.length)
    faults.push({
      stream,
      seq: events.length + 1,
      problem: `the stream ends at event ${events.length}, and ${head.seq} were recorded: the end was cut off`,
    });
  const atHead = head && events[head.seq - 1];
  if (head && atHead && atHead.hash !== head.hash)
    faults.push({
      stream,
      seq: head.seq,
      problem: `event ${head.seq} has another hash than the recorded head: the stream was rewritten`,
    });
  return faults;
}
