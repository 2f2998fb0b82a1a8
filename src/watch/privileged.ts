/** Reads who holds power over every target, block by block, and says what moved it without belonging to a package. */

import type { Block } from "../block-reads.ts";
import type { CeremonyState } from "../domain/ceremony.ts";
import { type Policy, personOfWallet } from "../domain/policy.ts";
import type { Address, Hex } from "../domain/primitives.ts";
import { planOf } from "../domain/watch/planned.ts";
import { type Change, type OutOfBand, outOfBand } from "../domain/watch/privileged.ts";
import { privilegedEvent, privilegedTopics } from "../domain/watch/privileged-events.ts";
import {
  type ProxyNow,
  type WatchedAccount,
  type WatchedSlot,
  watchedAccounts,
  watchedSlots,
} from "../domain/watch/watched.ts";
import { type Chain, ChainFault } from "../ports.ts";

export interface PrivilegedParts {
  chain: Pick<Chain, "id" | "logsIn" | "wordsAt" | "codeHashesAt" | "transactions" | "proxy">;
  policy: Policy;
  /** All ceremonies, ended ones too; asked only where power moved. */
  list(): Promise<readonly CeremonyState[]>;
  onFault(fault: Error): void;
}

/** With who sent it. */
export interface SentOutOfBand extends OutOfBand {
  from: Address | undefined;
  /** "Sent by Ada (0x…)." */
  sender: string;
}

export interface PowerLook {
  found: SentOutOfBand[];
  /** Why slots and code were not compared, where the node no longer has the block's state; its events were read. */
  unread: string | undefined;
}

export interface PrivilegedWatch {
  /** One block: one request for its events, one message for slots and code. Rejects where the node fails: ask again. */
  look(block: Block): Promise<PowerLook>;
}

interface Watched {
  accounts: WatchedAccount[];
  slots: WatchedSlot[];
}
interface State {
  words: Hex[];
  codeHashes: Hex[];
}

/** States of recent blocks that are kept: each is the one before of another. */
const recent = 8;

export function createPrivilegedWatch({ chain, policy, list, onFault }: PrivilegedParts): PrivilegedWatch {
  let watched: Watched | undefined;
  let states = new Map<Hex, State>();
  const known = new Map<Address, ProxyNow>();
  const nameOf = (account: Address) => nameIn(policy, watched?.accounts ?? [], account);

  async function watchedNow(): Promise<Watched> {
    if (watched !== undefined) return watched;
    states = new Map();
    watched = await watchedOn(chain, policy, onFault, known);
    return watched;
  }

  async function stateAt(blockHash: Hex, { accounts, slots }: Watched): Promise<State> {
    const kept = states.get(blockHash);
    if (kept !== undefined) return kept;
    const at = { blockHash };
    const [words, codeHashes] = await Promise.all([
      chain.wordsAt(slots, at),
      chain.codeHashesAt(
        accounts.map((one) => one.account),
        at,
      ),
    ]);
    const state = { words, codeHashes };
    states.set(blockHash, state);
    for (const [oldest] of states) if (states.size > recent) states.delete(oldest);
    return state;
  }

  async function changes(block: Block, of: Watched) {
    try {
      const before = await stateAt(block.parent, of);
      const after = await stateAt(block.hash, of);
      const words = paired(before.words, after.words);
      return { words, codeHashes: paired(before.codeHashes, after.codeHashes), unread: undefined };
    } catch (fault) {
      if (!(fault instanceof ChainFault) || fault.kind !== "rejected") throw fault;
      return { words: [], codeHashes: [], unread: fault.message };
    }
  }

  async function withSenders(found: readonly OutOfBand[]): Promise<SentOutOfBand[]> {
    const hashes = [...new Set(found.flatMap(({ transaction }) => transaction ?? []))];
    const sent = hashes.length === 0 ? [] : await chain.transactions(hashes);
    return found.map((one) => {
      const from = sent.find((tx) => tx?.hash === one.transaction)?.from;
      const sender = from === undefined ? "Who sent it is not known." : `Sent by ${nameOf(from)}.`;
      return { ...one, from, sender };
    });
  }

  return {
    async look(block) {
      const of = await watchedNow();
      const { accounts, slots } = of;
      const [logs, { unread, ...changed }] = await Promise.all([
        chain.logsIn(
          block.hash,
          accounts.map((one) => one.account),
          privilegedTopics,
        ),
        changes(block, of),
      ]);
      const isQuiet = logs.length === 0 && [...changed.words, ...changed.codeHashes].every(isSame);
      if (isQuiet) return { found: [], unread };
      const { number, hash, timestamp } = block;
      const at = { chain: chain.id, number, hash, timestamp };
      const plan = planOf(await list(), chain.id);
      const found = outOfBand({ block: at, accounts, slots, logs, ...changed }, plan, nameOf);
      const result = { found: await withSenders(found), unread };
      // Whoever is admin, beacon or implementation now is watched from the next block on.
      if (logs.some((one) => moves.includes(privilegedEvent(one.topics) ?? "")) || !changed.words.every(isSame))
        watched = undefined;
      return result;
    },
  };
}

/** Everything that power hangs on, as it is now. What is no proxy any more is watched as it was, and said; a node that fails throws. */
export async function watchedOn(
  chain: Pick<Chain, "id" | "proxy">,
  policy: Policy,
  onFault: (fault: Error) => void,
  known = new Map<Address, ProxyNow>(),
): Promise<Watched> {
  const contracts = policy.targets.filter((one) => one.chain === chain.id).flatMap((one) => one.contracts);
  const look = async ({ proxy }: { proxy: Address }) => {
    try {
      const { kind, admin, implementation } = await chain.proxy(proxy);
      known.set(proxy, { proxy, kind, admin, implementation });
    } catch (fault) {
      if (!(fault instanceof ChainFault) || fault.kind !== "not a proxy") throw fault;
      onFault(fault);
    }
    return known.get(proxy);
  };
  const proxies = await Promise.all(contracts.map(look));
  const accounts = watchedAccounts(
    policy,
    chain.id,
    proxies.filter((one) => one !== undefined),
  );
  return { accounts, slots: watchedSlots(accounts) };
}

const moves = ["Upgraded(address)", "AdminChanged(address,address)", "BeaconUpgraded(address)"];

const isSame = ({ before, after }: Change) => before === after;

function paired(before: readonly Hex[], after: readonly Hex[]): Change[] {
  return after.map((one, index) => ({ before: before[index] ?? one, after: one }));
}

/** An account in words: a person, a part that is watched, or its bare address. */
export function nameIn(policy: Policy, accounts: readonly WatchedAccount[], account: Address): string {
  const person = personOfWallet(policy, account)?.name;
  const name = person ?? accounts.find((one) => one.account === account)?.name;
  return name === undefined ? `${account} (unknown to policy)` : `${name} (${account})`;
}
