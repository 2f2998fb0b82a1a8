/**
 * What may be shown in Safe's Transaction Service. The service is public: whoever reads a full set of signatures there
 * can send the transaction. So the one that would complete a schedule's set stays here until the council has it sent;
 * and what waits fully signed for a bad day, a containment or a presigned rollback, is not put there before it is used.
 */

import type { GivenSignature } from "./ceremony.ts";
import { type CeremonyState, isFullySigned, onChainOf, signaturesOf } from "./ceremony.ts";
import type { Policy } from "./policy.ts";
import { isLateRollback, rollbacksToSend } from "./presigned.ts";
import type { CeremonyTx } from "./transactions.ts";

/** The account that a confirmation made in Safe{Wallet} is recorded under: `safe-service:0x…`. */
export const serviceAccount = (wallet: string) => `safe-service:${wallet}`;

/** Signatures that may be public now, in the order in which they were given. */
export function publicSignatures(state: CeremonyState, tx: CeremonyTx): GivenSignature[] {
  const given = signaturesOf(state, tx.id);
  switch (tx.purpose) {
    case "containment":
      return [];
    case "cancel":
    case "reject":
      return given;
    default: {
      if (isBeingSent(state, tx)) return given;
      if (isLateRollback(state, tx)) return [];
      return given.filter((_, index) => !isFullySigned({ ...state, signatures: given.slice(0, index + 1) }, tx));
    }
  }
}

function isBeingSent(state: CeremonyState, tx: CeremonyTx): boolean {
  if (!isLateRollback(state, tx)) return state.scheduleRequestedBy !== undefined;
  return rollbacksToSend(state, state.rollbackBy?.legs ?? []).some((one) => one.id === tx.id);
}

/** The transaction in Safe{Wallet}; undefined where it is not to be found there, or the chain has no short name. */
export function safeWalletLink(state: CeremonyState, tx: CeremonyTx, policy: Policy): string | undefined {
  const { shortName, transactionService } = policy.chains.find((one) => one.id === tx.tx.chain) ?? {};
  if (shortName === undefined || transactionService === undefined || onChainOf(state, tx.id) !== undefined)
    return undefined;
  if (publicSignatures(state, tx).length === 0) return undefined;
  const { safe } = tx.tx;
  return `https://app.safe.global/transactions/tx?safe=${shortName}:${safe}&id=multisig_${safe}_${tx.safeTxHash}`;
}
