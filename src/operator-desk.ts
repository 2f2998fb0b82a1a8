/** Lets whoever operates the program see it from outside: instruments in what it is given, probes and metrics on a port. */

import type { Block } from "./block-reads.ts";
import { endings } from "./domain/lifecycle.ts";
import type { Policy } from "./domain/policy.ts";
import type { ChainId } from "./domain/primitives.ts";
import type { Quorate } from "./main.ts";
import { countedStore } from "./operator/counted-store.ts";
import { createInstruments, type Snapshot } from "./operator/instruments.ts";
import { type OperatorServer, startOperatorServer } from "./operator/server.ts";
import type { Chains, Clock, Store } from "./ports.ts";

export interface OperatorDesk {
  /** Told of every message to a chain's RPC. */
  sent(chain: ChainId): void;
  store(store: Store): Store;
  onFault(where: string, fault: unknown): void;
  /** Throws where the port is taken. */
  start(running: RunningParts, place: { host: string; port: number }): Promise<OperatorServer>;
}

export interface RunningParts {
  quorate: Quorate;
  store: Store;
  chains: Chains;
  policy: Policy;
  /** Against which heads are old: it moves with the chain where the program owns it. */
  clock: Clock;
}

/** Seconds after which a chain without a new block counts as stopped, unless a metric of it allows more. */
const QUIET = 120n;
/** Heads whose arrival is remembered until they are judged. */
const REMEMBERED = 256;

/** `log`: where faults go besides. */
export function createOperatorDesk(log: (where: string, fault: unknown) => void): OperatorDesk {
  const instruments = createInstruments();
  const arrival = new Map<string, number>();
  const heads = new Map<ChainId, Block>();

  function arrived(id: ChainId, head: Block): void {
    heads.set(id, head);
    instruments.head(id, head.number, head.timestamp);
    arrival.set(head.hash, performance.now());
    for (const [oldest] of arrival) if (arrival.size > REMEMBERED) arrival.delete(oldest);
  }

  return {
    sent: (chain) => instruments.requests(chain, 1),
    store: (store) => countedStore(store, instruments, arrival),
    onFault(where, fault) {
      instruments.fault(where);
      log(where, fault);
    },
    async start(running, place) {
      const { chains } = running;
      const faulty = (id: ChainId) => (fault: unknown) => log(`operator on ${id}`, fault);
      const ends = chains.ids.map((id) => chains.get(id).onBlock((head) => arrived(id, head), faulty(id)));
      // Of a chain that brings no block from now on it must be known how old its newest is.
      for (const id of chains.ids)
        chains
          .get(id)
          .newestBlock()
          .then((head) => heads.has(id) || arrived(id, head), faulty(id));
      instruments.now(() => snapshot(running, heads));
      const server = await startOperatorServer({
        ...place,
        obstacles: () => obstacles(running, heads),
        remarks: () =>
          running.quorate.services
            .health()
            .flatMap(({ kind, health: { state, reason } }) => (kind === "chain" && state !== "up" ? [reason] : [])),
        exposition: () => instruments.exposition(),
      });
      return {
        url: server.url,
        async stop() {
          for (const end of ends) end();
          await server.stop();
        },
      };
    },
  };
}

/** What keeps it from watching and paging. */
async function obstacles({ quorate, store, chains, policy, clock }: RunningParts, heads: ReadonlyMap<ChainId, Block>) {
  await store.open();
  const now = clock.now();
  const quiet = (id: ChainId) =>
    policy.metrics
      .filter((one) => one.chain === id)
      .reduce((most, one) => (one.maxBlockAge > most ? one.maxBlockAge : most), QUIET);
  return [
    ...chains.ids.flatMap((id) => {
      const head = heads.get(id);
      if (head === undefined) return [`No block of ${id} has come yet.`];
      const age = now - head.timestamp;
      return age > quiet(id) ? [`The newest block of ${id} is ${age} s old.`] : [];
    }),
    ...quorate.services.health().flatMap(({ name, kind, health: { state, reason } }) => {
      if (kind === "chat" && state !== "up") return [`${name} is not connected. ${reason}`.trim()];
      return kind === "watchdog" && state === "down"
        ? [`The ${name.replace(/^the /, "")} is down. ${reason}`.trim()]
        : [];
    }),
  ];
}

async function snapshot(
  { quorate, store, clock }: RunningParts,
  heads: ReadonlyMap<ChainId, Block>,
): Promise<Snapshot> {
  const now = clock.now();
  const states = await quorate.ledger.list(() => undefined);
  const live = states.filter((one) => !endings.includes(one.status));
  const readings = (await Promise.all(live.map((one) => quorate.services.exits(one)))).flat();
  const health = quorate.services.health();
  const watchdog = health.find((one) => one.name === "watchdog")?.health;
  const { alerts } = quorate.services.alerts.setting().state;
  return {
    headAge: Object.fromEntries([...heads].map(([id, { timestamp }]) => [id, now > timestamp ? now - timestamp : 0n])),
    alerts: counted(alerts.filter((one) => one.resolved === undefined).map((one) => `${one.severity}`)),
    ceremonies: counted(states.map((one) => one.status)),
    exits: {
      ready: readings.filter((one) => one.verdict === "ready" || one.verdict === "armed").length,
      broken: readings.filter((one) => one.verdict === "broken" || one.verdict === "unproved").length,
    },
    platforms: Object.fromEntries(
      health.filter((one) => one.kind === "chat").map(({ name, health: { state } }) => [name, state === "up"]),
    ),
    outboxOpen: await store.open(),
    watchdogAge: watchdog === undefined || watchdog.state === "starting" ? undefined : now - watchdog.since,
  };
}

function counted(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
