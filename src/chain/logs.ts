/** Event logs of contracts over many blocks, in as many requests as the node makes necessary. */

import { numberToHex } from "viem";
import { z } from "zod";
import type { Address, Hex } from "../domain/primitives.ts";
import { ChainFault } from "../ports.ts";
import { hexAddress, hexBytes, hexQuantity, hexWord, type Rpc } from "./rpc.ts";

export interface Log {
  address: Address;
  topics: Hex[];
  data: Hex;
  blockNumber: bigint;
  transactionHash: Hex;
}

export const logForm = z.object({
  address: hexAddress,
  topics: z.array(hexWord),
  data: hexBytes,
});
const logsForm = z.array(logForm.extend({ blockNumber: hexQuantity, transactionHash: hexWord }));

/** A node that refuses even this few blocks refuses for another reason than the range. */
const smallestRange = 100n;

/** Logs of several accounts in one request; undefined where the node does not give so many blocks or logs at once. */
export async function logsAtOnce(
  rpc: Rpc,
  accounts: readonly Address[],
  topics: readonly Hex[],
  from: bigint,
  to: bigint,
): Promise<Log[] | undefined> {
  if (from > to || accounts.length === 0) return [];
  const filter = { address: accounts, topics: [topics], fromBlock: numberToHex(from), toBlock: numberToHex(to) };
  try {
    return await rpc.request("eth_getLogs", [filter], logsForm);
  } catch (error) {
    if (error instanceof ChainFault && error.kind === "rejected") return undefined;
    throw error;
  }
}

/** Logs of `address`, or of any of several, with one of `topics` as first topic, from one block to another, both included. */
export async function logsBetween(
  rpc: Rpc,
  address: Address | readonly Address[],
  topics: readonly Hex[],
  from: bigint,
  to: bigint,
): Promise<Log[]> {
  if (from > to) return [];
  const filter = { address, topics: [topics], fromBlock: numberToHex(from), toBlock: numberToHex(to) };
  try {
    return await rpc.request("eth_getLogs", [filter], logsForm);
  } catch (error) {
    const tooMuch = error instanceof ChainFault && error.kind === "rejected";
    if (!tooMuch || to - from < smallestRange) throw error;
    // Providers cap blocks, logs or time, each by another number and in other words: halve until it fits.
    const middle = (from + to) / 2n;
    const early = await logsBetween(rpc, address, topics, from, middle);
    return [...early, ...(await logsBetween(rpc, address, topics, middle + 1n, to))];
  }
}

/**
 * The first block at which an account has code, by bisection; 0 where the node keeps no old states. Logs before it
 * cannot exist (accounts that were destroyed and made again aside, which Cancun ended).
 */
export async function deploymentBlock(rpc: Rpc, account: Address, head: bigint): Promise<bigint> {
  let low = 0n;
  let high = head;
  while (low < high) {
    const middle = (low + high) / 2n;
    const code = await codeAt(rpc, account, middle);
    if (code === undefined) return 0n;
    if (code === "0x") low = middle + 1n;
    else high = middle;
  }
  return low;
}

async function codeAt(rpc: Rpc, account: Address, block: bigint): Promise<Hex | undefined> {
  try {
    return await rpc.request("eth_getCode", [account, numberToHex(block)], hexBytes);
  } catch (error) {
    if (error instanceof ChainFault && error.kind === "rejected") return undefined;
    throw error;
  }
}
