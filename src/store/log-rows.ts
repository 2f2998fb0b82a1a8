/** The log as it lies in the tables, unparsed: what an audit must see. */

import type { Hex } from "../domain/primitives.ts";
import type { Engine, EventsTable } from "./schema.ts";

/** One moment's view of a stream. `head` is missing where somebody removed it. */
export interface StreamRows {
  head: { seq: number; hash: Hex } | undefined;
  events: EventsTable[];
}

export interface LogRows {
  /** Every stream that has a head or an event, by name. */
  streamNames(): Promise<string[]>;
  streamRows(stream: string): Promise<StreamRows>;
  /** Hashes under which content is kept. */
  blobHashes(): Promise<Hex[]>;
}

export function createLogRows({ db }: Engine): LogRows {
  return {
    async streamNames() {
      const heads = db.selectFrom("heads").select("stream");
      const rows = await heads.union(db.selectFrom("events").select("stream")).execute();
      return rows.map((row) => row.stream).sort();
    },
    async streamRows(stream) {
      // One snapshot: an append between the two reads would look like a fault.
      const snapshot = db.transaction().setIsolationLevel("repeatable read").setAccessMode("read only");
      return snapshot.execute(async (trx) => {
        const head = await trx.selectFrom("heads").selectAll().where("stream", "=", stream).executeTakeFirst();
        const events = await trx.selectFrom("events").selectAll().where("stream", "=", stream).orderBy("seq").execute();
        return { head: head && { seq: Number(head.seq), hash: head.head }, events };
      });
    },
    async blobHashes() {
      return (await db.selectFrom("blobs").select("hash").orderBy("hash").execute()).map((row) => row.hash);
    },
  };
}
