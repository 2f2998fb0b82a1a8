/** What of a ceremony could still run on a chain although nobody wants it any more. */

import {
  type CeremonyState,
  isFullySigned,
  looseSignatures,
  onChainOf,
  pendingOperations,
  releaseSet,
  sameNonce,
} from "./ceremony.ts";
import { endings } from "./lifecycle.ts";
import { isLateRollback, unaskedRollbacks } from "./presigned.ts";
import type { CeremonyTx } from "./transactions.ts";

/**
 * What could still run although the ceremony does not want it any more: of an ended one its scheduled operations and
 * signed transactions, and in every state what was signed for an earlier review (trust rule 5). How many signatures that
 * has outside of this log nobody can know, so one is enough to name it.
 */
export function stillExecutable(state: CeremonyState): string[] {
  const used = (state.windDown?.transactions ?? []).filter((tx) => onChainOf(state, tx.id) !== undefined);
  const loose = looseSignatures(state).filter((tx) => !used.some((other) => sameNonce(tx, other)));
  const wanted = new Set(releaseSet(state).map((tx) => tx.safeTxHash));
  const earlier = loose
    .filter((tx) => state.abandoned.includes(tx) && !wanted.has(tx.safeTxHash))
    .map((tx) => `${tx.id} as it was signed before (${nonceInWords(tx)})`);
  if (!endings.includes(state.status)) return [...unaskedRollbacks(state).map(unasked), ...earlier];
  const signed = loose.filter((tx) => !state.abandoned.includes(tx));
  const short = (tx: CeremonyTx) => (isFullySigned(state, tx) ? "" : ", once more owners have signed it");
  return [
    ...pendingOperations(state).map((tx) => `${tx.id} (in the timelock)`),
    ...signed.map((tx) => `${tx.id} (${nonceInWords(tx)}${short(tx)}${isLateRollback(state, tx) ? lateInWords : ""})`),
    ...earlier,
  ];
}

/** A full set of signatures is a bearer token, for this much. */
const lateInWords = ": anyone can schedule it; it runs only after its upgrade, and after the timelock's delay";

const unasked = ({ id }: CeremonyTx) =>
  `${id}: it stands in the timelock, and nobody is rolling back; an executor can run it once its delay is over, and the guardian Safe can cancel it`;

const nonceInWords = ({ tx }: CeremonyTx) => `nonce ${tx.nonce}`;
