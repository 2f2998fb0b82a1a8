/**
 * One way to decide, in a process of its own with nodes of its own: what the others leave in memory, in the compiler and in a
 * node's threads is not its. Arguments: the way, how many chains, how many invariants on each. Decides once for each message.
 */

import { type Name, openWay, type Way } from "./ways.ts";
import { type BenchChain, startBenchChain } from "./world.ts";

/** What the parent is told once all is there; then comes one message for each decision. */
export interface Opened {
  /** For one head; null where it is not counted. */
  up: { requests: number; bytes: number } | null;
}

export interface Decided {
  /** Milliseconds from the head to the last decision. */
  ms: number;
  /** How many invariants fail on each chain; null where that is not decided. */
  failing: (number | null)[];
}

async function open(name: Name, chainCount: number, invariants: number): Promise<void> {
  const own: { chain: BenchChain; way: Way }[] = [];
  for (let nth = 0; nth < chainCount; nth += 1) {
    const chain = await startBenchChain(invariants, 31_960 + nth);
    own.push({ chain, way: await openWay(name, chain) });
  }
  const decide = async (): Promise<Decided> => {
    const heads = await Promise.all(own.map(async (one) => ({ ...one, head: await one.chain.nextHead() })));
    const startedAt = performance.now();
    const failing = await Promise.all(heads.map(({ way, head }) => way.decide(head)));
    return { ms: performance.now() - startedAt, failing: failing.map((count) => count ?? null) };
  };
  process.on("message", () => void decide().then((decided) => process.send?.(decided), ended));
  const close = async () => {
    await Promise.all(own.map(({ way }) => way.close()));
    await Promise.all(own.map(({ chain }) => chain.stop()));
    process.exit(0);
  };
  process.once("disconnect", () => void close().catch(ended));
  process.send?.({ up: own[0]?.way.up?.() ?? null } satisfies Opened);
}

function ended(fault: unknown): void {
  process.stderr.write(`${fault instanceof Error ? fault.stack : fault}\n`);
  process.exit(1);
}

const [name, chainCount, invariants] = process.argv.slice(2);
open(name as Name, Number(chainCount), Number(invariants)).catch(ended);
