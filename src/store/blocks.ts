/** Watched blocks with their verdicts, and how far nothing is missing. */

import { type Kysely, type Selectable, sql, type Transaction } from "kysely";
import type { Block } from "../block-reads.ts";
import type { BlockRun, BlockStore, JudgedBlock } from "../block-store.ts";
import type { ChainId, Hex } from "../domain/primitives.ts";
import { packVerdicts, unpackVerdicts } from "../domain/watch/verdict-bits.ts";
import { StoreFault } from "./fault.ts";
import type { SampleNews } from "./sample-news.ts";
import { insertSamples, sampledBlocks } from "./samples.ts";
import type { BlockVerdictsTable, Engine, Tables } from "./schema.ts";

export function createBlockStore(engine: Engine, { telling }: SampleNews): BlockStore {
  const { db } = engine;
  return {
    blockRuns: (chain, depth) => db.transaction().execute((trx) => runs(trx, chain, depth)),
    async keepBlock(chain, block, samples, complete) {
      await engine.ready();
      const { bits, others } = packVerdicts(block.verdicts);
      const judged = {
        ...{ catalogue: block.catalogue, verdict_count: block.verdicts.length, verdicts: bits, others },
        superseded_by: null,
      };
      const header = { number: block.number, hash: block.hash, parent: block.parent, time: block.timestamp };
      const write = async (trx: Transaction<Tables>) => {
        await trx
          .insertInto("block_verdicts")
          .values({ chain, ...header, ...judged })
          .onConflict((known) => known.columns(["chain", "hash"]).doUpdateSet(judged))
          .execute();
        await insertSamples(trx, samples);
        await moveCursor(trx, chain, complete);
      };
      // Samples that it had, and that were superseded, are canonical again.
      const changed = [{ chain, number: block.number }, ...sampledBlocks(samples)];
      await telling(changed, () => db.transaction().execute(write));
    },
    async supersedeBlocks(chain, orphaned, complete) {
      await engine.ready();
      const write = async (trx: Transaction<Tables>) => {
        for (const { hash, by } of orphaned)
          await trx
            .updateTable("block_verdicts")
            .set({ superseded_by: by })
            .where("chain", "=", chain)
            .where("hash", "=", hash)
            .execute();
        await moveCursor(trx, chain, complete);
      };
      const changed = orphaned.map(({ number }) => ({ chain, number }));
      await telling(changed, () => db.transaction().execute(write));
    },
    async judgedBlocks(chain, from, to) {
      const found = canonical(db, chain).where("number", ">=", from).where("number", "<=", to);
      return (await found.orderBy("number").execute()).map(judgedBlock);
    },
    async unsampled(chain, { ceremony, metric }, from, most) {
      const found = canonical(db, chain)
        .where("number", ">=", from)
        .where(({ not, exists, selectFrom }) =>
          not(
            exists(
              selectFrom("samples")
                .select("samples.metric")
                .where("samples.ceremony", "=", ceremony)
                .where("samples.metric", "=", metric)
                .whereRef("samples.block_hash", "=", "block_verdicts.hash"),
            ),
          ),
        );
      return (await found.orderBy("number").limit(most).execute()).map(headerOf);
    },
    async newestJudged(chain, count) {
      const found = await canonical(db, chain).orderBy("number", "desc").limit(count).execute();
      return found.reverse().map(judgedBlock);
    },
  };
}

async function moveCursor(trx: Transaction<Tables>, chain: ChainId, complete: bigint): Promise<void> {
  await trx
    .insertInto("block_cursors")
    .values({ chain, complete })
    .onConflict((known) => known.column("chain").doUpdateSet({ complete }))
    .execute();
}

function canonical(db: Kysely<Tables>, chain: ChainId) {
  return db.selectFrom("block_verdicts").selectAll().where("chain", "=", chain).where("superseded_by", "is", null);
}

async function runs(trx: Transaction<Tables>, chain: ChainId, depth: number): Promise<BlockRun[]> {
  const cursor = await trx.selectFrom("block_cursors").selectAll().where("chain", "=", chain).executeTakeFirst();
  if (cursor === undefined) return [];
  const complete = BigInt(cursor.complete);
  const base = await newest(trx, chain, 0n, complete, depth);
  const starts = await startsAfter(trx, chain, complete);
  const later = starts.map(async ({ first, parent }, index): Promise<BlockRun> => {
    const end = (starts[index + 1]?.first ?? 2n ** 62n) - 1n;
    return { first, parent, newest: await newest(trx, chain, first, end, depth) };
  });
  const [oldest] = await canonical(trx, chain)
    .where("number", "<=", cursor.complete)
    .orderBy("number")
    .limit(1)
    .execute();
  const start = oldest === undefined ? { first: complete + 1n, parent: undefined } : startOf(oldest);
  return [{ ...start, newest: base }, ...(await Promise.all(later))];
}

async function newest(db: Kysely<Tables>, chain: ChainId, from: bigint, to: bigint, depth: number): Promise<Block[]> {
  const found = canonical(db, chain).where("number", ">=", from).where("number", "<=", to);
  const rows = await found.orderBy("number", "desc").limit(depth).execute();
  return rows.reverse().map(headerOf);
}

/** First blocks of runs beyond the cursor: those whose number does not follow another's. */
async function startsAfter(
  db: Kysely<Tables>,
  chain: ChainId,
  complete: bigint,
): Promise<{ first: bigint; parent: Hex }[]> {
  const rows = await canonical(db, chain)
    .where("number", ">", complete)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom("block_verdicts as before")
            .select("before.number")
            .whereRef("before.chain", "=", "block_verdicts.chain")
            .where("before.superseded_by", "is", null)
            .where("before.number", ">", complete)
            .where(sql<boolean>`before.number = block_verdicts.number - 1`),
        ),
      ),
    )
    .orderBy("number")
    .execute();
  return rows.map(startOf);
}

const startOf = (row: Row) => ({ first: BigInt(row.number), parent: row.parent });

type Row = Selectable<BlockVerdictsTable>;

function headerOf(row: Row): Block {
  return { number: BigInt(row.number), hash: row.hash, parent: row.parent, timestamp: BigInt(row.time) };
}

function judgedBlock(row: Row): JudgedBlock {
  try {
    const packed = { bits: Uint8Array.from(row.verdicts), others: row.others };
    return { ...headerOf(row), catalogue: row.catalogue, verdicts: unpackVerdicts(packed, Number(row.verdict_count)) };
  } catch (cause) {
    const sentence = `The verdicts of block ${row.number} of ${row.chain} are not readable: they were damaged or edited.`;
    throw new StoreFault("damaged", sentence, { cause });
  }
}
