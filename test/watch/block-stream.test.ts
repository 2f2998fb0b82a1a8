/** Over a model of a chain: whatever node, connection and program do, the canonical blocks are recorded, each once. */

import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import type { Block } from "../../src/block-reads.ts";
import { canonicalHash } from "../../src/domain/canonical.ts";
import { type ChainId, type Hex, zeroHash } from "../../src/domain/primitives.ts";
import { type BlockStreamParts, startBlockStream } from "../../src/watch/block-stream.ts";
import { memoryBlocks } from "../support/memory-blocks.ts";

const store = memoryBlocks();
let chains = 0;

/** A node whose chain is moved by hand, and a program that follows it and may be killed. */
function world() {
  chains += 1;
  const id: ChainId = `eip155:${chains}`;
  let made = 0;
  let canonical: Block[] = [];
  let longest = 0;
  let behind = 0;
  let follower: ((block: Block) => void) | undefined;
  const asked: number[] = [];
  const faults: string[] = [];
  /** What was told, oldest first; what was recorded is what a new life knows. */
  let told: string[] = [];
  const wrong: string[] = [];
  const judgedAs: { number: bigint; isHead: boolean; missing: bigint }[] = [];
  let dies: (() => boolean) | undefined;
  /** Numbers of blocks that the node says it has not. */
  let withheld: number[] = [];
  let meanwhile: ((block: Block) => void) | undefined;

  const mineOn = (blocks: readonly Block[]): Block[] => {
    const parent = blocks.at(-1);
    const number = (parent?.number ?? -1n) + 1n;
    made += 1;
    const hash: Hex = canonicalHash({ id, made });
    return [...blocks, { number, hash, parent: parent?.hash ?? zeroHash, timestamp: 1_000n + number }];
  };
  const shown = () => canonical.slice(0, Math.max(1, canonical.length - behind));
  const chain: BlockStreamParts["chain"] = {
    id,
    async newestBlock() {
      const newest = shown().at(-1);
      if (newest === undefined) throw new Error("no blocks");
      return newest;
    },
    async blocks(numbers) {
      asked.push(numbers.length);
      return numbers.map((number) => (withheld.includes(Number(number)) ? undefined : shown()[Number(number)]));
    },
    onBlock(listener) {
      follower = listener;
      const newest = shown().at(-1);
      if (newest !== undefined) queueMicrotask(() => listener(newest));
      return () => {
        if (follower === listener) follower = undefined;
      };
    },
  };

  /** The program's next write never comes back, as when it is killed. */
  const killed = () => new Promise<never>(() => undefined);
  const live = () => {
    let dead = false;
    const mayDie = async (): Promise<void> => {
      if (dead || dies?.()) {
        dead = true;
        await killed();
      }
    };
    const stream = startBlockStream({
      chain,
      store: {
        blockRuns: (...all) => store.blockRuns(...all),
        async keepBlock(...all) {
          await mayDie();
          await store.keepBlock(...all);
          await mayDie();
        },
        async supersedeBlocks(...all) {
          await mayDie();
          await store.supersedeBlocks(...all);
          await mayDie();
        },
      },
      async judge(block, isHead) {
        if (!dead) {
          if (told.includes(block.hash)) wrong.push(`block ${block.number} was told twice`);
          told.push(block.hash);
          judgedAs.push({ number: block.number, isHead, missing: stream.missing() });
          meanwhile?.(block);
        }
        return { judged: { ...block, catalogue: zeroHash, verdicts: ["pass", "error"] }, samples: [] };
      },
      async orphaned(blocks) {
        for (const { hash, number } of dead ? [] : blocks) {
          if (!told.includes(hash)) wrong.push(`block ${number} was never told, and is taken out`);
          told = told.filter((one) => one !== hash);
        }
      },
      onFault: (fault) => faults.push(fault.message),
      pauseMs: () => 0,
    });
    return { stream, isDead: () => dead };
  };
  let program = live();

  return {
    id,
    chain,
    asked,
    faults,
    wrong,
    judgedAs,
    canonical: () => canonical,
    longest: () => Math.max(longest, canonical.length),
    mine(count: number, announced = true) {
      for (let one = 0; one < count; one += 1) {
        canonical = mineOn(canonical);
        const newest = shown().at(-1);
        if (announced && newest !== undefined) follower?.(newest);
      }
    },
    /** The last `depth` blocks go, and `count` others come; told of the newest alone, as nodes do. */
    reorganise(depth: number, count: number, keep = 0) {
      longest = Math.max(longest, canonical.length);
      canonical = canonical.slice(0, Math.max(1, canonical.length - depth, keep));
      for (let one = 0; one < count; one += 1) canonical = mineOn(canonical);
      const newest = shown().at(-1);
      if (newest !== undefined) follower?.(newest);
    },
    withhold(...numbers: number[]) {
      withheld = numbers;
    },
    /** Whenever a block is judged. */
    meanwhile(what: (block: Block) => void) {
      meanwhile = what;
    },
    /** Told of a block that is on no chain any more. */
    tellsOfLost(number: bigint) {
      made += 1;
      const hash: Hex = canonicalHash({ id, made });
      follower?.({ number, hash, parent: canonicalHash({ id, lost: made }), timestamp: 1_000n + number });
    },
    /** Answers as a node that is so many blocks behind, and says so. */
    lag(blocks: number) {
      behind = blocks;
      const newest = shown().at(-1);
      if (newest !== undefined) follower?.(newest);
    },
    dieAt(write: number) {
      let left = write;
      dies = () => {
        left -= 1;
        return left < 0;
      };
    },
    isDead: () => program.isDead(),
    async restart() {
      if (!program.isDead()) await program.stream.stop();
      dies = undefined;
      told = (await store.judgedBlocks(id, 0n, 2n ** 60n)).map((one) => one.hash);
      program = live();
    },
    async stop() {
      dies = undefined;
      if (!program.isDead()) await program.stream.stop();
    },
    missing: () => program.stream.missing(),
    settled: () => program.stream.settled("all"),
    async recorded() {
      return (await store.judgedBlocks(id, 0n, 2n ** 60n)).map(({ number, hash }) => ({ number, hash }));
    },
    /** Waits until what is recorded is the canonical chain from block `from` on. */
    async isWhole(from = 0) {
      const expected = canonical.slice(from).map(({ number, hash }) => ({ number, hash }));
      await vi.waitFor(async () => expect(await this.recorded()).toEqual(expected), { timeout: 10_000, interval: 1 });
    },
  };
}

type World = ReturnType<typeof world>;

async function inWorld(run: (one: World) => Promise<void>): Promise<void> {
  const one = world();
  try {
    await run(one);
    expect(one.wrong).toEqual([]);
  } finally {
    await one.stop();
  }
}

describe("the block stream", () => {
  test("begins with the head that it finds, and follows", () =>
    inWorld(async (one) => {
      one.mine(3, false);
      await one.restart();
      await one.isWhole(2);
      one.mine(4);
      await one.isWhole(2);
      expect(one.judgedAs.map(({ number }) => number)).toEqual([2n, 3n, 4n, 5n, 6n]);
      // Heads that follow each other need no request.
      expect(one.asked).toEqual([]);
    }));

  test("fills a short gap in order", () =>
    inWorld(async (one) => {
      one.mine(1);
      await one.isWhole();
      one.mine(20, false);
      one.mine(1);
      await one.isWhole();
      expect(one.judgedAs.map(({ number }) => number)).toEqual(one.canonical().map(({ number }) => number));
      expect(one.asked).toEqual([20]);
    }));

  test("after a long downtime the head goes first, and the rest is filled in oldest first, in few messages", () =>
    inWorld(async (one) => {
      one.mine(1);
      await one.isWhole();
      one.mine(300, false);
      await one.restart();
      await one.isWhole();
      expect(one.judgedAs.map(({ number }) => number)).toEqual([
        0n,
        300n,
        ...Array.from({ length: 299 }, (_none, index) => BigInt(index + 1)),
      ]);
      expect(one.judgedAs.filter(({ isHead }) => isHead).map(({ number }) => number)).toEqual([0n, 300n]);
      expect(one.asked).toEqual([64, 64, 64, 64, 43]);
      expect(one.missing()).toBe(0n);
    }));

  test("what a far head leaves out is missing as soon as it is judged, until the last of it was", () =>
    inWorld(async (one) => {
      one.mine(1);
      await one.isWhole();
      one.mine(100, false);
      one.mine(1);
      await one.isWhole();
      const [first, far, ...filled] = one.judgedAs.map(({ missing }) => missing);
      expect([first, far]).toEqual([0n, 100n]);
      expect(filled).toEqual(Array.from({ length: 100 }, (_none, index) => BigInt(100 - index)));
      expect(one.missing()).toBe(0n);
    }));

  test("a restart in the middle of a long gap goes on where it was, and repeats nothing", () =>
    inWorld(async (one) => {
      one.mine(1);
      await one.isWhole();
      one.mine(300, false);
      one.dieAt(101);
      await one.restart();
      one.dieAt(101);
      await vi.waitFor(() => expect(one.isDead() || one.missing() === 0n).toBe(true), { interval: 1 });
      const before = one.judgedAs.length;
      one.mine(100, false);
      await one.restart();
      await one.isWhole();
      expect(one.judgedAs.length - before).toBeLessThanOrEqual(401 - before + 1);
    }));

  test("takes out what a reorganisation of 64 blocks replaced, before the replacements come", () =>
    inWorld(async (one) => {
      one.mine(1);
      await one.isWhole();
      one.mine(80);
      await one.isWhole();
      const old = one.canonical();
      one.reorganise(64, 65);
      await one.isWhole();
      const rows = await store.judgedBlocks(one.id, 0n, 1_000n);
      expect(rows.length).toBe(82);
      expect(rows.some(({ hash }) => old.slice(-64).some((orphan) => orphan.hash === hash))).toBe(false);
      expect(one.faults).toEqual([]);
    }));

  test("does not believe a branch that left the chain deeper than that, and says so", () =>
    inWorld(async (one) => {
      one.mine(1);
      await one.isWhole();
      one.mine(90);
      await one.isWhole();
      const kept = await one.recorded();
      one.reorganise(80, 81);
      await vi.waitFor(() => expect(one.faults.join()).toMatch(/left what was recorded more than 64 blocks ago/));
      expect(await one.recorded()).toEqual(kept);
    }));

  test("a branch of the same length counts, a shorter one waits until it is as long", () =>
    inWorld(async (one) => {
      one.mine(1);
      await one.isWhole();
      one.mine(9);
      await one.isWhole();
      one.reorganise(2, 2);
      await one.isWhole();
      const before = await one.recorded();
      one.reorganise(4, 2);
      one.mine(1);
      await one.restart();
      expect(await one.recorded()).toEqual(before);
      one.mine(1);
      await one.isWhole();
    }));

  test("a node that goes back or lags changes nothing", () =>
    inWorld(async (one) => {
      one.mine(1);
      await one.isWhole();
      one.mine(9);
      await one.isWhole();
      one.lag(5);
      one.lag(3);
      one.lag(0);
      one.mine(1);
      await one.isWhole();
      expect(one.judgedAs.length).toBe(11);
      expect(one.faults).toEqual([]);
    }));

  test("a block that the node does not have yet holds the stream, and nothing is skipped", () =>
    inWorld(async (one) => {
      one.mine(1);
      await one.isWhole();
      one.mine(3, false);
      // The head is announced by a node that is ahead of the one that answers.
      one.lag(2);
      one.mine(1);
      one.lag(0);
      await one.isWhole();
      expect(one.judgedAs.map(({ number }) => number)).toEqual([0n, 1n, 2n, 3n, 4n]);
    }));

  test("a null block is waited for: neither it nor what comes after it is taken", () =>
    inWorld(async (one) => {
      one.mine(1);
      await one.isWhole();
      one.mine(3, false);
      one.withhold(2);
      const before = one.asked.length;
      one.mine(1);
      await vi.waitFor(() => expect(one.asked.length).toBeGreaterThan(before + 3), { timeout: 10_000, interval: 1 });
      expect(one.judgedAs.map(({ number }) => number)).toEqual([0n]);
      one.withhold();
      await one.isWhole();
      expect(one.judgedAs.map(({ number }) => number)).toEqual([0n, 1n, 2n, 3n, 4n]);
    }));

  test("a head that comes while history is made up for goes before the rest of it", () =>
    inWorld(async (one) => {
      one.mine(1);
      await one.isWhole();
      one.mine(60, false);
      one.meanwhile(({ number }) => {
        if (number === 5n) one.mine(1);
      });
      one.mine(1);
      await vi.waitFor(() => expect(one.judgedAs).toHaveLength(63), { timeout: 10_000, interval: 1 });
      await one.isWhole();
      const order = one.judgedAs.map(({ number }) => number);
      expect(order.slice(order.indexOf(5n), order.indexOf(5n) + 3)).toEqual([5n, 62n, 6n]);
      expect(one.judgedAs.find(({ number }) => number === 62n)?.isHead).toBe(true);
    }));

  test("a head that nothing leads to any more holds nothing up: the node is asked which it has", () =>
    inWorld(async (one) => {
      one.mine(1);
      await one.isWhole();
      one.mine(2, false);
      one.tellsOfLost(2n);
      await one.isWhole();
      expect(one.judgedAs.map(({ number }) => number)).toEqual([0n, 1n, 2n]);
    }));

  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant("mine" as const), count: fc.integer({ min: 1, max: 5 }) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("miss" as const), count: fc.integer({ min: 1, max: 60 }) }) },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant("reorganise" as const),
        depth: fc.integer({ min: 1, max: 8 }),
        count: fc.integer({ min: 0, max: 10 }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("lag" as const), count: fc.integer({ min: 0, max: 6 }) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("restart" as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("kill" as const), count: fc.integer({ min: 0, max: 12 }) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("let it work" as const) }) },
  );

  test("whatever happens, every canonical block is recorded once", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40 }), (steps) =>
        inWorld(async (one) => {
          one.mine(20, false);
          await one.restart();
          await one.isWhole(19);
          for (const what of steps) {
            if (what.do === "mine") one.mine(what.count);
            if (what.do === "miss") one.mine(what.count, false);
            if (what.do === "reorganise") one.reorganise(what.depth, what.count, one.longest() - 60);
            if (what.do === "lag") one.lag(what.count);
            if (what.do === "restart") await one.restart();
            if (what.do === "kill") one.dieAt(what.count);
            if (what.do === "let it work") await new Promise(setImmediate);
          }
          one.lag(0);
          await one.restart();
          // Longer than anything that was ever recorded, so that it is believed.
          one.mine(one.longest() - one.canonical().length + 1);
          await one.settled();
          const from = Number((await one.recorded())[0]?.number ?? 19n);
          await one.isWhole(from);
          expect(from).toBeLessThanOrEqual(19);
          expect(one.missing()).toBe(0n);
        }),
      ),
      { numRuns: 300, seed: 20_261_121 },
    );
  });
});
