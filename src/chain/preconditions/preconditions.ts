/**
 * The stateless Preconditions contract: its code, and where that code lives on every chain. Data only; see
 * Preconditions.sol for what each call demands.
 */

import { type Address, concat, getAddress, type Hex, parseAbi } from "viem";
import { preconditionErrors } from "../../domain/preconditions.ts";
import artefact from "./artefacts/Preconditions.json" with { type: "json" };

/** The deterministic deployer (https://github.com/Arachnid/deterministic-deployment-proxy): data is salt ‖ init code. */
export const deterministicDeployer: Address = "0x4e59b44847b379578588920cA78FbF26c0B4956C";

/** Its code on every chain. */
export const deterministicDeployerCode: Hex =
  "0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe03601600081602082378035828234f58015156039578182fd5b8082525050506014600cf3";

/** CREATE2 address through the deterministic deployer with salt 0 (EIP-1014): the same on every chain. */
export const preconditionsAddress: Address = getAddress(artefact.address);

/** EXTCODEHASH that the contract must have there (EIP-1052). */
export const preconditionsCodeHash = artefact.codeHash as Hex;

/** Creation code, without arguments: solc 0.8.37, metadata stripped, Paris rules. */
export const preconditionsInitCode = artefact.bytecode as Hex;

/** What a transaction to {@link deterministicDeployer} carries to deploy it: salt 0 ‖ init code. */
export const preconditionsDeployment: Hex = concat([`0x${"0".repeat(64)}`, preconditionsInitCode]);

export const preconditionsAbi = [
  ...parseAbi([
    "function notBefore(uint256 time) view",
    "function notAfter(uint256 time) view",
    "function chain(uint256 id) view",
    "function codeHash(address account, bytes32 expected) view",
    "function answer(address target, bytes callData, bytes32 expectedHash) view",
  ]),
  ...preconditionErrors,
];
