/** Which deliveries of a chat platform were taken in already. */

import type { Deliveries } from "../ports.ts";
import type { Engine } from "./schema.ts";

export function createDeliveries({ db }: Engine): Deliveries {
  return {
    async firstTime(deliveryId, now) {
      const row = { id: deliveryId, at: now };
      const result = await db
        .insertInto("deliveries")
        .values(row)
        .onConflict((known) => known.doNothing())
        .executeTakeFirst();
      return result.numInsertedOrUpdatedRows === 1n;
    },
  };
}
