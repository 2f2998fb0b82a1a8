/** Which kind of proxy an account is, where its code is, and whom an upgrade goes through. */

import { encodeFunctionData, parseAbi } from "viem";
import type { ProxyFacts, ProxyKind } from "../chain-facts.ts";
import { type Address, emptyCodeHash, type Hex, zeroHash } from "../domain/primitives.ts";
import { ChainFault } from "../ports.ts";
import { endpointFault } from "./fault.ts";
import {
  addressInWord,
  callRead,
  codeHashIn,
  codeHashRead,
  latestHead,
  type Pin,
  readMany,
  storageRead,
} from "./reads.ts";
import { hexBytes, type Rpc, type RpcCall } from "./rpc.ts";

/** Slots of ERC-1967: keccak256("eip1967.proxy.NAME") - 1. */
export const implementationSlot: Hex = "0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc";
const adminSlot: Hex = "0xb53127684a568b3173ae13b9f8a6016e243e63b6e8ee1178d6a717850b5d6103";
const beaconSlot: Hex = "0xa3f0ad74e5423aebfd80d3ef4346578335a9a72aeaee59ff6cb3582b35133d50";

const abi = parseAbi([
  "function implementation() view returns (address)",
  "function proxiableUUID() view returns (bytes32)",
  "function owner() view returns (address)",
]);
const implementationData = encodeFunctionData({ abi, functionName: "implementation" });
const proxiableData = encodeFunctionData({ abi, functionName: "proxiableUUID" });
const ownerData = encodeFunctionData({ abi, functionName: "owner" });

/** A proxy's facts at the newest block. Refuses, with "not a proxy", what nobody could upgrade by ERC-1967 and ERC-1822. */
export async function proxyFacts(rpc: Rpc, proxy: Address): Promise<ProxyFacts> {
  const pin = { blockHash: (await latestHead(rpc)).hash };
  const found = await detect(rpc, proxy, pin);
  if (typeof found === "string")
    throw new ChainFault("not a proxy", `${proxy} on chain ${rpc.endpoint.chain} ${found}`);
  const [hashed, owner] = await readMany(rpc, [
    codeHashRead(found.implementation, pin),
    callRead(found.admin, ownerData, pin),
  ]);
  const implementationCodeHash = codeHashIn(hashed);
  if (!implementationCodeHash || implementationCodeHash === zeroHash || implementationCodeHash === emptyCodeHash)
    throw new ChainFault(
      "not a proxy",
      `${proxy} on chain ${rpc.endpoint.chain} points to ${found.implementation}, which has no code.`,
    );
  return { proxy, ...found, implementationCodeHash, owner: addressInWord(owner) };
}

type Detected = { kind: ProxyKind; implementation: Address; admin: Address };

/** Beacon slot first, then admin slot, then the implementation's own word that it is UUPS; otherwise why it is none. */
async function detect(rpc: Rpc, proxy: Address, pin: Pin): Promise<Detected | string> {
  const [beaconWord, adminWord, implementationWord] = await readMany(rpc, [
    storageRead(proxy, beaconSlot, pin),
    storageRead(proxy, adminSlot, pin),
    storageRead(proxy, implementationSlot, pin),
  ]);
  const beacon = addressInWord(beaconWord);
  if (beacon) {
    const [word] = await readMany(rpc, [callRead(beacon, implementationData, pin)]);
    const implementation = addressInWord(word);
    return implementation
      ? { kind: "beacon", implementation, admin: beacon }
      : `names the beacon ${beacon}, which names no implementation.`;
  }
  const implementation = addressInWord(implementationWord);
  if (!implementation) return "is not a proxy: its ERC-1967 slots are empty.";
  const admin = addressInWord(adminWord);
  if (admin) return { kind: "transparent", implementation, admin };
  const [uuid] = await readMany(rpc, [callRead(implementation, proxiableData, pin)]);
  if (uuid !== implementationSlot)
    return `has an implementation, ${implementation}, but neither an admin nor a UUPS upgrade function: nobody can upgrade it.`;
  return { kind: "uups", implementation, admin: proxy };
}

/** What code each account runs: a proxy's implementation with its code hash, otherwise the account's own. */
export async function runningCode(
  rpc: Rpc,
  accounts: readonly Address[],
  pin: Pin,
): Promise<{ address: Address; implementation: Address; codeHash: Hex }[]> {
  return runningBy(rpc, accounts, await readMany(rpc, runningSlots(accounts, pin)), pin);
}

/** Where {@link runningCode} looks first. */
export function runningSlots(accounts: readonly Address[], pin: Pin): RpcCall[] {
  return accounts.flatMap((account) => [
    storageRead(account, beaconSlot, pin),
    storageRead(account, implementationSlot, pin),
  ]);
}

/** {@link runningCode}, where the slots have been read. */
export async function runningBy(
  rpc: Rpc,
  accounts: readonly Address[],
  slots: readonly (Hex | null)[],
  pin: Pin,
): Promise<{ address: Address; implementation: Address; codeHash: Hex }[]> {
  const beacons = accounts.map((_account, index) => addressInWord(slots[index * 2]));
  const asked = beacons.flatMap((beacon) => (beacon ? [callRead(beacon, implementationData, pin)] : []));
  const named = (await rpc.batch(asked)).map((answer) => rpc.take(answer, "eth_call", hexBytes));
  const implementations = accounts.map((account, index) => {
    const word = beacons[index] ? named[beacons.slice(0, index).filter(Boolean).length] : slots[index * 2 + 1];
    return addressInWord(word) ?? account;
  });
  const hashes = await readMany(
    rpc,
    implementations.map((one) => codeHashRead(one, pin)),
  );
  return accounts.map((address, index) => {
    const codeHash = codeHashIn(hashes[index]);
    if (codeHash === undefined)
      throw endpointFault("garbage", rpc.endpoint, "answered with something that is no code hash.");
    return { address, implementation: implementations[index] ?? address, codeHash };
  });
}
