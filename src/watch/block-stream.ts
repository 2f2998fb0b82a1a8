/**
 * Every block of a chain exactly once, whatever becomes of connections, branches and this program.
 *
 * Order. A block comes after its parent. Where a new head is more than {@link nearby} blocks beyond what is recorded (the
 * program was down), it is judged at once, and the heads after it in order; between them come the missing blocks, oldest
 * first. Blocks that a reorganisation takes out are told before their replacements come. What is told is also recorded,
 * afterwards: a crash in between has one block, or one reorganisation, told again, and no block recorded twice.
 *
 * Belief. A head below the newest recorded block is a node that lags or goes back: nothing follows from it, until its
 * branch is as long. Another branch is believed where it hangs together from a recorded block up to the new head.
 */

import type { Block, BlockReads } from "../block-reads.ts";
import type { BlockRun, BlockStore, JudgedBlock } from "../block-store.ts";
import type { ChainId, Hex } from "../domain/primitives.ts";
import type { SampleRow } from "../ports.ts";
import { areInARow, completeOf, follows, joined, keptBlocks, nextOf, splitOf, tipOf, Unsettled } from "./block-run.ts";

export interface BlockStreamParts {
  chain: Pick<BlockReads, "onBlock" | "newestBlock" | "blocks"> & { readonly id: ChainId };
  store: Pick<BlockStore, "blockRuns" | "keepBlock" | "supersedeBlocks">;
  /**
   * Judges a block, and acts on it. A rejection is told, and the block comes again: what can never be judged, such as a
   * block whose state the node has given up, is judged with errors. `isHead` is false for one that was missed.
   */
  judge(block: Block, isHead: boolean): Promise<{ judged: JudgedBlock; samples: readonly SampleRow[] }>;
  /** A reorganisation took these out, oldest first. */
  orphaned(blocks: readonly Block[]): Promise<void>;
  /** Blocks were missing, and none is any more. */
  whole?(): void;
  onFault(fault: Error): void;
  /** Milliseconds before the next attempt after so many that failed. */
  pauseMs?(failures: number): number;
}

export interface BlockStream {
  /** Blocks that are known to be missing. */
  missing(): bigint;
  /** Resolves once the node's present head, and with "all" what was missed before it, was judged, or an attempt has failed. */
  settled(what: "head" | "all"): Promise<void>;
  /** Ends after the block that is being judged. */
  stop(): Promise<void>;
}

/** Blocks that are filled in before a head is judged. */
const nearby = 32n;
/** Headers that are asked for in one message. */
const together = 64n;
/** Heads that are remembered, so that a burst of them needs no request. */
const remembered = 64;
/** Times in a row that a node may be unsettled before it is told. */
const patience = 5;

const usualPause = (failures: number) => Math.min(5_000, 50 * 2 ** failures);

export function startBlockStream(parts: BlockStreamParts): BlockStream {
  const { chain, store, pauseMs = usualPause } = parts;
  const heard = new Map<Hex, Block>();
  let runs: BlockRun[] | undefined;
  /** With the block that is being judged: what it leaves out is missing while it is. */
  let coming: BlockRun[] | undefined;
  let pending: Block | undefined;
  let stopped = false;
  let bell = Promise.withResolvers<void>();
  const ring = () => bell.resolve();
  /** Attempts that were begun, and who waits for the outcome of one from which on. */
  let attempts = 0;
  let waiting: { from: number; what: "head" | "all"; done(): void }[] = [];
  const release = (what?: "head") => {
    const isOver = (one: (typeof waiting)[number]) => one.from <= attempts && (what ?? one.what) === one.what;
    const over = waiting.filter(isOver);
    waiting = waiting.filter((one) => !isOver(one));
    for (const { done } of over) done();
  };

  async function ask(numbers: readonly bigint[]): Promise<Block[]> {
    const found = await chain.blocks(numbers);
    return found.map((block, index) => {
      if (block === undefined) throw new Unsettled(`the node does not have block ${numbers[index]} yet`);
      return block;
    });
  }

  /** Judges and records one block, as the next of a run. */
  async function take(all: BlockRun[], run: BlockRun, block: Block, isHead: boolean): Promise<void> {
    const longer = { ...run, newest: [...run.newest, block].slice(-keptBlocks) };
    const after = all.includes(run) ? all.map((one) => (one === run ? longer : one)) : [...all, longer];
    coming = joined(after);
    try {
      const { judged, samples } = await parts.judge(block, isHead);
      await store.keepBlock(chain.id, judged, samples, completeOf(after) ?? block.number);
      runs = coming;
    } finally {
      coming = undefined;
    }
    if (after.length > 1 && runs.length === 1) parts.whole?.();
  }

  async function takeInTurn(first: BlockRun, blocks: readonly Block[], isHead: boolean): Promise<void> {
    for (const [index, block] of blocks.entries()) {
      // A head that came meanwhile goes before what was missed.
      if (stopped || (index > 0 && !isHead && pending !== undefined)) return;
      const run = index === 0 ? first : runs?.find((one) => tipOf(one)?.hash === block.parent);
      if (run === undefined) throw new Unsettled(`what block ${block.number} follows was taken out`);
      await take(runs ?? [], run, block, isHead && index === blocks.length - 1);
    }
  }

  /** True once nothing more follows from the head. */
  async function goTo(head: Block, all: BlockRun[]): Promise<boolean> {
    const run = all.at(-1);
    const isFar = run === undefined || head.number > nextOf(run) + nearby;
    const tip = run && tipOf(run);
    if (run?.newest.some((one) => one.hash === head.hash) || head.number < (tip?.number ?? run?.first ?? 0n))
      return true;
    if (isFar) {
      await take(all, { first: head.number, parent: head.parent, newest: [] }, head, true);
      return true;
    }
    if (head.number === tip?.number) return !(await reorganise(all, run, head.hash));
    const path = heardPath(head, nextOf(run)) ?? [...(await ask(between(nextOf(run), head.number))), head];
    if (!areInARow(path)) throw new Unsettled(`block ${head.number} does not follow what the node has before it`);
    const [first = head] = path;
    if (!follows(run, first)) {
      if (await reorganise(all, run, first.parent)) return false;
      throw new Unsettled(`block ${first.number} does not follow what the node has before it`);
    }
    await takeInTurn(run, path, true);
    return true;
  }

  function heardPath(head: Block, from: bigint): Block[] | undefined {
    const path = [head];
    for (let first = head; first.number > from; ) {
      const before = heard.get(first.parent);
      if (before === undefined) return undefined;
      path.unshift(before);
      first = before;
    }
    return path;
  }

  /** The oldest blocks that are missing. */
  async function fill(base: BlockRun, later: BlockRun, all: BlockRun[]): Promise<void> {
    const next = nextOf(base);
    const isSeam = next === later.first;
    const end = isSeam ? next + 1n : next + together < later.first ? next + together : later.first;
    const blocks = await ask(between(next, end));
    if (!areInARow(blocks)) throw new Unsettled("the node moved to another branch within one answer");
    const [first] = blocks;
    const changed =
      first !== undefined && !follows(base, first)
        ? await reorganise(all, base, first.parent)
        : isSeam && (await reorganise(all, later, undefined));
    if (changed) {
      pending ??= await chain.newestBlock();
      return;
    }
    if (isSeam || first === undefined || !follows(base, first))
      throw new Unsettled(`block ${next} does not follow what the node has before it`);
    await takeInTurn(base, blocks, false);
  }

  /** Takes out what is no longer in the chain; false where all of the run still is. `top`: what has to be there instead of its tip. */
  async function reorganise(all: BlockRun[], run: BlockRun, top: Hex | undefined): Promise<boolean> {
    const split = await splitOf(run, ask);
    if (split === undefined) return false;
    if (top !== undefined && split.top !== top) throw new Unsettled("the node moved to another branch meanwhile");
    const newest = run.newest.slice(0, run.newest.length - split.orphaned.length);
    const shorter = newest.length > 0 ? [{ ...run, newest }] : [];
    // Of the oldest run the place stays: its blocks are wanted, whatever the branch.
    const rest = run === all[0] && newest.length === 0 ? [{ first: run.first, parent: undefined, newest }] : shorter;
    const after = all.flatMap((one) => (one === run ? rest : [one]));
    await parts.orphaned(split.orphaned);
    const replaced = split.orphaned.map(({ hash, number }) => ({
      ...{ number, hash, by: split.instead.get(number) ?? split.top },
    }));
    await store.supersedeBlocks(chain.id, replaced, completeOf(after) ?? 0n);
    runs = after;
    return true;
  }

  /** True while there is more to do. */
  async function step(): Promise<boolean> {
    runs ??= joined(await store.blockRuns(chain.id, keptBlocks));
    const head = pending;
    if (head !== undefined) {
      if ((await goTo(head, runs)) && pending === head) pending = undefined;
      return true;
    }
    const [base, later] = runs;
    if (base === undefined || later === undefined) return false;
    await fill(base, later, runs);
    return true;
  }

  async function work(): Promise<void> {
    for (let failures = 0; !stopped; ) {
      const woken = bell.promise;
      attempts += 1;
      try {
        const more = await step();
        failures = 0;
        if (pending === undefined) release(more ? "head" : undefined);
        if (!more && !stopped) await woken;
      } catch (fault) {
        if (stopped) return;
        const isTold = !(fault instanceof Unsettled) || failures >= patience;
        if (isTold) parts.onFault(fault as Error);
        if (isTold) release();
        await Promise.race([pause(pauseMs(failures)), woken]);
        failures += 1;
        await lookAgain();
      }
      bell = Promise.withResolvers();
    }
  }

  /** What failed may hang on a head that is no more: the node is asked which is. */
  async function lookAgain(): Promise<void> {
    const before = pending;
    try {
      const newest = await chain.newestBlock();
      if (pending === before) pending = newest;
    } catch {
      return; // the next attempt tells it, and the subscription does
    }
  }

  function hear(block: Block): void {
    heard.set(block.hash, block);
    for (const [oldest] of heard) if (heard.size > remembered) heard.delete(oldest);
    if (pending === undefined || block.number >= pending.number) pending = block;
    ring();
  }

  const unsubscribe = chain.onBlock(hear, parts.onFault);
  const working = work().finally(() => {
    attempts = Number.POSITIVE_INFINITY;
    release();
  });
  return {
    missing() {
      const [known, then] = [gaps(runs ?? []), gaps(coming ?? [])];
      return known > then ? known : then;
    },
    async settled(what) {
      const newest = await chain.newestBlock().catch((fault: Error) => parts.onFault(fault));
      if (newest === undefined || stopped) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.push({ from: attempts + 1, what, done: resolve });
      hear(newest);
      await promise;
    },
    async stop() {
      stopped = true;
      unsubscribe();
      ring();
      await working;
    },
  };
}

function between(from: bigint, to: bigint): bigint[] {
  return Array.from({ length: Number(to - from) }, (_none, index) => from + BigInt(index));
}

function gaps(runs: readonly BlockRun[]): bigint {
  return runs.reduce((sum, run, index) => {
    const before = runs[index - 1];
    return before === undefined ? sum : sum + run.first - nextOf(before);
  }, 0n);
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds).unref());
}
