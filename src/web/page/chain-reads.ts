/** What the chain says, read through the signer's own wallet. Undefined stands for what could not be read. */

import { decodeFunctionResult, encodeFunctionData, getAddress, keccak256, parseAbi } from "viem";
import type { Address, ChainId, Hex } from "../../domain/primitives.ts";
import { proxyChanges } from "../../domain/release-package.ts";
import type { SafeTx } from "../../domain/safe-tx.ts";
import { type Provider, read } from "./provider.ts";
import type { Release } from "./release.ts";

const abi = parseAbi([
  "function VERSION() view returns (string)",
  "function nonce() view returns (uint256)",
  "function getThreshold() view returns (uint256)",
  "function getOwners() view returns (address[])",
  "function getTransactionHash(address to, uint256 value, bytes data, uint8 operation, uint256 safeTxGas, uint256 baseGas, uint256 gasPrice, address gasToken, address refundReceiver, uint256 nonce) view returns (bytes32)",
  "function implementation() view returns (address)",
  "function getMinDelay() view returns (uint256)",
]);

/** Slots of ERC-1967. */
const implementationSlot = "0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc";
const beaconSlot = "0xa3f0ad74e5423aebfd80d3ef4346578335a9a72aeaee59ff6cb3582b35133d50";

export interface SafeRead {
  version: string | undefined;
  nonce: bigint | undefined;
  threshold: bigint | undefined;
  owners: readonly Address[] | undefined;
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

async function table<K, V>(keys: readonly K[], find: (key: K) => Promise<V>): Promise<Map<K, V>> {
  return new Map(await Promise.all([...new Set(keys)].map(async (key) => [key, await find(key)] as const)));
}

async function readSafe(provider: Provider, safe: Address): Promise<SafeRead> {
  const [version, nonce, threshold, owners] = await Promise.all([
    call<string>(provider, safe, "VERSION"),
    call<bigint>(provider, safe, "nonce"),
    call<bigint>(provider, safe, "getThreshold"),
    call<readonly Address[]>(provider, safe, "getOwners"),
  ]);
  return { version, nonce, threshold, owners };
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

async function codeHash(provider: Provider, account: Address): Promise<Hex | undefined> {
  const code = await answer(provider, "eth_getCode", [account, "latest"]);
  return code === undefined ? undefined : keccak256(code);
}

async function transactionHash(provider: Provider, tx: SafeTx): Promise<Hex | undefined> {
  const { to, value, data, operation, safeTxGas, baseGas, gasPrice, gasToken, refundReceiver, nonce } = tx;
  const args = [to, value, data, operation, safeTxGas, baseGas, gasPrice, gasToken, refundReceiver, nonce] as const;
  const input = encodeFunctionData({ abi, functionName: "getTransactionHash", args });
  return result<Hex>(
    "getTransactionHash",
    await answer(provider, "eth_call", [{ to: tx.safe, data: input }, "latest"]),
  );
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
async function answer(provider: Provider, method: string, params: readonly unknown[]): Promise<Hex | undefined> {
  try {
    const found = await read(provider, method, params);
    return typeof found === "string" && /^0x[0-9a-fA-F]*$/.test(found) ? (found as Hex) : undefined;
  } catch {
    return undefined;
  }
}
