/**
 * How soon after a block the watch has decided, beside other ways to read the same: the ratios of one run on one machine,
 * in turns, so that its speed and load count on every side.
 */

import { loadavg } from "node:os";
import { type Name, names, openWay, type Way } from "./watch/ways.ts";
import { type BenchChain, startBenchChain } from "./watch/world.ts";

/** Rounds that count, by the number of invariants; one more goes before them, which does not. */
const sizes = { 10: 25, 100: 25, 1000: 15, 5000: 5 } as const;
const manyChains = { chains: 20, invariants: 100, rounds: 7 };

const limits = {
  /** At 1,000 invariants, by one bare multicall. */ bare: 0.6,
  /** At 1,000 invariants: how many times as long viem takes that reads each by itself. */ each: 20,
  requests: 2,
  /** Bytes up, for an invariant and block. */ bytes: 200,
  /** Bytes up in all, where the catalogue is deployed. */ deployed: 4_000,
};

interface Decisions {
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

/** Prints medians and ratios; hands back the exit code: 0 where every limit is kept. */
export async function measure(json: boolean): Promise<number> {
  const startedAt = performance.now();
  const decisions: Decisions[] = [];
  for (const [invariants, rounds] of Object.entries(sizes))
    decisions.push(await decisionsOf(1, Number(invariants), rounds));
  decisions.push(await decisionsOf(manyChains.chains, manyChains.invariants, manyChains.rounds));
  const ok = judged(decisions);
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  const load = rounded(loadavg()[0] ?? 0, 1);
  process.stdout.write(
    json
      ? `${JSON.stringify({ bench: "watch", seconds, load, limits, decisions, ok })}\n`
      : `${text(decisions, seconds, load)}\n`,
  );
  return Object.values(ok).every(Boolean) ? 0 : 1;
}

async function decisionsOf(chainCount: number, invariants: number, rounds: number): Promise<Decisions> {
  const chains: BenchChain[] = [];
  const ways = new Map<Name, Way[]>();
  try {
    for (let nth = 0; nth < chainCount; nth += 1) chains.push(await startBenchChain(invariants, 31_960 + nth));
    for (const name of Object.keys(names) as Name[])
      ways.set(name, await Promise.all(chains.map((chain) => openWay(name, chain))));
    const times = await timed(chains, ways, rounds, Math.ceil(invariants / 100));
    const ms = mapped(times, (all) => spread(all.slice(1)));
    const up = Object.fromEntries(
      [...ways].flatMap(([name, [way]]) => (way?.up === undefined ? [] : [[name, way.up()]])),
    );
    return {
      invariants,
      chains: chainCount,
      ms,
      ratio: mapped(ms, (one) => rounded(one.median / ms.bare.median, 3)),
      up,
    };
  } finally {
    await Promise.all([...ways.values()].flat().map((way) => way.close()));
    await Promise.all(chains.map((chain) => chain.stop()));
  }
}

/** Every way in every round, each at new heads, and each round begins with another. */
async function timed(
  chains: readonly BenchChain[],
  ways: ReadonlyMap<Name, Way[]>,
  rounds: number,
  failing: number,
): Promise<Record<Name, number[]>> {
  const times = mapped(names, (): number[] => []);
  const order = [...ways];
  for (let round = 0; round <= rounds; round += 1) {
    for (const [name, own] of order) {
      const heads = await Promise.all(chains.map((chain) => chain.nextHead()));
      const startedAt = performance.now();
      const found = await Promise.all(
        own.map((way, nth) => {
          const head = heads[nth];
          if (head === undefined) throw new Error("A chain has no head.");
          return way.decide(head);
        }),
      );
      times[name].push(performance.now() - startedAt);
      const wrong = found.find((count) => count !== undefined && count !== failing);
      if (wrong !== undefined) throw new Error(`${names[name]}: ${wrong} invariants fail, and ${failing} do.`);
    }
    order.push(...order.splice(0, 1));
  }
  return times;
}

function judged(decisions: readonly Decisions[]): Record<string, boolean> {
  const thousand = decisions.find((one) => one.invariants === 1_000);
  const every = (holds: (one: Decisions) => boolean) => decisions.every(holds);
  return {
    sentByBare: (thousand?.ratio.sent ?? 1) <= limits.bare,
    deployedByBare: (thousand?.ratio.deployed ?? 1) <= limits.bare,
    eachBySent: thousand !== undefined && thousand.ratio.viemEach / thousand.ratio.sent >= limits.each,
    eachByDeployed: thousand !== undefined && thousand.ratio.viemEach / thousand.ratio.deployed >= limits.each,
    requests: every(({ up }) => [up.sent, up.deployed].every((one) => (one?.requests ?? 9) <= limits.requests)),
    bytes: (thousand?.up.sent?.bytes ?? Number.POSITIVE_INFINITY) / 1_000 <= limits.bytes,
    deployedBytes: every(({ up }) => (up.deployed?.bytes ?? Number.POSITIVE_INFINITY) < limits.deployed),
  };
}

function text(decisions: readonly Decisions[], seconds: number, load: number): string {
  const lines = decisions.flatMap(({ invariants, chains, ms, ratio, up }) => [
    `${invariants} invariants on ${chains === 1 ? "one chain" : `each of ${chains} chains`}: from the head to the decision`,
    ...(Object.keys(names) as Name[]).map((name) => {
      const carried = up[name] === undefined ? "" : `, ${up[name].requests} request, ${up[name].bytes} bytes up`;
      return `  ${names[name]}: ${ms[name].median} ms (least ${ms[name].least}), ${ratio[name]} x the bare multicall${carried}`;
    }),
  ]);
  return [`Medians at a load of ${load}, in ${seconds} s.`, ...lines].join("\n");
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
