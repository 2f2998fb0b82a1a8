/** Under which hashes a transaction of the outbox was handed to its node: each time its fee was raised, one more. */

import { z } from "zod";
import type { Receipt } from "./chain-facts.ts";
import { bytes32, type Hex } from "./domain/primitives.ts";
import type { Chain } from "./ports.ts";

const form = z.object({ hash: bytes32, before: z.array(bytes32).optional() });

/** As an entry's progress has them, the newest first. They share a nonce: one of them is mined at most. */
export function sentHashes(progress: Record<string, unknown> | undefined): Hex[] {
  const { hash, before } = form.safeParse(progress).data ?? {};
  return hash === undefined ? [] : [hash, ...(before ?? [])];
}

/** The receipt of whichever is mined. */
export async function minedOf(chain: Pick<Chain, "receipt">, hashes: readonly Hex[]): Promise<Receipt | undefined> {
  const receipts = await Promise.all(hashes.map((hash) => chain.receipt(hash)));
  return receipts.find((one) => one !== undefined);
}

/** Of an execution that was mined and did nothing: a receipt says no more. */
export const refusedOnChain = "the transaction reverted: the timelock or a precondition refused it";
