/** Judges the blocks of one chain by what is measured there, and acts on what that says before anything else is done. */

import { numberToHex } from "viem";
import type { Block } from "../block-reads.ts";
import type { JudgedBlock } from "../block-store.ts";
import type { CeremonyState } from "../domain/ceremony.ts";
import { duration } from "../domain/duration.ts";
import type { Observation } from "../domain/intent.ts";
import { conditionInWords } from "../domain/metrics.ts";
import type { Policy } from "../domain/policy.ts";
import { type ChainId, zeroHash } from "../domain/primitives.ts";
import type { Agreed } from "../domain/watch/agreement.ts";
import { ageOf, atHead } from "../domain/watch/head-age.ts";
import { type MeasuredMetric, type MeasuringPlan, measuredRun } from "../domain/watch/measured.ts";
import { ChainFault, type Chains, type Clock, type SampleRow, type Store } from "../ports.ts";
import type { Baselines } from "./baselines.ts";
import { chainJudgements } from "./chain-judgements.ts";
import { hasBegun, measuringPlans, type Plans } from "./measuring-plans.ts";
import type { OutsideReadings } from "./outside-readings.ts";
import { breachOf, type Sample, tellings } from "./tellings.ts";
import { createWindows, type Stepped } from "./windows.ts";

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
  /** Looks whether no block came for too long. `hurry` is given the chance to bring a newer one first. */
  listen(hurry: () => Promise<void>): Promise<void>;
  isRechecking(key: string): boolean;
}

/** Up to so many metrics every value is asked for with every block; of more, with every so many blocks. */
const fewMetrics = 64;
const everyBlocks = 16n;
/** Times that a node may refuse a block before that is what its metrics have: not every refusal passes. */
const mostRefusals = 3;
/** Recorded blocks that are asked for together, to be caught up with. */
const together = 16;

type Entry = { measured: MeasuredMetric; sample: Sample };

export function chainMeasuring(id: ChainId, parts: ChainMeasuringParts): ChainMeasuring {
  const { store, chains, clock, onFault } = parts;
  const judgements = chainJudgements(id);
  const plans = measuringPlans(id, parts.policy, parts.baselines);
  const windows = createWindows(store);
  const finals = createWindows(store);
  const judgedFinals = new Map<string, string>();
  const refused = new Map<string, number>();
  /** By ceremony and execution: where to go on catching up; undefined once nothing is behind. */
  const behind = new Map<string, { from: bigint; judged: boolean } | undefined>();
  const startedAt = clock.now();
  let head: Block | undefined;
  let last: Block | undefined;
  const silentSince = new Map<string, bigint>();
  let turn: Promise<unknown> = Promise.resolve();
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = turn.then(work);
    turn = done.catch(() => undefined);
    return done;
  }
  const stateOf = (ceremony: string) => parts.states().find((one) => one.id === ceremony);
  const isOpen = ({ ceremony, metric }: MeasuredMetric) =>
    stateOf(ceremony)?.breaches.some((one) => one.metric === metric.id && one.open) ?? false;
  const runKey = (state: CeremonyState, plan: MeasuringPlan) =>
    `${state.id}/${plan.measured.find((one) => one.ceremony === state.id)?.start.hash}`;

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

  /** Whether the node's newest block is too old, and this is it. */
  async function staleness(plan: MeasuringPlan, block: Block): Promise<(one: MeasuredMetric, said: Agreed) => Agreed> {
    const now = clock.now();
    const isOld = plan.measured.some(({ metric }) => ageOf(block, now) > metric.maxBlockAge);
    const newest = isOld
      ? await chains
          .get(id)
          .newestBlock()
          .catch(() => undefined)
      : undefined;
    if (!isOld || (newest !== undefined && newest.number > block.number)) return (_one, said) => said;
    const reason = `the newest block, ${block.number}, is ${duration(ageOf(block, now))} old`;
    return ({ metric }, said) =>
      atHead(metric, block, now, said.verdict) === said.verdict
        ? said
        : { ...said, ...doubtful, verdict: "stale", reason };
  }

  async function tell(stepped: readonly Stepped<Sample>[]): Promise<void> {
    const ceremonies = [...new Set(stepped.map(({ measured }) => measured.ceremony))];
    await Promise.all(
      ceremonies.map(async (ceremony) => {
        const state = stateOf(ceremony);
        if (state === undefined) return;
        const own = stepped.filter(({ measured }) => measured.ceremony === ceremony);
        const isRechecked = own.some(({ measured }) => windows.isRechecking(measured.key));
        const telling = { chain: id, mayClear: isWhole(ceremony) && !isRechecked };
        for (const seen of tellings(state, own, telling)) await parts.record(ceremony, seen);
      }),
    );
  }

  function isWhole(ceremony: string): boolean {
    const isBehind = [...behind].some(([key, at]) => key.startsWith(`${ceremony}/`) && at !== undefined);
    return !parts.isMissing() && !isBehind;
  }

  /** The chain's own answer first, and what it leads to; then events and other servers, however long they take. */
  async function measure(
    plan: MeasuringPlan,
    block: Block,
    { isHead = false, folded = windows },
  ): Promise<{ said: Agreed[]; rows: SampleRow[] }> {
    const { entries } = plan.catalogue;
    const outside = plan.measured.filter((_, index) => entries[index]?.judged === "outside");
    const reading = parts.outside.read(
      outside.map(({ key, metric, known, start }) => ({ key, metric, known, since: start.number + 1n })),
      block,
    );
    const said = await asked(plan, block);
    const dated = isHead ? await staleness(plan, block) : (_one: MeasuredMetric, one: Agreed) => one;
    const now = clock.now();
    const entriesOf = (isOutside: boolean): Entry[] =>
      plan.measured.flatMap((measured, index) => {
        const one = said[index];
        if (one === undefined || (entries[index]?.judged === "outside") !== isOutside || !hasBegun(measured, block))
          return [];
        return [{ measured, sample: sampleOf(measured, block, dated(measured, one), now) }];
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
  }

  /** Metrics that wait for blocks that nothing replaces: each such block once. What fails here is asked for with the next. */
  async function finalRows(all: Plans): Promise<SampleRow[]> {
    const rows: SampleRow[] = [];
    for (const finality of ["safe", "finalized"] as const) {
      const plan = all[finality];
      if (plan.measured.length === 0) continue;
      try {
        const chain = chains.get(id);
        const block = await (finality === "safe" ? chain.safeBlock() : chain.finalBlock());
        if (block === undefined || judgedFinals.get(finality) === block.hash) continue;
        rows.push(...(await measure(plan, block, { folded: finals })).rows);
        judgedFinals.set(finality, block.hash);
      } catch (fault) {
        onFault(`the newest ${finality} block of ${id}`, fault);
      }
    }
    return rows;
  }

  async function spent(rows: readonly SampleRow[], until?: bigint): Promise<void> {
    for (const ceremony of new Set(rows.map((one) => one.ceremony))) {
      const state = stateOf(ceremony);
      const own = rows.filter((one) => one.ceremony === ceremony);
      if (state !== undefined) await parts.measured(state, own, isWhole(ceremony), until);
    }
  }

  async function judge(block: Block, isHead: boolean) {
    const all = await plans.now(parts.states());
    const { latest } = all;
    for (const { ceremony, start } of latest.measured) {
      const key = `${ceremony}/${start.hash}`;
      if (!behind.has(key)) behind.set(key, { from: start.number, judged: false });
    }
    const { said, rows } =
      latest.measured.length === 0 ? { said: [], rows: [] } : await measure(latest, block, { isHead });
    const samples = isHead ? [...rows, ...(await finalRows(all))] : rows;
    await spent(samples);
    for (const { ceremony, start } of isHead ? latest.measured : []) {
      const at = behind.get(`${ceremony}/${start.hash}`);
      if (at !== undefined) at.judged = true;
    }
    if (isHead) {
      head = block;
      silentSince.clear();
    }
    last = block;
    const catalogue = latest.measured.length === 0 ? zeroHash : latest.catalogue.hash;
    return { judged: { ...block, catalogue, verdicts: said.map((one) => one.verdict) }, samples };
  }

  /** Up to a few blocks of one ceremony, one at a time: a head that comes meanwhile goes first. False where nothing was left. */
  async function someBehind(state: CeremonyState): Promise<boolean> {
    const plan = await plans.of(state);
    const probe = probeOf(state, plan);
    const key = runKey(state, plan);
    const at = behind.has(key) ? behind.get(key) : { from: probe?.start.number ?? 0n, judged: false };
    if (probe === undefined || at === undefined) return false;
    const { judged } = at;
    const before = last;
    const sample = { ceremony: state.id, metric: probe.metric.id };
    const blocks = await store.unsampled(id, sample, at.from, together);
    for (const block of blocks) {
      behind.set(key, at);
      await inTurn(async () => {
        const { rows } = await measure(plan, block, {});
        await store.addSamples(rows);
      });
      at.from = block.number + 1n;
    }
    // A block that was judged without it, and is not recorded yet, is still to be found.
    const isRecorded = async () => before !== undefined && (await store.newestJudged(id, 1))[0]?.hash === before.hash;
    if (blocks.length === 0 && (judged || (await isRecorded()))) {
      behind.set(key, undefined);
      windows.forget();
    }
    return blocks.length > 0;
  }

  async function caughtUp(): Promise<void> {
    for (const state of parts.states()) while (await someBehind(state));
  }
  let catching: Promise<void> | undefined;
  const catchUp = (): Promise<void> => {
    catching ??= caughtUp()
      .catch((fault: unknown) => onFault(`blocks before ceremonies of ${id} were known to run`, fault))
      .finally(() => {
        catching = undefined;
      });
    return catching;
  };

  /** Metrics of which nothing was heard for longer than they allow, each time that long. */
  function silentAfter(last: Block, measured: readonly MeasuredMetric[], now: bigint): MeasuredMetric[] {
    const heard = head === undefined && startedAt > last.timestamp ? startedAt : last.timestamp;
    return measured.filter(({ key, metric }) => now - (silentSince.get(key) ?? heard) > metric.maxBlockAge);
  }

  async function listen(hurry: () => Promise<void>): Promise<void> {
    const all = await plans.now(parts.states());
    const measured = [...all.latest.measured, ...all.safe.measured, ...all.finalized.measured];
    const [some] = measured;
    if (some === undefined) return;
    const newest = async (): Promise<Block> =>
      head ?? (await store.newestJudged(id, 1)).at(-1) ?? { ...some.start, parent: zeroHash };
    if (silentAfter(await newest(), measured, clock.now()).length === 0) return;
    await hurry();
    await inTurn(async () => {
      const last = await newest();
      const now = clock.now();
      const silent = silentAfter(last, measured, now);
      const reason = `no block came since block ${last.number}, ${duration(ageOf(last, now))} ago`;
      const entries = silent.map((one): Entry => {
        const sample = sampleOf(one, last, { ...nothing, verdict: "stale", reason }, now);
        return { measured: one, sample: { ...sample, blockHash: numberToHex(now, { size: 32 }) } };
      });
      for (const { key } of silent) silentSince.set(key, now);
      const stepped = await windows.more(last, entries, isOpen, "always");
      const rows = stepped.map(({ sample }) => sample);
      await tell(stepped);
      if (rows.length > 0) await store.addSamples(rows);
      await spent(rows, now);
    });
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
    whole: () => windows.forget(),
    async catchUp() {
      await catching;
      await catchUp();
    },
    listen,
    isRechecking: (key) => windows.isRechecking(key),
  };
}

const nothing: Agreed = {
  ...{ verdict: "error", value: null, reason: "", agreeing: 0, asked: 1 },
  ...{ suspected: false, mayContain: false },
};
const doubtful = { suspected: false, mayContain: false } as const;

function sampleOf({ ceremony, metric }: MeasuredMetric, block: Block, said: Agreed, observedAt: bigint): Sample {
  const { verdict, value, suspected, mayContain, agreeing, asked } = said;
  const at = { blockNumber: block.number, blockHash: block.hash, blockTime: block.timestamp, observedAt };
  const row = {
    ceremony,
    metric: metric.id,
    chain: metric.chain,
    ...at,
    value,
    verdict,
    reason: reasonOf(said, metric),
  };
  return { ...row, suspected, mayContain, agreeing, asked };
}

function reasonOf({ verdict, value, reason, asked }: Agreed, metric: MeasuredMetric["metric"]): string {
  if (verdict === "error" && asked === 1 && /^0 of 1 /.test(reason)) return "could not be read";
  if (reason !== "") return reason;
  const must = `must be ${conditionInWords(metric)}`;
  return value === null ? `judged on the chain, and its value left there; ${must}` : `${value}; ${must}`;
}

/** The metric that shows which blocks a ceremony was measured in: one that only this phase has, and of every block. */
function probeOf(state: CeremonyState, { measured }: MeasuringPlan): MeasuredMetric | undefined {
  const own = measured.filter(({ ceremony }) => ceremony === state.id);
  const phase = measuredRun(state)?.phase ?? 0;
  const earlier = new Set(state.package.phases.slice(0, phase).flatMap((one) => [...one.metrics, ...one.stopOn]));
  const fresh = own.filter(({ metric }) => !earlier.has(metric.id));
  const candidates = fresh.length > 0 ? fresh : own;
  return candidates.find(({ metric }) => metric.interval === 0n) ?? candidates[0];
}
