/** Signatures: a wallet's act. One signature a person and transaction; signing counts as approving. */

import { type CeremonyState, onChainOf, safeOf, signaturesOf, transactionById } from "./ceremony.ts";
import { accept, type Decision, refuse, type Setting } from "./decision.ts";
import { event } from "./events.ts";
import { awaitedContainment, isHeldBack, isSignedAsPlanned, signaturesWanted, wouldComplete } from "./held-back.ts";
import { broken } from "./integrity.ts";
import type { Intent } from "./intent.ts";
import { standing } from "./lifecycle.ts";
import {
  approvalsBy,
  approvedOwners,
  type SafeApproval,
  type SilentChild,
  signingPlaces,
  silentChildren,
} from "./nested-safes.ts";
import { namesOf, type Person, type Policy, personById, personOfWallet } from "./policy.ts";
import type { Address } from "./primitives.ts";
import { canBeCompleted, type Place } from "./signing-capacity.ts";
import type { CeremonyTx } from "./transactions.ts";
import { quorumChange } from "./voting.ts";

/** What may be signed at all: the release while it is under review, afterwards only what makes it unusable. */
function openForSigning(state: CeremonyState): CeremonyTx[] {
  const reviewing = isReviewing(state);
  const awaited = reviewing ? undefined : awaitedContainment(state);
  const usual = (reviewing ? state.review?.transactions : state.windDown?.transactions) ?? [];
  return awaited === undefined ? usual : [...usual, awaited];
}

const isReviewing = ({ status }: CeremonyState) => ["in review", "approved", "signing"].includes(status);

/** The transactions a person can sign now: a wallet of theirs has a place in the Safe's tree, and they have not signed yet. */
export function signable(state: CeremonyState, person: Person, policy: Policy): CeremonyTx[] {
  return openForSigning(state).filter(
    (tx) => mayBeAsked(state, person, tx, policy) && places(state, person, tx).length > 0,
  );
}

/** What the person's wallets can sign for a transaction: as direct owners first, then for child Safes (nested-safes.ts). */
export function places(state: CeremonyState, person: Person, tx: CeremonyTx): SafeApproval[] {
  const safe = safeOf(state, tx);
  return safe === undefined ? [] : approvalsBy(person.wallets, tx.tx, safe);
}

/** Safes of the open transactions that a wallet of the person's owns, and that cannot be asked for a signature. */
export function silentSafesOf(state: CeremonyState, person: Person): SilentChild[] {
  const safes = new Set(openForSigning(state).flatMap((tx) => safeOf(state, tx) ?? []));
  return [...safes]
    .flatMap(silentChildren)
    .filter(({ child }) => person.wallets.some((wallet) => child.owners.includes(wallet)));
}

function mayBeAsked(state: CeremonyState, person: Person, tx: CeremonyTx, policy: Policy): boolean {
  const signed = signaturesOf(state, tx.id).some((one) => one.person === person.id);
  const mayRelease = !state.proposers.includes(person.id) || policy.lanes[state.package.lane].proposerMaySign;
  const isRelease = tx.purpose === "upgrade" || tx.purpose === "rollback";
  const isOpen = onChainOf(state, tx.id) === undefined && !(isHeldBack(state, tx) && isSignedAsPlanned(state, tx));
  return !person.frozen && !signed && isOpen && (mayRelease || !isRelease);
}

/** Takes a signature whose signer and place in the tree were recognised at the edge. */
export function sign(intent: Extract<Intent, { kind: "sign" }>, setting: Setting): Decision {
  const { state, policy, now, rules } = setting;
  const { by, tx: id, safeTxHash, signature, recovered, via = [], contract = false, safe } = intent;
  const tx = transactionById(state, id);
  if (tx === undefined) return refuse("signature/unknown", `${state.id} asks for no signature called ${id}.`);
  const person = personById(policy, by.person);
  if (person === undefined) return refuse("signature/person", "Nobody in the council's policy has this account.");
  if (!openForSigning(state).includes(tx))
    return refuse("signature/closed", `The transaction ${id} cannot be signed now: ${state.id} is ${standing(state)}.`);
  if (onChainOf(state, id) !== undefined)
    return refuse("signature/mined", `The transaction ${id} is on the chain already; it needs no further signature.`);
  const isRelease = tx.purpose === "upgrade" || tx.purpose === "rollback";
  const ofReview = isRelease || (tx.purpose === "containment" && isReviewing(state));
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
      signature: { tx: id, safeTxHash, recovered, via, person: by.person },
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
  const place = { owner: recovered, via, person: by.person };
  if (strands(setting, person, tx, place))
    return refuse(
      "signature/elsewhere",
      `Nothing was taken: you sign ${id} once, and spent ${via.length === 0 ? "as a direct owner" : `on the Safe ${via.at(-1)}`} your signature would leave nobody to complete it. Sign in another place instead: in a terminal, /upgrade sign ${state.id} prints what each of them takes.`,
    );
  if (wouldComplete(state, tx, place))
    return refuse(
      "signature/held-back",
      `Nothing was taken: one signature over ${id} stays out until a guardian gives the word, and yours would be the last. Say /upgrade contain ${state.id} when it is needed.`,
    );
  const next = { tx: id, safeTxHash, owner: recovered, person: by.person, signature, via, contract };
  const after = { ...state, signatures: [...state.signatures, next] };
  const optional = { ...(via.length > 0 ? { via: [...via] } : {}), ...(contract ? { contract: true as const } : {}) };
  const events = [event("signed", { tx: id, safeTxHash, owner: recovered, signature, ...optional, by })];
  return accept(...events, ...(isRelease ? quorumChange(after, policy, rules) : []));
}

/** Whether somebody who could sign in several places would take the one that leaves the transaction short for good. */
function strands({ state, policy }: Setting, person: Person, tx: CeremonyTx, place: Place): boolean {
  const safe = safeOf(state, tx);
  if (safe === undefined || places(state, person, tx).length < 2) return false;
  const given = signaturesOf(state, tx.id);
  const personOf = (wallet: Address) => {
    const one = personOfWallet(policy, wallet);
    return one !== undefined && mayBeAsked(state, one, tx, policy) ? one.id : undefined;
  };
  return canBeCompleted({ safe, personOf, given }) && !canBeCompleted({ safe, personOf, given: [...given, place] });
}

interface MissingSignatures {
  tx: CeremonyTx;
  /** Owners of the Safe whose approval is still missing; a child Safe counts once. */
  missing: number;
  who: string[];
  /** Child Safes on the way that are not complete, and how many of their owners have approved. */
  children: { address: Address; approved: number; threshold: number }[];
}

/** What is still unsigned, and who could sign it. */
export function missingSignatures(state: CeremonyState, policy: Policy): MissingSignatures[] {
  return openForSigning(state)
    .filter((tx) => onChainOf(state, tx.id) === undefined)
    .filter((tx) => !isHeldBack(state, tx) || !isSignedAsPlanned(state, tx))
    .map((tx) => missingOf(state, tx, policy))
    .filter((one) => one.missing > 0);
}

function missingOf(state: CeremonyState, tx: CeremonyTx, policy: Policy): MissingSignatures {
  const safe = safeOf(state, tx);
  if (safe === undefined) return { tx, missing: 0, who: [], children: [] };
  const given = signaturesOf(state, tx.id);
  const open = signingPlaces(safe)
    .map((one) => ({ ...one, approved: approvedOwners(safe, given, one.safe, one.via) }))
    .filter((one) => one.approved.length < one.safe.threshold);
  const people = open
    .flatMap((one) => one.safe.owners)
    .flatMap((owner) => personOfWallet(policy, owner) ?? [])
    .filter((one) => mayBeAsked(state, one, tx, policy));
  return {
    tx,
    missing: Math.max(0, signaturesWanted(state, tx) - approvedOwners(safe, given).length),
    who: [...new Set(people.map((one) => one.id))],
    children: open.flatMap(({ via, safe: { address, threshold }, approved }) =>
      via.length === 0 ? [] : [{ address, approved: approved.length, threshold }],
    ),
  };
}

/** "2 more signatures for pilot/upgrade, from Ben, Caro or Dev; 1 of 2 of the Safe 0x… have approved". */
export function missingInWords(state: CeremonyState, policy: Policy): string[] {
  return missingSignatures(state, policy).map(({ tx, missing, who, children }) =>
    [
      `${missing} more signature${missing === 1 ? "" : "s"} for ${tx.id}, from ${namesOf(policy, who)}`,
      ...children.map(
        ({ address, approved, threshold }) => `${approved} of ${threshold} of the Safe ${address} have approved`,
      ),
    ].join("; "),
  );
}
