/** What the buttons of chat messages stand for. */

import { z } from "zod";
import { canonicalJson } from "../domain/canonical.ts";
import type { Buttons } from "../ports.ts";
import { type Engine, inParts } from "./schema.ts";

const content = z.strictObject({
  command: z.string(),
  options: z.record(z.string(), z.string()),
  revision: z.number().optional(),
  label: z.string(),
  confirm: z.string().optional(),
});

export function createButtons({ db }: Engine): Buttons {
  return {
    async keepButtons(buttons, now) {
      const rows = buttons.map(({ id, revision, confirm, ...rest }) => {
        const optional = {
          ...(revision === undefined ? {} : { revision }),
          ...(confirm === undefined ? {} : { confirm }),
        };
        return { id, content: canonicalJson({ ...rest, ...optional }), at: now };
      });
      for (const part of inParts(rows))
        await db
          .insertInto("buttons")
          .values(part)
          .onConflict((known) => known.doNothing())
          .execute();
    },
    async button(id) {
      const row = await db.selectFrom("buttons").select("content").where("id", "=", id).executeTakeFirst();
      if (row === undefined) return undefined;
      const { revision, confirm, ...rest } = content.parse(JSON.parse(row.content));
      return { id, ...rest, revision, confirm };
    },
  };
}
