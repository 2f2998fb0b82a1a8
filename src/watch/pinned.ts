/** Reads pinned to one block, where two facts must be of the same moment: a node that lags refuses rather than misleads. */

import { encodeFunctionData, parseAbi } from "viem";
import type { BlockRef } from "../domain/ceremony.ts";
import { type Address, type Hex, zeroHash } from "../domain/primitives.ts";
import type { Chain } from "../ports.ts";

const abi = parseAbi([
  "function getTimestamp(bytes32 id) view returns (uint256)",
  "function nonce() view returns (uint256)",
]);

/** Whether the timelock knows no such operation: never scheduled, or cancelled. */
export async function isUnsetAt(chain: Chain, timelock: Address, id: Hex, { hash }: BlockRef): Promise<boolean> {
  const data = encodeFunctionData({ abi, functionName: "getTimestamp", args: [id] });
  return (await chain.call(timelock, data, { blockHash: hash })) === zeroHash;
}

/** The nonce that a Safe's next transaction takes. */
export async function nonceAt(chain: Chain, safe: Address, { hash }: BlockRef): Promise<bigint> {
  return BigInt(await chain.call(safe, encodeFunctionData({ abi, functionName: "nonce" }), { blockHash: hash }));
}
