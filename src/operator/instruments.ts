/** What the program says of itself to Prometheus: names and labels are kept from version to version (docs/operating.md). */

import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { Verdict } from "../domain/metrics.ts";

export interface Instruments {
  head(chain: string, number: bigint, timestamp: bigint): void;
  /** One block of a chain was judged, `ms` after its head came in; undefined for one that was missed and came later. */
  judged(chain: string, ms: number | undefined, verdicts: Readonly<Partial<Record<Verdict, number>>>): void;
  requests(chain: string, count: number): void;
  reorganised(chain: string, blocks: number): void;
  /** A page left, or could not; `ms` is undefined where it was decided before this start. */
  paged(channel: string, outcome: "delivered" | "failed", ms: number | undefined): void;
  fault(where: string): void;
  /** Asked at every scrape: what is so now. */
  now(read: () => Promise<Snapshot>): void;
  /** In the text format of Prometheus, version 0.0.4. */
  exposition(): Promise<{ type: string; text: string }>;
}

/** Levels at one moment. Labels are few and known beforehand: no ids of ceremonies, people or transactions. */
export interface Snapshot {
  /** Seconds between the newest head's timestamp and now. */
  headAge: Readonly<Record<string, bigint>>;
  alerts: Readonly<Record<string, number>>;
  ceremonies: Readonly<Record<string, number>>;
  /** Prepared actions that would succeed now, and those that would not. */
  exits: { ready: number; broken: number };
  platforms: Readonly<Record<string, boolean>>;
  outboxOpen: number;
  /** Seconds since the last test page was confirmed; undefined before the first. */
  watchdogAge: bigint | undefined;
}

/** Between a push over a WebSocket and a slow node behind it. */
const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export function createInstruments(): Instruments {
  const register = new Registry();
  collectDefaultMetrics({ register, prefix: "quorate_" });
  const registers = [register];
  const gauge = (name: string, help: string, ...labelNames: string[]) =>
    new Gauge({ name: `quorate_${name}`, help, labelNames, registers });
  const counter = (name: string, help: string, ...labelNames: string[]) =>
    new Counter({ name: `quorate_${name}_total`, help, labelNames, registers });
  const histogram = (name: string, help: string, ...labelNames: string[]) =>
    new Histogram({ name: `quorate_${name}_seconds`, help, labelNames, buckets: seconds, registers });

  const number = gauge("head_number", "Number of the newest block seen.", "chain");
  const time = gauge("head_timestamp_seconds", "Timestamp of the newest block seen.", "chain");
  const decision = histogram("block_to_decision", "From a head's arrival to its verdicts.", "chain");
  const verdicts = counter("verdicts", "Verdicts of metrics, one a metric and block.", "chain", "verdict");
  const asked = counter("rpc_requests", "Messages to a chain's RPC.", "chain");
  const orphans = counter("orphaned_blocks", "Blocks that a reorganisation took back.", "chain");
  const pages = counter("pages", "Pages by where they went and what became of them.", "channel", "outcome");
  const paging = histogram("page", "From the decision to page until it was delivered.", "channel");
  const faults = counter("faults", "What failed and is in the log.", "where");
  const level = createLevels(gauge);
  let snapshot: (() => Promise<Snapshot>) | undefined;

  return {
    head(chain, block, timestamp) {
      number.set({ chain }, Number(block));
      time.set({ chain }, Number(timestamp));
    },
    judged(chain, ms, counts) {
      if (ms !== undefined) decision.observe({ chain }, ms / 1000);
      for (const [verdict, count] of Object.entries(counts)) verdicts.inc({ chain, verdict }, count);
    },
    requests: (chain, count) => asked.inc({ chain }, count),
    reorganised: (chain, blocks) => orphans.inc({ chain }, blocks),
    paged(channel, outcome, ms) {
      pages.inc({ channel, outcome });
      if (outcome === "delivered" && ms !== undefined) paging.observe({ channel }, ms / 1000);
    },
    fault: (where) => faults.inc({ where: placeOf(where) }),
    now(read) {
      snapshot = read;
    },
    async exposition() {
      if (snapshot !== undefined) level(await snapshot());
      return { type: register.contentType, text: await register.metrics() };
    },
  };
}

/** Of "outbox post:UP-1:7" only the first word, and no ids: labels stay few. */
function placeOf(where: string): string {
  if (/^eip155:/.test(where)) return "chain";
  if (/^[A-Z]+-[0-9]/.test(where)) return "ceremony";
  return /^[a-z]+/i.exec(where)?.[0] ?? "unknown";
}

function createLevels(gauge: (name: string, help: string, ...labels: string[]) => Gauge<string>) {
  const age = gauge("head_age_seconds", "Seconds since the newest block seen.", "chain");
  const alerts = gauge("alerts", "Open alerts.", "severity");
  const ceremonies = gauge("ceremonies", "Ceremonies by status.", "status");
  const exits = gauge("exits", "Prepared ways back and containments, called on the newest state.", "state");
  const platforms = gauge("platform_up", "1 where the chat platform is connected.", "platform");
  const outbox = gauge("outbox_open", "Work that waits to be done.");
  const watchdog = gauge("watchdog_age_seconds", "Seconds since a test page was confirmed; -1 before the first.");
  const all = (of: Gauge<string>, label: string, values: Readonly<Record<string, number>>) => {
    // What is over is not there any more, rather than at its last value.
    of.reset();
    for (const [name, value] of Object.entries(values)) of.set({ [label]: name }, value);
  };
  return (now: Snapshot) => {
    all(age, "chain", Object.fromEntries(Object.entries(now.headAge).map(([chain, value]) => [chain, Number(value)])));
    all(alerts, "severity", { 1: 0, 2: 0, 3: 0, ...now.alerts });
    all(ceremonies, "status", now.ceremonies);
    all(exits, "state", now.exits);
    all(
      platforms,
      "platform",
      Object.fromEntries(Object.entries(now.platforms).map(([name, up]) => [name, up ? 1 : 0])),
    );
    outbox.set(now.outboxOpen);
    watchdog.set(now.watchdogAge === undefined ? -1 : Number(now.watchdogAge));
  };
}
