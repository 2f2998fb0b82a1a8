/** Compares the release with the chain. Pure: each comparison becomes one sentence with one of three verdicts. */

import { preconditionsCodeHash } from "../../domain/preconditions.ts";
import type { Address, ChainId, Hex } from "../../domain/primitives.ts";
import { type Leg, type ProxyChange, proxyChanges } from "../../domain/release-package.ts";
import { type SafeAt, safeKey } from "../../domain/transactions.ts";
import type { ChainFacts } from "./chain-reads.ts";
import { wordsOf } from "./plain-words.ts";
import type { Release } from "./release.ts";

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
  const legs = release.pkg.legs.filter((leg) => leg.chain === facts.chain);
  return once([
    whoSigns(release, signer),
    ...release.safes
      .filter((one) => one.chain === facts.chain)
      .flatMap((one) => safeChecks(release, one, signer, facts)),
    ...hashChecks(release, facts),
    ...legs.flatMap((leg) => legChecks(leg, facts)),
  ]);
}

/** Legs share contracts: what is said of one twice is said once. */
function once(checks: Check[]): Check[] {
  return [...new Map(checks.map((one) => [one.sentence, one])).values()];
}

function whoSigns({ brief }: Release, { account }: Signer): Check {
  const { name, wallets } = brief.person;
  return wallets.includes(account)
    ? agrees(`The wallet's account ${account} is one of ${name}'s.`)
    : differs(`The wallet's account ${account} is not linked to ${name}, for whom this link was made.`);
}

function safeChecks(release: Release, safe: SafeAt, { account }: Signer, facts: ChainFacts): Check[] {
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
  if (read?.owners === undefined || read.threshold === undefined)
    return [...list, unread(`Owners and threshold of ${name}: not read.`)];
  const needed = `${read.threshold} of its ${read.owners.length} owners must sign`;
  if (!asked) return [...list, agrees(`Of ${name}, ${needed}.`)];
  return [
    ...list,
    read.owners.includes(account)
      ? agrees(`Of ${name}, ${needed}; your account is one of them.`)
      : differs(`Your account ${account} is not an owner of ${name}, so its signature would be worth nothing.`),
  ];
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

function codeCheck(what: string, account: Address, expected: Hex, { codeHashes }: ChainFacts): Check {
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

function equal<T>(
  found: T | undefined,
  expected: T,
  words: { same: string; other: (found: T) => string; unread: string },
): Check {
  if (found === undefined) return unread(words.unread);
  return found === expected ? agrees(words.same) : differs(words.other(found));
}

const agrees = (sentence: string): Check => ({ verdict: "agrees", sentence });
const differs = (sentence: string): Check => ({ verdict: "differs", sentence });
const unread = (sentence: string): Check => ({ verdict: "not verified", sentence });
