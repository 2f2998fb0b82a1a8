/**
 * What happened to power in a block and belongs to no package: hotfixes behind the council's back, rival upgrades, changes of
 * roles and owners, Safe transactions executed elsewhere, and writes of slots that nothing tells of.
 */

import { keccak256, stringToBytes } from "viem";
import type { BlockRef } from "../ceremony.ts";
import { type Address, type ChainId, type Hex, zeroHash } from "../primitives.ts";
import { type Implied, isImplied } from "./implied-events.ts";
import { type Plan, planKey } from "./planned.ts";
import { addressOf, privilegedClause, privilegedEvent, wordsOf } from "./privileged-events.ts";
import type { WatchedAccount, WatchedSlot } from "./watched.ts";

/** An event with the transaction that it belongs to, in the order of the block. */
export interface PlacedLog {
  address: Address;
  topics: readonly Hex[];
  data: Hex;
  transaction: Hex;
}

export interface Change {
  before: Hex;
  after: Hex;
}

/** What was read of one block. Words and code hashes stand in the order of `slots` and `accounts`, before and after it. */
export interface PowerInBlock {
  block: BlockRef;
  accounts: readonly WatchedAccount[];
  slots: readonly WatchedSlot[];
  logs: readonly PlacedLog[];
  words: readonly Change[];
  codeHashes: readonly Change[];
}

/** One transaction's doing, or one write that nothing tells of. */
export interface OutOfBand {
  /** The same for the same fact, however often it is found: `INC-` and eight digits. */
  incident: string;
  block: BlockRef;
  accounts: Address[];
  /** Ids of the targets over which power moved. */
  targets: string[];
  /** Whole sentences: what it changed. */
  sentences: string[];
  /** Undefined where no event says in which transaction it was. */
  transaction: Hex | undefined;
}

/** `nameOf`: an account in words, with its address. */
export function outOfBand(seen: PowerInBlock, plan: Plan, nameOf: (account: Address) => string): OutOfBand[] {
  return grouped([...unplannedEvents(seen, plan, nameOf), ...untoldWrites(seen, nameOf), ...changedCode(seen)]);
}

/** By incident: one transaction is one, whatever it did. */
function grouped(list: readonly OutOfBand[]): OutOfBand[] {
  const found = new Map<string, OutOfBand>();
  for (const one of list) {
    const before = found.get(one.incident);
    found.set(one.incident, {
      ...one,
      accounts: [...new Set([...(before?.accounts ?? []), ...one.accounts])],
      targets: [...new Set([...(before?.targets ?? []), ...one.targets])],
      sentences: [...(before?.sentences ?? []), ...one.sentences],
    });
  }
  return [...found.values()];
}

function unplannedEvents(seen: PowerInBlock, plan: Plan, nameOf: (account: Address) => string): OutOfBand[] {
  const ran = new Map<Hex, Implied[]>();
  for (const log of seen.logs) {
    const planned = plannedRun(log, plan);
    if (planned !== undefined) ran.set(log.transaction, [...(ran.get(log.transaction) ?? []), ...planned]);
  }
  return seen.logs.flatMap((log) => {
    const watched = seen.accounts.find((one) => one.account === log.address);
    if (watched === undefined || privilegedEvent(log.topics) === undefined) return [];
    if (isPlanned(log, plan) || isImplied(log, ran.get(log.transaction) ?? [])) return [];
    const sentence = `${capital(watched.name)} (${watched.account}) ${privilegedClause(log, nameOf)}.`;
    return [found(seen.block, watched, sentence, log.transaction, log.transaction)];
  });
}

/** What a transaction or an operation of a ceremony brings about, where the event says that it ran. */
function plannedRun(log: PlacedLog, plan: Plan): Implied[] | undefined {
  const key = planKey(log.address, wordsOf(log)[0] ?? zeroHash);
  const event = privilegedEvent(log.topics);
  if (event === "ExecutionSuccess(bytes32,uint256)") return plan.safeTransactions.get(key)?.events;
  if (event?.startsWith("CallExecuted(")) return plan.operations.get(key)?.events;
  return undefined;
}

/** Whether the event itself is the step of a ceremony. */
function isPlanned(log: PlacedLog, plan: Plan): boolean {
  const key = planKey(log.address, wordsOf(log)[0] ?? zeroHash);
  const [name = ""] = privilegedEvent(log.topics)?.split("(") ?? [];
  if (name === "ExecutionSuccess" || name === "ExecutionFailure") return plan.safeTransactions.has(key);
  if (name === "CallScheduled" || name === "CallExecuted") return plan.operations.has(key);
  return name === "Cancelled" && plan.cancellations.has(key);
}

/** Slots that moved although no event of their account says so: the event is judged by itself. */
function untoldWrites(
  { block, accounts, slots, words, logs }: PowerInBlock,
  nameOf: (account: Address) => string,
): OutOfBand[] {
  return slots.flatMap((one, index) => {
    const { before, after } = words[index] ?? { before: zeroHash, after: zeroHash };
    const watched = accounts.find(({ account }) => account === one.account);
    if (before === after || watched === undefined) return [];
    const isTold = logs.some(
      (log) =>
        log.address === one.account &&
        one.events.includes(privilegedEvent(log.topics) ?? "") &&
        (one.at === undefined || wordsOf(log)[one.at] === after),
    );
    if (isTold) return [];
    const sentence = `${capital(watched.name)} (${watched.account}): ${one.name} changed from ${shown(before, nameOf)} to ${shown(after, nameOf)}, and no event tells of it.`;
    return [found(block, watched, sentence, undefined, `${one.account}:${one.slot}:${block.hash}`)];
  });
}

/** Code never changes under an address, except where it was made to come and go. */
function changedCode({ block, accounts, codeHashes }: PowerInBlock): OutOfBand[] {
  return accounts.flatMap((watched, index) => {
    const { before, after } = codeHashes[index] ?? { before: zeroHash, after: zeroHash };
    if (before === after) return [];
    const sentence = `${capital(watched.name)} (${watched.account}) has other code under the same address: its code hash changed from ${before} to ${after}.`;
    return [found(block, watched, sentence, undefined, `${watched.account}:code:${block.hash}`)];
  });
}

function found(
  block: BlockRef,
  { account, targets }: WatchedAccount,
  sentence: string,
  transaction: Hex | undefined,
  fact: string,
): OutOfBand {
  const incident = incidentId(block.chain, fact);
  return { incident, block, accounts: [account], targets: [...targets], sentences: [sentence], transaction };
}

/** The same for the same fact of a chain. */
export function incidentId(chain: ChainId, fact: string): string {
  return `INC-${keccak256(stringToBytes(`${chain}:${fact}`)).slice(2, 10)}`;
}

/** A word as what it most likely is. */
function shown(word: Hex, nameOf: (account: Address) => string): string {
  const value = BigInt(word);
  if (value === 0n) return "nothing";
  return value < 1n << 64n ? String(value) : nameOf(addressOf(word));
}

const capital = (text: string) => text.slice(0, 1).toUpperCase() + text.slice(1);
