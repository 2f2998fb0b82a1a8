/** Compares the release with the chain. Pure: each comparison becomes one sentence with one of three verdicts. */

import type { BoundSafe, NestedSafe } from "../../domain/events.ts";
import { multiSendCallOnlyCode } from "../../domain/multi-send.ts";
import { approvalsBy, silentChildren, silentInWords } from "../../domain/nested-safes.ts";
import { preconditionsCodeHash } from "../../domain/preconditions.ts";
import type { Address, ChainId, Hex } from "../../domain/primitives.ts";
import { type Containment, type Leg, type ProxyChange, proxyChanges } from "../../domain/release-package.ts";
import { callTx } from "../../domain/safe-signatures.ts";
import { type SafeAt, safeKey } from "../../domain/transactions.ts";
import type { ChainFacts, SafeRead } from "./chain-reads.ts";
import { wordsOf } from "./plain-words.ts";
import type { Release, StatedSafe } from "./release.ts";
import type { Work } from "./work.ts";

export interface Check {
  verdict: "agrees" | "differs" | "not verified";
  sentence: string;
}

/** Who signs, and where the wallet is. */
export interface Signer {
  account: Address;
  chain: ChainId;
}

/** Every comparison for the wallet's chain. Anything but `agrees` means: do not sign. */
export function compare(release: Release, signer: Signer, facts: ChainFacts): Check[] {
  // Once a guardian gave the word the release runs already: only what the containment needs has to be as it was.
  const { word = false } = release.brief;
  const legs = word ? [] : release.pkg.legs.filter((leg) => leg.chain === facts.chain);
  const isAsked = (safe: Address) => release.items.some(({ transaction }) => transaction.tx.safe === safe);
  return once([
    whoSigns(release.brief.person, signer),
    ...release.safes
      .filter((one) => one.chain === facts.chain && (!word || isAsked(one.address)))
      .flatMap((one) => safeChecks(release, one, signer, facts)),
    ...hashChecks(release, facts),
    ...legs.flatMap((leg) => legChecks(leg, facts)),
    ...release.pkg.containment.filter((one) => one.chain === facts.chain).flatMap((one) => boundChecks(one, facts)),
  ]);
}

/** A bound containment is a DELEGATECALL of the guardian Safe: harmless to Safe's own MultiSendCallOnly, and to nothing else. */
function boundChecks({ id, bound }: Containment, facts: ChainFacts): Check[] {
  if (bound === undefined) return [];
  const { multiSend, preconditionsAt, codeHashes } = bound;
  const code = facts.codeHashes.get(multiSend);
  const isSafes = code === undefined ? undefined : Object.values(multiSendCallOnlyCode).includes(code);
  return [
    equal(isSafes, true, {
      same: `The contract ${multiSend}, whose code the guardian Safe runs for ${id}, is Safe's MultiSendCallOnly: it makes plain calls and can make no other.`,
      other: () =>
        `The contract ${multiSend}, whose code the guardian Safe would run for ${id} with all its powers, is not Safe's MultiSendCallOnly.`,
      unread: `Whether ${multiSend}, whose code the guardian Safe runs for ${id}, is Safe's: not read.`,
    }),
    codeCheck(
      "The Preconditions contract, which guards the containment,",
      preconditionsAt,
      preconditionsCodeHash,
      facts,
    ),
    ...codeHashes.map((one) => codeCheck(`The code that ${id} was made for`, one.account, one.codeHash, facts)),
  ];
}

/** Legs share contracts: what is said of one twice is said once. */
export function once(checks: Check[]): Check[] {
  return [...new Map(checks.map((one) => [one.sentence, one])).values()];
}

export function whoSigns({ name, wallets }: Work["person"], { account }: Signer): Check {
  return wallets.includes(account)
    ? agrees(`The wallet's account ${account} is one of ${name}'s.`)
    : differs(`The wallet's account ${account} is not linked to ${name}, for whom this link was made.`);
}

function safeChecks(release: Release, safe: StatedSafe, { account }: Signer, facts: ChainFacts): Check[] {
  const read = facts.safes.get(safe.address);
  const name = wordsOf(release.pkg).nameOf(safe.address);
  const asked = release.items.some(
    ({ transaction: { tx } }) => safeKey(tx.chain, tx.safe) === safeKey(safe.chain, safe.address),
  );
  const list = [
    equal(read?.version, safe.version, {
      same: `Version of ${name}: ${safe.version}, as stated.`,
      other: (found) => `Version of ${name}: the chain says ${found}, the link says ${safe.version}.`,
      unread: `Version of ${name}: not read.`,
    }),
    equal(read?.nonce, safe.nonce, {
      same: `Next nonce (transaction number) of ${name}: ${safe.nonce}, as approved.`,
      other: (found) =>
        `Next nonce (transaction number) of ${name}: the chain says ${found}, approved was ${safe.nonce}. Something else was run by this Safe, so the approval is void.`,
      unread: `Next nonce of ${name}: not read.`,
    }),
  ];
  const tree = treeOf(safe, read);
  if (tree === undefined) return [...list, unread(`Owners and threshold of ${name}: not read.`)];
  return [
    ...list,
    ...nestedChecks(name, safe.nested, tree.nested),
    whetherOwner(name, tree, asked ? account : undefined),
  ];
}

/** The Safe and the Safes that own it, as the chain has them; undefined where a part was not read. */
export function treeOf({ address, chain, version, nonce }: SafeAt, read: SafeRead | undefined): BoundSafe | undefined {
  const { threshold, owners, nested } = read ?? {};
  if (threshold === undefined || owners === undefined || nested === undefined) return undefined;
  return { address, chain, version, nonce, threshold: Number(threshold), owners: [...owners], nested: [...nested] };
}

/** Whether the account is an owner, itself or of a Safe that is; without one, only how many must sign. */
export function whetherOwner(name: string, tree: BoundSafe, account: Address | undefined): Check {
  const needed = `${tree.threshold} of its ${tree.owners.length} owners must sign`;
  if (account === undefined) return agrees(`Of ${name}, ${needed}.`);
  if (tree.owners.includes(account)) return agrees(`Of ${name}, ${needed}; your account is one of them.`);
  const through = tree.nested.filter((one) => one.owners.includes(account));
  // Which of them can be asked at all depends on their versions alone, so any transaction shows it.
  const sample = callTx({ ...tree, safe: tree.address, safeVersion: tree.version, to: tree.address, data: "0x" });
  const [place] = approvalsBy([account], sample, tree);
  if (place !== undefined)
    return agrees(
      `Of ${name}, ${needed}; your account is an owner of the Safe ${[...place.via].reverse().join(", itself an owner of the Safe ")}, which counts as one of them once ${place.safe.threshold} of its ${place.safe.owners.length} owners have signed.`,
    );
  const [silent] = silentInWords(silentChildren(tree).filter(({ child }) => through.includes(child)));
  return differs(
    silent === undefined
      ? `Your account ${account} is not an owner of ${name}, so its signature would be worth nothing.`
      : `Your account cannot sign for ${name} here. ${silent}.`,
  );
}

/** The chain's word against the link's: no Safe between may be hidden, added, or be another than was approved. */
function nestedChecks(name: string, stated: readonly NestedSafe[], read: readonly NestedSafe[]): Check[] {
  const same = (one: NestedSafe) => [one.address, one.version, one.threshold, ...[...one.owners].sort()].join();
  const said = stated.map((one): Check => {
    const found = read.find((other) => other.address === one.address);
    const what = `The Safe ${one.address} (${one.version}), an owner of ${name} or of one that is,`;
    if (found === undefined) return differs(`${what} is stated by the link, and the chain knows no such owner.`);
    return same(found) === same(one)
      ? agrees(`${what} counts once ${one.threshold} of its ${one.owners.length} owners have signed, as approved.`)
      : differs(
          `${what} is another on the chain: ${found.version}, and ${found.threshold} of its ${found.owners.length} owners (${found.owners.join(", ")}) must sign.`,
        );
  });
  const hidden = read
    .filter((one) => !stated.some((other) => other.address === one.address))
    .map((one) =>
      differs(`The Safe ${one.address} is an owner of ${name} or of one that is, and the link leaves it out.`),
    );
  return [...said, ...hidden];
}

function hashChecks({ items }: Release, { chain, hashes }: ChainFacts): Check[] {
  return items
    .filter((item) => item.transaction.tx.chain === chain)
    .map((item) =>
      equal(hashes.get(item.id), item.hashes.safeTxHash, {
        same: `The Safe contract itself computes the same safeTxHash for ${item.id}.`,
        other: () => `The Safe contract computes another safeTxHash for ${item.id} than this page.`,
        unread: `The Safe contract's own safeTxHash for ${item.id}: not read.`,
      }),
    );
}

function legChecks(leg: Leg, facts: ChainFacts): Check[] {
  return [
    ...proxyChanges(leg).flatMap((change) => proxyChecks(change, facts)),
    codeCheck("The Preconditions contract, which guards the batch,", leg.preconditionsAt, preconditionsCodeHash, facts),
    ...leg.rollback.restores.map((one) =>
      codeCheck(`The code that the rollback of ${leg.id} goes back to`, one.implementation, one.codeHash, facts),
    ),
    ...delayCheck(leg, facts),
  ];
}

function proxyChecks(change: ProxyChange, facts: ChainFacts): Check[] {
  const read = facts.proxies.get(change.proxy);
  const kind =
    change.proxyKind === "beacon"
      ? equal(read?.beacon, change.admin, {
          same: `${change.name} follows the beacon ${change.admin}.`,
          other: (found) => `${change.name} follows the beacon ${found}, and the package upgrades ${change.admin}.`,
          unread: `The beacon of ${change.name}: not read.`,
        })
      : undefined;
  return [
    ...(kind === undefined ? [] : [kind]),
    equal(read?.implementation, change.fromImplementation, {
      same: `${change.name} runs ${change.fromImplementation} now, as the package says.`,
      other: (found) =>
        `${change.name} runs ${found} now, and the package says ${change.fromImplementation}: it was changed meanwhile.`,
      unread: `What ${change.name} runs now: not read.`,
    }),
    codeCheck(`The new code of ${change.name}`, change.toImplementation, change.toCodeHash, facts),
  ];
}

export function codeCheck(what: string, account: Address, expected: Hex, { codeHashes }: ChainFacts): Check {
  return equal(codeHashes.get(account), expected, {
    same: `${what} at ${account} has the code hash of the package.`,
    other: (found) => `${what} at ${account} has the code hash ${found}, and ${expected} was expected.`,
    unread: `${what} at ${account}: not read.`,
  });
}

function delayCheck(leg: Leg, { minDelays }: ChainFacts): Check[] {
  if (leg.authority.kind !== "safe+timelock") return [];
  const { timelock, delay } = leg.authority;
  const found = minDelays.get(timelock);
  if (found === undefined) return [unread(`The delay that the timelock ${timelock} demands: not read.`)];
  return delay >= found
    ? [agrees(`The timelock ${timelock} demands a delay of ${found} seconds; ${leg.id} has ${delay}.`)]
    : [differs(`The timelock ${timelock} demands a delay of ${found} seconds, and ${leg.id} has only ${delay}.`)];
}

export function equal<T>(
  found: T | undefined,
  expected: T,
  words: { same: string; other: (found: T) => string; unread: string },
): Check {
  if (found === undefined) return unread(words.unread);
  return found === expected ? agrees(words.same) : differs(words.other(found));
}

export const agrees = (sentence: string): Check => ({ verdict: "agrees", sentence });
export const differs = (sentence: string): Check => ({ verdict: "differs", sentence });
export const unread = (sentence: string): Check => ({ verdict: "not verified", sentence });
