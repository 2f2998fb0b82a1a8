/** What the chain says, read through the signer's own wallet. Undefined stands for what could not be read. */

import { decodeFunctionResult, encodeFunctionData, getAddress, keccak256, parseAbi } from "viem";
import type { NestedSafe } from "../../domain/events.ts";
import { deepestNesting, mostNestedSafes, type SafeApproval } from "../../domain/nested-safes.ts";
import type { Address, ChainId, Hex } from "../../domain/primitives.ts";
import { proxyChanges } from "../../domain/release-package.ts";
import { safeMessageHashes } from "../../domain/safe-message.ts";
import { packSignatures } from "../../domain/safe-signatures.ts";
import type { SafeTx } from "../../domain/safe-tx.ts";
import { type Provider, read } from "./provider.ts";
import { isPlainVersion, type Release } from "./release.ts";

const abi = parseAbi([
  "function VERSION() view returns (string)",
  "function nonce() view returns (uint256)",
  "function getThreshold() view returns (uint256)",
  "function getOwners() view returns (address[])",
  "function getTransactionHash(address to, uint256 value, bytes data, uint8 operation, uint256 safeTxGas, uint256 baseGas, uint256 gasPrice, address gasToken, address refundReceiver, uint256 nonce) view returns (bytes32)",
  "function implementation() view returns (address)",
  "function getMinDelay() view returns (uint256)",
  "function getMessageHash(bytes message) view returns (bytes32)",
  "function checkNSignatures(bytes32 dataHash, bytes data, bytes signatures, uint256 requiredSignatures) view",
]);

/** It is never signed: only its hash is compared. */
const sampleMessage: Hex = "0x51554f52415445";

/** Slots of ERC-1967. */
const implementationSlot = "0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc";
const beaconSlot = "0xa3f0ad74e5423aebfd80d3ef4346578335a9a72aeaee59ff6cb3582b35133d50";

export interface SafeRead {
  version: string | undefined;
  nonce: bigint | undefined;
  threshold: bigint | undefined;
  owners: readonly Address[] | undefined;
  /** Safes that are owners, directly or through others, as the chain has them and not as anybody says. */
  nested: readonly NestedSafe[] | undefined;
}

/** Keys are addresses in EIP-55 spelling, and ids of items. */
export interface ChainFacts {
  chain: ChainId;
  safes: Map<Address, SafeRead>;
  /** What the Safe contract itself computes for an item. */
  hashes: Map<string, Hex | undefined>;
  /** By proxy: the implementation, and for a beacon proxy its beacon. */
  proxies: Map<Address, { implementation: Address | undefined; beacon: Address | undefined }>;
  /** keccak256 of the code at an address. */
  codeHashes: Map<Address, Hex | undefined>;
  minDelays: Map<Address, bigint | undefined>;
}

/** Reads all that the checks need of one chain, at once. Never throws. */
export async function readChain(provider: Provider, release: Release, chain: ChainId): Promise<ChainFacts> {
  const legs = release.pkg.legs.filter((leg) => leg.chain === chain);
  const changes = legs.flatMap(proxyChanges);
  const items = release.items.filter((item) => item.transaction.tx.chain === chain);
  const safes = release.safes.filter((one) => one.chain === chain).map((one) => one.address);
  const timelocks = legs.flatMap(({ authority }) => (authority.kind === "safe+timelock" ? [authority.timelock] : []));
  const coded = [
    ...legs.map((leg) => leg.preconditionsAt),
    ...changes.flatMap((one) => [one.fromImplementation, one.toImplementation]),
    ...legs.flatMap((leg) => leg.rollback.restores.map((one) => one.implementation)),
    ...release.pkg.containment.flatMap(({ chain: where, bound }) =>
      bound === undefined || where !== chain
        ? []
        : [bound.multiSend, bound.preconditionsAt, ...bound.codeHashes.map((one) => one.account)],
    ),
  ];
  const [safeFacts, hashes, proxies, codeHashes, minDelays] = await Promise.all([
    table(safes, (safe) => readSafe(provider, safe)),
    table(items, (item) => transactionHash(provider, item.transaction.tx)),
    table(changes, (change) => readProxy(provider, change.proxy)),
    table(coded, (account) => codeHash(provider, account)),
    table(timelocks, (timelock) => call<bigint>(provider, timelock, "getMinDelay")),
  ]);
  return {
    chain,
    safes: safeFacts,
    hashes: new Map([...hashes].map(([item, hash]) => [item.id, hash])),
    proxies: new Map([...proxies].map(([change, found]) => [change.proxy, found])),
    codeHashes,
    minDelays,
  };
}

/** What was found for each key, read at once. */
export async function table<K, V>(keys: readonly K[], find: (key: K) => Promise<V>): Promise<Map<K, V>> {
  return new Map(await Promise.all([...new Set(keys)].map(async (key) => [key, await find(key)] as const)));
}

export async function readSafe(provider: Provider, safe: Address): Promise<SafeRead> {
  const [version, nonce, threshold, owners] = await Promise.all([
    call<string>(provider, safe, "VERSION"),
    call<bigint>(provider, safe, "nonce"),
    call<bigint>(provider, safe, "getThreshold"),
    call<readonly Address[]>(provider, safe, "getOwners"),
  ]);
  const nested = owners === undefined ? undefined : await readNested(provider, owners);
  return { version, nonce, threshold, owners, nested };
}

/** Level by level, as far as the program itself looks; undefined where an owner's code could not be read. */
async function readNested(provider: Provider, owners: readonly Address[]): Promise<NestedSafe[] | undefined> {
  const found: NestedSafe[] = [];
  const seen = new Set<Address>();
  let level = owners;
  for (let depth = 0; depth < deepestNesting && level.length > 0 && found.length < mostNestedSafes; depth += 1) {
    const fresh = [...new Set(level)].filter((one) => !seen.has(one));
    for (const one of fresh) seen.add(one);
    const safes = await Promise.all(fresh.map((one) => asSafe(provider, one)));
    if (safes.includes(undefined)) return undefined;
    const known = safes.filter((one) => one !== undefined && one !== "no Safe");
    found.push(...known.slice(0, mostNestedSafes - found.length));
    level = known.flatMap((one) => one.owners);
  }
  return found;
}

/** A Safe that hashes a message as its version does; undefined where the account could not be read. */
async function asSafe(provider: Provider, address: Address): Promise<NestedSafe | "no Safe" | undefined> {
  const code = await answer(provider, "eth_getCode", [address, "latest"]);
  if (code === undefined) return undefined;
  if (code === "0x") return "no Safe";
  const [version, threshold, owners, hash] = await Promise.all([
    call<string>(provider, address, "VERSION"),
    call<bigint>(provider, address, "getThreshold"),
    call<readonly Address[]>(provider, address, "getOwners"),
    messageHash(provider, address),
  ]);
  if (version === undefined || !isPlainVersion(version)) return "no Safe";
  if (threshold === undefined || owners === undefined) return "no Safe";
  const number = await answer(provider, "eth_chainId", []);
  if (number === undefined) return undefined;
  const of = { chain: `eip155:${Number(number)}` as const, safe: address, safeVersion: version };
  return hash === safeMessageHashes(of, sampleMessage).hash
    ? { address, version, threshold: Number(threshold), owners: [...owners] }
    : "no Safe";
}

async function readProxy(provider: Provider, proxy: Address) {
  const beacon = await slotAddress(provider, proxy, beaconSlot);
  const implementation =
    beacon === undefined
      ? await slotAddress(provider, proxy, implementationSlot)
      : await call<Address>(provider, beacon, "implementation");
  return { implementation, beacon };
}

/** The address in a storage slot; undefined for an empty one too. */
async function slotAddress(provider: Provider, account: Address, slot: Hex): Promise<Address | undefined> {
  const word = await answer(provider, "eth_getStorageAt", [account, slot, "latest"]);
  if (word === undefined || BigInt(word) === 0n) return undefined;
  return getAddress(`0x${word.slice(2).padStart(64, "0").slice(24)}`);
}

export async function hasCode(provider: Provider, account: Address): Promise<boolean> {
  return !["0x", undefined].includes(await answer(provider, "eth_getCode", [account, "latest"]));
}

async function codeHash(provider: Provider, account: Address): Promise<Hex | undefined> {
  const code = await answer(provider, "eth_getCode", [account, "latest"]);
  return code === undefined ? undefined : keccak256(code);
}

/** What the Safe contract itself computes. */
export async function transactionHash(provider: Provider, tx: SafeTx): Promise<Hex | undefined> {
  const { to, value, data, operation, safeTxGas, baseGas, gasPrice, gasToken, refundReceiver, nonce } = tx;
  const args = [to, value, data, operation, safeTxGas, baseGas, gasPrice, gasToken, refundReceiver, nonce] as const;
  const input = encodeFunctionData({ abi, functionName: "getTransactionHash", args });
  return result<Hex>(
    "getTransactionHash",
    await answer(provider, "eth_call", [{ to: tx.safe, data: input }, "latest"]),
  );
}

function messageHash(provider: Provider, safe: Address): Promise<Hex | undefined> {
  const data = encodeFunctionData({ abi, functionName: "getMessageHash", args: [sampleMessage] });
  return answer(provider, "eth_call", [{ to: safe, data }, "latest"]);
}

/**
 * Whether a Safe takes a contract's bytes for one owner's signature (EIP-1271), by its own `checkNSignatures`; undefined
 * where it could not be asked, or refused.
 */
export async function contractSigned(
  provider: Provider,
  { safe, hash, data }: SafeApproval,
  owner: Address,
  bytes: Hex,
) {
  const packed = packSignatures([{ owner, signature: bytes, contract: true }]);
  const input = encodeFunctionData({ abi, functionName: "checkNSignatures", args: [hash, data, packed, 1n] });
  return (await answer(provider, "eth_call", [{ to: safe.address, data: input }, "latest"])) !== undefined;
}

type Getter = "VERSION" | "nonce" | "getThreshold" | "getOwners" | "implementation" | "getMinDelay";

async function call<T>(provider: Provider, to: Address, functionName: Getter): Promise<T | undefined> {
  const data = encodeFunctionData({ abi, functionName });
  return result<T>(functionName, await answer(provider, "eth_call", [{ to, data }, "latest"]));
}

function result<T>(functionName: Getter | "getTransactionHash", data: Hex | undefined): T | undefined {
  if (data === undefined) return undefined;
  try {
    return decodeFunctionResult({ abi, functionName, data }) as T;
  } catch {
    return undefined;
  }
}

/** Bytes, or undefined where the wallet gave none. */
export async function answer(provider: Provider, method: string, params: readonly unknown[]): Promise<Hex | undefined> {
  try {
    const found = await read(provider, method, params);
    return typeof found === "string" && /^0x[0-9a-fA-F]*$/.test(found) ? (found as Hex) : undefined;
  } catch {
    return undefined;
  }
}
