/** Follows every chain block by block: what moved power outside of a package, or was executed otherwise, becomes an incident. */

import type { Block } from "./block-reads.ts";
import type { JudgedBlock } from "./block-store.ts";
import type { AlertSignal } from "./domain/alerts/watch-intent.ts";
import type { CeremonyState } from "./domain/ceremony.ts";
import type { Actor } from "./domain/events.ts";
import type { Policy } from "./domain/policy.ts";
import { type ChainId, zeroHash } from "./domain/primitives.ts";
import { incidentSignals } from "./domain/watch/incident-signals.ts";
import { type Incident, type IncidentData, type OpenIncident, unreadableIncidents } from "./domain/watch/incidents.ts";
import { type ExecutionReader, executionReader } from "./executions.ts";
import type { Chains, Clock, SampleRow, Store } from "./ports.ts";
import { type BlockStream, startBlockStream } from "./watch/block-stream.ts";
import { type IncidentLog, type IncidentOutbox, type IncidentOutcome, openIncidentLog } from "./watch/incident-log.ts";
import { createPrivilegedWatch } from "./watch/privileged.ts";

export interface BlockWatchParts {
  store: Store;
  chains: Chains;
  policy: Policy;
  clock: Clock;
  /** All ceremonies, ended ones too. */
  list(): Promise<readonly CeremonyState[]>;
  /** What the metrics say of a block; left out where none are evaluated here. */
  judge?(
    chain: ChainId,
    block: Block,
    isHead: boolean,
  ): Promise<{ judged: JudgedBlock; samples: readonly SampleRow[] }>;
  /** Blocks that a reorganisation took out, for whoever judged them. */
  orphaned?(chain: ChainId, blocks: readonly Block[]): Promise<void>;
  /** Blocks of a chain were missing, and none is any more. */
  whole?(chain: ChainId): void;
  /** Pages: said again for what is open at every start, and the same again is the same alert. */
  signal(signal: AlertSignal): Promise<unknown>;
  /** An incident was opened or settled: ceremonies on its targets are looked at again. */
  changed(): void;
  /** The log of incidents cannot be trusted: nothing is watched, and nothing goes on. */
  broken(fault: Error): void;
  /** Cards of incidents; left out, they are shown nowhere. */
  outbox?: IncidentOutbox;
  onFault(where: string, fault: unknown): void;
}

export interface BlockWatch {
  /** The incidents that are open; none before their log was read. */
  incidents(): readonly Incident[];
  /** What decisions have to know of, once the log was read; of one that cannot be trusted, that every target waits for it. */
  barring(): Promise<readonly OpenIncident[]>;
  settle(by: Actor, incident: string, note: string): Promise<IncidentOutcome>;
  /** Blocks of a chain that are known to be missing. */
  missing(chain: ChainId): bigint;
  /** Resolves once a chain's present head, and with "all" what was missed before it, was judged, or an attempt has failed. */
  settled(chain: ChainId, what: "head" | "all"): Promise<void>;
  stop(): Promise<void>;
}

/** Reads the log of incidents by itself: blocks wait for it. */
export function startBlockWatch(parts: BlockWatchParts): BlockWatch {
  const { store, policy, clock } = parts;
  let running: Running | undefined;
  let stopped = false;
  const opened = openIncidentLog(store, policy, parts.outbox);
  const started = opened.then(
    async (log) => {
      if (!stopped) running = await follow(parts, log);
    },
    (fault: Error) => parts.broken(fault),
  );

  return {
    incidents: () => running?.log.open() ?? [],
    async barring() {
      const log = await opened.catch(() => undefined);
      return log === undefined ? [unreadableIncidents(policy)] : log.open();
    },
    async settle(by, incident, note) {
      const log = await opened;
      const outcome = await log.handle({ kind: "settle", by, incident, note }, clock.now());
      const known = log.state().incidents.find((one) => one.incident === incident);
      if (known?.settled) await signalled(known, parts);
      if (outcome.ok) parts.changed();
      return outcome;
    },
    missing: (chain) => running?.streams.get(chain)?.missing() ?? 0n,
    async settled(chain, what) {
      await started;
      await running?.streams.get(chain)?.settled(what);
    },
    async stop() {
      stopped = true;
      await started;
      await Promise.all([...(running?.streams.values() ?? [])].map((one) => one.stop()));
      await Promise.all([...(running?.readers.values() ?? [])].map((one) => one.stop()));
    },
  };
}

interface Running {
  log: IncidentLog;
  streams: ReadonlyMap<ChainId, BlockStream>;
  readers: ReadonlyMap<ChainId, ExecutionReader>;
}

async function signalled(incident: Incident, { policy, signal }: BlockWatchParts): Promise<void> {
  for (const one of incidentSignals(incident, policy)) await signal(one);
}

async function follow(parts: BlockWatchParts, log: IncidentLog): Promise<Running> {
  const { store, chains, policy, clock, list, onFault } = parts;
  const see = async (found: IncidentData<"seen">) => {
    const outcome = await log.handle({ kind: "see", found }, clock.now());
    const incident = log.state().incidents.find((one) => one.incident === found.incident);
    // Also where it was known: the program may have died before anybody was called.
    if (incident !== undefined && !incident.settled) await signalled(incident, parts);
    if (outcome.ok && outcome.events.length > 0) parts.changed();
  };
  const readers = new Map(
    chains.ids.map((id) => [id, executionReader({ chain: chains.get(id), policy, list, see, onFault })]),
  );
  for (const incident of log.open()) await signalled(incident, parts);

  async function judge(id: ChainId, power: ReturnType<typeof createPrivilegedWatch>, block: Block, isHead: boolean) {
    const [look, metrics] = await Promise.all([power.look(block), parts.judge?.(id, block, isHead)]);
    for (const { accounts: _accounts, from, transaction, ...found } of look.found)
      await see({ ...found, ...(transaction && { transaction }), ...(from && { from }) });
    if (isHead) readers.get(id)?.wake();
    return metrics ?? { judged: { ...block, catalogue: zeroHash, verdicts: [] }, samples: [] };
  }

  const streams = new Map<ChainId, BlockStream>(
    chains.ids.map((id) => {
      const chain = chains.get(id);
      const power = createPrivilegedWatch({
        chain,
        policy,
        list,
        onFault: (fault) => onFault(`power on ${id}`, fault),
      });
      const stream = startBlockStream({
        ...{ chain, store },
        judge: (block, isHead) => judge(id, power, block, isHead),
        orphaned: async (blocks) => parts.orphaned?.(id, blocks),
        whole: () => parts.whole?.(id),
        onFault: (fault) => onFault(`blocks of ${id}`, fault),
      });
      return [id, stream] as const;
    }),
  );

  return { log, streams, readers };
}
