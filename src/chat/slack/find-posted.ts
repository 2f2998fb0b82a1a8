/** Looks in a channel, or a thread, for the bot's own message of a card. */

import { z } from "zod";
import type { ShownCard } from "../../ports.ts";
import type { WebClient } from "./api.ts";
import { cardEvent } from "./card-message.ts";
import type { Identity } from "./sign-in.ts";

/** How far back: a post whose outcome is unknown is looked for soon. */
const most = 200;

const ours = z.object({
  ts: z.string(),
  user: z.string().optional(),
  bot_id: z.string().optional(),
  metadata: z.object({
    event_type: z.literal(cardEvent),
    event_payload: z.object({ key: z.string(), revision: z.number() }),
  }),
});

/** Needs the scope `channels:history` (`groups:history` in a private channel); without it Slack says `missing_scope`. */
export async function findPosted(
  client: WebClient,
  { key, channel, thread }: ShownCard,
  identity: Identity | undefined,
): Promise<Pick<ShownCard, "message" | "revision"> | undefined> {
  const page = { channel, limit: most, include_all_metadata: true };
  const { messages = [] } =
    thread === undefined
      ? await client.conversations.history(page)
      : await client.conversations.replies({ ...page, ts: thread });
  for (const message of messages) {
    const { success, data } = ours.safeParse(message);
    if (!success || data.metadata.event_payload.key !== key) continue;
    if (data.user === identity?.user || (data.bot_id !== undefined && data.bot_id === identity?.bot))
      return { message: data.ts, revision: data.metadata.event_payload.revision };
  }
  return undefined;
}
