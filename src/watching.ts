/** The watch put together: blocks, what is measured in them, silence, and the ceremonies that are compared with the chain. */

import { type BlockWatch, type BlockWatchParts, startBlockWatch } from "./block-watch.ts";
import type { CeremonyState } from "./domain/ceremony.ts";
import { createMeasuring, type Measuring } from "./watch/measuring.ts";
import type { UnhurriedHeads } from "./watch/unhurried-heads.ts";
import { startWatch, type Watch, type WatchParts } from "./watch/watch.ts";

export interface WatchingParts
  extends Omit<BlockWatchParts, "judge" | "orphaned" | "whole" | "changed" | "list">,
    Omit<WatchParts, "judged"> {
  /** Heads for what is done beside judging the blocks. */
  unhurried: UnhurriedHeads;
  /** What the alerts say of a ceremony may be another now. */
  follow(state: CeremonyState): void;
  /** Blocks come only when somebody makes them, as on a test's chain: no block is no silence there. */
  blocksOnDemand: boolean;
  /** Something was written that has to be sent. */
  wake(): void;
  /** Resolves, soon and always, once nothing urgent is about to leave. */
  calm(): Promise<void>;
}

export interface Watching {
  watch: Watch;
  blocks: BlockWatch;
  /** A ceremony as its log has it now. */
  saw(state: CeremonyState): void;
  /** Whether blocks that an open breach hangs on were taken out, and are measured again. */
  isRechecking(ceremony: string, metric: string): boolean;
  /** The newest sample of a metric, where it fails. */
  failing: Measuring["failing"];
  /** Looks at every ceremony again, soon. */
  lookAgain(): void;
  stop(): Promise<void>;
}

const LISTEN_MS = 1000;

export function startWatching(parts: WatchingParts): Watching {
  const { chains, onFault } = parts;
  const measuring = createMeasuring({ ...parts, missing: (id) => blocks.missing(id), rechecked: parts.follow });
  const blocks: BlockWatch = startBlockWatch({
    ...parts,
    async judge(id, block, isHead) {
      const found = await measuring.judge(id, block, isHead).finally(() => parts.unhurried.judged(id, block));
      // People are called before the disk is kept busy with what was measured.
      await parts.calm();
      return found;
    },
    orphaned: measuring.orphaned,
    whole: measuring.whole,
    changed() {
      parts.wake();
      lookAgain();
    },
  });
  const watch = startWatch({
    ...parts,
    chains: parts.unhurried.chains,
    async judged(what) {
      const onEach = async (id: (typeof chains.ids)[number]) => {
        await blocks.settled(id, what);
        await measuring.catchUp(id);
      };
      await Promise.all(chains.ids.map(onEach));
    },
  });
  const lookAgain = () => void watch.all().catch((fault: unknown) => onFault("watch", fault));

  let listening: Promise<void> | undefined;
  async function listen(): Promise<void> {
    for (const id of chains.ids)
      await measuring
        .listen(id, () => blocks.settled(id, "head"))
        .catch((fault: unknown) => onFault(`the silence of ${id}`, fault));
  }
  const timer = setInterval(() => {
    if (parts.blocksOnDemand) return;
    listening ??= listen().finally(() => {
      listening = undefined;
    });
  }, LISTEN_MS);
  timer.unref();

  return {
    watch,
    blocks,
    saw: measuring.saw,
    isRechecking: measuring.isRechecking,
    failing: measuring.failing,
    lookAgain,
    async stop() {
      clearInterval(timer);
      await listening;
      await blocks.stop();
      await watch.stop();
      measuring.stop();
    },
  };
}
