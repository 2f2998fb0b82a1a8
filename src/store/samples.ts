/** Measured values, kept as the evidence behind a canary's verdicts. */

import type { SampleRow, SampleStore } from "../ports.ts";
import { type Engine, inParts } from "./schema.ts";

export function createSampleStore({ db }: Engine): SampleStore {
  return {
    async addSamples(rows) {
      const stored = rows.map(({ ceremony, metric, chain, verdict, reason, value, ...at }) => ({
        ...{ ceremony, metric, chain, verdict, reason, value: value === null ? null : value.toString() },
        ...{ block_number: at.blockNumber, block_hash: at.blockHash, block_time: at.blockTime },
        observed_at: at.observedAt,
      }));
      await db.transaction().execute(async (trx) => {
        for (const part of inParts(stored))
          await trx
            .insertInto("samples")
            .values(part)
            .onConflict((row) => row.doNothing())
            .execute();
      });
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
