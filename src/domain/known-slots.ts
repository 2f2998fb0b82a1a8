/** Storage slots that decide over a contract, by name: who may change its code, who owns it, whether it is initialised. */

import { keccak256, stringToBytes, toHex } from "viem";
import type { Hex } from "./primitives.ts";

export interface KnownSlot {
  name: string;
  /** A change of it is a change of who holds power. */
  authority: boolean;
}

/** ERC-1967: keccak256("eip1967.proxy.NAME") - 1. */
const erc1967 = (name: string): Hex =>
  toHex(BigInt(keccak256(stringToBytes(`eip1967.proxy.${name}`))) - 1n, { size: 32 });

/** ERC-7201: keccak256(keccak256(id) - 1) with its last byte cleared. */
export function erc7201(id: string): Hex {
  const inner = toHex(BigInt(keccak256(stringToBytes(id))) - 1n, { size: 32 });
  return `${keccak256(inner).slice(0, 64)}00` as Hex;
}

export const slots = {
  implementation: erc1967("implementation"),
  admin: erc1967("admin"),
  beacon: erc1967("beacon"),
  initializable: erc7201("openzeppelin.storage.Initializable"),
  ownable: erc7201("openzeppelin.storage.Ownable"),
  ownable2Step: erc7201("openzeppelin.storage.Ownable2Step"),
  accessControl: erc7201("openzeppelin.storage.AccessControl"),
  defaultAdminRules: erc7201("openzeppelin.storage.AccessControlDefaultAdminRules"),
  accessManaged: erc7201("openzeppelin.storage.AccessManaged"),
  /** Safe: keccak256 of "guard_manager.guard.address", "fallback_manager.handler.address", "module_manager.module_guard.address". */
  safeGuard: keccak256(stringToBytes("guard_manager.guard.address")),
  safeHandler: keccak256(stringToBytes("fallback_manager.handler.address")),
  safeModuleGuard: keccak256(stringToBytes("module_manager.module_guard.address")),
} as const;

const named = new Map<Hex, KnownSlot>([
  [slots.implementation, { name: "the implementation (ERC-1967)", authority: true }],
  [slots.admin, { name: "the proxy's admin (ERC-1967)", authority: true }],
  [slots.beacon, { name: "the beacon it follows (ERC-1967)", authority: true }],
  [slots.initializable, { name: "the initialiser's version", authority: false }],
  [slots.ownable, { name: "the owner", authority: true }],
  [slots.ownable2Step, { name: "the pending owner", authority: true }],
  [slots.defaultAdminRules, { name: "the pending default admin", authority: true }],
  [slots.accessManaged, { name: "the authority that decides who may call", authority: true }],
  [slots.safeGuard, { name: "the Safe's guard", authority: true }],
  [slots.safeHandler, { name: "the Safe's fallback handler", authority: true }],
  [slots.safeModuleGuard, { name: "the Safe's module guard", authority: true }],
]);

/** Safe's own layout, the same in every version. The nonce, slot 5, moves with every transaction. */
const safeSlots = ["own code", "modules", "owners", "number of owners", "threshold"];

/** Undefined where nobody has a name for it. */
export function knownSlot(slot: Hex, isSafe: boolean): KnownSlot | undefined {
  const index = BigInt(slot);
  const ofSafe = isSafe && index < 5n ? safeSlots[Number(index)] : undefined;
  return ofSafe === undefined ? named.get(slot) : { name: `the Safe's ${ofSafe}`, authority: true };
}

/** Slot of `_roles[role].hasRole[account]` of AccessControl, in OpenZeppelin 5 and, at slot `at`, in earlier versions. */
export function roleSlot(role: Hex, account: Hex, at: Hex = slots.accessControl): Hex {
  const pad = (value: string) => value.slice(2).toLowerCase().padStart(64, "0");
  const members = keccak256(`0x${pad(role)}${pad(at)}`);
  return keccak256(`0x${pad(account)}${pad(members)}`);
}
