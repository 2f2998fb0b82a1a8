/** What can be done to a chain of our own, and to no other: the node's cheats. */

import { encodeAbiParameters, keccak256, parseAbiParameters } from "viem";
import type { Address, Hex } from "../../domain/primitives.ts";
import type { EmbeddedNode } from "../../embedded/node.ts";
import { tradeOnce } from "../../embedded/trade.ts";
import type { World } from "../../embedded/world.ts";

export const stranger: Address = "0x00000000000000000000000000000000DeaDBeef";

const word = (value: bigint | Hex): Hex => `0x${BigInt(value).toString(16).padStart(64, "0")}`;

export async function setSlot(node: EmbeddedNode, account: Address, slot: bigint | Hex, value: bigint | Hex) {
  await node.request("anvil_setStorageAt", account, word(slot), word(value));
}

export async function setCode(node: EmbeddedNode, account: Address, code: Hex): Promise<void> {
  await node.request("anvil_setCode", account, code);
}

/** Puts one contract's code in the place of another's. */
export async function replaceCode(node: EmbeddedNode, account: Address, by: Address): Promise<void> {
  await setCode(node, account, (await node.request("eth_getCode", by, "latest")) as Hex);
}

/** Code that accepts every call and does nothing. */
export const STOP: Hex = "0x00";

/** Where a mapping keeps a key: keccak256(key ‖ slot). */
export function mappingSlot(key: Hex, slot: bigint): Hex {
  return keccak256(encodeAbiParameters(parseAbiParameters("bytes32, uint256"), [word(key), slot]));
}

/** Safe's storage, the same in every version: owners 2 (a linked list that starts at 1), threshold 4, nonce 5. */
export const safeSlots = { owners: 2n, threshold: 4n, nonce: 5n };

/** Puts a stranger in the place of a Safe's first owner. */
export async function replaceFirstOwner(node: EmbeddedNode, safe: Address, owners: readonly Address[]): Promise<void> {
  const [first = stranger, second = stranger] = owners;
  await setSlot(node, safe, mappingSlot("0x1", safeSlots.owners), stranger);
  await setSlot(node, safe, mappingSlot(stranger, safeSlots.owners), second);
  await setSlot(node, safe, mappingSlot(first, safeSlots.owners), 0n);
}

/** TimelockController's storage: roles 0, timestamps 1, delay 2. A timestamp of 1 is Done, of 0 Unset. */
export const timelockSlots = { timestamps: 1n };

/** OpenZeppelin's UpgradeableBeacon: owner 0, implementation 1. */
export const beaconSlots = { implementation: 1n };

/** ERC-1967: keccak256("eip1967.proxy.implementation") - 1. */
export const implementationSlot: Hex = "0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc";

/** A transaction of an account without its key, mined. */
export async function sentBy(world: World, from: Address, to: Address, data: Hex): Promise<void> {
  await world.node.requests([
    { method: "anvil_impersonateAccount", params: [from] },
    { method: "anvil_setBalance", params: [from, "0x8ac7230489e80000"] },
  ]);
  await world.node.request("eth_sendTransaction", { from, to, data, gas: "0x1e8480" });
  await tradeOnce(world);
}

/** A block of this timestamp; the world's own clock is not told, because it never goes back. */
export async function minedAt(world: World, timestamp: bigint): Promise<void> {
  await world.inTurn(() => world.node.request("evm_mine", Number(timestamp)));
}
