/** Follows every chain block by block: what moved power outside of a package, or was executed otherwise, becomes an incident. */

import type { Block } from "./block-reads.ts";
import type { JudgedBlock } from "./block-store.ts";
import type { AlertSignal } from "./domain/alerts/watch-intent.ts";
import type { CeremonyState } from "./domain/ceremony.ts";
import type { Actor } from "./domain/events.ts";
import type { Policy } from "./domain/policy.ts";
import { type ChainId, zeroHash } from "./domain/primitives.ts";
import { incidentSignals } from "./domain/watch/incident-signals.ts";
import type { Incident, IncidentData } from "./domain/watch/incidents.ts";
import { executionReader } from "./executions.ts";
import type { Chains, Clock, SampleRow, Store } from "./ports.ts";
import { type BlockStream, startBlockStream } from "./watch/block-stream.ts";
import { type IncidentOutcome, openIncidentLog } from "./watch/incident-log.ts";
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
  /** Pages: said again for what is open at every start, and the same again is the same alert. */
  signal(signal: AlertSignal): Promise<unknown>;
  /** An incident was opened or settled: ceremonies on its targets are looked at again. */
  changed(): void;
  onFault(where: string, fault: unknown): void;
}

export interface BlockWatch {
  /** The incidents that are open. */
  incidents(): readonly Incident[];
  settle(by: Actor, incident: string, note: string): Promise<IncidentOutcome>;
  /** Blocks of a chain that are known to be missing. */
  missing(chain: ChainId): bigint;
  stop(): Promise<void>;
}

/** Throws Refused where the log of incidents does not verify. */
export async function startBlockWatch(parts: BlockWatchParts): Promise<BlockWatch> {
  const { store, chains, policy, clock, list, onFault } = parts;
  const log = await openIncidentLog(store, policy);
  const signal = async (incident: Incident) => {
    for (const one of incidentSignals(incident, policy)) await parts.signal(one);
  };
  const see = async (found: IncidentData<"seen">) => {
    const outcome = await log.handle({ kind: "see", found }, clock.now());
    const incident = log.state().incidents.find((one) => one.incident === found.incident);
    // Also where it was known: the program may have died before anybody was called.
    if (incident !== undefined && !incident.settled) await signal(incident);
    if (outcome.ok && outcome.events.length > 0) parts.changed();
  };
  const readers = new Map(
    chains.ids.map((id) => [id, executionReader({ chain: chains.get(id), policy, list, see, onFault })]),
  );
  for (const incident of log.open()) await signal(incident);

  async function judge(id: ChainId, power: ReturnType<typeof createPrivilegedWatch>, block: Block, isHead: boolean) {
    const [look, metrics] = await Promise.all([power.look(block), parts.judge?.(id, block, isHead)]);
    for (const { accounts: _accounts, from: _from, transaction, ...found } of look.found)
      await see({ ...found, ...(transaction === undefined ? {} : { transaction }) });
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
        onFault: (fault) => onFault(`blocks of ${id}`, fault),
      });
      return [id, stream] as const;
    }),
  );

  return {
    incidents: () => log.open(),
    async settle(by, incident, note) {
      const outcome = await log.handle({ kind: "settle", by, incident, note }, clock.now());
      const known = log.state().incidents.find((one) => one.incident === incident);
      if (known?.settled) await signal(known);
      if (outcome.ok) parts.changed();
      return outcome;
    },
    missing: (chain) => streams.get(chain)?.missing() ?? 0n,
    async stop() {
      await Promise.all([...streams.values()].map((one) => one.stop()));
      await Promise.all([...readers.values()].map((one) => one.stop()));
    },
  };
}
