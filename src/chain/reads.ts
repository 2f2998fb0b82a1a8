/** The plain reads that every other part of the adapter is made of, pinned to one block. */

import { getAddress, numberToHex } from "viem";
import { z } from "zod";
import type { Head } from "../chain-facts.ts";
import type { Address, Hex } from "../domain/primitives.ts";
import { endpointFault } from "./fault.ts";
import { type Answer, hexBytes, hexQuantity, hexWord, isRevert, type Rpc, type RpcCall } from "./rpc.ts";

/** A block by its hash (EIP-1898), so that a reorganisation fails the read rather than answering from another history. */
export type Pin = { blockHash: Hex } | "latest";

const block = z.object({
  number: hexQuantity,
  hash: hexWord,
  timestamp: hexQuantity,
  baseFeePerGas: hexQuantity.optional(),
});

/** The newest block, with its base fee in wei where the chain has one (EIP-1559). */
export async function latestBlock(rpc: Rpc): Promise<Head & { baseFeePerGas: bigint | undefined }> {
  const { number, hash, timestamp, baseFeePerGas } = await rpc.request(
    "eth_getBlockByNumber",
    ["latest", false],
    block,
  );
  return { number, hash, timestamp, baseFeePerGas };
}

export async function latestHead(rpc: Rpc): Promise<Head> {
  const { number, hash, timestamp } = await latestBlock(rpc);
  return { number, hash, timestamp };
}

/** A block of the canonical chain. A number that the node does not have, or answers with another, is a ChainFault. */
export async function blockByNumber(rpc: Rpc, wanted: bigint): Promise<Head> {
  const form = await rpc.request("eth_getBlockByNumber", [numberToHex(wanted), false], block.nullable());
  if (form === null) throw endpointFault("rejected", rpc.endpoint, `does not have block ${wanted}.`);
  const { number, hash, timestamp } = form;
  if (number !== wanted)
    throw endpointFault("garbage", rpc.endpoint, `was asked for block ${wanted} and gave block ${number}.`);
  return { number, hash, timestamp };
}

export function callRead(to: Address, data: Hex, pin: Pin): RpcCall {
  return { method: "eth_call", params: [{ to, data }, pin] };
}

export function storageRead(account: Address, slot: Hex, pin: Pin): RpcCall {
  return { method: "eth_getStorageAt", params: [account, slot, pin] };
}

/**
 * EXTCODEHASH by a call that creates nothing: PUSH20 account, EXTCODEHASH, return an empty word and the hash. It is the
 * EVM's own answer (EIP-1052) and short, where `eth_getCode` carries the whole code. The empty word in front is there
 * because nothing may be created that starts with 0xef (EIP-3541), as one hash of 256 does. See {@link codeHashIn}.
 */
export function codeHashRead(account: Address, pin: Pin): RpcCall {
  return { method: "eth_call", params: [{ data: `0x73${account.slice(2)}3f60205260406000f3` }, pin] };
}

/** The hash in the answer to {@link codeHashRead}; undefined for any other answer. */
export function codeHashIn(answer: Hex | null | undefined): Hex | undefined {
  const found = /^0x0{64}([0-9a-f]{64})$/.exec(answer ?? "")?.[1];
  return found === undefined ? undefined : `0x${found}`;
}

export async function readCodeHash(rpc: Rpc, account: Address, pin: Pin): Promise<Hex> {
  const hash = codeHashIn(await read(rpc, codeHashRead(account, pin)));
  if (hash === undefined) throw endpointFault("garbage", rpc.endpoint, "answered with something that is no code hash.");
  return hash;
}

/** One read's bytes. Throws where the node fails or the call reverts. */
export async function read(rpc: Rpc, call: RpcCall): Promise<Hex> {
  return rpc.request(call.method, call.params, hexBytes);
}

/** One read's 32 bytes, such as a slot or a hash. */
export async function readWord(rpc: Rpc, call: RpcCall): Promise<Hex> {
  return rpc.request(call.method, call.params, hexWord);
}

/** Largest batch in one message: below what common providers and proxies accept. */
const largestBatch = 500;

/** Many reads in one message (one for each 500). Null where the EVM reverts; any other error is thrown: it is no answer. */
export async function readMany(rpc: Rpc, calls: readonly RpcCall[]): Promise<(Hex | null)[]> {
  const results: (Hex | null)[] = [];
  for (let from = 0; from < calls.length; from += largestBatch) {
    const part = calls.slice(from, from + largestBatch);
    const answers = await rpc.batch(part);
    results.push(...answers.map((answer, index) => bytesOrNull(rpc, answer, part[index]?.method ?? "")));
  }
  return results;
}

function bytesOrNull(rpc: Rpc, answer: Answer, method: string): Hex | null {
  if (!answer.ok && isRevert(answer.error)) return null;
  return rpc.take(answer, method, hexBytes);
}

/** What decoding gives, or undefined where the bytes are not what the ABI promises. */
export function decoded<T>(bytes: Hex | null | undefined, decode: (bytes: Hex) => T): T | undefined {
  if (bytes === null || bytes === undefined || bytes === "0x") return undefined;
  try {
    return decode(bytes);
  } catch {
    return undefined;
  }
}

/** The address in the low 20 bytes of a word; undefined for zero, for other lengths, and where the high bytes are not zero. */
export function addressInWord(word: Hex | null | undefined): Address | undefined {
  if (!word || !/^0x0{24}[0-9a-f]{40}$/.test(word) || /^0x0+$/.test(word)) return undefined;
  return getAddress(`0x${word.slice(26)}`);
}

export async function balanceOf(rpc: Rpc, account: Address): Promise<bigint> {
  return rpc.request("eth_getBalance", [account, "latest"], hexQuantity);
}

/** Account nonce including pending transactions. */
export async function pendingNonce(rpc: Rpc, account: Address): Promise<bigint> {
  return rpc.request("eth_getTransactionCount", [account, "pending"], hexQuantity);
}
