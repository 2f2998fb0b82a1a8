/** What anybody who has the signatures of a ceremony's transaction could send to its Safe. */

import { concat } from "viem";
import { type CeremonyState, signaturesOf, transactionById } from "../../src/domain/ceremony.ts";
import type { Hex } from "../../src/domain/primitives.ts";
import { execTransactionData, packSignatures } from "../../src/domain/safe-signatures.ts";
import type { EventStore } from "../../src/ports.ts";

export async function signedCall(store: Pick<EventStore, "blob">, state: CeremonyState, id: string): Promise<Hex> {
  const tx = transactionById(state, id);
  if (tx === undefined) throw new Error(`There is no ${id}.`);
  const given = await Promise.all(
    signaturesOf(state, id).map(async ({ owner, signature }) => {
      const bytes = (await store.blob(signature)) ?? new Uint8Array();
      return { owner, signature: concat([`0x${Buffer.from(bytes).toString("hex")}`]) };
    }),
  );
  return execTransactionData(tx.tx, packSignatures(given));
}
