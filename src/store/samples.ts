/** Measured values, kept as the evidence behind a canary's verdicts. */

import type { Transaction } from "kysely";
import type { SampleRow, SampleStore } from "../ports.ts";
import { type Engine, inParts, type Tables } from "./schema.ts";

/** The same (ceremony, metric, block hash) twice is one row. */
export async function insertSamples(trx: Transaction<Tables>, rows: readonly SampleRow[]): Promise<void> {
  const stored = rows.map(({ ceremony, metric, chain, verdict, reason, value, ...at }) => ({
    ...{ ceremony, metric, chain, verdict, reason, value: value === null ? null : value.toString() },
    ...{ block_number: at.blockNumber, block_hash: at.blockHash, block_time: at.blockTime },
    observed_at: at.observedAt,
  }));
  for (const part of inParts(stored))
    await trx
      .insertInto("samples")
      .values(part)
      .onConflict((row) => row.doNothing())
      .execute();
}

export function createSampleStore({ db }: Engine): SampleStore {
  return {
    async addSamples(rows) {
      await db.transaction().execute((trx) => insertSamples(trx, rows));
    },
    async samples(ceremony, metric, limit) {
      const all = db.selectFrom("samples").selectAll().where("ceremony", "=", ceremony);
      const found = metric === undefined ? all : all.where("metric", "=", metric);
      const newestFirst = found
        .orderBy("block_number", "desc")
        .orderBy("observed_at", "desc")
        .orderBy("metric", "desc");
      const rows = await (limit === undefined ? newestFirst : newestFirst.limit(limit)).execute();
      return rows.reverse().map(
        (row): SampleRow => ({
          ...{ ceremony: row.ceremony, metric: row.metric, chain: row.chain, verdict: row.verdict, reason: row.reason },
          ...{ blockNumber: BigInt(row.block_number), blockHash: row.block_hash, blockTime: BigInt(row.block_time) },
          observedAt: BigInt(row.observed_at),
          value: row.value === null ? null : BigInt(row.value),
        }),
      );
    },
  };
}
