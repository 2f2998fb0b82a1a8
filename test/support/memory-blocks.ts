/** A BlockStore in memory, for tests of many steps: what the real ones do is held against it. */

import type { Block } from "../../src/block-reads.ts";
import type { BlockRun, BlockStore, JudgedBlock } from "../../src/block-store.ts";
import type { ChainId, Hex } from "../../src/domain/primitives.ts";

interface Kept {
  rows: Map<Hex, JudgedBlock & { supersededBy: Hex | undefined }>;
  complete: bigint;
}

export function memoryBlocks(): BlockStore {
  const chains = new Map<ChainId, Kept>();
  const of = (chain: ChainId): Kept => {
    const kept = chains.get(chain) ?? { rows: new Map(), complete: -1n };
    chains.set(chain, kept);
    return kept;
  };
  const canonical = (chain: ChainId): JudgedBlock[] =>
    [...(chains.get(chain)?.rows.values() ?? [])]
      .filter((one) => one.supersededBy === undefined)
      .map(({ supersededBy: _none, ...judged }) => judged)
      .sort((a, b) => Number(a.number - b.number));
  return {
    async blockRuns(chain, depth) {
      if (!chains.has(chain)) return [];
      const all = canonical(chain);
      const { complete } = of(chain);
      const base = all.filter((one) => one.number <= complete);
      const runs: JudgedBlock[][] = [];
      for (const one of all.filter(({ number }) => number > complete)) {
        const last = runs.at(-1);
        if (last !== undefined && last.at(-1)?.number === one.number - 1n) last.push(one);
        else runs.push([one]);
      }
      const [oldest] = base;
      const start = oldest ? startOf(oldest) : { first: complete + 1n, parent: undefined };
      return [
        { ...start, newest: base.slice(-depth).map(header) },
        ...runs.map((run): BlockRun => {
          const [first] = run;
          if (first === undefined) throw new Error("an empty run");
          return { ...startOf(first), newest: run.slice(-depth).map(header) };
        }),
      ];
    },
    async keepBlock(chain, block, _samples, complete) {
      const kept = of(chain);
      kept.rows.set(block.hash, { ...block, supersededBy: undefined });
      kept.complete = complete;
    },
    async supersedeBlocks(chain, orphaned, complete) {
      const kept = of(chain);
      for (const { hash, by } of orphaned) {
        const row = kept.rows.get(hash);
        if (row !== undefined) row.supersededBy = by;
      }
      kept.complete = complete;
    },
    judgedBlocks: async (chain, from, to) => canonical(chain).filter(({ number }) => number >= from && number <= to),
    unsampled: async () => [],
    newestJudged: async (chain, count) => canonical(chain).slice(-count),
  };
}

const header = ({ number, hash, parent, timestamp }: Block): Block => ({ number, hash, parent, timestamp });
const startOf = ({ number, parent }: Block) => ({ first: number, parent });
