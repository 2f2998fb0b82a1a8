/** Integrity of an owner's signature: over the right hash, by an owner, by the person who hands it in. */

import { transactionById } from "./ceremony.ts";
import type { NestedSafe } from "./events.ts";
import type { IntegrityCheck } from "./integrity.ts";
import { personOfWallet } from "./policy.ts";
import { safeKey } from "./transactions.ts";

export const hashIsAskedFor: IntegrityCheck = {
  id: "signature-hash",
  steps: ["sign"],
  fault: ({ state, signature }) => {
    if (signature === undefined) return "there is no signature";
    const tx = transactionById(state, signature.tx);
    return tx?.safeTxHash === signature.safeTxHash
      ? undefined
      : "the signature is over another hash than the one this ceremony asks for";
  },
};

export const signerIsOwner: IntegrityCheck = {
  id: "signature-owner",
  steps: ["sign"],
  fault: ({ state, signature, safes }) => {
    const tx = signature && transactionById(state, signature.tx);
    const safe = tx && safes.find((one) => safeKey(one.chain, one.address) === safeKey(tx.tx.chain, tx.tx.safe));
    if (safe === undefined || signature === undefined) return "the Safe was not read";
    // Each on the way must be an owner of the one before it, and a Safe of which the chain says so.
    let at: Pick<NestedSafe, "owners"> = safe;
    for (const address of signature.via) {
      const child = safe.nested.find((one) => one.address === address);
      if (child === undefined || !at.owners.includes(address))
        return `the Safe ${address}, for which the wallet signed, does not lead to the Safe ${safe.address} as an owner`;
      at = child;
    }
    const last = signature.via.at(-1);
    return at.owners.includes(signature.recovered)
      ? undefined
      : `the wallet ${signature.recovered} that signed is not an owner of the Safe${last === undefined ? "" : ` ${last}`}`;
  },
};

export const walletIsTheirs: IntegrityCheck = {
  id: "signature-person",
  steps: ["sign"],
  fault: ({ policy, signature }) =>
    signature !== undefined && personOfWallet(policy, signature.recovered)?.id === signature.person
      ? undefined
      : `the wallet ${signature?.recovered} that signed is not linked to you`,
};
