/**
 * Heads for whoever may wait: told once their block was judged and whoever that concerns is being called, so that what else
 * is asked of the node and done on a head stands in the way of neither page nor containment.
 */

import type { Block } from "../block-reads.ts";
import type { Head } from "../chain-facts.ts";
import type { ChainId } from "../domain/primitives.ts";
import type { Chain, Chains } from "../ports.ts";

export interface UnhurriedHeads {
  /** The same chains, with these heads. */
  chains: Chains;
  /** A block was judged, or could not be. */
  judged(chain: ChainId, block: Pick<Block, "number">): void;
}

/** Milliseconds: what is never judged holds nobody up for longer. */
const usualPatience = 1_000;

/** `calm` resolves, and never rejects, once what is urgent has left. */
export function unhurriedHeads(chains: Chains, calm: () => Promise<void>, patience = usualPatience): UnhurriedHeads {
  const newest = new Map<ChainId, bigint>();
  const waiting = new Map<ChainId, Set<() => void>>();

  function onHead(id: ChainId): Chain["onHead"] {
    return (listener, onFault) => {
      /** The newest that was not told yet. */
      let head: Head | undefined;
      let timer: NodeJS.Timeout | undefined;
      const tell = () => {
        const told = head;
        head = undefined;
        clearTimeout(timer);
        if (told !== undefined) listener(told);
      };
      const look = () => {
        if (head !== undefined && head.number <= (newest.get(id) ?? -1n)) void calm().then(tell);
      };
      const all = waiting.get(id) ?? new Set();
      waiting.set(id, all.add(look));
      const end = chains.get(id).onHead((one) => {
        if (head === undefined) timer = setTimeout(tell, patience).unref();
        head = one;
        look();
      }, onFault);
      return () => {
        end();
        all.delete(look);
        head = undefined;
        clearTimeout(timer);
      };
    };
  }

  return {
    chains: {
      ids: chains.ids,
      get: (id) => Object.assign(Object.create(chains.get(id)) as Chain, { onHead: onHead(id) }),
    },
    judged(chain, { number }) {
      newest.set(chain, number);
      for (const look of waiting.get(chain) ?? []) look();
    },
  };
}
