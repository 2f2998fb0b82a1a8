/** Recorded blocks that a ceremony was not measured in yet: those between its execution and its being known. */

import type { Block } from "../block-reads.ts";
import type { CeremonyState } from "../domain/ceremony.ts";
import type { ChainId } from "../domain/primitives.ts";
import { type MeasuredMetric, type MeasuringPlan, measuredRun } from "../domain/watch/measured.ts";
import type { Store } from "../ports.ts";

export interface CatchingUpParts {
  store: Pick<Store, "unsampled" | "newestJudged">;
  states(): readonly CeremonyState[];
  planOf(state: CeremonyState): Promise<MeasuringPlan>;
  /** Measures one block and keeps its samples, after whatever else is being measured. */
  measure(plan: MeasuringPlan, block: Block): Promise<void>;
  /** Nothing is behind any more. */
  whole(): void;
  onFault(where: string, fault: unknown): void;
}

export interface CatchingUp {
  /** Before a block is judged by this plan. */
  begins(plan: MeasuringPlan): void;
  /** The block was judged; `plan` is what a head was measured by. */
  judged(block: Block, plan: MeasuringPlan | undefined): void;
  isBehind(ceremony: string): boolean;
  /** Ends once nothing is left, or something could not be measured. */
  catchUp(): Promise<void>;
}

/** Blocks that are looked for together. */
const together = 16;

const runKey = ({ ceremony, start }: MeasuredMetric) => `${ceremony}/${start.hash}`;

export function catchingUp(id: ChainId, parts: CatchingUpParts): CatchingUp {
  const { store, onFault } = parts;
  /** By ceremony and execution: where to go on; undefined once nothing is behind. */
  const behind = new Map<string, { from: bigint; judged: boolean } | undefined>();
  let last: Block | undefined;

  /** A few blocks of one ceremony, one at a time: a head that comes meanwhile goes first. False where nothing was left. */
  async function some(state: CeremonyState): Promise<boolean> {
    const plan = await parts.planOf(state);
    const probe = probeOf(state, plan);
    if (probe === undefined) return false;
    const key = runKey(probe);
    const at = behind.has(key) ? behind.get(key) : { from: probe.start.number, judged: false };
    if (at === undefined) return false;
    const { judged } = at;
    const before = last;
    const sample = { ceremony: state.id, metric: probe.metric.id };
    const blocks = await store.unsampled(id, sample, at.from, together);
    for (const block of blocks) {
      behind.set(key, at);
      await parts.measure(plan, block);
      at.from = block.number + 1n;
    }
    // A block that was judged without it, and is not recorded yet, is still to be found.
    const isRecorded = async () => before !== undefined && (await store.newestJudged(id, 1))[0]?.hash === before.hash;
    if (blocks.length === 0 && (judged || (await isRecorded()))) {
      behind.set(key, undefined);
      parts.whole();
    }
    return blocks.length > 0;
  }

  async function all(): Promise<void> {
    for (const state of parts.states()) while (await some(state));
  }
  let running: Promise<void> | undefined;
  const run = (): Promise<void> => {
    running ??= all()
      .catch((fault: unknown) => onFault(`blocks before ceremonies of ${id} were known to run`, fault))
      .finally(() => {
        running = undefined;
      });
    return running;
  };

  return {
    begins({ measured }) {
      for (const one of measured) {
        const key = runKey(one);
        if (!behind.has(key)) behind.set(key, { from: one.start.number, judged: false });
      }
    },
    judged(block, plan) {
      last = block;
      for (const one of plan?.measured ?? []) {
        const at = behind.get(runKey(one));
        if (at !== undefined) at.judged = true;
      }
    },
    isBehind: (ceremony) => [...behind].some(([key, at]) => key.startsWith(`${ceremony}/`) && at !== undefined),
    async catchUp() {
      await running;
      await run();
    },
  };
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
