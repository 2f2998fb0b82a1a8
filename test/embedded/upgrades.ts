/** The upgrade calls of the world's four upgradeable contracts. */

import { type Address, encodeFunctionData, type Hex, parseAbi } from "viem";
import type { World } from "../../src/embedded/world.ts";

const abi = parseAbi([
  "function upgradeToAndCall(address implementation, bytes data) payable",
  "function upgradeAndCall(address proxy, address implementation, bytes data) payable",
  "function upgradeTo(address implementation)",
  "function initializeV2(uint16 fee)",
]);

export interface Call {
  to: Address;
  data: Hex;
}

export function upgradeVault(world: World, implementation: Address, fee?: number): Call {
  const initialise = fee === undefined ? "0x" : encodeFunctionData({ abi, functionName: "initializeV2", args: [fee] });
  const args = [implementation, initialise] as const;
  return { to: world.vault, data: encodeFunctionData({ abi, functionName: "upgradeToAndCall", args }) };
}

export function upgradePriceFeed(world: World, implementation: Address): Call {
  const args = [world.priceFeed, implementation, "0x"] as const;
  return { to: world.proxyAdmin, data: encodeFunctionData({ abi, functionName: "upgradeAndCall", args }) };
}

export function upgradePool(beacon: Address, implementation: Address): Call {
  return { to: beacon, data: encodeFunctionData({ abi, functionName: "upgradeTo", args: [implementation] }) };
}
