/** Safe's own contracts at their canonical addresses, and the council's and the guardians' Safes. */

import { concat, encodeFunctionData, encodePacked, getContractAddress, keccak256, parseAbi } from "viem";
import { type Address, type Hex, zeroAddress } from "../domain/primitives.ts";
import { packageBytecode } from "./bytecode.ts";
import type { Plan } from "./plan.ts";

export type SafeVersion = "1.4.1" | "1.5.0";

/** Safe's deployer, the same on every chain: https://github.com/safe-global/safe-singleton-factory */
export const safeSingletonFactory: { address: Address; code: Hex } = {
  address: "0x914d7Fec6aaC8cd542e72Bca78B30650d45643d7",
  code: "0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe03601600081602082378035828234f58015156039578182fd5b8082525050506014600cf3",
};

const packages: Record<SafeVersion, string> = {
  "1.4.1": "@safe-global/safe-contracts",
  "1.5.0": "@safe-global/safe-smart-account",
};

/** Where each contract lies below `build/artifacts/contracts` of the package. */
const folders = {
  Safe: "Safe.sol",
  SafeL2: "SafeL2.sol",
  SafeProxyFactory: "proxies/SafeProxyFactory.sol",
  CompatibilityFallbackHandler: "handler/CompatibilityFallbackHandler.sol",
  MultiSend: "libraries/MultiSend.sol",
  MultiSendCallOnly: "libraries/MultiSendCallOnly.sol",
  SignMessageLib: "libraries/SignMessageLib.sol",
  CreateCall: "libraries/CreateCall.sol",
  SimulateTxAccessor: "accessors/SimulateTxAccessor.sol",
} as const;
export type SafeContracts = Record<keyof typeof folders, Address>;

function bytecode(version: SafeVersion, contract: keyof typeof folders | "SafeProxy"): Hex {
  const folder = contract === "SafeProxy" ? "proxies/SafeProxy.sol" : folders[contract];
  return packageBytecode(`${packages[version]}/build/artifacts/contracts/${folder}/${contract}.json`);
}

/** Plans Safe's contracts; they land where they are on every public chain. */
export function deploySafeContracts(plan: Plan, version: SafeVersion): SafeContracts {
  const names = Object.keys(folders) as (keyof typeof folders)[];
  const deployed = names.map((name) => [name, plan.create2(safeSingletonFactory.address, bytecode(version, name))]);
  return Object.fromEntries(deployed);
}

const abi = parseAbi([
  "function setup(address[] owners, uint256 threshold, address to, bytes data, address fallbackHandler, address paymentToken, uint256 payment, address paymentReceiver)",
  "function createProxyWithNonce(address singleton, bytes initializer, uint256 saltNonce)",
]);

export interface SafeSetup {
  version: SafeVersion;
  owners: readonly Address[];
  threshold: number;
  /** Tells apart Safes of the same owners. */
  saltNonce: bigint;
}

/** Plans a Safe (of the L2 kind, which emits an event for every transaction) and returns its address. */
export function createSafe(plan: Plan, contracts: SafeContracts, setup: SafeSetup): Address {
  const { owners, threshold, saltNonce } = setup;
  const handler = contracts.CompatibilityFallbackHandler;
  const initializer = encodeFunctionData({
    abi,
    functionName: "setup",
    args: [owners, BigInt(threshold), zeroAddress, "0x", handler, zeroAddress, 0n, zeroAddress],
  });
  const singleton = contracts.SafeL2;
  plan.call(
    contracts.SafeProxyFactory,
    encodeFunctionData({ abi, functionName: "createProxyWithNonce", args: [singleton, initializer, saltNonce] }),
  );
  const salt = keccak256(encodePacked(["bytes32", "uint256"], [keccak256(initializer), saltNonce]));
  const proxy = concat([bytecode(setup.version, "SafeProxy"), encodePacked(["uint256"], [BigInt(singleton)])]);
  return getContractAddress({ opcode: "CREATE2", from: contracts.SafeProxyFactory, salt, bytecode: proxy });
}
