/** Ends that are not a close: cancel, and making what was signed or scheduled unusable (trust rule 5). */

import { looseSignatures, pendingOperations } from "./ceremony.ts";
import { accept, type Decision, refuse, type Setting, withoutRole } from "./decision.ts";
import { event } from "./events.ts";
import type { Intent } from "./intent.ts";
import { windDownTransactions } from "./wind-down.ts";

type Of<K extends Intent["kind"]> = Extract<Intent, { kind: K }>;

export function cancel(intent: Of<"cancel">, { state, policy }: Setting): Decision {
  const { by, reason } = intent;
  const role = withoutRole(policy, by, ["proposer", "approver", "guardian"], `cancel ${state.id}`);
  if (role !== undefined) return { ok: false, refusal: role };
  if (state.executedLegs.length > 0)
    return refuse(
      "cancel/executed",
      `${state.id} has been executed in part and cannot be cancelled: hold it, contain it, or roll it back.`,
    );
  return accept(event("cancelled", { by, reason }));
}

/** Puts up for signature what cancels operations and uses up nonces; closes at once where nothing is left. */
export function windDown(intent: Of<"windDown">, { state, policy, now }: Setting): Decision {
  if (state.status === "canary" && !state.closing)
    return refuse("wind-down/running", `${state.id} is still under its canary: its rollback must stay where it is.`);
  const transactions = windDownTransactions(state, policy, intent.safes);
  const [block] = now.chains;
  const asked = state.windDown?.transactions.map((one) => one.safeTxHash);
  if (transactions.length > 0 && transactions.map((one) => one.safeTxHash).join() === asked?.join()) return accept();
  if (transactions.length > 0)
    return accept(
      event("windDownOpened", {
        safes: intent.safes,
        transactions: transactions.map(({ id, purpose, subject, tx, safeTxHash, operationId }) => ({
          id,
          purpose: purpose === "cancel" ? ("cancel" as const) : ("reject" as const),
          subject,
          tx,
          safeTxHash,
          ...(operationId === undefined ? {} : { operationId }),
        })),
      }),
    );
  // Nothing to sign, because the Safes are past every nonce: that was read, and is to be known.
  const past =
    looseSignatures(state).length > 0 ? [event("windDownOpened", { safes: intent.safes, transactions: [] })] : [];
  return state.closing && pendingOperations(state).length === 0 && block !== undefined
    ? accept(...past, event("closed", { block }))
    : accept(...past);
}
