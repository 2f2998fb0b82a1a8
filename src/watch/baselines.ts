/** Values at the block before an execution, for conditions that compare with them: read once, and kept as samples. */

import type { BlockRef } from "../domain/ceremony.ts";
import { judge, type Metric, needsBaseline } from "../domain/metrics.ts";
import { compile } from "../domain/watch/catalogue.ts";
import type { Chains, Clock, SampleRow, Store } from "../ports.ts";

export interface Baselines {
  /** By metric; one that could not be read is left out, told, and asked for again the next time. */
  of(ceremony: string, metrics: readonly Metric[], start: BlockRef): Promise<ReadonlyMap<string, bigint>>;
}

interface BaselineParts {
  store: Pick<Store, "samples" | "addSamples">;
  chains: Chains;
  clock: Clock;
  onFault(where: string, fault: unknown): void;
}

const none: ReadonlyMap<string, bigint> = new Map();

export function createBaselines({ store, chains, clock, onFault }: BaselineParts): Baselines {
  const known = new Map<string, ReadonlyMap<string, bigint>>();

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

  return {
    async of(ceremony, metrics, start) {
      const needed = metrics.filter(needsBaseline);
      if (needed.length === 0 || start.number === 0n) return none;
      const key = `${ceremony}/${start.hash}`;
      const before = known.get(key) ?? none;
      const missing = needed.filter(({ id }) => !before.has(id));
      if (missing.length === 0) return before;
      try {
        const stored = await kept(ceremony, missing, start);
        const left = missing.filter(({ id }) => !stored.has(id));
        const fresh = left.length === 0 ? none : await read(ceremony, left, start);
        const all = new Map([...before, ...stored, ...fresh]);
        known.set(key, all);
        return all;
      } catch (fault) {
        onFault(`values of ${ceremony} before its execution`, fault);
        return before;
      }
    },
  };
}
