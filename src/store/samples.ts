/** Measured values, kept as the evidence behind a canary's verdicts. */

import type { Transaction } from "kysely";
import type { SampleRow, SampleStore } from "../ports.ts";
import { type Engine, inParts, type Tables } from "./schema.ts";

/** The same (ceremony, metric, block hash) twice is one row; a value is put in where there was none. */
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
      .onConflict((row) =>
        row
          .columns(["ceremony", "metric", "block_hash"])
          .doUpdateSet(({ ref }) => ({ value: ref("excluded.value") }))
          .where("samples.value", "is", null),
      )
      .execute();
}

export function createSampleStore({ db }: Engine): SampleStore {
  return {
    async addSamples(rows) {
      await db.transaction().execute((trx) => insertSamples(trx, rows));
    },
    async samples(ceremony, metric, { newest, below, superseded = false } = {}) {
      let found = db
        .selectFrom("samples")
        .leftJoin("block_verdicts as block", (on) =>
          on.onRef("block.chain", "=", "samples.chain").onRef("block.hash", "=", "samples.block_hash"),
        )
        .selectAll("samples")
        .select("block.superseded_by")
        .where("ceremony", "=", ceremony);
      if (metric !== undefined) found = found.where("metric", "=", metric);
      if (below !== undefined) found = found.where("block_number", "<", below);
      if (!superseded) found = found.where("block.superseded_by", "is", null);
      const newestFirst = found
        .orderBy("block_number", "desc")
        .orderBy("observed_at", "desc")
        .orderBy("metric", "desc");
      const rows = await (newest === undefined ? newestFirst : newestFirst.limit(newest)).execute();
      return rows.reverse().map(
        (row): SampleRow => ({
          ...{ ceremony: row.ceremony, metric: row.metric, chain: row.chain, verdict: row.verdict, reason: row.reason },
          ...{ blockNumber: BigInt(row.block_number), blockHash: row.block_hash, blockTime: BigInt(row.block_time) },
          observedAt: BigInt(row.observed_at),
          value: row.value === null ? null : BigInt(row.value),
          ...(row.superseded_by === null ? {} : { supersededBy: row.superseded_by }),
        }),
      );
    },
  };
}
