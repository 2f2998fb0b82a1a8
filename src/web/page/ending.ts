/**
 * What follows from the brief of an ending: every cancellation and rejection is computed here, and what the brief says of
 * it must be the same in every field.
 */

import { explainCall } from "../../domain/call-sentences.ts";
import { cancellation, operationNamed, rejection } from "../../domain/ending-transactions.ts";
import { legById, packageHash, type ReleasePackage, releasePackage } from "../../domain/release-package.ts";
import type { SafeTx } from "../../domain/safe-tx.ts";
import { type CeremonyTx, type SafeAt, sameNonceKey } from "../../domain/transactions.ts";
import { type EndingBrief, endingBrief } from "../brief.ts";
import { wordsOf } from "./plain-words.ts";
import { askedProblems, type Item, itemOf, plainVersion, where } from "./release.ts";

export interface Ending {
  brief: EndingBrief;
  pkg: ReleasePackage;
  packageHash: string;
  /** Every transaction of the ending, computed here, asked of this person or not. */
  transactions: CeremonyTx[];
  /** Those asked. */
  items: Item[];
}

export interface EndingReading {
  ending: Ending | undefined;
  problems: string[];
}

type Named = EndingBrief["transactions"][number];

/** Reads a brief as JSON has it, and believes nothing of it. */
export function readEnding(json: unknown): EndingReading {
  const shape = endingBrief.safeParse(json);
  if (!shape.success) return unreadable(`What there is to sign came malformed: ${where(shape.error)}.`);
  const brief = shape.data;
  const pkg = releasePackage.safeParse(brief.package);
  if (!pkg.success) return unreadable(`The release package is malformed: ${where(pkg.error)}.`);
  try {
    const hash = packageHash(pkg.data);
    const transactions = brief.transactions.map((one) => computed(one, brief, pkg.data, hash));
    const words = wordsOf(pkg.data);
    const items = transactions.filter((one) => brief.asked.includes(one.id)).map((one) => itemOf(one, words));
    const problems = [
      ...brief.transactions.flatMap((one, at) => differences(one, transactions[at], words)),
      ...safeProblems(brief, pkg.data),
      ...nonceProblems(brief),
      ...askedProblems(brief.asked, items, "this ending"),
    ];
    return { ending: { brief, pkg: pkg.data, packageHash: hash, transactions, items }, problems };
  } catch (fault) {
    const reason = fault instanceof Error ? fault.message : "its parts do not fit together.";
    return unreadable(`No cancellations or rejections follow from what was sent: ${reason}`);
  }
}

function unreadable(problem: string): EndingReading {
  return { ending: undefined, problems: [problem] };
}

/** The transaction that its id names, from the package: of the brief's own only Safe, version and nonce are taken. */
function computed({ id, tx }: Named, { auditHead }: EndingBrief, pkg: ReleasePackage, hash: `0x${string}`): CeremonyTx {
  const safe: SafeAt = { address: tx.safe, chain: tx.chain, version: plainVersion(tx.safeVersion), nonce: tx.nonce };
  if (id.startsWith("reject/")) return rejection(safe, tx.nonce);
  const operation = operationNamed(id.replace(/^cancel\//, ""));
  if (!id.startsWith("cancel/") || operation === undefined || auditHead === null)
    throw new RangeError(`${id} names neither an operation of this release nor a nonce.`);
  if (legById(pkg, operation.leg).chain !== tx.chain)
    throw new RangeError(`${id} is for another chain than the operation stands on.`);
  return cancellation(pkg, { packageHash: hash, auditHead }, operation, safe, tx.nonce);
}

/** What the brief states otherwise than this page computes, as sentences. */
function differences({ id, tx }: Named, own: CeremonyTx | undefined, words: ReturnType<typeof wordsOf>): string[] {
  if (own === undefined) return [];
  const what = own.purpose === "reject" ? `The rejection of nonce ${tx.nonce}` : `The cancellation of ${own.subject}`;
  const said: string[] = [];
  if (own.id !== id) said.push(`${id} is stated for the Safe ${tx.safe} and nonce ${tx.nonce}, which is ${own.id}.`);
  if (tx.operation !== 0) said.push(`${what} is stated as a DELEGATECALL, which could do anything to the Safe.`);
  if (tx.to !== own.tx.to) said.push(`${what} is stated to call ${words.nameOf(tx.to)} instead of ${own.tx.to}.`);
  if (tx.value !== 0n) said.push(`${what} is stated to send ${tx.value} wei; it must send nothing.`);
  if (tx.data !== own.tx.data)
    said.push(
      own.purpose === "reject"
        ? `${what} is stated with calldata, and a rejection calls nothing: ${explainCall(tx, words).sentence}`
        : `${what} is stated with other calldata, and so for another operation than this release has: ${explainCall(tx, words).sentence}`,
    );
  const gas: (keyof SafeTx)[] = ["safeTxGas", "baseGas", "gasPrice", "gasToken", "refundReceiver"];
  if (gas.some((field) => tx[field] !== own.tx[field]))
    said.push(`${what} is stated with a gas field that is not zero.`);
  return said;
}

/** Only Safes of this release: its council's, and the guardian's where the package names one. */
function safeProblems({ transactions }: EndingBrief, pkg: ReleasePackage): string[] {
  return transactions.flatMap(({ id, tx }) => {
    const guardians = pkg.containment.filter((one) => one.chain === tx.chain).map((one) => one.safe);
    const councils = pkg.legs.filter((one) => one.chain === tx.chain).map((one) => one.authority.safe);
    const fits = id.startsWith("cancel/")
      ? guardians.length === 0 || guardians.includes(tx.safe)
      : [...guardians, ...councils].includes(tx.safe);
    if (fits) return [];
    return id.startsWith("cancel/")
      ? [`${id} is stated for the Safe ${tx.safe}, and the guardian Safe of this release is ${guardians.join(", ")}.`]
      : [`A rejection is stated for the Safe ${tx.safe}, which this release does not use.`];
  });
}

/** A rejection may only take a nonce that something of this ceremony was signed for, or one that stands before it. */
function nonceProblems({ transactions, loose }: EndingBrief): string[] {
  const keys = transactions.map(({ tx }) => sameNonceKey(tx));
  const twice = keys.find((key, at) => keys.indexOf(key) !== at);
  const stray = transactions
    .filter(({ id }) => id.startsWith("reject/"))
    .filter(
      ({ tx }) =>
        !loose.some((one) => one.tx.chain === tx.chain && one.tx.safe === tx.safe && one.tx.nonce >= tx.nonce),
    );
  return [
    ...(twice === undefined ? [] : ["Two transactions are stated for one nonce of one Safe: only one can ever run."]),
    ...stray.map(
      ({ tx }) =>
        `Nothing of this ceremony was signed for nonce ${tx.nonce} of ${tx.safe} or for a later one: rejecting it would make something else unusable.`,
    ),
  ];
}

/** What was signed for the nonce that a transaction takes. */
export function killedBy({ brief }: Ending, { tx }: CeremonyTx): Named[] {
  return brief.loose.filter((one) => sameNonceKey(one.tx) === sameNonceKey(tx));
}
