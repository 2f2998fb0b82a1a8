/** Measured values, kept as the evidence behind a canary's verdicts. */

import type { Transaction } from "kysely";
import type { SampleRow, SampleStore } from "../ports.ts";
import type { SampleNews } from "./sample-news.ts";
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

export const sampledBlocks = (rows: readonly SampleRow[]) =>
  rows.map(({ chain, blockNumber: number }) => ({ chain, number }));

export function createSampleStore({ db }: Engine, { telling, onSampled }: SampleNews): SampleStore {
  return {
    onSampled,
    async addSamples(rows) {
      await telling(sampledBlocks(rows), () => db.transaction().execute((trx) => insertSamples(trx, rows)));
    },
    async samples(ceremony, metric, { newest, oldest, from, below, superseded = false } = {}) {
      let found = db
        .selectFrom("samples")
        .leftJoin("block_verdicts as block", (on) =>
          on.onRef("block.chain", "=", "samples.chain").onRef("block.hash", "=", "samples.block_hash"),
        )
        .selectAll("samples")
        .select("block.superseded_by")
        .where("ceremony", "=", ceremony);
      if (metric !== undefined) found = found.where("metric", "=", metric);
      if (from !== undefined) found = found.where("block_number", ">=", from);
      if (below !== undefined) found = found.where("block_number", "<", below);
      if (!superseded) found = found.where("block.superseded_by", "is", null);
      const order = oldest === undefined ? "desc" : "asc";
      const ordered = found.orderBy("block_number", order).orderBy("observed_at", order).orderBy("metric", order);
      const most = oldest ?? newest;
      const rows = await (most === undefined ? ordered : ordered.limit(most)).execute();
      return (oldest === undefined ? rows.reverse() : rows).map(
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
