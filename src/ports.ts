/** What the program needs of the world, as seen from the inside. The folders chain, store and chat implement it. */

import type { BlockReads } from "./block-reads.ts";
import type { BlockStore, WhichSamples } from "./block-store.ts";
import type { Head, OperationState, ProxyFacts, Receipt, SafeFacts, TimelockFacts } from "./chain-facts.ts";
import type { ChainSources } from "./chain-sources.ts";
import type { CodeReads } from "./code-facts.ts";
import type { Verdict } from "./domain/metrics.ts";
import type { Address, ChainId, Hex } from "./domain/primitives.ts";
import type { SafeTx } from "./domain/safe-tx.ts";
import type { Evaluator } from "./evaluator.ts";
import type { Foreseen, Fork, OneBlock } from "./fork.ts";
import type { KeptContent } from "./kept-content.ts";
import type { Links } from "./links.ts";
import type { PowerReads } from "./power-facts.ts";
import type { SafeJudge } from "./safe-judge.ts";
import type { Card } from "./view.ts";

/** Wall time in whole seconds since 1970. Windows use block timestamps instead: see {@link Head}. */
export interface Clock {
  now(): bigint;
}

/** One fact in the log. `data` is JSON: integers as decimal strings, no bigint. */
export interface NewEvent {
  type: string;
  data: Record<string, unknown>;
}

/**
 * A stored event. `hash` chains the stream:
 * keccak256(previous hash ‖ RFC 8785 JSON of {stream, seq, type, at, data}); see domain/audit-log.ts.
 */
export interface StoredEvent extends NewEvent {
  stream: string;
  /** 1 for the first event of a stream. */
  seq: number;
  /** Wall time in seconds at which it was appended. */
  at: bigint;
  hash: Hex;
}

/** Work to be done because of an event, written in the same transaction and done at least once. */
export interface OutboxEntry {
  /** Which worker takes it: `post`, `broadcast`, `page` … */
  kind: string;
  /** Unique: a second entry with the same key is dropped, so deciding twice does not act twice. */
  key: string;
  /** Entries with the same lane are done in order; a failing one holds only its own lane back. */
  lane: string;
  payload: Record<string, unknown>;
}

export interface OutboxItem extends OutboxEntry {
  id: number;
  stream: string;
  attempts: number;
  /** What an earlier attempt left to be continued from, such as a signed transaction. */
  progress: Record<string, unknown> | undefined;
}

export interface AppendExtras {
  outbox?: OutboxEntry[];
  /** Content kept beside the log under its keccak256, such as signatures and reports. */
  blobs?: KeptContent[];
}

export type Appended = { ok: true; events: StoredEvent[] } | { ok: false; conflict: "sequence moved on" };

/** The hash-chained log, the only truth. */
export interface EventStore {
  /**
   * Appends after `expectedSeq` (0 for a new stream), with outbox rows and blobs in one transaction. When another
   * writer was first nothing is written and `conflict` comes back: load, decide and try again.
   */
  append(stream: string, expectedSeq: number, events: NewEvent[], at: bigint, extras?: AppendExtras): Promise<Appended>;
  /** All events of a stream from `afterSeq` on, in order. */
  read(stream: string, afterSeq?: number): Promise<StoredEvent[]>;
  /** Names, lengths and recorded heads of the streams that start with `prefix`, by name. */
  streams(prefix?: string): Promise<{ stream: string; seq: number; head: Hex }[]>;
  blob(hash: Hex): Promise<Uint8Array | undefined>;
  close(): Promise<void>;
}

export interface Outbox {
  /** The first open entry of every lane whose retry time has come, pages first, then oldest first; none of the `busy` lanes. */
  due(now: bigint, limit: number, busy?: readonly string[]): Promise<OutboxItem[]>;
  /** Keeps what must survive a crash before the entry is done. */
  saveProgress(id: number, progress: Record<string, unknown>): Promise<void>;
  complete(id: number, now: bigint, result?: Record<string, unknown>): Promise<void>;
  /** Counts an attempt and holds the entry (and its lane) back until `retryAt`. */
  fail(id: number, retryAt: bigint, error: string): Promise<void>;
  /** Entries that no event asks for, such as an alarm about a log that cannot be appended to. A known key is dropped. */
  enqueue(stream: string, entries: OutboxEntry[]): Promise<void>;
  /** Open entries, for status and for tests that wait until all is done. */
  open(): Promise<number>;
  /** Takes out entries of a kind that were done before a moment: a heartbeat is no evidence. */
  forget(kind: string, before: bigint): Promise<void>;
  /** Entries done for a stream, in the order they were done: what was posted is evidence too. */
  done(stream: string, kind?: string): Promise<(OutboxItem & { result: Record<string, unknown> | undefined })[]>;
}

/** A measured value: see domain/metrics.ts. Kept for the ceremony's lifetime. */
export interface SampleRow {
  ceremony: string;
  metric: string;
  chain: ChainId;
  blockNumber: bigint;
  blockHash: Hex;
  blockTime: bigint;
  observedAt: bigint;
  /** Null where nothing could be read, or only the verdict came back. */
  value: bigint | null;
  verdict: Verdict;
  reason: string;
  /** The block that a reorganisation put in the place of its own; only in answers, and only where those are wanted. */
  supersededBy?: Hex;
}

export interface SampleStore {
  /** Inserts; the same (ceremony, metric, block hash) twice is one row, with the value that either has. */
  addSamples(rows: SampleRow[]): Promise<void>;
  /** By block number, oldest first; those of blocks that a reorganisation took out only where they are wanted. */
  samples(ceremony: string, metric?: string, which?: WhichSamples): Promise<SampleRow[]>;
  /** Told after everything that was written here: from this block on `samples` may say something else of a chain. */
  onSampled(told: (chain: ChainId, from: bigint) => void): void;
}

/** A delivery id seen before is answered, not run again. True the first time only. */
export interface Deliveries {
  firstTime(deliveryId: string, now: bigint): Promise<boolean>;
}

/** Where a card stands on a platform: what a restart must know to edit it instead of posting it again. */
export interface ShownCard {
  platform: string;
  /** The card's key. */
  key: string;
  channel: string;
  /** The message within the channel: Slack's `ts`, Discord's id. */
  message: string;
  /** The thread below it, where the platform gives threads a name of their own. */
  thread: string | undefined;
  /** The card's revision that is shown. */
  revision: number;
}

export interface ShownCards {
  shownCard(platform: string, key: string): Promise<ShownCard | undefined>;
  /** Inserts, or replaces what was kept for the same platform and key. */
  keepShownCard(card: ShownCard): Promise<void>;
}

/** What a button of a chat message stands for: the message carries the id alone. */
export interface StoredButton {
  id: string;
  command: string;
  options: Record<string, string>;
  /** See {@link import("./command.ts").Invocation.revision}. */
  revision: number | undefined;
  label: string;
  /** Asked before it runs. */
  confirm: string | undefined;
}

export interface Buttons {
  /** Inserts; the same id twice is one row. */
  keepButtons(buttons: StoredButton[], now: bigint): Promise<void>;
  button(id: string): Promise<StoredButton | undefined>;
}

export interface Secrets {
  /** 32 random bytes by name, made on first use. They never leave the program and are no part of the log. */
  secret(name: string): Promise<Uint8Array>;
}

/** Everything in one database. */
export interface Store
  extends EventStore,
    Outbox,
    SampleStore,
    Deliveries,
    ShownCards,
    Buttons,
    Secrets,
    Links,
    BlockStore {}

/**
 * One EVM chain through its RPC. Every read fails with a {@link ChainFault} whose message is a sentence for people.
 * Nothing here decides; `undefined` and zero are never a stand-in for "could not read".
 */
export interface Chain extends SafeJudge, CodeReads, PowerReads, ChainSources, OneBlock, BlockReads, Evaluator {
  readonly id: ChainId;
  head(): Promise<Head>;
  /** A block of the canonical chain by its number. */
  block(number: bigint): Promise<Head>;
  /** EXTCODEHASH; zeroHash or emptyCodeHash where there is no code. */
  codeHash(account: Address): Promise<Hex>;
  storage(account: Address, slot: Hex): Promise<Hex>;
  balance(account: Address): Promise<bigint>;
  /** `eth_call`, at one block where `at` is given. A revert is a ChainFault of kind "reverted". */
  call(to: Address, data: Hex, at?: { blockHash: Hex }): Promise<Hex>;
  /** Many reads at one block in one request; a failing one gives null, not an exception. */
  callMany(calls: { to: Address; data: Hex }[], at: { blockHash: Hex }): Promise<(Hex | null)[]>;
  /** Refuses what is not a Safe. */
  safe(account: Address): Promise<SafeFacts>;
  /** Refuses what is not a TimelockController; role holders are found by its role events. */
  timelock(account: Address): Promise<TimelockFacts>;
  operation(timelock: Address, id: Hex): Promise<{ state: OperationState; readyAt: bigint }>;
  /** The transaction that executed an operation, looked for from a block on; undefined where the node knows of none. */
  execution(timelock: Address, id: Hex, from: bigint): Promise<Receipt | undefined>;
  /** Refuses what is not a proxy. */
  proxy(account: Address): Promise<ProxyFacts>;
  /** Runs something on a private copy of the newest block, and ends the copy. What it will call may be told before: only time hangs on it. */
  onFork<T>(use: (fork: Fork) => Promise<T>, foreseen?: Promise<Foreseen>): Promise<T>;
  /** Undefined while not mined. */
  receipt(hash: Hex): Promise<Receipt | undefined>;
  /** Sends bytes that were signed and stored before. Knows "already known" and "nonce too low" as no error. */
  broadcast(raw: Hex): Promise<Hex>;
  /** Signs with the gas key, sends nothing: the caller stores the bytes first. */
  signWithGasKey(call: { to: Address; data: Hex }): Promise<{ raw: Hex; hash: Hex; nonce: bigint }>;
  /** The gas key's bytes anew, at their nonce and a higher fee, where blocks would not take them; undefined where they would. */
  raisedFee(raw: Hex): Promise<{ raw: Hex; hash: Hex } | undefined>;
  /** Nothing at all, at the nonce of the gas key's bytes and a fee above theirs; undefined where that nonce is used up. */
  replacement(raw: Hex): Promise<{ raw: Hex; hash: Hex } | undefined>;
  /** With the gas key, over a Safe transaction of this chain: it proposes where no owner does. Refused where it is an owner. */
  signAsDelegate(tx: SafeTx): Promise<Hex>;
  /** Account nonce including pending transactions. */
  transactionCount(account: Address): Promise<bigint>;
  readonly gasAccount: Address;
  /** Calls back on every new head until the returned function is called. Gaps are not filled. */
  onHead(listener: (head: Head) => void, onFault: (fault: Error) => void): () => void;
}

/** Why a chain could not answer. `message` is a sentence for people, `cause` is for logs. */
export class ChainFault extends Error {
  override readonly name = "ChainFault";
  readonly kind:
    | "unreachable"
    | "timeout"
    | "wrong chain"
    | "garbage"
    | "reverted"
    | "not a Safe"
    | "not a timelock"
    | "not a proxy"
    | "rejected";
  constructor(kind: ChainFault["kind"], message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.kind = kind;
  }
}

/** The configured chains. Throws a sentence for a chain that policy or environment does not know. */
export interface Chains {
  get(id: ChainId): Chain;
  readonly ids: ChainId[];
}

/** One place where a council talks. Showing the same card twice must do no harm. */
export interface ChatPlatform {
  readonly name: string;
  /**
   * Posts, or edits the message with the card's key unless a newer revision is shown. Rejects with a {@link ChatFault}
   * where the platform did not take it; the outbox tries again. An urgent card waits for nothing else.
   */
  show(card: Card): Promise<void>;
  /** Undefined: it cannot fail apart from the program. */
  health?(): ChatHealth;
}

export interface ChatHealth {
  state: "starting" | "up" | "down";
  /** Wall time in seconds since which it is so. */
  since: bigint;
  /** One sentence, where it is not up. */
  reason: string;
}

/** Why a platform did not take something. `message` is a sentence for people and carries no token. */
export class ChatFault extends Error {
  override readonly name = "ChatFault";
  /** Seconds after which the platform wants to be asked again. */
  readonly retryAfter: bigint | undefined;
  constructor(message: string, options: { cause?: unknown; retryAfter?: bigint | undefined } = {}) {
    super(message, { cause: options.cause });
    this.retryAfter = options.retryAfter;
  }
}

/**
 * Every call that leaves something behind, in the database or in the world. A test kills the program before and after
 * each of them.
 */
export const writePoints = {
  store: ["append", "saveProgress", "complete", "fail", "addSamples", "firstTime", "keepBlock"],
  chain: ["broadcast"],
  chat: ["show"],
} as const;
