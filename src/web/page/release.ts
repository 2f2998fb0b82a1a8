/** Everything that follows from a brief alone: the package's hash, its transactions, their hashes, and what does not add up. */

import { type CallWords, type ExplainedCall, explainCall } from "../../domain/call-sentences.ts";
import { calldataDigest } from "../../domain/calldata-digest.ts";
import { approvalDigest } from "../../domain/digest.ts";
import type { NestedSafe } from "../../domain/events.ts";
import { type ChainId, chainId, type Hex } from "../../domain/primitives.ts";
import { type Leg, packageHash, type ReleasePackage, releasePackage } from "../../domain/release-package.ts";
import { type SafeTxHashes, safeTxHashes } from "../../domain/safe-tx.ts";
import { type CeremonyTx, releaseTransactions, type SafeAt, safeKey } from "../../domain/transactions.ts";
import { type SigningBrief, signingBrief } from "../brief.ts";
import { packageProblems } from "./package-problems.ts";
import { wordsOf } from "./plain-words.ts";

/** A Safe transaction that this person is asked to sign. */
export interface Item {
  id: string;
  transaction: CeremonyTx;
  hashes: SafeTxHashes;
  /** keccak256(uint256(length) ‖ calldata): ERC-8213. */
  calldataDigest: Hex;
  does: ExplainedCall;
  /** The transaction's Safe as the package calls it, with its address. */
  safeName: string;
  /** The leg it schedules or rolls back; undefined for a containment. */
  leg: Leg | undefined;
}

/** What a brief says of a release that was reviewed, whatever it asks for. */
type ReviewedBrief = Omit<SigningBrief, "schema" | "asked">;

/** With the Safes that own it, as the brief says; the chain is asked who they are. */
export type StatedSafe = SafeAt & { nested: readonly NestedSafe[] };

export interface Release {
  brief: ReviewedBrief;
  pkg: ReleasePackage;
  packageHash: Hex;
  digest: Hex;
  safes: StatedSafe[];
  /** Every transaction of the release, asked of this person or not. */
  transactions: CeremonyTx[];
  /** Those asked, in the order of the release. */
  items: Item[];
}

/** What was read, as far as that went, and every reason not to sign, as sentences. */
export interface Reading {
  release: Release | undefined;
  problems: string[];
}

/** Reads a brief as JSON has it. Believes nothing of it: where a part does not follow from the rest, that is a problem. */
export function readBrief(json: unknown): Reading {
  const shape = signingBrief.safeParse(json);
  if (!shape.success) return unreadable(`What there is to sign came malformed: ${where(shape.error)}.`);
  const brief = shape.data;
  const pkg = releasePackage.safeParse(brief.package);
  if (!pkg.success) return unreadable(`The release package is malformed: ${where(pkg.error)}.`);
  try {
    const release = derive(brief, pkg.data, brief.asked);
    const problems = [
      ...releaseProblems(release),
      ...askedProblems(brief.asked, release.items, "this release"),
      ...(brief.word && release.items.some((item) => item.leg !== undefined)
        ? ["The link says that a guardian gave the word for a containment, and asks for something else besides."]
        : []),
    ];
    return { release, problems };
  } catch (fault) {
    const reason = fault instanceof Error ? fault.message : "its parts do not fit together.";
    return unreadable(`No Safe transactions follow from the release package: ${reason}`);
  }
}

/** What does not add up in a release, whatever is asked of it. */
export function releaseProblems(release: Release): string[] {
  return [...digestProblems(release), ...packageProblems(release.pkg)];
}

function unreadable(problem: string): Reading {
  return { release: undefined, problems: [problem] };
}

/** The first thing that is wrong with a shape, and where. */
export function where(error: { issues: { path: PropertyKey[]; message: string }[] }): string {
  const [issue] = error.issues;
  if (issue === undefined) return "it has another shape";
  return issue.path.length === 0 ? issue.message : `${issue.path.map(String).join(".")}: ${issue.message}`;
}

/** Throws a sentence where no transactions follow from it. */
export function derive(brief: ReviewedBrief, pkg: ReleasePackage, asked: readonly string[]): Release {
  const hash = packageHash(pkg);
  const safes = brief.safes.map(
    (one): StatedSafe => ({
      address: one.address,
      chain: chainOf(one.chain),
      version: plainVersion(one.version),
      nonce: BigInt(one.nonce),
      nested: one.nested.map((child) => ({ ...child, version: plainVersion(child.version) })),
    }),
  );
  const transactions = releaseTransactions(pkg, { packageHash: hash, auditHead: brief.auditHead }, safes);
  const digest = approvalDigest({
    packageHash: hash,
    revision: brief.revision,
    evidenceHash: brief.evidenceHash,
    authorityPolicyHash: brief.authorityPolicyHash,
    nonces: safes.map((one) => one.nonce),
    safeTxHashes: transactions.map((one) => one.safeTxHash),
  });
  const words = wordsOf(pkg);
  const items = transactions
    .filter((one) => asked.includes(one.id))
    .map((one) =>
      itemOf(one, words, one.purpose === "containment" ? undefined : pkg.legs.find((leg) => leg.id === one.subject)),
    );
  return { brief, pkg, packageHash: hash, digest, safes, transactions, items };
}

export function itemOf(transaction: CeremonyTx, words: CallWords, leg?: Leg): Item {
  const { id, tx } = transaction;
  return {
    ...{ id, transaction, leg },
    hashes: safeTxHashes(tx),
    calldataDigest: calldataDigest(tx.data),
    does: explainCall(tx, words),
    safeName: words.nameOf(tx.safe),
  };
}

function chainOf(text: string): ChainId {
  const parsed = chainId.safeParse(text);
  if (!parsed.success) throw new RangeError("a Safe's chain is not written as eip155 and a number.");
  return parsed.data;
}

/** It is part of a command that people paste into a shell: nothing but a version may stand there. */
export function isPlainVersion(text: string): boolean {
  return /^\d{1,3}\.\d{1,3}\.\d{1,3}(\+[A-Za-z0-9]{1,20})?$/.test(text);
}

export function plainVersion(text: string): string {
  if (!isPlainVersion(text)) throw new RangeError("a Safe's version is not written as numbers, such as 1.4.1.");
  return text;
}

function digestProblems({ brief, pkg, digest, safes }: Release): string[] {
  const problems: string[] = [];
  if (digest !== brief.digest)
    problems.push(
      `The approval digest does not fit: what came with this link gives ${digest}, and the link states ${brief.digest}. The package, a Safe's nonce or version, the log or the evidence is another than the one that was voted on.`,
    );
  if (brief.authorityPolicyHash !== pkg.authorityPolicyHash)
    problems.push("The release package was written under another policy than the one this link names.");
  if (new Set(safes.map((one) => safeKey(one.chain, one.address))).size < safes.length)
    problems.push("The link names one Safe twice.");
  return problems;
}

/** What is wrong with a list of what is asked, against what there is. */
export function askedProblems(asked: readonly string[], items: readonly { id: string }[], what: string): string[] {
  const problems = asked
    .filter((id) => !items.some((item) => item.id === id))
    .map((id) => `The link asks for a signature called ${id}, and ${what} has no such transaction.`);
  if (new Set(asked).size < asked.length) problems.push("The link asks for one signature twice.");
  if (asked.length === 0) problems.push("The link asks for no signature at all.");
  return problems;
}
