/** What the gas key has sent and may not run any more: its nonce is taken by a transaction that does nothing. */

import { z } from "zod";
import type { Receipt } from "../chain-facts.ts";
import { bytes32, type Hex } from "../domain/primitives.ts";
import type { Chain, OutboxItem, Store } from "../ports.ts";
import { minedOf, sentHashes } from "../sent-hashes.ts";
import { mined, raisedIfPayable } from "./sent-bytes.ts";

const bytes = z.templateLiteral(["0x", z.string()]);
const form = z.object({
  raw: bytes,
  back: z.object({ reason: z.string(), raw: bytes, hash: bytes32 }).loose().optional(),
});

const begunIn = ({ progress }: OutboxItem) => form.safeParse(progress).data?.back;

/** Why it is being taken back already: that is gone through with, whatever may run by now. */
export const whyTakenBack = (item: OutboxItem): string | undefined => begunIn(item)?.reason;

/** It ran all the same; or it never will, because of `replacedBy`, or of a transaction that nobody knows here. */
export type TakenBack = { ran: Receipt } | { replacedBy: Hex } | { isOvertaken: true };

/**
 * `sent`: every hash under which it was sent, at whichever fee; the newest bytes are the entry's progress. Stored before it
 * leaves. Throws where nothing is mined yet, so that it is tried again.
 */
export async function takeBack(
  item: OutboxItem,
  sent: readonly Hex[],
  reason: string,
  chain: Chain,
  store: Pick<Store, "saveProgress">,
): Promise<TakenBack> {
  const begun = begunIn(item);
  const before = sentHashes(begun);
  const outcome = (last: Receipt): TakenBack => (sent.includes(last.hash) ? { ran: last } : { replacedBy: last.hash });
  const anew = await chain.replacement(begun?.raw ?? form.parse(item.progress).raw);
  if (anew === undefined) {
    const last = await minedOf(chain, [...sent, ...before]);
    return last === undefined ? { isOvertaken: true } : outcome(last);
  }
  const next = begun === undefined ? anew : ((await raisedIfPayable(chain, begun.raw)) ?? begun);
  if (next !== begun) await store.saveProgress(item.id, { ...item.progress, back: { ...next, reason, before } });
  await chain.broadcast(next.raw);
  return outcome(await mined(chain, ...new Set([...sent, next.hash, ...before])));
}
