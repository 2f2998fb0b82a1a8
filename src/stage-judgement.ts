/** Metrics judged once, at the newest block: before anybody approves, and before a phase or a rollback is let through (MISSION 3). */

import { chainJudgements } from "./chain-judgements.ts";
import { type Metric, needsBaseline } from "./domain/metrics.ts";
import { nothing } from "./domain/watch/agreement.ts";
import { comparable, type MeasuredMetric, planOf } from "./domain/watch/measured.ts";
import type { StageReading } from "./domain/watch/stage.ts";
import type { Chains } from "./ports.ts";

/**
 * Of every source, at one block of each chain; as many as the metric demands have to agree. `baselines`: values before the
 * execution, by metric; before there is one, a value is compared with itself. Rejects with a ChainFault where a chain does
 * not answer at all.
 */
export async function judgedNow(
  chains: Chains,
  metrics: readonly Metric[],
  baselines: ReadonlyMap<string, bigint> | undefined,
): Promise<StageReading[]> {
  const ofEach = [...Map.groupBy(metrics, (one) => one.chain)];
  const found = await Promise.all(ofEach.map(([, own]) => judgedOn(chains, own, baselines)));
  return found.flat();
}

async function judgedOn(
  chains: Chains,
  metrics: readonly Metric[],
  baselines: ReadonlyMap<string, bigint> | undefined,
): Promise<StageReading[]> {
  const [one] = metrics;
  if (one === undefined) return [];
  const chain = chains.get(one.chain);
  const block = await chain.newestBlock();
  const at = (known: ReadonlyMap<string, bigint>) => {
    const start = { chain: one.chain, ...block };
    const measured = metrics.map(
      (metric): MeasuredMetric => ({ key: metric.id, ceremony: "", metric, start, known: known.get(metric.id) }),
    );
    return chainJudgements(one.chain).at(chain, planOf(measured), block, "all");
  };
  const said = await at(baselines ?? new Map());
  const own = new Map(metrics.flatMap(({ id }, index) => withValue(id, said[index]?.value)));
  const judged = baselines === undefined && metrics.some(needsBaseline) ? await at(own) : said;
  return metrics.map((metric, index) => {
    const known = (baselines ?? own).get(metric.id);
    const { verdict, value, reason } = comparable({ metric, known }, judged[index] ?? nothing);
    return { metric, verdict, value, reason, block: { chain: one.chain, ...block } };
  });
}

const withValue = (id: string, value: bigint | null | undefined): [string, bigint][] =>
  value === null || value === undefined ? [] : [[id, value]];
