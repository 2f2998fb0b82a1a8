/**
 * What the samples of every phase that somebody asks about add up to. Read once from the store, in parts between which
 * whatever is more urgent goes first; after that, only new blocks are. Where samples were written or superseded before
 * what was read, it is read again from there.
 */

import type { CeremonyState } from "./domain/ceremony.ts";
import type { Policy } from "./domain/policy.ts";
import type { ChainId } from "./domain/primitives.ts";
import { livePhase } from "./domain/watch/measured.ts";
import { noTally, type PhaseTally, type TallySetting, tallied, withFinal } from "./domain/watch/phase-tally.ts";
import { before, type Rung, thinned } from "./domain/watch/rungs.ts";
import type { SampleRow, SampleStore } from "./ports.ts";
import { sampleParts } from "./sample-parts.ts";

export interface PhaseTallies {
  /**
   * Of a phase by its place; undefined before it was executed. `finalTo`: the newest final block, where it is known: of
   * clean blocks up to there only their number is kept.
   */
  of(state: CeremonyState, phase: number, finalTo?: bigint): Promise<PhaseTally | undefined>;
  /** So many of the newest samples of one metric in a phase, oldest first. */
  newest(state: CeremonyState, phase: number, metric: string, count: number): Promise<SampleRow[]>;
}

/** Times that it is read in parts; where something changes in every one of them, it is read at once. */
const patience = 3;
/** Phases that are kept. */
const most = 100;

interface Kept {
  chain: ChainId;
  rungs: readonly Rung<PhaseTally>[];
  /** The oldest block of which something changed since reading began. */
  changed: bigint | undefined;
  turn: Promise<unknown>;
}

/** `together`: rows that are read in one go, where it is not the usual number. */
export function createPhaseTallies(
  store: Pick<SampleStore, "samples" | "onSampled">,
  { metrics }: Pick<Policy, "metrics">,
  together?: number,
): PhaseTallies {
  const kept = new Map<string, Kept>();
  store.onSampled((chain, from) => {
    for (const one of kept.values())
      if (one.chain === chain) {
        one.rungs = before(one.rungs, from);
        if (one.changed === undefined || from < one.changed) one.changed = from;
      }
  });

  async function read(ceremony: string, own: Kept, { setting, range }: Wanted, finalTo?: bigint): Promise<PhaseTally> {
    for (let attempt = 1; ; attempt += 1) {
      own.changed = undefined;
      let at: Rung<PhaseTally> = own.rungs.at(-1) ?? { to: range.from - 1n, tally: noTally(setting) };
      // One answer of the store is of one moment: what changes after it cannot spoil it, but what was read before it.
      let firm = at.to;
      const left = { ...range, from: at.to + 1n };
      for await (const rows of sampleParts(store, ceremony, left, attempt > patience ? "all" : together)) {
        firm = at.to;
        const here = rows.filter((one) => one.chain === own.chain);
        at = { to: rows.at(-1)?.blockNumber ?? at.to, tally: withFinal(tallied(setting, at.tally, here), finalTo) };
        const isNew = at.to > firm && (own.changed === undefined || at.to < own.changed);
        if (isNew) own.rungs = thinned([...own.rungs, at]);
      }
      if (own.changed === undefined || own.changed > firm) return at.tally;
    }
  }

  return {
    async of(state, phase, finalTo) {
      const wanted = wantedOf(state, phase, metrics);
      if (wanted === undefined) return undefined;
      const { key, chain } = wanted;
      const own = kept.get(key) ?? { chain, rungs: [], changed: undefined, turn: Promise.resolve() };
      kept.delete(key);
      kept.set(key, own);
      for (const oldest of kept.keys()) if (kept.size > most) kept.delete(oldest);
      const found = own.turn.then(() => read(state.id, own, wanted, finalTo));
      own.turn = found.catch(() => undefined);
      return found;
    },
    async newest(state, phase, metric, count) {
      const wanted = wantedOf(state, phase, metrics);
      return wanted === undefined ? [] : store.samples(state.id, metric, { ...wanted.range, newest: count });
    },
  };
}

interface Range {
  from: bigint;
  below: bigint | undefined;
}

interface Wanted {
  /** Another one is another tally. */
  key: string;
  chain: ChainId;
  setting: TallySetting;
  range: Range;
}

/** From its execution to that of the next one. */
function wantedOf(state: CeremonyState, index: number, metrics: Policy["metrics"]): Wanted | undefined {
  const start = state.phases.find((one) => one.phase === index)?.executedAt;
  const phase = state.package.phases[index];
  if (start === undefined || phase === undefined) return undefined;
  const later = state.phases.filter((one) => one.phase > index && one.executedAt?.chain === start.chain);
  const next = later.flatMap((one) => one.executedAt?.number ?? []).sort((a, b) => Number(a - b))[0];
  const since = state.budget?.phase === index ? state.budget.since : start.timestamp;
  return {
    key: [state.id, state.revision, index, start.hash, next, since].join("/"),
    chain: start.chain,
    setting: { phase: livePhase(phase, metrics), metrics, since },
    range: { from: start.number, below: next },
  };
}
