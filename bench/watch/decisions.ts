/** How soon after a head all invariants are decided, beside other ways to read the same: each a program of its own. */

import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Decided, Opened } from "./decisions-process.ts";
import { type Name, names } from "./ways.ts";

/** Rounds that count, by the number of invariants. */
const sizes = { 10: 25, 100: 25, 1000: 101, 5000: 5 } as const;
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

async function decisionsOf(chainCount: number, invariants: number, rounds: number): Promise<Decisions> {
  const ways = new Map<Name, WayProcess>();
  try {
    for (const name of Object.keys(names) as Name[]) ways.set(name, await startWay(name, chainCount, invariants));
    const isLarge = chainCount * invariants > 1_000;
    const failing = Math.ceil(invariants / 100);
    await timed(ways, isLarge ? warmUp.large : warmUp.usual, failing);
    const ms = mapped(await timed(ways, rounds, failing), spread);
    return {
      invariants,
      chains: chainCount,
      ms,
      ratio: mapped(ms, (one) => rounded(one.median / ms.bare.median, 3)),
      up: Object.fromEntries([...ways].flatMap(([name, { up }]) => (up === null ? [] : [[name, up]]))),
    };
  } finally {
    await Promise.all([...ways.values()].map((way) => way.stop()));
  }
}

/** Every way in every round, each at new heads, and each round begins with another. */
async function timed(
  ways: ReadonlyMap<Name, WayProcess>,
  rounds: number,
  failing: number,
): Promise<Record<Name, number[]>> {
  const times = mapped(names, (): number[] => []);
  const order = [...ways];
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, way] of order) {
      await sleep(restMs);
      const decided = await way.decide();
      times[name].push(decided.ms);
      const wrong = decided.failing.find((count) => count !== null && count !== failing);
      if (wrong !== undefined) throw new Error(`${names[name]}: ${wrong} invariants fail, and ${failing} do.`);
    }
    order.push(...order.splice(0, 1));
  }
  return times;
}

/** Milliseconds in which the threads that sweep beside the program before are done. */
const restMs = 20;

interface WayProcess extends Opened {
  decide(): Promise<Decided>;
  stop(): Promise<void>;
}

async function startWay(name: Name, chainCount: number, invariants: number): Promise<WayProcess> {
  const program = join(import.meta.dirname, "decisions-process.ts");
  const child = fork(program, [name, String(chainCount), String(invariants)], {
    execArgv: ["--disable-warning=ExperimentalWarning"],
  });
  const exit = once(child, "exit");
  const next = async () => {
    const ended = exit.then(([code]) => {
      throw new Error(`${names[name]}: its process ended with ${code}.`);
    });
    return (await Promise.race([once(child, "message"), ended]))[0];
  };
  const { up } = (await next()) as Opened;
  return {
    up,
    async decide() {
      const decided = next();
      child.send("decide");
      return (await decided) as Decided;
    },
    async stop() {
      if (child.connected) child.disconnect();
      await exit;
    },
  };
}

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
