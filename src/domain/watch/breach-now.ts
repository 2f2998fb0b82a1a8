/** A breach in words, as it began and as it is by now. */

import { titleWithValue } from "../amount.ts";
import type { Breach } from "../ceremony.ts";
import { conditionInWords, type Metric, type Verdict } from "../metrics.ts";
import type { Hex } from "../primitives.ts";

interface Sampled {
  blockNumber: bigint;
  blockHash: Hex;
  blockTime: bigint;
  /** Null where nothing could be read. */
  value: bigint | null;
  verdict: Verdict;
}

/** "Pilot pool solvency is 9,871 bps, and must be at least 10,000 bps"; a clause. */
export function breachClause(metric: Metric, value: bigint | null): string {
  return `${titleWithValue(metric, value)}, and must be ${conditionInWords(metric)}`;
}

/**
 * The breach with what its metric's newest sample says, for whoever reads of it: what is decided hangs on what the log says.
 * The same where it is over, and where that sample does not fail or is older.
 */
export function breachNow(breach: Breach, metric: Metric, newest: Sampled | undefined): Breach {
  if (!breach.open || newest?.verdict !== "fail" || newest.value === null) return breach;
  const { blockNumber: number, blockHash: hash, blockTime: timestamp, value } = newest;
  if (number < breach.block.number) return breach;
  const block = { ...breach.block, number, hash, timestamp };
  return { ...breach, block, value: String(value), sentence: breachClause(metric, value) };
}
