/** A forged package, made consistent step by step as an attacker on the host would: each step fools one more check. */

import { approvalDigest } from "../../domain/digest.ts";
import type { Hex } from "../../domain/primitives.ts";
import { packageHash, releasePackage } from "../../domain/release-package.ts";
import { releaseTransactions, type SafeAt } from "../../domain/transactions.ts";
import { eventOf, type HostEvent, type Json, rehashed } from "./host.ts";

/** How far the forger goes; each includes those before. */
export const forgeries = ["package", "hash", "transactions", "digest", "head", "votes", "signatures"] as const;
export type Forgery = (typeof forgeries)[number];

/** Applies `change` to the package in the log and mends everything up to `upTo`. The chain of hashes is whole again. */
export function forged(change: (pkg: Json) => void, upTo: Forgery): (events: HostEvent[]) => void {
  const goes = (step: Forgery) => forgeries.indexOf(step) <= forgeries.indexOf(upTo);
  return (events) => {
    const drafted = eventOf(events, "drafted");
    const review = eventOf(events, "reviewOpened").data;
    change(drafted.data.package as Json);
    if (goes("hash")) drafted.data.packageHash = packageHash(releasePackage.parse(drafted.data.package));
    rehashed(events);
    if (goes("head")) review.auditHead = eventOf(events, "checked").hash;
    if (goes("transactions")) review.transactions = derived(drafted.data, review);
    if (goes("digest")) review.digest = digestOf(drafted.data, review, eventOf(events, "checked").data);
    if (goes("votes"))
      for (const vote of events.filter((one) => one.type === "approved")) vote.data.digest = review.digest;
    if (goes("signatures"))
      for (const signed of events.filter((one) => one.type === "signed"))
        signed.data.safeTxHash = boundOf(review).find((one) => one.id === signed.data.tx)?.safeTxHash;
    rehashed(events);
  };
}

const boundOf = (review: Json) => review.transactions as { id: string; safeTxHash: Hex }[];

function safesOf(review: Json): SafeAt[] {
  return (review.safes as (Omit<SafeAt, "nonce"> & { nonce: string })[]).map((one) => ({
    ...one,
    nonce: BigInt(one.nonce),
  }));
}

function derived(drafted: Json, review: Json): { id: string; safeTxHash: Hex }[] {
  const anchor = { packageHash: drafted.packageHash as Hex, auditHead: review.auditHead as Hex };
  const transactions = releaseTransactions(releasePackage.parse(drafted.package), anchor, safesOf(review));
  return transactions.map(({ id, safeTxHash }) => ({ id, safeTxHash }));
}

function digestOf(drafted: Json, review: Json, checked: Json): Hex {
  return approvalDigest({
    packageHash: drafted.packageHash as Hex,
    revision: Number(review.revision),
    evidenceHash: checked.evidenceHash as Hex,
    authorityPolicyHash: review.policyHash as Hex,
    nonces: safesOf(review).map((one) => one.nonce),
    safeTxHashes: boundOf(review).map((one) => one.safeTxHash),
  });
}
