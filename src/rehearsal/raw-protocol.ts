/** The embedded protocol as anybody can read it with curl, at any block: what the judge measures by itself. */

import { encodeFunctionData, parseAbi } from "viem";
import { call } from "./raw-chain.ts";
import type { Hex } from "./raw-rpc.ts";

const abi = parseAbi([
  "function poolSolvency(address) view returns (uint256)",
  "function sharePrice(address) view returns (uint256)",
  "function priceAge(address) view returns (uint256)",
]);
/** First four bytes of keccak256 of the signature. */
const selectors = { paused: "0x5c975abb", owner: "0x8da5cb5b" } as const;

const at = (block: bigint | undefined) => (block === undefined ? {} : { block });

export async function isPaused(url: string, contract: Hex): Promise<boolean> {
  return BigInt(await call(url, contract, selectors.paused)) === 1n;
}

/** In lower case. */
export async function ownerOf(url: string, contract: Hex, block?: bigint): Promise<Hex> {
  return `0x${(await call(url, contract, selectors.owner, at(block))).slice(-40)}`;
}

/** What a pool has for each 10,000 it owes, a share's price times 1e18, or a price's age in seconds. */
export async function gauged(
  { url, gauges }: { url: string; gauges: Hex },
  functionName: "poolSolvency" | "sharePrice" | "priceAge",
  contract: Hex,
  block?: bigint,
): Promise<bigint> {
  return BigInt(await call(url, gauges, encodeFunctionData({ abi, functionName, args: [contract] }), at(block)));
}
