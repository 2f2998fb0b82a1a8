/** OpenZeppelin TimelockController's batch operations: their id and the calls that schedule, execute and cancel them. */

import { encodeAbiParameters, encodeFunctionData, keccak256, parseAbi, parseAbiParameters, stringToBytes } from "viem";
import type { Address, Hex } from "./primitives.ts";
import { remembered } from "./remembered.ts";

/** One plain call out of a timelock or a Safe; `value` in wei. */
export interface TimelockCall {
  to: Address;
  value: bigint;
  data: Hex;
}

/** What one operation is made of. The same five parts always have the same id, whatever the delay. */
export interface TimelockBatch {
  readonly calls: readonly Readonly<TimelockCall>[];
  /** The operation that must be Done before; the zero hash where there is none. */
  readonly predecessor: Hex;
  readonly salt: Hex;
}

/** keccak256 of the roles' names, as TimelockController computes them. */
export const cancellerRole = keccak256(stringToBytes("CANCELLER_ROLE"));
export const executorRole = keccak256(stringToBytes("EXECUTOR_ROLE"));

const batchParameters = parseAbiParameters("address[], uint256[], bytes[], bytes32, bytes32");

const abi = parseAbi([
  "function scheduleBatch(address[] targets, uint256[] values, bytes[] payloads, bytes32 predecessor, bytes32 salt, uint256 delay)",
  "function executeBatch(address[] targets, uint256[] values, bytes[] payloads, bytes32 predecessor, bytes32 salt) payable",
  "function cancel(bytes32 id)",
]);

/** A check asks for the same few dozens of times, and each takes a fifth of a millisecond. */
const ids = remembered<Hex>(300);

/** The operation's id, as `hashOperationBatch` of TimelockController computes it: keccak256(abi.encode(batch)). */
export function operationId(batch: TimelockBatch): Hex {
  const encoded = encodeAbiParameters(batchParameters, columns(batch));
  return ids(encoded, () => keccak256(encoded));
}

/** Calldata of `scheduleBatch`; `delay` in seconds, at least the timelock's minDelay. Sent by a PROPOSER. */
export function scheduleBatchData(batch: TimelockBatch, delay: bigint): Hex {
  return encodeFunctionData({ abi, functionName: "scheduleBatch", args: [...columns(batch), delay] });
}

/** Calldata of `executeBatch`. Sent by an EXECUTOR, with the sum of the calls' values. */
export function executeBatchData(batch: TimelockBatch): Hex {
  return encodeFunctionData({ abi, functionName: "executeBatch", args: columns(batch) });
}

/** Calldata of `cancel`. Sent by a CANCELLER; works while the operation is Waiting or Ready. */
export function cancelData(id: Hex): Hex {
  return encodeFunctionData({ abi, functionName: "cancel", args: [id] });
}

function columns({ calls, predecessor, salt }: TimelockBatch) {
  return [
    calls.map((call) => call.to),
    calls.map((call) => call.value),
    calls.map((call) => call.data),
    predecessor,
    salt,
  ] as const;
}
