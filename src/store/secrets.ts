/** Random keys of this installation. They lie beside the log, never in it, and an export of the log has none of them. */

import { randomBytes } from "node:crypto";
import type { Secrets } from "../ports.ts";
import type { Engine } from "./schema.ts";

export function createSecrets({ db }: Engine): Secrets {
  const known = (name: string) => db.selectFrom("secrets").select("bytes").where("name", "=", name);
  return {
    async secret(name) {
      // Who only reads may not write: what is there is enough.
      const there = await known(name).executeTakeFirst();
      if (there !== undefined) return new Uint8Array(there.bytes);
      await db
        .insertInto("secrets")
        .values({ name, bytes: randomBytes(32) })
        .onConflict((one) => one.doNothing())
        .execute();
      const row = await known(name).executeTakeFirstOrThrow();
      return new Uint8Array(row.bytes);
    },
  };
}
