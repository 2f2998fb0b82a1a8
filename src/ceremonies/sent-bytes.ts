/** What becomes of bytes that were handed to a node. */

import type { Receipt } from "../chain-facts.ts";
import type { Hex } from "../domain/primitives.ts";
import { type Chain, ChainFault } from "../ports.ts";

/** The chain answered, and refused the bytes; anything else may have been a bad connection. */
export const isRejected = (fault: unknown): fault is ChainFault =>
  fault instanceof ChainFault && fault.kind === "rejected";

/** Polls for a few seconds; throws where it is not mined by then, so that the bytes are sent again. */
export async function mined(chain: Chain, hash: Hex): Promise<Receipt> {
  for (let attempt = 0; attempt < 40; attempt += 1) {
    const receipt = await chain.receipt(hash);
    if (receipt !== undefined) return receipt;
    await new Promise((resolve) => setTimeout(resolve, attempt < 10 ? 20 : 100));
  }
  throw new Error(`Transaction ${hash} is not mined yet.`);
}
