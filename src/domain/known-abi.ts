/**
 * Functions that move code, money or authority in the contracts a council upgrades. Closed world: what is not here, and
 * not named by policy, is unknown. Sources: Safe 1.0.0 to 1.5.0, OpenZeppelin Contracts 4 and 5, Multicall3, EIP-20.
 */

import { type AbiFunction, parseAbi, toFunctionSelector, toFunctionSignature } from "viem";
import type { Hex } from "./primitives.ts";

const safe = parseAbi([
  "function execTransaction(address to, uint256 value, bytes data, uint8 operation, uint256 safeTxGas, uint256 baseGas, uint256 gasPrice, address gasToken, address refundReceiver, bytes signatures) payable returns (bool)",
  "function multiSend(bytes transactions) payable",
  "function approveHash(bytes32 hashToApprove)",
  "function setup(address[] owners, uint256 threshold, address to, bytes data, address fallbackHandler, address paymentToken, uint256 payment, address paymentReceiver)",
  "function addOwnerWithThreshold(address owner, uint256 threshold)",
  "function removeOwner(address prevOwner, address owner, uint256 threshold)",
  "function swapOwner(address prevOwner, address oldOwner, address newOwner)",
  "function changeThreshold(uint256 threshold)",
  "function enableModule(address module)",
  "function disableModule(address prevModule, address module)",
  "function setGuard(address guard)",
  "function setModuleGuard(address moduleGuard)",
  "function setFallbackHandler(address handler)",
  "function execTransactionFromModule(address to, uint256 value, bytes data, uint8 operation) returns (bool)",
  "function execTransactionFromModuleReturnData(address to, uint256 value, bytes data, uint8 operation) returns (bool, bytes)",
]);

/** Calls that carry calls. Multicall3 is at 0xcA11bde05977b3631167028862bE2a173976CA11 (mds1/multicall3). */
const batches = parseAbi([
  "function aggregate((address target, bytes callData)[] calls) payable returns (uint256, bytes[])",
  "function tryAggregate(bool requireSuccess, (address target, bytes callData)[] calls) payable returns ((bool success, bytes returnData)[])",
  "function aggregate3((address target, bool allowFailure, bytes callData)[] calls) payable returns ((bool success, bytes returnData)[])",
  "function aggregate3Value((address target, bool allowFailure, uint256 value, bytes callData)[] calls) payable returns ((bool success, bytes returnData)[])",
  "function multicall(bytes[] data) returns (bytes[])",
]);

const timelock = parseAbi([
  "function schedule(address target, uint256 value, bytes data, bytes32 predecessor, bytes32 salt, uint256 delay)",
  "function scheduleBatch(address[] targets, uint256[] values, bytes[] payloads, bytes32 predecessor, bytes32 salt, uint256 delay)",
  "function execute(address target, uint256 value, bytes payload, bytes32 predecessor, bytes32 salt) payable",
  "function executeBatch(address[] targets, uint256[] values, bytes[] payloads, bytes32 predecessor, bytes32 salt) payable",
  "function cancel(bytes32 id)",
  "function updateDelay(uint256 newDelay)",
]);

const proxies = parseAbi([
  "function upgrade(address proxy, address implementation)",
  "function upgradeAndCall(address proxy, address implementation, bytes data) payable",
  "function upgradeTo(address implementation)",
  "function upgradeToAndCall(address implementation, bytes data) payable",
  "function changeProxyAdmin(address proxy, address newAdmin)",
  "function changeAdmin(address newAdmin)",
]);

const owners = parseAbi([
  "function transferOwnership(address newOwner)",
  "function acceptOwnership()",
  "function renounceOwnership()",
  "function setOwner(address owner)",
  "function setPendingAdmin(address newPendingAdmin)",
  "function acceptAdmin()",
  "function setAdmin(address admin)",
  "function setPauser(address pauser)",
  "function setGovernor(address governor)",
  "function setAuthority(address newAuthority)",
  "function grantRole(bytes32 role, address account)",
  "function revokeRole(bytes32 role, address account)",
  "function renounceRole(bytes32 role, address callerConfirmation)",
  "function beginDefaultAdminTransfer(address newAdmin)",
  "function acceptDefaultAdminTransfer()",
  "function cancelDefaultAdminTransfer()",
  "function changeDefaultAdminDelay(uint48 newDelay)",
  "function rollbackDefaultAdminDelay()",
]);

const accessManager = parseAbi([
  "function schedule(address target, bytes data, uint48 when)",
  "function execute(address target, bytes data) payable",
  "function cancel(address caller, address target, bytes data)",
  "function grantRole(uint64 roleId, address account, uint32 executionDelay)",
  "function revokeRole(uint64 roleId, address account)",
  "function renounceRole(uint64 roleId, address callerConfirmation)",
  "function setRoleAdmin(uint64 roleId, uint64 admin)",
  "function setRoleGuardian(uint64 roleId, uint64 guardian)",
  "function setGrantDelay(uint64 roleId, uint32 newDelay)",
  "function setTargetFunctionRole(address target, bytes4[] selectors, uint64 roleId)",
  "function setTargetAdminDelay(address target, uint32 newDelay)",
  "function setTargetClosed(address target, bool closed)",
  "function updateAuthority(address target, address newAuthority)",
  "function labelRole(uint64 roleId, string label)",
]);

const tokens = parseAbi([
  "function transfer(address to, uint256 amount) returns (bool)",
  "function transferFrom(address from, address to, uint256 amount) returns (bool)",
  "function approve(address spender, uint256 amount) returns (bool)",
]);

const switches = parseAbi(["function pause()", "function unpause()"]);

/** Quorate's own Preconditions contract. */
const preconditions = parseAbi([
  "function notBefore(uint256 time) view",
  "function notAfter(uint256 time) view",
  "function chain(uint256 id) view",
  "function codeHash(address account, bytes32 expected) view",
  "function answer(address target, bytes callData, bytes32 expectedHash) view",
]);

export interface KnownFunction {
  abi: AbiFunction;
  /** `transfer(address,uint256)`. */
  signature: string;
  /** Who gains or loses power by it: an owner, a role, an admin, a delay, a module. */
  authority: boolean;
}

const groups: readonly { abi: readonly AbiFunction[]; authority: boolean }[] = [
  { abi: safe, authority: false },
  { abi: batches, authority: false },
  { abi: timelock, authority: false },
  { abi: proxies, authority: false },
  { abi: owners, authority: true },
  { abi: accessManager, authority: true },
  { abi: tokens, authority: false },
  { abi: switches, authority: false },
  { abi: preconditions, authority: false },
];

/** Of functions whose group is not about authority, those that are. */
const alsoAuthority = [
  "addOwnerWithThreshold",
  "removeOwner",
  "swapOwner",
  "changeThreshold",
  "enableModule",
  "disableModule",
  "setGuard",
  "setModuleGuard",
  "setFallbackHandler",
  "setup",
  "updateDelay",
  "changeProxyAdmin",
  "changeAdmin",
];

/** Of functions in the groups about authority, those that are not. */
const notAuthority = ["execute(address,bytes)", "schedule(address,bytes,uint48)", "labelRole(uint64,string)"];

const bySelector = new Map<Hex, KnownFunction>(
  groups.flatMap(({ abi, authority }) =>
    abi.map((one) => {
      const signature = toFunctionSignature(one);
      const powers = (authority && !notAuthority.includes(signature)) || alsoAuthority.includes(one.name);
      return [toFunctionSelector(one), { abi: one, signature, authority: powers }] as const;
    }),
  ),
);

/** All of them. */
export const knownFunctions: readonly KnownFunction[] = [...bySelector.values()];

/** By the first four bytes of calldata; undefined where no function of ours has them. */
export function knownFunction(selector: Hex): KnownFunction | undefined {
  return bySelector.get(selector);
}
