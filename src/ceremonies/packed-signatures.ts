/** What owners signed, as their Safe takes it. */

import { concat } from "viem";
import { type CeremonyState, signaturesOf } from "../domain/ceremony.ts";
import { packApprovals } from "../domain/nested-safes.ts";
import type { Hex } from "../domain/primitives.ts";
import type { CeremonyTx } from "../domain/transactions.ts";
import type { Chains, Store } from "../ports.ts";
import { readSafe } from "./facts.ts";

/** Throws where a signature is not in the store, or cannot be opened. */
export async function packedSignatures(
  state: CeremonyState,
  tx: CeremonyTx,
  { store, chains }: { store: Pick<Store, "blob">; chains: Chains },
): Promise<Hex> {
  // As it is now: one signature of somebody who does not own it any more, and the Safe refuses all of them.
  const safe = await readSafe(chains, tx.tx.chain, tx.tx.safe);
  const given = await Promise.all(
    signaturesOf(state, tx.id).map(async (one) => {
      const bytes = await store.blob(one.signature);
      if (bytes === undefined) throw new Error(`The signature of ${one.person} for ${tx.id} is not in the store.`);
      return { ...one, signature: concat([`0x${Buffer.from(bytes).toString("hex")}`]) };
    }),
  );
  return packApprovals(safe, given);
}
