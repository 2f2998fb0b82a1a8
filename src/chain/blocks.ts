/** Blocks, and what happened in one: headers, events, transactions and their traces. */

import { numberToHex } from "viem";
import { z } from "zod";
import type { Block, BlockLog, BlockReads, MinedTransaction } from "../block-reads.ts";
import type { Address, Hex } from "../domain/primitives.ts";
import { endpointFault } from "./fault.ts";
import { logsBetween } from "./logs.ts";
import { codeHashIn, codeHashRead, readMany, storageRead } from "./reads.ts";
import { hexAddress, hexBytes, hexQuantity, hexWord, type Rpc } from "./rpc.ts";
import { traceOfMined } from "./trace.ts";

const header = z
  .object({ number: hexQuantity, hash: hexWord, parentHash: hexWord, timestamp: hexQuantity })
  .transform(({ number, hash, parentHash, timestamp }): Block => ({ number, hash, parent: parentHash, timestamp }));

/** A block header as the node pushes it to a `newHeads` subscriber; undefined where it is none. */
export function blockIn(payload: unknown): Block | undefined {
  return header.safeParse(payload).data;
}

export function newestBlock(rpc: Rpc): Promise<Block> {
  return rpc.request("eth_getBlockByNumber", ["latest", false], header);
}

async function blockAt(rpc: Rpc, tag: "safe" | "finalized"): Promise<Block | undefined> {
  return (await rpc.request("eth_getBlockByNumber", [tag, false], header.nullable())) ?? undefined;
}

/** Largest batch in one message: below what common providers and proxies accept. */
const largestBatch = 500;

async function blocksByNumber(rpc: Rpc, numbers: readonly bigint[]): Promise<(Block | undefined)[]> {
  const found: (Block | undefined)[] = [];
  for (let from = 0; from < numbers.length; from += largestBatch) {
    const part = numbers.slice(from, from + largestBatch);
    const answers = await rpc.batch(
      part.map((number) => ({ method: "eth_getBlockByNumber", params: [numberToHex(number), false] })),
    );
    for (const [index, answer] of answers.entries()) {
      const block = rpc.take(answer, "eth_getBlockByNumber", header.nullable());
      if (block !== null && block.number !== part[index])
        throw endpointFault("garbage", rpc.endpoint, `was asked for block ${part[index]} and gave ${block.number}.`);
      found.push(block ?? undefined);
    }
  }
  return found;
}

const logs = z.array(
  z.object({
    address: hexAddress,
    topics: z.array(hexWord),
    data: hexBytes,
    transactionHash: hexWord,
    blockHash: hexWord,
    logIndex: hexQuantity,
  }),
);

async function logsIn(
  rpc: Rpc,
  blockHash: Hex,
  accounts: readonly Address[],
  events: readonly Hex[],
): Promise<BlockLog[]> {
  if (accounts.length === 0) return [];
  // EIP-234: by the block's hash, so that a node without that block refuses instead of answering from another.
  const found = await rpc.request("eth_getLogs", [{ blockHash, address: accounts, topics: [events] }], logs);
  if (found.some((one) => one.blockHash !== blockHash))
    throw endpointFault("garbage", rpc.endpoint, "was asked for one block's events and gave another's.");
  return found.map(({ address, topics, data, transactionHash, logIndex }) => ({
    ...{ address, topics, data },
    ...{ transaction: transactionHash, index: logIndex },
  }));
}

const transaction = z.object({
  hash: hexWord,
  from: hexAddress,
  to: hexAddress.nullish(),
  input: hexBytes,
  value: hexQuantity,
});

async function transactionsOf(rpc: Rpc, hashes: readonly Hex[]): Promise<(MinedTransaction | undefined)[]> {
  const answers = await rpc.batch(hashes.map((hash) => ({ method: "eth_getTransactionByHash", params: [hash] })));
  return answers.map((answer) => {
    const found = rpc.take(answer, "eth_getTransactionByHash", transaction.nullable());
    return found === null ? undefined : { ...found, to: found.to ?? undefined };
  });
}

async function codeHashesOf(rpc: Rpc, accounts: readonly Address[], at: { blockHash: Hex }): Promise<Hex[]> {
  const answers = await readMany(
    rpc,
    accounts.map((account) => codeHashRead(account, at)),
  );
  return answers.map((answer) => {
    const hash = codeHashIn(answer);
    if (hash === undefined)
      throw endpointFault("garbage", rpc.endpoint, "answered with something that is no code hash.");
    return hash;
  });
}

async function wordsOf(
  rpc: Rpc,
  slots: readonly { account: Address; slot: Hex }[],
  at: { blockHash: Hex },
): Promise<Hex[]> {
  const answers = await readMany(
    rpc,
    slots.map(({ account, slot }) => storageRead(account, slot, at)),
  );
  return answers.map((answer) => {
    const word = hexWord.safeParse(answer);
    if (!word.success) throw endpointFault("garbage", rpc.endpoint, "answered with something that is no storage word.");
    return word.data;
  });
}

/** `onBlock` is the chain's own: it depends on how heads come. */
export function blockReads(rpc: Rpc): Omit<BlockReads, "onBlock"> {
  return {
    newestBlock: () => newestBlock(rpc),
    safeBlock: () => blockAt(rpc, "safe"),
    finalBlock: () => blockAt(rpc, "finalized"),
    blocks: (numbers) => blocksByNumber(rpc, numbers),
    logsIn: (blockHash, accounts, events) => logsIn(rpc, blockHash, accounts, events),
    logsOver: async (from, to, accounts, events) =>
      accounts.length === 0 ? [] : logsBetween(rpc, accounts, events, from, to),
    transactions: (hashes) => transactionsOf(rpc, hashes),
    wordsAt: (slots, at) => wordsOf(rpc, slots, at),
    codeHashesAt: (accounts, at) => codeHashesOf(rpc, accounts, at),
    traced: (hash) => traceOfMined(rpc, hash),
  };
}
