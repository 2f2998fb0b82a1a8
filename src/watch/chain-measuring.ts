/** Judges the blocks of one chain by what is measured there, and acts on what that says before anything else is done. */

import type { Block } from "../block-reads.ts";
import type { JudgedBlock } from "../block-store.ts";
import { chainJudgements } from "../chain-judgements.ts";
import type { CeremonyState } from "../domain/ceremony.ts";
import type { Observation } from "../domain/intent.ts";
import type { Policy } from "../domain/policy.ts";
import { type ChainId, zeroHash } from "../domain/primitives.ts";
import { type Agreed, nothing } from "../domain/watch/agreement.ts";
import { comparable, type MeasuredMetric, type MeasuringPlan } from "../domain/watch/measured.ts";
import { ChainFault, type Chains, type Clock, type SampleRow, type Store } from "../ports.ts";
import type { Baselines } from "./baselines.ts";
import { datedAtHead, type Entry, sampleOf } from "./block-samples.ts";
import { catchingUp } from "./catching-up.ts";
import { hasBegun, measuringPlans, type Plans } from "./measuring-plans.ts";
import type { OutsideReadings } from "./outside-readings.ts";
import { type Silence, silence } from "./silence.ts";
import { breachOf, type Sample, tellings } from "./tellings.ts";
import { createWindows, type Stepped, type Windows } from "./windows.ts";

export interface ChainMeasuringParts {
  store: Pick<Store, "samples" | "addSamples" | "unsampled" | "newestJudged">;
  chains: Chains;
  policy: Policy;
  clock: Clock;
  baselines: Baselines;
  /** Events, and other servers than the node. */
  outside: OutsideReadings;
  /** Ceremonies as they stand now. */
  states(): readonly CeremonyState[];
  state(id: string): CeremonyState | undefined;
  /** Written to the ceremony's log, and told from there. */
  record(id: string, seen: Observation): Promise<unknown>;
  /**
   * After what was measured was recorded: what else hangs on it. `isWhole`: no block before is missing; `until`: wall time
   * in seconds up to which no block came.
   */
  measured(state: CeremonyState, rows: readonly SampleRow[], isWhole: boolean, until?: bigint): Promise<void>;
  /** Whether blocks are known to be missing. */
  isMissing(): boolean;
  onFault(where: string, fault: unknown): void;
}

export interface ChainMeasuring {
  judge(block: Block, isHead: boolean): Promise<{ judged: JudgedBlock; samples: SampleRow[] }>;
  orphaned(blocks: readonly Block[]): Promise<void>;
  /** No block is missing any more. */
  whole(): void;
  /** Measures recorded blocks that a ceremony was not measured in yet; ends once there are none, or one could not be. */
  catchUp(): Promise<void>;
  listen: Silence["listen"];
  isRechecking(key: string): boolean;
}

/** Up to so many metrics every value is asked for with every block; of more, with every so many blocks. */
const fewMetrics = 64;
const everyBlocks = 16n;
/** Times that a node may refuse a block before that is what its metrics have: not every refusal passes. */
const mostRefusals = 3;

interface Measured {
  /** In the plan's order. */
  said: Agreed[];
  rows: SampleRow[];
}

export function chainMeasuring(id: ChainId, parts: ChainMeasuringParts): ChainMeasuring {
  const { store, clock, onFault } = parts;
  const plans = measuringPlans(id, parts.policy, parts.baselines);
  const windows = createWindows(store);
  const inTurn = oneAtATime();
  const isOpen = ({ ceremony, metric }: MeasuredMetric) =>
    parts.state(ceremony)?.breaches.some((one) => one.metric === metric.id && one.open) ?? false;
  const isWhole = (ceremony: string) => !parts.isMissing() && !behind.isBehind(ceremony);
  /** Blocks came between others since the last that was judged: what they add up to together was not looked at. */
  let isJoined = false;
  function whole(): void {
    windows.forget();
    isJoined = true;
  }

  async function tell(stepped: readonly Stepped<Sample>[]): Promise<void> {
    const ofEach = Map.groupBy(stepped, ({ measured }) => measured.ceremony);
    const tellOne = async ([ceremony, own]: [string, Stepped<Sample>[]]) => {
      const state = parts.state(ceremony);
      if (state === undefined) return;
      const telling = { chain: id, mayClear: isWhole(ceremony) };
      for (const seen of tellings(state, own, telling)) await parts.record(ceremony, seen);
    };
    await Promise.all([...ofEach].map(tellOne));
  }

  async function spent(rows: readonly SampleRow[], until?: bigint): Promise<void> {
    for (const [ceremony, own] of Map.groupBy(rows, (one) => one.ceremony)) {
      const state = parts.state(ceremony);
      if (state !== undefined) await parts.measured(state, own, isWhole(ceremony), until);
    }
  }

  const measure = blockMeasuring(id, parts, { windows, isOpen, tell });
  const finalRows = finalBlocks(id, parts, (plan, block, folded) => measure(plan, block, { folded }));
  const behind = catchingUp(id, {
    ...{ store, states: parts.states, onFault, planOf: plans.of, whole },
    measure: (plan, block) => inTurn(async () => store.addSamples((await measure(plan, block, {})).rows)),
  });
  const quiet = silence({
    ...{ clock, inTurn },
    async measured() {
      const { latest, safe, finalized } = await plans.now(parts.states());
      return [...latest.measured, ...safe.measured, ...finalized.measured];
    },
    recorded: async () => (await store.newestJudged(id, 1)).at(-1),
    async keep(after, entries, now) {
      const stepped = await windows.more(after, entries, isOpen, "always");
      await tell(stepped);
      const rows = stepped.map(({ sample }) => sample);
      await store.addSamples(rows);
      await spent(rows, now);
    },
  });

  async function judge(block: Block, isHead: boolean) {
    const all = await plans.now(parts.states());
    const { latest } = all;
    behind.begins(latest);
    if (isJoined) {
      for (const { measured, at } of await windows.unsaid(latest.measured, isOpen))
        await parts.record(measured.ceremony, breachOf(measured.metric, at));
      isJoined = false;
    }
    const isMeasured = latest.measured.length > 0;
    const { said, rows }: Measured = isMeasured ? await measure(latest, block, { isHead }) : { said: [], rows: [] };
    const samples = isHead ? [...rows, ...(await finalRows(all))] : rows;
    await spent(samples);
    behind.judged(block, isHead ? latest : undefined);
    if (isHead) quiet.heard(block);
    const catalogue = isMeasured ? latest.catalogue.hash : zeroHash;
    return { judged: { ...block, catalogue, verdicts: said.map((one) => one.verdict) }, samples };
  }

  return {
    judge: (block, isHead) => inTurn(() => judge(block, isHead)),
    async orphaned(blocks) {
      const { latest } = await plans.now(parts.states());
      await inTurn(async () => {
        for (const { measured, at } of await windows.orphaned(blocks, latest.measured, isOpen))
          if (at !== undefined) await parts.record(measured.ceremony, breachOf(measured.metric, at));
      });
    },
    whole,
    catchUp: behind.catchUp,
    listen: quiet.listen,
    isRechecking: windows.isRechecking,
  };
}

interface Acting {
  windows: Windows;
  isOpen(one: MeasuredMetric): boolean;
  tell(stepped: readonly Stepped<Sample>[]): Promise<void>;
}

function blockMeasuring(id: ChainId, parts: ChainMeasuringParts, { windows, isOpen, tell }: Acting) {
  const { chains, clock, onFault } = parts;
  const judgements = chainJudgements(id);
  const refused = new Map<string, number>();

  /** One answer for all; a block that the node refuses again and again is judged as what nobody can read. */
  async function asked(plan: MeasuringPlan, block: Block): Promise<Agreed[]> {
    const all = plan.measured.length <= fewMetrics || block.number % everyBlocks === 0n;
    try {
      const found = await judgements.at(chains.get(id), plan, block, all ? "all" : undefined);
      refused.clear();
      return found;
    } catch (fault) {
      const count = (refused.get(block.hash) ?? 0) + 1;
      refused.set(block.hash, count);
      const passes = !(fault instanceof ChainFault) || fault.kind === "unreachable" || fault.kind === "timeout";
      if (passes || count < mostRefusals) throw fault;
      onFault(`block ${block.number} of ${id}`, fault);
      return plan.measured.map(() => ({ ...nothing, verdict: "error", reason: fault.message }));
    }
  }

  /** The chain's own answer first, and what it leads to; then events and other servers, however long they take. */
  return async function measure(
    plan: MeasuringPlan,
    block: Block,
    { isHead = false, folded = windows },
  ): Promise<Measured> {
    const { entries } = plan.catalogue;
    const outside = plan.measured.filter((_, index) => entries[index]?.judged === "outside");
    const reading = parts.outside.read(
      outside.map(({ key, metric, known, start }) => ({ key, metric, known, since: start.number + 1n })),
      block,
    );
    const answers = await asked(plan, block);
    const said = plan.measured.map((one, index) => comparable(one, answers[index] ?? nothing));
    const now = clock.now();
    const dated = isHead ? await datedAtHead(chains.get(id), plan, block, now) : undefined;
    const entriesOf = (isOutside: boolean): Entry[] =>
      plan.measured.flatMap((measured, index) => {
        const one = said[index];
        if (one === undefined || (entries[index]?.judged === "outside") !== isOutside || !hasBegun(measured, block))
          return [];
        return [{ measured, sample: sampleOf(measured, block, dated?.(measured, one) ?? one, now) }];
      });
    const first = await folded.step(block, entriesOf(false), isOpen);
    await tell(first);
    const found = await reading;
    for (const [index, { key }] of plan.measured.entries()) {
      const one = found.get(key);
      if (one !== undefined && entries[index]?.judged === "outside") said[index] = { ...nothing, ...one, agreeing: 1 };
    }
    const second = outside.length === 0 ? [] : await folded.more(block, entriesOf(true), isOpen);
    await tell(second);
    return { said, rows: [...first, ...second].map(({ sample }) => sample) };
  };
}

/** Metrics that wait for blocks that nothing replaces: each such block once. What fails here is asked for with the next. */
function finalBlocks(
  id: ChainId,
  { chains, store, onFault }: ChainMeasuringParts,
  measure: (plan: MeasuringPlan, block: Block, folded: Windows) => Promise<Measured>,
) {
  const windows = createWindows(store);
  const judged = new Map<string, string>();
  return async (all: Plans): Promise<SampleRow[]> => {
    const rows: SampleRow[] = [];
    for (const finality of ["safe", "finalized"] as const) {
      const plan = all[finality];
      if (plan.measured.length === 0) continue;
      try {
        const chain = chains.get(id);
        const block = await (finality === "safe" ? chain.safeBlock() : chain.finalBlock());
        if (block === undefined || judged.get(finality) === block.hash) continue;
        rows.push(...(await measure(plan, block, windows)).rows);
        judged.set(finality, block.hash);
      } catch (fault) {
        onFault(`the newest ${finality} block of ${id}`, fault);
      }
    }
    return rows;
  };
}

function oneAtATime(): <T>(work: () => Promise<T>) => Promise<T> {
  let turn: Promise<unknown> = Promise.resolve();
  return (work) => {
    const done = turn.then(work);
    turn = done.catch(() => undefined);
    return done;
  };
}
