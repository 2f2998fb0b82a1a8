/** What the watch reads of a chain block by block. A part of {@link import("./ports.ts").Chain}; chain/ implements it. */

import type { Address, Hex } from "./domain/primitives.ts";
import type { Trace } from "./fork.ts";

/** A block's header, as far as blocks are told apart and put in order by it. */
export interface Block {
  number: bigint;
  hash: Hex;
  /** Hash of the block before it. */
  parent: Hex;
  /** Seconds. */
  timestamp: bigint;
}

/** How new blocks come in. */
export interface HeadLink {
  /** Pushed by the node; asked for again and again; or cut off, with nothing to fall back to. */
  by: "push" | "polling" | "nothing";
  /** Why they are not pushed although they should be, in sentences; empty where all is as it was set up. */
  reason: string;
}

/** An event in a block, with the transaction that it belongs to. */
export interface BlockLog {
  address: Address;
  topics: Hex[];
  data: Hex;
  transaction: Hex;
  /** Place among all events of the block. */
  index: bigint;
}

/** An event among those of many blocks. */
export interface PastLog {
  address: Address;
  topics: Hex[];
  blockNumber: bigint;
  transactionHash: Hex;
}

export interface MinedTransaction {
  hash: Hex;
  from: Address;
  /** Undefined where it creates a contract. */
  to: Address | undefined;
  input: Hex;
  /** Wei. */
  value: bigint;
}

/** Every read fails with a ChainFault whose message is a sentence for people. */
export interface BlockReads {
  newestBlock(): Promise<Block>;
  /** The newest block that only an attack on the chain's consensus replaces; undefined where there is none yet. */
  safeBlock(): Promise<Block | undefined>;
  /** The newest block that is final by the chain's consensus; undefined where there is none yet. */
  finalBlock(): Promise<Block | undefined>;
  /** Blocks of the canonical chain by number, in one message; undefined where the node does not have one. */
  blocks(numbers: readonly bigint[]): Promise<(Block | undefined)[]>;
  /** Calls back on every new head until the returned function is called. Gaps are not filled. One subscription serves all. */
  onBlock(listener: (block: Block) => void, onFault: (fault: Error) => void): () => void;
  /** How they come in now; undefined where nobody has asked for them yet. */
  headLink?(): HeadLink | undefined;
  /** Events of these accounts in one block, in their order; only those whose first topic is among `events`. */
  logsIn(blockHash: Hex, accounts: readonly Address[], events: readonly Hex[]): Promise<BlockLog[]>;
  /** As {@link logsIn}, of all blocks of the canonical chain from one number to another, both included: in one request where the node gives it. */
  logsOver(from: bigint, to: bigint, accounts: readonly Address[], events: readonly Hex[]): Promise<PastLog[]>;
  /** Mined transactions by hash, in one message; undefined where the node does not know one. */
  transactions(hashes: readonly Hex[]): Promise<(MinedTransaction | undefined)[]>;
  /** Storage words at one block in one message. */
  wordsAt(slots: readonly { account: Address; slot: Hex }[], at: { blockHash: Hex }): Promise<Hex[]>;
  /** EXTCODEHASH of accounts at one block in one message. */
  codeHashesAt(accounts: readonly Address[], at: { blockHash: Hex }): Promise<Hex[]>;
  /** What a mined transaction did inside: calls, events, storage. Needs a node that traces. */
  traced(transaction: Hex): Promise<Trace>;
}
