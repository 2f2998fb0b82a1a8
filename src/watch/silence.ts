/** Whether a chain has been silent for too long: a sample of its own says so, again and again, and nothing passes on it. */

import { numberToHex } from "viem";
import type { Block } from "../block-reads.ts";
import { duration } from "../domain/duration.ts";
import { zeroHash } from "../domain/primitives.ts";
import { nothing } from "../domain/watch/agreement.ts";
import { ageOf } from "../domain/watch/head-age.ts";
import type { MeasuredMetric } from "../domain/watch/measured.ts";
import type { Clock } from "../ports.ts";
import { type Entry, sampleOf } from "./block-samples.ts";

export interface SilenceParts {
  clock: Clock;
  measured(): Promise<readonly MeasuredMetric[]>;
  /** The newest block that was recorded, in whichever life. */
  recorded(): Promise<Block | undefined>;
  /** Counts samples after a block, tells and keeps them; `now` is wall time. In turn with blocks. */
  keep(after: Block, entries: readonly Entry[], now: bigint): Promise<void>;
  inTurn(work: () => Promise<void>): Promise<void>;
}

export interface Silence {
  /** A head was judged. */
  heard(head: Block): void;
  /** Looks now. `hurry` is given the chance to bring a newer block first. */
  listen(hurry: () => Promise<void>): Promise<void>;
}

export function silence({ clock, measured, recorded, keep, inTurn }: SilenceParts): Silence {
  const startedAt = clock.now();
  /** By metric: wall time of its last sample that was stale for want of blocks. */
  const since = new Map<string, bigint>();
  let head: Block | undefined;

  const newest = async ({ start }: MeasuredMetric): Promise<Block> =>
    head ?? (await recorded()) ?? { ...start, parent: zeroHash };

  /** Metrics of which nothing was heard for longer than they allow, each time that long. */
  function silentAfter(last: Block, all: readonly MeasuredMetric[], now: bigint): MeasuredMetric[] {
    const from = head === undefined && startedAt > last.timestamp ? startedAt : last.timestamp;
    return all.filter(({ key, metric }) => now - (since.get(key) ?? from) > metric.maxBlockAge);
  }

  return {
    heard(block) {
      head = block;
      since.clear();
    },
    async listen(hurry) {
      const all = await measured();
      const [some] = all;
      if (some === undefined || silentAfter(await newest(some), all, clock.now()).length === 0) return;
      await hurry();
      await inTurn(async () => {
        const last = await newest(some);
        const now = clock.now();
        const silent = silentAfter(last, all, now);
        const reason = `nothing was measured since block ${last.number}, ${duration(ageOf(last, now))} ago`;
        const entries = silent.map((one): Entry => {
          const sample = sampleOf(one, last, { ...nothing, verdict: "stale", reason }, now);
          // It belongs to no block: the moment stands in the place of a hash.
          return { measured: one, sample: { ...sample, blockHash: numberToHex(now, { size: 32 }) } };
        });
        for (const { key } of silent) since.set(key, now);
        if (entries.length > 0) await keep(last, entries, now);
      });
    },
  };
}
