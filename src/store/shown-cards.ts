/** Where each card stands on each platform, so that a restart edits it instead of posting it again. */

import type { ShownCards } from "../ports.ts";
import type { Engine } from "./schema.ts";

export function createShownCards({ db }: Engine): ShownCards {
  return {
    async shownCard(platform, key) {
      const found = db.selectFrom("shown_cards").selectAll();
      const row = await found.where("platform", "=", platform).where("key", "=", key).executeTakeFirst();
      return row && { ...row, thread: row.thread ?? undefined, revision: Number(row.revision) };
    },
    async keepShownCard({ platform, key, ...rest }) {
      const values = { ...rest, thread: rest.thread ?? null };
      await db
        .insertInto("shown_cards")
        .values({ platform, key, ...values })
        .onConflict((known) => known.columns(["platform", "key"]).doUpdateSet(values))
        .execute();
    },
  };
}
