/** Finds whatever was changed in the stored log behind the program's back, and hands the log out for others to check. */

import { type ChainedEvent, type LogFault, verifyStream } from "../domain/audit-log.ts";
import { canonicalJson } from "../domain/canonical.ts";
import type { Hex } from "../domain/primitives.ts";
import type { EventStore } from "../ports.ts";
import { StoreFault } from "./fault.ts";
import type { LogRows, StreamRows } from "./log-rows.ts";
import type { EventsTable } from "./schema.ts";

export interface AuditReport {
  streams: number;
  events: number;
  faults: LogFault[];
}

/** A head recorded outside the database, such as in the channel: the only witness of a stream that is gone altogether. */
export interface KnownHead {
  stream: string;
  seq: number;
  hash: Hex;
}

/**
 * Recomputes every stream's hash chain and compares it with the recorded heads, and with `known` ones from elsewhere;
 * checks kept content against its hash. Somebody who rewrites a stream, its chain and its head together is found only
 * by a known head.
 */
export async function verifyStore(
  store: LogRows & Pick<EventStore, "blob">,
  known: KnownHead[] = [],
): Promise<AuditReport> {
  const names = new Set([...(await store.streamNames()), ...known.map((head) => head.stream)]);
  const report: AuditReport = { streams: names.size, events: 0, faults: [] };
  for (const stream of names) {
    const rows = await store.streamRows(stream);
    report.events += rows.events.length;
    const heads = known.filter((head) => head.stream === stream);
    report.faults.push(...streamFaults(stream, rows, heads));
  }
  report.faults.push(...(await blobFaults(store)));
  return report;
}

/** One line of RFC 8785 JSON an event, without line ends, by stream and sequence; `hash` is the chain's. */
export async function* exportStore(
  store: LogRows & Pick<EventStore, "read">,
  { stream }: { stream?: string } = {},
): AsyncGenerator<string> {
  for (const name of stream === undefined ? await store.streamNames() : [stream])
    for (const event of await store.read(name)) yield canonicalJson(event);
}

function streamFaults(stream: string, { head, events }: StreamRows, known: KnownHead[]): LogFault[] {
  const unreadable = events.findIndex((row) => !isCanonical(row.data));
  if (unreadable >= 0) {
    const seq = unreadable + 1;
    return [{ stream, seq, problem: `event ${seq} is not the canonical JSON that was written: it was changed` }];
  }
  const chained = events.map(toChained);
  const faults = verifyStream(stream, chained, head);
  if (faults.length > 0) return faults;
  return [
    ...headFaults(stream, head, events.length),
    ...known.flatMap((witness) => verifyStream(stream, chained, witness)),
  ];
}

/** Events and head are written together, so the head is exactly at the end. */
function headFaults(stream: string, head: StreamRows["head"], events: number): LogFault[] {
  if (head === undefined && events > 0)
    return [{ stream, seq: events, problem: "the stream has no recorded head: it was removed" }];
  if (head !== undefined && head.seq < events)
    return [
      {
        stream,
        seq: head.seq + 1,
        problem: `${events} events are stored, and ${head.seq} were recorded: the rest was inserted`,
      },
    ];
  return [];
}

async function blobFaults(store: LogRows & Pick<EventStore, "blob">): Promise<LogFault[]> {
  const faults: LogFault[] = [];
  for (const hash of await store.blobHashes()) {
    try {
      await store.blob(hash);
    } catch (error) {
      // Sealed content says nothing to who has no key for it; the log's own chain is whole all the same.
      if (error instanceof StoreFault && error.kind === "sealed") continue;
      if (!(error instanceof StoreFault) || error.kind !== "damaged") throw error;
      faults.push({
        stream: `blob ${hash}`,
        seq: 0,
        problem: "the kept content does not match its hash: it was changed",
      });
    }
  }
  return faults;
}

/** The hash is over the canonical form, so a change of mere spelling (a space, a doubled key) would not show in it. */
function isCanonical(text: string): boolean {
  try {
    return canonicalJson(JSON.parse(text)) === text;
  } catch {
    return false;
  }
}

function toChained(row: EventsTable): ChainedEvent {
  const { stream, type, hash } = row;
  return { stream, seq: Number(row.seq), type, at: BigInt(row.at), data: JSON.parse(row.data), hash };
}
