/**
 * What conditions compare with: values at the block before an execution, read once and kept as samples, or those that the
 * simulation gave, out of the evidence that the votes bind.
 */

import { simulatedValues } from "../check-evidence.ts";
import type { BlockRef, CeremonyState } from "../domain/ceremony.ts";
import { comparesWithSimulation, judge, type Metric, needsBaseline } from "../domain/metrics.ts";
import { compile } from "../domain/watch/catalogue.ts";
import type { Chains, Clock, SampleRow, Store } from "../ports.ts";

export interface Baselines {
  /** By metric; one that could not be read is left out, told, and asked for again the next time. */
  of(state: CeremonyState, metrics: readonly Metric[], start: BlockRef): Promise<ReadonlyMap<string, bigint>>;
}

interface BaselineParts {
  store: Pick<Store, "samples" | "addSamples" | "blob">;
  chains: Chains;
  clock: Clock;
  onFault(where: string, fault: unknown): void;
}

const none: ReadonlyMap<string, bigint> = new Map();

export function createBaselines({ store, chains, clock, onFault }: BaselineParts): Baselines {
  const known = new Map<string, ReadonlyMap<string, bigint>>();
  const evidence = new Map<string, ReadonlyMap<string, bigint>>();

  async function kept(
    ceremony: string,
    metrics: readonly Metric[],
    { number }: BlockRef,
  ): Promise<Map<string, bigint>> {
    const found = new Map<string, bigint>();
    for (const { id } of metrics) {
      const [row] = await store.samples(ceremony, id, { newest: 1, below: number });
      if (row?.blockNumber === number - 1n && row.value !== null) found.set(id, row.value);
    }
    return found;
  }

  /** A node may give up the state of old blocks: what was read is kept, as evidence of what the verdicts hang on too. */
  async function read(ceremony: string, metrics: readonly Metric[], start: BlockRef): Promise<Map<string, bigint>> {
    const chain = chains.get(start.chain);
    const [block] = await chain.blocks([start.number - 1n]);
    if (block === undefined) return new Map();
    const { values, timestamp } = await chain.evaluate(compile(metrics, none), { blockHash: block.hash }, "all");
    if (timestamp !== undefined && timestamp !== block.timestamp) return new Map();
    const rows = metrics.flatMap((metric, index): SampleRow[] => {
      const value = values.get(index);
      if (value === undefined) return [];
      const at = { blockNumber: block.number, blockHash: block.hash, blockTime: block.timestamp };
      const verdict = judge(metric, value, value);
      const reason = `${value} before the execution`;
      return [
        { ceremony, metric: metric.id, chain: start.chain, ...at, observedAt: clock.now(), value, verdict, reason },
      ];
    });
    if (rows.length > 0) await store.addSamples(rows);
    return new Map(rows.flatMap(({ metric, value }) => (value === null ? [] : [[metric, value]])));
  }

  async function previous(ceremony: string, metrics: readonly Metric[], start: BlockRef): Promise<Map<string, bigint>> {
    const stored = await kept(ceremony, metrics, start);
    const left = metrics.filter(({ id }) => !stored.has(id));
    return left.length === 0 ? stored : new Map([...stored, ...(await read(ceremony, left, start))]);
  }

  /** The evidence is read once: its hash is its name, so it never says anything else. */
  async function simulated(
    state: CeremonyState,
    metrics: readonly Metric[],
    start: BlockRef,
  ): Promise<ReadonlyMap<string, bigint>> {
    const key = `${state.check?.evidenceHash} ${start.hash}`;
    const all = evidence.get(key) ?? (await simulatedValues(state, store));
    evidence.set(key, all);
    return new Map([...all].filter(([id]) => metrics.some((one) => one.id === id)));
  }

  return {
    async of(state, metrics, start) {
      const { id: ceremony } = state;
      const needed = metrics.filter(needsBaseline);
      if (needed.length === 0) return none;
      const key = `${ceremony}/${start.hash}`;
      const before = known.get(key) ?? none;
      const missing = needed.filter(({ id }) => !before.has(id));
      if (missing.length === 0) return before;
      const found = new Map(before);
      const add = async (values: Promise<ReadonlyMap<string, bigint>>, what: string) => {
        try {
          for (const [id, value] of await values) found.set(id, value);
        } catch (fault) {
          onFault(`values of ${ceremony} ${what}`, fault);
        }
      };
      const [late, early] = [
        missing.filter(comparesWithSimulation),
        missing.filter((one) => !comparesWithSimulation(one)),
      ];
      if (late.length > 0) await add(simulated(state, late, start), "in its simulation");
      if (early.length > 0 && start.number > 0n) await add(previous(ceremony, early, start), "before its execution");
      // The same map as long as nothing else is known: who asks looks at that alone.
      if (found.size === before.size) return before;
      known.set(key, found);
      return found;
    },
  };
}
