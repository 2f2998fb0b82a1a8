/**
 * What the samples of each metric add up to, block after block. Blocks that follow each other are a lane: the newest heads
 * are one, what is caught up with behind them is another. A lane begins with what the store has before its first block.
 */

import type { Block } from "../block-reads.ts";
import type { Hex } from "../domain/primitives.ts";
import type { MeasuredMetric } from "../domain/watch/measured.ts";
import {
  type AlertState,
  isRechecking,
  type KeptSample,
  noAlert,
  reorganised,
  replayed,
  superseded,
} from "../domain/watch/replay.ts";
import { fold, inBlockOrder, type WatchSample, type WindowChange, type WindowSetting } from "../domain/watch/window.ts";
import type { SampleRow, SampleStore } from "../ports.ts";

/** One metric after the blocks of its lane. */
export interface Track {
  alert: AlertState;
  /** Block time of the last sample, seconds; undefined where there is none. */
  time: bigint | undefined;
}

export interface Stepped<T extends WatchSample> {
  measured: MeasuredMetric;
  sample: T;
  track: Track;
  changes: WindowChange<T>[];
}

export interface Windows {
  /** The samples of a block, in the plan's order; those whose interval is not over are left out. */
  step<T extends WatchSample>(
    block: Block,
    samples: readonly { measured: MeasuredMetric; sample: T }[],
    isOpen: (one: MeasuredMetric) => boolean,
  ): Promise<Stepped<T>[]>;
  /** What was taken out no longer counts; told is what is open again by that. */
  orphaned(
    blocks: readonly Block[],
    measured: readonly MeasuredMetric[],
    isOpen: (one: MeasuredMetric) => boolean,
  ): Promise<{ measured: MeasuredMetric; at: SampleRow | undefined }[]>;
  /** More samples after the block that was stepped last: what took longer; with `always` also where no interval is over. */
  more<T extends WatchSample>(
    block: Block,
    samples: readonly { measured: MeasuredMetric; sample: T }[],
    isOpen: (one: MeasuredMetric) => boolean,
    always?: "always",
  ): Promise<Stepped<T>[]>;
  /** Blocks were put between others, and nothing is missing any more: lanes begin anew, with all that is kept in order. */
  forget(): void;
  /** Breaches that all that is kept adds up to, and that the log does not have: no lane alone had enough of it. */
  unsaid(
    measured: readonly MeasuredMetric[],
    isOpen: (one: MeasuredMetric) => boolean,
  ): Promise<{ measured: MeasuredMetric; at: SampleRow }[]>;
  isRechecking(key: string): boolean;
}

interface Lane {
  tip: Hex;
  tracks: Map<string, Track>;
  /** Before its last block, which may come again, or another in its place. */
  before: { tip: Hex; tracks: Map<string, Track> } | undefined;
}

/** The heads, a gap behind them, and what an execution that was noticed late is measured in. */
const mostLanes = 3;
/** Samples that a window is made of again, besides those it needs at least. */
const slack = 64n;

export function createWindows(store: Pick<SampleStore, "samples">): Windows {
  /** The one that was used last comes last. */
  let lanes: Lane[] = [];

  function laneFor(block: Block): Lane {
    const again = lanes.find((one) => one.tip === block.hash && one.before !== undefined);
    const next = lanes.find((one) => one.tip === block.parent);
    const beside = lanes.find((one) => one.before?.tip === block.parent);
    const known = again ?? next ?? beside;
    const before = known === next ? known : known?.before;
    const lane: Lane = {
      tip: block.hash,
      tracks: new Map(before?.tracks),
      before: before && { tip: before.tip, tracks: before.tracks },
    };
    lanes = [...lanes.filter((one) => one !== known && one.tip !== block.hash), lane].slice(-mostLanes);
    return lane;
  }

  async function rebuilt({ ceremony, metric, start, known }: MeasuredMetric, below?: bigint) {
    const newest = Number((metric.ofM + metric.clearN + metric.errorLimit) * 4n + slack);
    const rows = await store.samples(ceremony, metric.id, { newest, ...(below === undefined ? {} : { below }) });
    const counted = inBlockOrder(rows.filter((row) => row.blockNumber >= start.number));
    const { window } = fold(settingOf({ metric, start, known }), counted);
    const track: Track = { alert: { ...noAlert, window }, time: counted.at(-1)?.blockTime };
    return { track, counted };
  }

  async function all<T extends WatchSample>(
    lane: Lane,
    samples: readonly { measured: MeasuredMetric; sample: T }[],
    isOpen: (one: MeasuredMetric) => boolean,
    { below, always }: { below?: bigint; always?: "always" | undefined },
  ): Promise<Stepped<T>[]> {
    const stepped: Stepped<T>[] = [];
    for (const { measured, sample } of samples) {
      const { key, metric } = measured;
      const before = lane.tracks.get(key) ?? (await rebuilt(measured, below)).track;
      const isDue = before.time === undefined || sample.blockTime >= before.time + metric.interval;
      lane.tracks.set(key, before);
      if (!isDue && always === undefined) continue;
      const { alert, changes } = replayed(settingOf(measured), opened(before.alert, isOpen(measured)), sample);
      const track = { alert, time: sample.blockTime };
      lane.tracks.set(key, track);
      stepped.push({ measured, sample, track, changes });
    }
    return stepped;
  }

  return {
    step: async (block, samples, isOpen) => all(laneFor(block), samples, isOpen, { below: block.number }),
    async more(block, samples, isOpen, always) {
      const known = lanes.find((one) => one.tip === block.hash);
      const lane = known ?? { tip: block.hash, tracks: new Map<string, Track>(), before: undefined };
      if (known === undefined) lanes = [...lanes, lane].slice(-mostLanes);
      return all(lane, samples, isOpen, { below: always === undefined ? block.number : block.number + 1n, always });
    },
    async orphaned(blocks, measured, isOpen) {
      const [first] = blocks;
      const last = blocks.at(-1);
      if (first === undefined || last === undefined) return [];
      const gone = new Map(blocks.map(({ hash }) => [hash, first.parent]));
      const tracks = new Map<string, Track>();
      const reopened: { measured: MeasuredMetric; at: SampleRow | undefined }[] = [];
      for (const one of measured) {
        const { counted, track } = await rebuilt(one);
        const left = superseded<SampleRow>(counted, gone).filter(isLeft);
        const before = opened(lanes.at(-1)?.tracks.get(one.key)?.alert ?? track.alert, isOpen(one));
        const after = reorganised(settingOf(one), before, left, last.number);
        tracks.set(one.key, { alert: after.alert, time: left.at(-1)?.blockTime });
        if (after.reopened) reopened.push({ measured: one, at: left.findLast(({ verdict }) => verdict === "fail") });
      }
      lanes = [...lanes.filter((one) => !gone.has(one.tip)), { tip: first.parent, tracks, before: undefined }];
      return reopened;
    },
    forget() {
      lanes = [];
    },
    async unsaid(measured, isOpen) {
      const found: { measured: MeasuredMetric; at: SampleRow }[] = [];
      for (const one of measured.filter((it) => !isOpen(it))) {
        const { counted, track } = await rebuilt(one);
        const at = counted.findLast(({ verdict }) => verdict === "fail");
        if (track.alert.window.open && at !== undefined) found.push({ measured: one, at });
      }
      return found;
    },
    isRechecking(key) {
      const track = lanes.findLast((one) => one.tracks.has(key))?.tracks.get(key);
      return track !== undefined && isRechecking(track.alert);
    },
  };
}

/** The ceremony's log says what is open. */
function opened(alert: AlertState, open: boolean): AlertState {
  return { ...alert, window: { ...alert.window, open } };
}

function settingOf({ metric, known, start }: Pick<MeasuredMetric, "metric" | "known" | "start">): WindowSetting {
  return { metric, known, since: start.timestamp };
}

const isLeft = ({ supersededBy }: KeptSample<SampleRow>) => supersededBy === undefined;
