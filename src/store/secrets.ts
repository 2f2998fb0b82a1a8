/** Random keys of this installation. They lie beside the log, never in it, and an export of the log has none of them. */

import { randomBytes } from "node:crypto";
import type { Secrets } from "../ports.ts";
import type { Engine } from "./schema.ts";

export function createSecrets({ db }: Engine): Secrets {
  return {
    async secret(name) {
      await db
        .insertInto("secrets")
        .values({ name, bytes: randomBytes(32) })
        .onConflict((known) => known.doNothing())
        .execute();
      const row = await db.selectFrom("secrets").select("bytes").where("name", "=", name).executeTakeFirstOrThrow();
      return new Uint8Array(row.bytes);
    },
  };
}
