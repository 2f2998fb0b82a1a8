/** Tells whoever keeps what samples add up to from which block on they may have changed. */

import type { ChainId } from "../domain/primitives.ts";
import type { SampleStore } from "../ports.ts";

export interface SampleNews extends Pick<SampleStore, "onSampled"> {
  /** Writes, and tells it afterwards: also where it failed, for a lost connection may have written all the same. */
  telling<T>(blocks: readonly { chain: ChainId; number: bigint }[], write: () => Promise<T>): Promise<T>;
}

export function sampleNews(): SampleNews {
  const listeners: Parameters<SampleStore["onSampled"]>[0][] = [];
  return {
    onSampled: (told) => void listeners.push(told),
    async telling(blocks, write) {
      try {
        return await write();
      } finally {
        const from = new Map<ChainId, bigint>();
        for (const { chain, number } of blocks) {
          const before = from.get(chain);
          if (before === undefined || number < before) from.set(chain, number);
        }
        for (const [chain, number] of from) for (const told of listeners) told(chain, number);
      }
    },
  };
}
