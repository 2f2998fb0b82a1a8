/** Every live metric of every ceremony whose phase runs, on every block of its chain. */

import type { BlockWatchParts } from "../block-watch.ts";
import type { CeremonyState } from "../domain/ceremony.ts";
import type { Observation } from "../domain/intent.ts";
import type { Policy } from "../domain/policy.ts";
import type { ChainId } from "../domain/primitives.ts";
import { metricKey } from "../domain/watch/measured.ts";
import type { Chains, Clock, SampleRow, Store } from "../ports.ts";
import { createBaselines } from "./baselines.ts";
import { type ChainMeasuring, chainMeasuring } from "./chain-measuring.ts";
import { type OutsideReadings, outsideReadings } from "./outside-readings.ts";
import { type BudgetMeters, spending } from "./spending.ts";

export interface MeasuringParts {
  store: Pick<Store, "samples" | "addSamples" | "unsampled" | "newestJudged" | "blob">;
  chains: Chains;
  policy: Policy;
  clock: Clock;
  /** All ceremonies, asked once: later ones are told by `saw`. */
  list(): Promise<readonly CeremonyState[]>;
  record(id: string, seen: Observation): Promise<unknown>;
  /** Blocks of a chain that are known to be missing. */
  missing(chain: ChainId): bigint;
  /** What an alert says of its blocks may be another now. */
  rechecked(state: CeremonyState): void;
  onFault(where: string, fault: unknown): void;
}

export interface Measuring extends Required<Pick<BlockWatchParts, "judge" | "orphaned" | "whole">> {
  /** A ceremony as its log has it now. */
  saw(state: CeremonyState): void;
  /** Measures what was recorded before a ceremony was known to run. */
  catchUp(chain: ChainId): Promise<void>;
  /** Looks whether a chain has been silent for too long; `hurry` has the stream look for a newer block first. */
  listen(chain: ChainId, hurry: () => Promise<void>): Promise<void>;
  /** Whether blocks that an open breach hangs on were taken out, and are measured again. */
  isRechecking(ceremony: string, metric: string): boolean;
  /** The newest sample of a metric, where it fails; undefined where it does not, or was not measured since the start. */
  failing(ceremony: string, metric: string): SampleRow | undefined;
  stop(): void;
}

export function createMeasuring(parts: MeasuringParts): Measuring {
  const { store, chains, policy, clock, onFault } = parts;
  const states = new Map<string, CeremonyState>();
  const meters: BudgetMeters = new Map();
  /** By ceremony and metric. */
  const newest = new Map<string, SampleRow>();
  const baselines = createBaselines({ store, chains, clock, onFault });
  const opened = new Map<ChainId, { measuring: ChainMeasuring; outside: OutsideReadings }>();
  let listed: Promise<void> | undefined;

  function saw(state: CeremonyState): void {
    if ((states.get(state.id)?.seq ?? 0) <= state.seq) states.set(state.id, state);
  }
  /** Tried again with the next block where it fails. */
  function known(): Promise<void> {
    listed ??= parts.list().then(
      (all) => all.forEach(saw),
      (fault: unknown) => {
        listed = undefined;
        throw fault;
      },
    );
    return listed;
  }

  function open(id: ChainId): ChainMeasuring {
    const before = opened.get(id);
    if (before !== undefined) return before.measuring;
    const outside = outsideReadings({ chain: chains.get(id), policy, clock, onFault: (fault) => onFault(id, fault) });
    const measuring = chainMeasuring(id, {
      ...{ store, chains, policy, clock, baselines, outside, onFault },
      states: () => [...states.values()],
      state: (ceremony) => states.get(ceremony),
      record: parts.record,
      isMissing: () => parts.missing(id) > 0n,
      async measured(state, rows, isWhole, until) {
        for (const row of rows) {
          const key = metricKey(state.id, row.metric);
          if (row.blockNumber >= (newest.get(key)?.blockNumber ?? 0n)) newest.set(key, row);
        }
        // What is missing may have been measured by the time that all is known: it is counted then, from the start.
        if (!isWhole && until === undefined) return void meters.delete(state.id);
        for (const seen of await spending(state, rows, { store, policy, until }, meters))
          await parts.record(state.id, seen);
      },
    });
    opened.set(id, { measuring, outside });
    return measuring;
  }

  const rechecking = () =>
    [...states.values()].filter((state) =>
      state.breaches.some((one) => one.open && isRechecking(state.id, one.metric)),
    );
  const isRechecking = (ceremony: string, metric: string) =>
    [...opened.values()].some(({ measuring }) => measuring.isRechecking(metricKey(ceremony, metric)));

  return {
    saw,
    async judge(id, block, isHead) {
      await known();
      const before = rechecking();
      const found = await open(id).judge(block, isHead);
      const after = rechecking();
      for (const one of before) if (!after.some(({ id: other }) => other === one.id)) parts.rechecked(one);
      return found;
    },
    async orphaned(id, blocks) {
      await known();
      newest.clear();
      await open(id).orphaned(blocks);
      rechecking().forEach(parts.rechecked);
    },
    whole: (id) => open(id).whole(),
    async catchUp(id) {
      await known();
      await open(id).catchUp();
    },
    async listen(id, hurry) {
      await known();
      await open(id).listen(hurry);
    },
    isRechecking,
    failing(ceremony, metric) {
      const row = newest.get(metricKey(ceremony, metric));
      return row?.verdict === "fail" ? row : undefined;
    },
    stop() {
      for (const { outside } of opened.values()) outside.stop();
    },
  };
}
