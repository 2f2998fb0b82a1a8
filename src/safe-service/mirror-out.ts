/** Puts a signature given here where the other owners' Safe{Wallet} shows it. */

import type { CeremonyState } from "../domain/ceremony.ts";
import type { Address, Hex } from "../domain/primitives.ts";
import { recoverOwner } from "../domain/safe-signatures.ts";
import type { CeremonyTx } from "../domain/transactions.ts";
import { ChainFault } from "../ports.ts";
import { type Delegate, type SafeService, ServiceFault } from "../safe-service-port.ts";

/** An owner's signature, and who proposes for the owners; without a delegate the first owner's signature does. */
export interface Given {
  owner: Address;
  signature: Hex;
  delegate: Delegate | undefined;
}

/** Why the delegate did not propose: the service would not have it, or the chain says that it is an owner. */
export interface Undelegated {
  by: "service" | "chain";
  reason: string;
}

/** Kept in the outbox. `mirrored`: it is there; the others say why it never will be. */
export type Mirrored = { mirrored: Hex; undelegated?: Undelegated } | { skipped: string } | { refused: string };

/**
 * Rejects with a {@link ServiceFault} where it is to be tried again. Only a key's own signature over the transaction goes
 * there: the service knows no nested Safes. Nothing is proposed without an owner's signature, by a delegate neither: before
 * it is there Safe{Wallet} may rewrite the gas fields, and that is another transaction.
 */
export async function mirrorOut(
  service: SafeService,
  state: CeremonyState,
  ours: CeremonyTx,
  given: Given,
): Promise<Mirrored> {
  const { safeTxHash } = ours;
  const recovered = await recoverOwner(safeTxHash, given.signature);
  if (!recovered.ok || recovered.owner !== given.owner)
    return { skipped: "it is no key's signature over this transaction" };
  try {
    const undelegated = await put(service, state, ours, given);
    return { mirrored: safeTxHash, ...(undelegated && { undelegated }) };
  } catch (fault) {
    if (isOfKind(fault, "refused")) return { refused: fault.message };
    throw fault;
  }
}

async function put(
  service: SafeService,
  state: CeremonyState,
  { id, tx, safeTxHash }: CeremonyTx,
  { owner, signature, delegate }: Given,
): Promise<Undelegated | undefined> {
  const origin = JSON.stringify({ name: `Quorate ${state.id}, revision ${state.revision}: ${id}`.slice(0, 180) });
  const confirm = () => service.confirm(tx.chain, safeTxHash, signature);
  const [first] = state.signatures.filter((one) => one.safeTxHash === safeTxHash);
  // It may be that the first signature was refused, or is lost there; and a delegate's proposal may be there without one.
  if ((delegate !== undefined || first?.owner !== owner) && (await isTaken(confirm))) return undefined;
  const undelegated = delegate && (await proposedBy(delegate));
  if (delegate === undefined || undelegated !== undefined)
    await service.propose(tx, safeTxHash, owner, signature, origin);
  else await confirm();
  return undelegated;

  async function proposedBy({ account, sign }: Delegate): Promise<Undelegated | undefined> {
    try {
      await service.propose(tx, safeTxHash, account, await sign(tx), origin);
      return undefined;
    } catch (fault) {
      if (isOfKind(fault, "refused")) return { by: "service", reason: fault.message };
      if (fault instanceof ChainFault && fault.kind === "rejected") return { by: "chain", reason: fault.message };
      throw fault;
    }
  }
}

/** False where the service has no such transaction. */
async function isTaken(confirm: () => Promise<void>): Promise<boolean> {
  try {
    await confirm();
    return true;
  } catch (fault) {
    if (isOfKind(fault, "unknown")) return false;
    throw fault;
  }
}

const isOfKind = (fault: unknown, kind: ServiceFault["kind"]): fault is ServiceFault =>
  fault instanceof ServiceFault && fault.kind === kind;
