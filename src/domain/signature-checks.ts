/** Integrity of an owner's signature: over the right hash, by an owner, by the person who hands it in. */

import { transactionById } from "./ceremony.ts";
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
    return safe?.owners.includes(signature?.recovered ?? "0x")
      ? undefined
      : `the wallet ${signature?.recovered} that signed is not an owner of the Safe`;
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
