/** What a chain says of a block: one evaluation, or one a source where there are several, and what they agree on. */

import type { Block } from "./block-reads.ts";
import type { Verdict } from "./domain/metrics.ts";
import type { ChainId } from "./domain/primitives.ts";
import { type Agreed, agreed, type SourceSays } from "./domain/watch/agreement.ts";
import type { Catalogue } from "./domain/watch/catalogue.ts";
import type { MeasuringPlan } from "./domain/watch/measured.ts";
import type { Evaluation, Evaluator } from "./evaluator.ts";
import { type Chain, ChainFault } from "./ports.ts";

export interface ChainJudgements {
  /** By index in the plan. Rejects where no source answers at all. */
  at(chain: Pick<Chain, "evaluate" | "sources">, plan: MeasuringPlan, block: Block, tell?: "all"): Promise<Agreed[]>;
}

/** Milliseconds that sources are waited for once one has answered: a slow one must not hold a page back. */
const usualPatienceMs = 400;

interface Witness {
  name: string;
  evaluator: Evaluator;
}

/** For one chain: remembers which sources are slow, and which entries have no answer anyway. */
export function chainJudgements(id: ChainId, patienceMs = usualPatienceMs): ChainJudgements {
  const late = new Set<string>();
  const unanswered = new WeakMap<Catalogue, Map<string, ReadonlySet<number>>>();

  /** Asks once more where something has no answer that had one before: a node that is making a block may answer from half of it. */
  async function evaluation(
    { name, evaluator }: Witness,
    { catalogue }: MeasuringPlan,
    block: Block,
    tell?: "all",
  ): Promise<Evaluation> {
    const known = unanswered.get(catalogue) ?? new Map<string, ReadonlySet<number>>();
    unanswered.set(catalogue, known);
    const before = known.get(name) ?? new Set();
    const isOdd = ({ verdicts, timestamp }: Evaluation) =>
      isElsewhere(timestamp, block) ||
      verdicts.some(
        (one, index) => one === "error" && catalogue.entries[index]?.judged !== "outside" && !before.has(index),
      );
    const first = await evaluator.evaluate(catalogue, { blockHash: block.hash }, tell);
    const found = isOdd(first) ? await evaluator.evaluate(catalogue, { blockHash: block.hash }, tell) : first;
    if (isElsewhere(found.timestamp, block))
      throw new ChainFault(
        "garbage",
        `The RPC ${name} of ${id} answered for another block than the one it was asked for.`,
      );
    known.set(name, new Set(found.verdicts.flatMap((one, index) => (one === "error" ? [index] : []))));
    return found;
  }

  /** Undefined for one that came too late. */
  async function together(witnesses: readonly Witness[], ask: (one: Witness) => Promise<Evaluation>) {
    const found = new Map<string, Evaluation | Error>();
    const answered = Promise.withResolvers<void>();
    const asked = witnesses.map(async (one) => {
      const answer = await ask(one).catch((fault: Error) => fault);
      found.set(one.name, answer);
      late.delete(one.name);
      if (!(answer instanceof Error)) answered.resolve();
    });
    const quick = asked.filter((_, index) => !late.has(witnesses[index]?.name ?? ""));
    const { promise, stop } = pause(answered.promise, patienceMs);
    await Promise.race([Promise.all(asked), Promise.all([answered.promise, ...quick]), promise]);
    stop();
    for (const { name } of witnesses) if (!found.has(name)) late.add(name);
    return found;
  }

  return {
    async at(chain, plan, block, tell) {
      const [first, ...others] = chain.sources;
      const own: Witness = { name: first?.host ?? id, evaluator: chain };
      if (others.length === 0) {
        const found = await evaluation(own, plan, block, tell);
        return plan.measured.map(({ metric }, index) =>
          agreed(metric, block.hash, [said(own.name, found, index, block)]),
        );
      }
      const witnesses = [own, ...others.map((one) => ({ name: one.host, evaluator: one }))];
      const found = await together(witnesses, (one) => evaluation(one, plan, block, tell));
      const faults = [...found.values()].filter((one) => one instanceof Error);
      const [fault] = faults;
      if (fault !== undefined && faults.length === found.size) throw fault;
      return plan.measured.map(({ metric }, index) =>
        agreed(
          metric,
          block.hash,
          witnesses.map(({ name }) => said(name, found.get(name), index, block)),
        ),
      );
    },
  };
}

const isElsewhere = (timestamp: bigint | undefined, block: Block) =>
  timestamp !== undefined && timestamp !== block.timestamp;

function said(source: string, found: Evaluation | Error | undefined, index: number, { hash }: Block): SourceSays {
  if (found === undefined || found instanceof Error)
    return { source, blockHash: undefined, verdict: "error", value: null };
  const verdict: Verdict = found.verdicts[index] ?? "error";
  return { source, blockHash: hash, verdict, value: found.values.get(index) ?? null };
}

/** Ends so long after `from`. */
function pause(from: Promise<void>, milliseconds: number): { promise: Promise<void>; stop(): void } {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const promise = from.then(
    () =>
      new Promise<void>((resolve) => {
        if (stopped) return resolve();
        timer = setTimeout(resolve, milliseconds);
      }),
  );
  const stop = () => {
    stopped = true;
    clearTimeout(timer);
  };
  return { promise, stop };
}
