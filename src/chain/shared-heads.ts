/** One subscription to a chain's heads for everybody in the program who follows them. */

import type { Block } from "../block-reads.ts";
import type { FaultListener, HeadListener } from "./heads.ts";

type Follow = (listener: HeadListener, onFault: FaultListener) => () => void;

/** Begins with the first listener and ends with the last; who comes later is handed the newest head at once. */
export function sharedHeads(start: Follow): Follow {
  const followers = new Set<{ listener: HeadListener; onFault: FaultListener }>();
  let end: (() => void) | undefined;
  let newest: Block | undefined;
  const begin = () => {
    newest = undefined;
    return start(
      (block) => {
        newest = block;
        for (const { listener } of followers) listener(block);
      },
      (fault) => {
        for (const { onFault } of followers) onFault(fault);
      },
    );
  };
  return (listener, onFault) => {
    const one = { listener, onFault };
    followers.add(one);
    const known = end === undefined ? undefined : newest;
    end ??= begin();
    if (known !== undefined)
      queueMicrotask(() => {
        if (followers.has(one) && newest === known) listener(known);
      });
    return () => {
      if (!followers.delete(one) || followers.size > 0) return;
      end?.();
      end = undefined;
    };
  };
}
