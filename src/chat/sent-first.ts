/** What an alarm does not wait for. */

import { handedOver } from "../handed-over.ts";

/**
 * An alarm leaves before the disk has what is known of it: after a crash in between it is sent again. It also leaves where
 * the disk is full. Rejects where either failed.
 */
export async function sentFirst<Result>(send: () => Promise<Result>, keep: () => Promise<void>): Promise<Result> {
  const [sent, kept] = await Promise.allSettled([send(), handedOver().then(keep)]);
  if (sent.status === "rejected") throw sent.reason;
  if (kept.status === "rejected") throw kept.reason;
  return sent.value;
}
