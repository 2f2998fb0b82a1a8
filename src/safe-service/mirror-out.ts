/** Puts a signature given here where the other owners' Safe{Wallet} shows it. */

import type { CeremonyState } from "../domain/ceremony.ts";
import type { Address, Hex } from "../domain/primitives.ts";
import { recoverOwner } from "../domain/safe-signatures.ts";
import type { CeremonyTx } from "../domain/transactions.ts";
import { type SafeService, ServiceFault } from "../safe-service-port.ts";

/**
 * What became of it, for the outbox: `mirrored`, or why it never will be. Rejects with a {@link ServiceFault} where it is
 * to be tried again. Only a key's own signature over the transaction goes there: the service knows no nested Safes.
 */
export async function mirrorOut(
  service: SafeService,
  state: CeremonyState,
  { id, tx, safeTxHash }: CeremonyTx,
  owner: Address,
  signature: Hex,
): Promise<Record<string, unknown>> {
  const recovered = await recoverOwner(safeTxHash, signature);
  if (!recovered.ok || recovered.owner !== owner) return { skipped: "it is no key's signature over this transaction" };
  const origin = JSON.stringify({ name: `Quorate ${state.id}, revision ${state.revision}: ${id}`.slice(0, 180) });
  const propose = () => service.propose(tx, safeTxHash, owner, signature, origin);
  const [first] = state.signatures.filter((one) => one.safeTxHash === safeTxHash);
  try {
    if (first?.owner === owner) await propose();
    // It may be that the first signature was refused, or is lost there.
    else
      await service
        .confirm(tx.chain, safeTxHash, signature)
        .catch((fault) => (isUnknown(fault) ? propose() : reject(fault)));
    return { mirrored: safeTxHash };
  } catch (fault) {
    if (fault instanceof ServiceFault && fault.kind === "refused") return { refused: fault.message };
    throw fault;
  }
}

const isUnknown = (fault: unknown) => fault instanceof ServiceFault && fault.kind === "unknown";
const reject = (fault: unknown) => Promise.reject(fault);
