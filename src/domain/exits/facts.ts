/** What the exits hang on, read beside them at the same block: Safes, operations, roles and code. */

import { type AbiFunction, decodeFunctionResult, encodeFunctionData, getAddress, parseAbi } from "viem";
import type { NestedSafe } from "../events.ts";
import type { SafeNow } from "../intent.ts";
import { slots } from "../known-slots.ts";
import { type Address, emptyCodeHash, type Hex, zeroAddress, zeroHash } from "../primitives.ts";
import { executorRole } from "../timelock.ts";
import { type Answers, type Asked, somebody } from "./trial.ts";

const abi = parseAbi([
  "function nonce() view returns (uint256)",
  "function getThreshold() view returns (uint256)",
  "function getOwners() view returns (address[])",
  "function getStorageAt(uint256 offset, uint256 length) view returns (bytes)",
  "function getModulesPaginated(address start, uint256 pageSize) view returns (address[] array, address next)",
  "function getTimestamp(bytes32 id) view returns (uint256)",
  "function hasRole(bytes32 role, address account) view returns (bool)",
  "function codeHash(address account) view returns (bytes32)",
]);
type Name = Extract<(typeof abi)[number], AbiFunction>["name"];

/** `head`: of the linked list of modules. */
const [head, pageSize]: [Address, bigint] = ["0x0000000000000000000000000000000000000001", 50n];

function fact(to: Address, functionName: Name, args: readonly unknown[] = []): Asked {
  const data = encodeFunctionData({ abi, functionName, args } as Parameters<typeof encodeFunctionData>[0]);
  return { key: `${to} ${data}`, row: [{ to, data }], on: "state", isFact: true };
}

/** Undefined where it was not asked, or there is no such answer. */
function answer<T>(answers: Answers, asked: Asked, functionName: Name): T | undefined {
  const [data] = answers.get(asked.key)?.answers ?? [];
  if (data === undefined || data === "0x") return undefined;
  try {
    return decodeFunctionResult({ abi, functionName, data }) as T;
  } catch {
    return undefined;
  }
}

/** A Safe as it is now, as far as it can stand in an exit's way. */
export interface SafeFound {
  safe: SafeNow;
  /** The zero address where there is none. */
  guard: Address;
  modules: readonly Address[];
}

export function safeAsks(known: SafeNow): Asked[] {
  return [
    ...treeAsks(known.address),
    ...known.nested.flatMap((one) => treeAsks(one.address)),
    fact(known.address, "nonce"),
    fact(known.address, "getStorageAt", [BigInt(slots.safeGuard), 1n]),
    fact(known.address, "getModulesPaginated", [head, pageSize]),
  ];
}

const treeAsks = (safe: Address) => [fact(safe, "getThreshold"), fact(safe, "getOwners")];

/** Undefined where it does not answer as a Safe does. */
export function safeFound(answers: Answers, known: SafeNow): SafeFound | undefined {
  const root = treeFound(answers, known);
  const nonce = answer<bigint>(answers, fact(known.address, "nonce"), "nonce");
  if (root === undefined || nonce === undefined) return undefined;
  const guard = answer<Hex>(
    answers,
    fact(known.address, "getStorageAt", [BigInt(slots.safeGuard), 1n]),
    "getStorageAt",
  );
  const modules = answer<[Address[], Address]>(
    answers,
    fact(known.address, "getModulesPaginated", [head, pageSize]),
    "getModulesPaginated",
  );
  // A child that cannot be read approves nothing.
  const nested = known.nested.flatMap((one) => treeFound(answers, one) ?? []);
  return {
    safe: { ...known, ...root, nonce, nested },
    guard: guard === undefined ? zeroAddress : getAddress(`0x${guard.slice(-40)}`),
    modules: modules?.[0] ?? [],
  };
}

function treeFound(answers: Answers, { address, version }: NestedSafe | SafeNow): NestedSafe | undefined {
  const [asksThreshold, asksOwners] = treeAsks(address);
  const threshold = asksThreshold && answer<bigint>(answers, asksThreshold, "getThreshold");
  const owners = asksOwners && answer<Address[]>(answers, asksOwners, "getOwners");
  if (threshold === undefined || threshold < 1n || owners === undefined) return undefined;
  return { address, version, threshold: Number(threshold), owners: [...owners] };
}

/** Whether two looks at a Safe see the same people and the same rules: what was put together for one holds for the other. */
export function isSameSafe(a: SafeNow, b: SafeNow): boolean {
  const told = ({ threshold, owners, nested }: SafeNow) =>
    JSON.stringify([threshold, owners, nested.map((one) => [one.address, one.threshold, one.owners])]);
  return told(a) === told(b);
}

export const timestampAsk = (timelock: Address, operation: Hex) => fact(timelock, "getTimestamp", [operation]);

/** 0: no such operation. 1: done. Else from when it may run, block timestamp in seconds. */
export function timestampFound(answers: Answers, timelock: Address, operation: Hex): bigint | undefined {
  return answer(answers, timestampAsk(timelock, operation), "getTimestamp");
}

/** For the zero address: whether anybody may execute. */
export const executorAsk = (timelock: Address, account: Address) => fact(timelock, "hasRole", [executorRole, account]);

export function isExecutor(answers: Answers, timelock: Address, account: Address): boolean {
  return answer<boolean>(answers, executorAsk(timelock, account), "hasRole") ?? false;
}

export const codeAsk = (account: Address) => fact(somebody, "codeHash", [account]);

/** EXTCODEHASH; undefined where it was not read. */
export function codeFound(answers: Answers, account: Address): Hex | undefined {
  return answer(answers, codeAsk(account), "codeHash");
}

export const isNoCode = (hash: Hex | undefined) => hash === zeroHash || hash === emptyCodeHash;
