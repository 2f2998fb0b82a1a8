/** What was said of a metric in a block, as the sample that is kept of it. */

import type { Block } from "../block-reads.ts";
import { valueInWords } from "../domain/amount.ts";
import { duration } from "../domain/duration.ts";
import { conditionInWords } from "../domain/metrics.ts";
import type { Agreed } from "../domain/watch/agreement.ts";
import { ageOf, atHead } from "../domain/watch/head-age.ts";
import type { MeasuredMetric, MeasuringPlan } from "../domain/watch/measured.ts";
import type { Chain } from "../ports.ts";
import type { Sample } from "./tellings.ts";

/** What is measured, with a sample of it. */
export interface Entry {
  measured: MeasuredMetric;
  sample: Sample;
}

const doubtful = { suspected: false, mayContain: false } as const;

export function sampleOf({ ceremony, metric }: MeasuredMetric, block: Block, said: Agreed, observedAt: bigint): Sample {
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
  return value === null
    ? `judged on the chain, and its value left there; ${must}`
    : `${valueInWords(metric, value)}; ${must}`;
}

/** As it counts at the newest head: stale, where that is too old, and the node has no newer one. `now` is wall time. */
export async function datedAtHead(
  chain: Pick<Chain, "newestBlock">,
  { measured }: MeasuringPlan,
  block: Block,
  now: bigint,
): Promise<(one: MeasuredMetric, said: Agreed) => Agreed> {
  const asItIs = (_one: MeasuredMetric, said: Agreed) => said;
  if (!measured.some(({ metric }) => ageOf(block, now) > metric.maxBlockAge)) return asItIs;
  const newest = await chain.newestBlock().catch(() => undefined);
  if (newest !== undefined && newest.number > block.number) return asItIs;
  const reason = `the newest block, ${block.number}, is ${duration(ageOf(block, now))} old`;
  return ({ metric }, said) =>
    atHead(metric, block, now, said.verdict) === said.verdict
      ? said
      : { ...said, ...doubtful, verdict: "stale", reason };
}
