/** Private links to the signing page: kept by the hash of their token, so that the database gives none away. */

import type { Links, PrivateLink } from "../links.ts";
import type { Engine } from "./schema.ts";

export function createLinks({ db }: Engine): Links {
  return {
    async keepLink({ revision, until, ...bound }) {
      const row = { ...bound, revision, sign_until: until, used_at: null };
      await db.insertInto("links").values(row).execute();
    },
    async link(hash) {
      const row = await db.selectFrom("links").selectAll().where("hash", "=", hash).executeTakeFirst();
      if (row === undefined) return undefined;
      const { purpose, person, account, ceremony, digest } = row;
      const found: PrivateLink = {
        ...{ hash, purpose, person, account, ceremony, digest },
        ...{ revision: Number(row.revision), until: BigInt(row.sign_until) },
        used: row.used_at !== null,
      };
      return found;
    },
    async useLink(hash, now) {
      await db
        .updateTable("links")
        .set({ used_at: now })
        .where("hash", "=", hash)
        .where("used_at", "is", null)
        .execute();
    },
  };
}
