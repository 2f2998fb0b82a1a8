/** What stands in the way of Safe transactions that were signed before: nonce, owners, threshold. */

import { type CeremonyState, safeOf, signaturesOf } from "../ceremony.ts";
import type { SafeNow } from "../intent.ts";
import { approvedOwners } from "../nested-safes.ts";
import { namesOf, type Policy, personOfWallet } from "../policy.ts";
import type { CeremonyTx } from "../transactions.ts";
import { safeFound } from "./facts.ts";
import type { Judged } from "./judge.ts";
import { type ExitPlan, safeFor } from "./plan.ts";
import type { Reason } from "./reasons.ts";

export function safeReasons(state: CeremonyState, { txs }: ExitPlan, at: Judged): Reason[] {
  const [first] = txs;
  const reasons = txs.flatMap((tx): Reason[] => {
    const known = safeFor(state, tx, at);
    const safe = safeFound(at.answers, known)?.safe;
    if (safe === undefined)
      return [{ code: "code", sentence: `${known.address} does not answer as a Safe does any more.` }];
    const nonce = tx === first ? nonceReasons(tx, safe, at) : [];
    return isHeldBack(state, tx, safe, at.policy) ? nonce : [...nonce, ...signatureReasons(state, tx, safe, at.policy)];
  });
  // Several transactions of one Safe lack the same.
  return reasons.filter((one, index) => reasons.findIndex((other) => other.sentence === one.sentence) === index);
}

/** One signature stays out by intention, until a guardian gives the word: somebody has to be left who can give it. */
function isHeldBack(state: CeremonyState, tx: CeremonyTx, safe: SafeNow, policy: Policy): boolean {
  const held = state.package.containment.find((one) => `containment/${one.id}` === tx.id)?.heldBack ?? false;
  const missing = safe.threshold - approvedOwners(safe, signaturesOf(state, tx.id)).length;
  return held && missing === 1 && signersLeft(state, tx, safe, policy).length > 0;
}

function nonceReasons({ tx }: CeremonyTx, safe: SafeNow, at: Judged): Reason[] {
  if (safe.nonce === tx.nonce) return [];
  if (safe.nonce < tx.nonce)
    return [
      {
        code: "nonce",
        sentence: `The Safe ${safe.address} is at nonce ${safe.nonce}, and it was signed for nonce ${tx.nonce}: what comes before has to be sent first.`,
      },
    ];
  const by = at.tookNonce(safe, tx.nonce);
  const who = by === undefined ? "another transaction took it" : `the transaction ${by} took it`;
  return [
    {
      code: "nonce",
      sentence: `The Safe ${safe.address} is at nonce ${safe.nonce}, and it was signed for nonce ${tx.nonce}: ${who}.`,
    },
  ];
}

function signatureReasons(state: CeremonyState, tx: CeremonyTx, safe: SafeNow, policy: Policy): Reason[] {
  const given = signaturesOf(state, tx.id);
  const missing = safe.threshold - approvedOwners(safe, given).length;
  if (missing <= 0) return [];
  const bound = safeOf(state, tx);
  const removed = given.filter((one) => one.via.length === 0 && !safe.owners.includes(one.owner));
  const isRaised = bound !== undefined && safe.threshold > bound.threshold;
  const who = signersLeft(state, tx, safe, policy);
  const count = missing === 1 ? "1 signature" : `${missing} signatures`;
  const could = who.length === 0 ? "which nobody is left to give" : `which ${namesOf(policy, who)} could give`;
  return [
    ...removed.map(
      ({ owner, person }): Reason => ({
        code: "owner",
        sentence: `${namesOf(policy, [person])}, who signed it, does not own the Safe ${safe.address} by ${owner} any more.`,
      }),
    ),
    ...(isRaised
      ? [
          {
            code: "threshold" as const,
            sentence: `The Safe ${safe.address} takes ${safe.threshold} signatures now; it took ${bound.threshold} when it was prepared.`,
          },
        ]
      : []),
    { code: "signatures", sentence: `Missing for ${tx.id}: ${count}, ${could}.` },
  ];
}

/** People who own the Safe, directly or through another, who count, and who have not signed: in the order of the policy. */
export function signersLeft(state: CeremonyState, tx: CeremonyTx, safe: SafeNow, policy: Policy): string[] {
  const signed = signaturesOf(state, tx.id).map((one) => one.person);
  const isRelease = tx.purpose === "upgrade" || tx.purpose === "rollback";
  const mayRelease = policy.lanes[state.package.lane].proposerMaySign;
  const owners = [...safe.owners, ...safe.nested.flatMap((one) => one.owners)];
  const people = owners.flatMap((wallet) => {
    const one = personOfWallet(policy, wallet);
    return one === undefined || one.frozen ? [] : [one.id];
  });
  return policy.people
    .map((one) => one.id)
    .filter((id) => people.includes(id) && !signed.includes(id))
    .filter((id) => !isRelease || mayRelease || !state.proposers.includes(id));
}
