/** How soon after a head all invariants are decided, beside other ways to read the same. */

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { type Name, names, openWay, type Way } from "./ways.ts";
import { type BenchChain, startBenchChain } from "./world.ts";

/** Rounds that count, by the number of invariants. */
const sizes = { 10: 25, 100: 25, 1000: 31, 5000: 5 } as const;
const manyChains = { chains: 20, invariants: 100, rounds: 7 };
/** Decisions of each way that go before and do not count: a watch has judged many blocks, and its code is compiled. */
const warmUp = { usual: 60, large: 5 };

export interface Decisions {
  invariants: number;
  chains: number;
  /** Milliseconds from the head to the last decision. */
  ms: Record<Name, Spread>;
  /** Medians, by that of one bare multicall. */
  ratio: Record<Name, number>;
  up: Partial<Record<Name, { requests: number; bytes: number }>>;
}

interface Spread {
  median: number;
  /** What it takes where nothing else runs at that moment. */
  least: number;
}

export async function measureDecisions(): Promise<Decisions[]> {
  const decisions: Decisions[] = [];
  for (const [invariants, rounds] of Object.entries(sizes))
    decisions.push(await decisionsOf(1, Number(invariants), rounds));
  decisions.push(await decisionsOf(manyChains.chains, manyChains.invariants, manyChains.rounds));
  return decisions;
}

/** A way to decide, and the node that it alone asks: one that was asked a thousand questions at once has hundreds of threads. */
interface OnItsOwn {
  chain: BenchChain;
  way: Way;
}

async function decisionsOf(chainCount: number, invariants: number, rounds: number): Promise<Decisions> {
  const chains: BenchChain[] = [];
  const ways = new Map<Name, OnItsOwn[]>();
  try {
    for (const name of Object.keys(names) as Name[]) {
      const own: OnItsOwn[] = [];
      for (let nth = 0; nth < chainCount; nth += 1) {
        const chain = await startBenchChain(invariants, 31_960 + nth);
        chains.push(chain);
        own.push({ chain, way: await openWay(name, chain) });
      }
      ways.set(name, own);
    }
    const isLarge = chainCount * invariants > 1_000;
    const failing = Math.ceil(invariants / 100);
    await timed(ways, isLarge ? warmUp.large : warmUp.usual, failing);
    const ms = mapped(await timed(ways, rounds, failing), spread);
    const up = Object.fromEntries(
      [...ways].flatMap(([name, [one]]) => (one?.way.up === undefined ? [] : [[name, one.way.up()]])),
    );
    return {
      invariants,
      chains: chainCount,
      ms,
      ratio: mapped(ms, (one) => rounded(one.median / ms.bare.median, 3)),
      up,
    };
  } finally {
    await Promise.all([...ways.values()].flat().map(({ way }) => way.close()));
    await Promise.all(chains.map((chain) => chain.stop()));
  }
}

/** Every way in every round, each at new heads, and each round begins with another. */
async function timed(
  ways: ReadonlyMap<Name, OnItsOwn[]>,
  rounds: number,
  failing: number,
): Promise<Record<Name, number[]>> {
  const times = mapped(names, (): number[] => []);
  const order = [...ways];
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, own] of order) {
      // What the one before left behind is swept, and sweeping over, before the next head comes.
      sweep();
      await new Promise((resolve) => setTimeout(resolve, sweptMs));
      const heads = await Promise.all(own.map(async (one) => ({ ...one, head: await one.chain.nextHead() })));
      const startedAt = performance.now();
      const found = await Promise.all(heads.map(({ way, head }) => way.decide(head)));
      times[name].push(performance.now() - startedAt);
      const wrong = found.find((count) => count !== undefined && count !== failing);
      if (wrong !== undefined) throw new Error(`${names[name]}: ${wrong} invariants fail, and ${failing} do.`);
    }
    order.push(...order.splice(0, 1));
  }
  return times;
}

/** Milliseconds in which the threads that sweep beside the program are done. */
const sweptMs = 20;
/** Its own heap alone: who allocates pays for it in its own time. */
setFlagsFromString("--expose-gc");
const sweep = runInNewContext("gc") as () => void;

function mapped<Key extends string, From, To>(
  all: Record<Key, From>,
  turn: (one: From, key: Key) => To,
): Record<Key, To> {
  return Object.fromEntries(Object.entries<From>(all).map(([key, one]) => [key, turn(one, key as Key)])) as Record<
    Key,
    To
  >;
}

/** Of the two in the middle the mean. */
function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  const median = ((low ?? Number.NaN) + (high ?? Number.NaN)) / 2;
  return { median: rounded(median, 2), least: rounded(sorted[0] ?? Number.NaN, 2) };
}

const rounded = (value: number, digits: number) => Number(value.toFixed(digits));
