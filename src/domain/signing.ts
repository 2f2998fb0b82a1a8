/** Signatures: a wallet's act. One signature a person and transaction; signing counts as approving. */

import { type CeremonyState, onChainOf, signaturesOf, transactionById } from "./ceremony.ts";
import { accept, type Decision, refuse, type Setting } from "./decision.ts";
import { event } from "./events.ts";
import { broken } from "./integrity.ts";
import type { Intent } from "./intent.ts";
import { namesOf, type Person, type Policy, personById, personOfWallet } from "./policy.ts";
import type { CeremonyTx } from "./transactions.ts";
import { quorumChange } from "./voting.ts";

/** What may be signed at all: the release while it is under review, afterwards only what makes it unusable. */
function openForSigning(state: CeremonyState): CeremonyTx[] {
  const reviewing = ["in review", "approved", "signing"].includes(state.status);
  return (reviewing ? state.review?.transactions : state.windDown?.transactions) ?? [];
}

/** The transactions a person can sign now: their wallet is an owner of the Safe and has not signed yet. */
export function signable(state: CeremonyState, person: Person, policy: Policy): CeremonyTx[] {
  const open = openForSigning(state);
  const mayRelease = !state.proposers.includes(person.id) || policy.lanes[state.package.lane].proposerMaySign;
  return open.filter((tx) => {
    const safe = [...(state.windDown?.safes ?? []), ...(state.review?.safes ?? [])].find(
      (one) => one.address === tx.tx.safe && one.chain === tx.tx.chain,
    );
    const owns = person.wallets.some((wallet) => safe?.owners.includes(wallet));
    const signed = signaturesOf(state, tx.id).some((one) => one.person === person.id);
    const isRelease = tx.purpose === "upgrade" || tx.purpose === "rollback";
    return owns && !signed && onChainOf(state, tx.id) === undefined && (mayRelease || !isRelease);
  });
}

/** Takes a signature whose signer was recovered at the edge. */
export function sign(intent: Extract<Intent, { kind: "sign" }>, setting: Setting): Decision {
  const { state, policy, now, rules } = setting;
  const { by, tx: id, safeTxHash, signature, recovered, safe } = intent;
  const tx = transactionById(state, id);
  if (tx === undefined) return refuse("signature/unknown", `${state.id} asks for no signature called ${id}.`);
  const person = personById(policy, by.person);
  if (person === undefined) return refuse("signature/person", "Nobody in the council's policy has this account.");
  if (!openForSigning(state).includes(tx))
    return refuse("signature/closed", `The transaction ${id} cannot be signed now: ${state.id} is ${state.status}.`);
  if (onChainOf(state, id) !== undefined)
    return refuse("signature/mined", `The transaction ${id} is on the chain already; it needs no further signature.`);
  const isRelease = tx.purpose === "upgrade" || tx.purpose === "rollback";
  const ofReview = isRelease || tx.purpose === "containment";
  if (isRelease && state.proposers.includes(by.person) && !policy.lanes[state.package.lane].proposerMaySign)
    return refuse(
      "separation/proposer-signs",
      `You wrote ${state.id}, and this council does not take its authors' signatures.`,
    );
  if (ofReview && state.review !== undefined && now.wall > state.review.expiresAt)
    return refuse("signature/expired", `The review of ${state.id} has expired; nothing can be signed any more.`);
  const fault = broken(
    "sign",
    {
      state,
      policy,
      now,
      safes: [safe],
      legs: [],
      due: [],
      purpose: "upgrade",
      signature: { tx: id, safeTxHash, recovered, person: by.person },
    },
    ofReview ? rules.integrity : rules.integrity.filter((one) => one.id.startsWith("signature-")),
  );
  if (fault !== undefined) return { ok: false, refusal: fault };
  const given = signaturesOf(state, id).find((one) => one.person === by.person);
  if (given !== undefined)
    return refuse(
      "signature/again",
      `Your signature for ${id} is here already; one person signs once, with whichever wallet.`,
    );
  const next = { tx: id, safeTxHash, owner: recovered, person: by.person, signature };
  const after = { ...state, signatures: [...state.signatures, next] };
  const events = [event("signed", { tx: id, safeTxHash, owner: recovered, signature, by })];
  return accept(...events, ...(isRelease ? quorumChange(after, policy, rules) : []));
}

/** What is still unsigned, and who could sign it. */
export function missingSignatures(
  state: CeremonyState,
  policy: Policy,
): { tx: CeremonyTx; missing: number; who: string[] }[] {
  const open = openForSigning(state);
  const safes = [...(state.windDown?.safes ?? []), ...(state.review?.safes ?? [])];
  return open
    .filter((tx) => onChainOf(state, tx.id) === undefined)
    .map((tx) => {
      const safe = safes.find((one) => one.address === tx.tx.safe && one.chain === tx.tx.chain);
      const given = signaturesOf(state, tx.id);
      const owners = (safe?.owners ?? []).flatMap((owner) => personOfWallet(policy, owner) ?? []);
      const who = owners
        .filter((one) => signable(state, one, policy).some((other) => other.id === tx.id))
        .map((one) => one.id);
      return { tx, missing: Math.max(0, (safe?.threshold ?? 0) - given.length), who: [...new Set(who)] };
    })
    .filter((one) => one.missing > 0);
}

/** "2 more signatures for pilot/upgrade, from Ben, Caro or Dev". */
export function missingInWords(state: CeremonyState, policy: Policy): string[] {
  return missingSignatures(state, policy).map(
    ({ tx, missing, who }) =>
      `${missing} more signature${missing === 1 ? "" : "s"} for ${tx.id}, from ${namesOf(policy, who)}`,
  );
}
