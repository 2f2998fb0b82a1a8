/** A metric and samples of it, for the tests of what samples mean. */

import { type Metric, metric, type Verdict } from "../../../src/domain/metrics.ts";
import type { WatchSample } from "../../../src/domain/watch/window.ts";
import { addressOf, hashOf, mainnet } from "../../support/sample-council.ts";

/** Passes from 10,000 on, fails below 9,900; severity 2 unless `change` says otherwise. */
export function metricWith(change: object = {}): Metric {
  return metric.parse({
    id: "solvency",
    title: "Solvency",
    class: "asset",
    chain: mainnet,
    unit: "bps",
    severity: 2,
    containment: "pause",
    owner: "caro",
    read: { kind: "call", to: addressOf("vault"), signature: "function value() view returns (uint256)" },
    pass: { is: ">=", value: 10_000 },
    fail: { is: "<", value: 9_900 },
    ...change,
  });
}

const byLetter: Record<string, Verdict> = { P: "pass", F: "fail", I: "inconclusive", S: "stale", E: "error" };
const values: Record<Verdict, bigint | null> = {
  ...{ pass: 10_000n, fail: 9_000n, inconclusive: 9_950n },
  ...{ stale: 10_000n, error: null },
};

/** One sample a letter (Pass, Fail, Inconclusive, Stale, Error), 12 seconds apart; `branch` names the blocks' history. */
export function samplesOf(letters: string, from = 0n, branch = "main"): WatchSample[] {
  return [...letters].map((letter, index) => {
    const verdict = byLetter[letter] ?? "error";
    const blockNumber = from + BigInt(index);
    const blockHash = hashOf(`${branch} ${blockNumber}`);
    return { blockNumber, blockHash, blockTime: 1_000n + blockNumber * 12n, value: values[verdict], verdict };
  });
}
