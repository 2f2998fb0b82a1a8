/** Compares an ending with the chain: what is to be cancelled still stands, and each nonce is still to be used. */

import { type Address, decodeFunctionResult, encodeFunctionData, parseAbi } from "viem";
import { cancellerRole } from "../../domain/timelock.ts";
import { type CeremonyTx, safeKey } from "../../domain/transactions.ts";
import { answer, type ChainFacts, readSafe, type SafeRead, table, transactionHash } from "./chain-reads.ts";
import {
  agrees,
  type Check,
  differs,
  equal,
  once,
  type Signer,
  treeOf,
  unread,
  whetherOwner,
  whoSigns,
} from "./checks.ts";
import type { Ending } from "./ending.ts";
import { capital, wordsOf } from "./plain-words.ts";
import type { Provider } from "./provider.ts";
import type { Item } from "./release.ts";
import type { Look } from "./work.ts";

const abi = parseAbi([
  "function isOperationPending(bytes32 id) view returns (bool)",
  "function hasRole(bytes32 role, address account) view returns (bool)",
]);

/** Reads the wallet's chain and compares. Never throws. */
export async function lookAtEnding(ending: Ending, provider: Provider, signer: Signer): Promise<Look> {
  const here = ending.transactions.filter((one) => one.tx.chain === signer.chain);
  const items = ending.items.filter((one) => one.transaction.tx.chain === signer.chain);
  const [safes, hashes, pending, roles] = await Promise.all([
    table([...new Set(here.map((one) => one.tx.safe))], (safe) => readSafe(provider, safe)),
    table(items, (item) => transactionHash(provider, item.transaction.tx)),
    table(items, ({ transaction }) =>
      transaction.operationId === undefined
        ? Promise.resolve(undefined)
        : ask(provider, transaction.tx.to, "isOperationPending", [transaction.operationId]),
    ),
    table(items, ({ transaction }) =>
      transaction.operationId === undefined
        ? Promise.resolve(undefined)
        : ask(provider, transaction.tx.to, "hasRole", [cancellerRole, transaction.tx.safe]),
    ),
  ]);
  const isOver = (item: Item) =>
    isUsed(item.transaction, safes.get(item.transaction.tx.safe)) && pending.get(item) !== true;
  const checks = [
    whoSigns(ending.brief.person, signer),
    ...items
      .filter((item) => !isOver(item))
      .flatMap((item) => [
        ...safeChecks(ending, item.transaction, safes.get(item.transaction.tx.safe), signer),
        equal(hashes.get(item), item.hashes.safeTxHash, {
          same: `The Safe contract itself computes the same safeTxHash for ${item.id}.`,
          other: () => `The Safe contract computes another safeTxHash for ${item.id} than this page.`,
          unread: `The Safe contract's own safeTxHash for ${item.id}: not read.`,
        }),
        ...cancelChecks(ending, item.transaction, pending.get(item), roles.get(item)),
      ]),
  ];
  const done = items.filter(isOver).map((item) => item.id);
  return { checks: once(checks), facts: factsOf(signer, safes), done };
}

/** What the signature was for is reached already, as when others signed faster: it is sent as soon as enough have. */
function isUsed({ tx }: CeremonyTx, safe: SafeRead | undefined): boolean {
  return safe?.nonce !== undefined && safe.nonce > tx.nonce;
}

function safeChecks(ending: Ending, tx: CeremonyTx, safe: SafeRead | undefined, { account }: Signer): Check[] {
  const name = wordsOf(ending.pkg).nameOf(tx.tx.safe);
  const list = [
    equal(safe?.version, tx.tx.safeVersion, {
      same: `Version of ${name}: ${tx.tx.safeVersion}, as stated.`,
      other: (found) => `Version of ${name}: the chain says ${found}, the link says ${tx.tx.safeVersion}.`,
      unread: `Version of ${name}: not read.`,
    }),
    nonceCheck(ending, tx, safe?.nonce, name),
  ];
  const { chain, safe: address, safeVersion: version, nonce } = tx.tx;
  const tree = treeOf({ address, chain, version, nonce }, safe);
  if (tree === undefined) return [...list, unread(`Owners and threshold of ${name}: not read.`)];
  return [...list, whetherOwner(name, tree, account)];
}

/** A Safe uses its nonces one after another: a later one waits until all before it are used, by what is known here. */
function nonceCheck({ transactions }: Ending, { tx }: CeremonyTx, next: bigint | undefined, name: string): Check {
  if (next === undefined) return unread(`Next nonce (transaction number) of ${name}: not read.`);
  if (tx.nonce < next)
    return differs(
      `Nonce ${tx.nonce} of ${name} was used by something else, and the operation still waits: a signature for it would be worth nothing. Ask for a new link.`,
    );
  const known = transactions
    .filter((one) => safeKey(one.tx.chain, one.tx.safe) === safeKey(tx.chain, tx.safe))
    .map((one) => one.tx.nonce);
  for (let before = next; before < tx.nonce; before += 1n)
    if (!known.includes(before))
      return differs(
        `Nonce ${tx.nonce} of ${name} cannot be used before ${before}, which the Safe is to use before it and nothing here is for.`,
      );
  return agrees(`Nonce ${tx.nonce} of ${name} is not used yet; the next one is ${next}.`);
}

function cancelChecks(
  { pkg }: Ending,
  { purpose, subject, tx, operationId }: CeremonyTx,
  pending: boolean | undefined,
  mayCancel: boolean | undefined,
): Check[] {
  if (purpose !== "cancel") return [];
  const { nameOf } = wordsOf(pkg);
  return [
    equal(pending, true, {
      same: `The operation ${subject} (${operationId}) still waits in ${nameOf(tx.to)}.`,
      other: () =>
        `No operation ${operationId} waits in ${nameOf(tx.to)}: ${subject} has run, or was cancelled already.`,
      unread: `Whether the operation ${subject} still waits in the timelock: not read.`,
    }),
    equal(mayCancel, true, {
      same: `${capital(nameOf(tx.safe))} may cancel in this timelock (it holds CANCELLER_ROLE).`,
      other: () => `${capital(nameOf(tx.safe))} may not cancel in this timelock: it does not hold CANCELLER_ROLE.`,
      unread: `Whether ${nameOf(tx.safe)} may cancel: not read.`,
    }),
  ];
}

async function ask(
  provider: Provider,
  to: Address,
  functionName: "isOperationPending" | "hasRole",
  args: readonly `0x${string}`[],
): Promise<boolean | undefined> {
  const data = encodeFunctionData({ abi, functionName, args } as Parameters<typeof encodeFunctionData<typeof abi>>[0]);
  const found = await answer(provider, "eth_call", [{ to, data }, "latest"]);
  if (found === undefined) return undefined;
  try {
    return decodeFunctionResult({ abi, functionName, data: found });
  } catch {
    return undefined;
  }
}

function factsOf({ chain }: Signer, safes: ChainFacts["safes"]): ChainFacts {
  const none = new Map();
  return { chain, safes, hashes: none, proxies: none, codeHashes: none, minDelays: none };
}
