/** What becomes of bytes that were handed to a node. */

import type { Receipt } from "../chain-facts.ts";
import type { Hex } from "../domain/primitives.ts";
import { type Chain, ChainFault } from "../ports.ts";
import { minedOf } from "../sent-hashes.ts";

/** The chain answered, and refused the bytes; anything else may have been a bad connection. */
export const isRejected = (fault: unknown): fault is ChainFault =>
  fault instanceof ChainFault && fault.kind === "rejected";

/** As the chain's own; what the gas account cannot pay for stays as it is, and is sent on: its balance is watched apart. */
export async function raisedIfPayable(chain: Chain, raw: Hex): ReturnType<Chain["raisedFee"]> {
  return chain.raisedFee(raw).catch((fault: unknown) => {
    if (!isRejected(fault)) throw fault;
    return undefined;
  });
}

/** Polls for a few seconds; throws where none is mined by then, so that the bytes are sent again. */
export async function mined(chain: Chain, ...hashes: readonly Hex[]): Promise<Receipt> {
  for (let attempt = 0; attempt < 40; attempt += 1) {
    const receipt = await minedOf(chain, hashes);
    if (receipt !== undefined) return receipt;
    await new Promise((resolve) => setTimeout(resolve, attempt < 10 ? 20 : 100));
  }
  throw new Error(`Transaction ${hashes[0]} is not mined yet.`);
}
