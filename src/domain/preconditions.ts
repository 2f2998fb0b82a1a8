/** The calls to the stateless Preconditions contract that open every timelock batch (trust rule 4). */

import { encodeAbiParameters, encodeFunctionData, keccak256, parseAbi } from "viem";
import { type Address, type ChainId, chainNumber, type Hex } from "./primitives.ts";
import type { Leg, Precondition } from "./release-package.ts";
import type { TimelockCall } from "./timelock.ts";

/**
 * EXTCODEHASH (EIP-1052) of the Preconditions contract, the same on every chain. It is judged here, so it is pinned here;
 * a test holds it against the compiled contract.
 */
export const preconditionsCodeHash: Hex = "0x4cdceaace3c2e16bba079a592bc5b449b98bd6599b23fa4c0c7ec6ba58986ba6";

const abi = parseAbi([
  "function notBefore(uint256 time) view",
  "function notAfter(uint256 time) view",
  "function chain(uint256 id) view",
  "function codeHash(address account, bytes32 expected) view",
  "function answer(address target, bytes callData, bytes32 expectedHash) view",
]);
/** What the contract says where one does not hold. */
export const preconditionErrors = parseAbi([
  "error TooEarly(uint256 time, uint256 blockTime)",
  "error TooLate(uint256 time, uint256 blockTime)",
  "error WrongChain(uint256 expected, uint256 actual)",
  "error WrongCode(address account, bytes32 expected, bytes32 actual)",
  "error NoAnswer(address target)",
  "error WrongAnswer(address target, bytes32 expectedHash, bytes32 actualHash)",
]);
const implementationGetter = encodeFunctionData({
  abi: parseAbi(["function implementation() view returns (address)"]),
});

/** The calls, in order, for those preconditions that the chain enforces; `at` is the Preconditions contract. */
export function preconditionCalls(at: Address, list: readonly Precondition[]): TimelockCall[] {
  return list
    .filter((one) => one.enforcedBy === "chain")
    .map((one) => ({ to: at, value: 0n, data: preconditionData(one) }));
}

function preconditionData(one: Precondition): Hex {
  switch (one.kind) {
    case "notBefore":
    case "notAfter":
      return encodeFunctionData({ abi, functionName: one.kind, args: [one.time] });
    case "chain":
      return encodeFunctionData({ abi, functionName: "chain", args: [one.number] });
    case "codeHash":
      return encodeFunctionData({ abi, functionName: "codeHash", args: [one.account, one.codeHash] });
    case "implementation": {
      const expected = keccak256(encodeAbiParameters([{ type: "address" }], [one.implementation]));
      return encodeFunctionData({
        abi,
        functionName: "answer",
        args: [one.contract, implementationGetter, expected],
      });
    }
  }
}

/** What the rollback's batch checks before its calls: its own end, the chain, and the code it goes back to. */
export function rollbackPreconditions(leg: Leg): Precondition[] {
  return [
    { kind: "notAfter", time: leg.rollback.notAfter, enforcedBy: "chain" },
    { kind: "chain", number: chainNumber(leg.chain), enforcedBy: "chain" },
    ...leg.rollback.restores.map(
      (one): Precondition => ({
        kind: "codeHash",
        account: one.implementation,
        codeHash: one.codeHash,
        enforcedBy: "chain",
      }),
    ),
  ];
}

/** The preconditions of an upgrade of proxies within a window (block timestamps, seconds). */
export function upgradePreconditions(
  chain: ChainId,
  window: { notBefore: bigint; notAfter: bigint },
  changes: readonly {
    proxyKind: string;
    admin: Address;
    fromImplementation: Address;
    toImplementation: Address;
    toCodeHash: Hex;
    proxy: Address;
  }[],
): Precondition[] {
  return [
    { kind: "notBefore", time: window.notBefore, enforcedBy: "chain" },
    { kind: "notAfter", time: window.notAfter, enforcedBy: "chain" },
    { kind: "chain", number: chainNumber(chain), enforcedBy: "chain" },
    ...changes.flatMap((change): Precondition[] => [
      { kind: "codeHash", account: change.toImplementation, codeHash: change.toCodeHash, enforcedBy: "chain" },
      // Only a beacon has a getter that a contract can call; ERC-1967 slots of other proxies are read by the bot.
      change.proxyKind === "beacon"
        ? {
            kind: "implementation",
            contract: change.admin,
            implementation: change.fromImplementation,
            enforcedBy: "chain",
          }
        : {
            kind: "implementation",
            contract: change.proxy,
            implementation: change.fromImplementation,
            enforcedBy: "bot",
          },
    ]),
  ];
}
