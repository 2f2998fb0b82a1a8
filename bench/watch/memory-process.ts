/**
 * The whole program through thousands of blocks of a canary, in a process of its own, which collects its garbage before it
 * looks at what it has. Started with --expose-gc; tells what it measured, once.
 */

import { join } from "node:path";
import { toHex } from "viem";
import { tradeOnce } from "../../src/embedded/trade.ts";
import { type EmbeddedQuorate, startEmbedded } from "../../src/embedded-mode.ts";
import { driveCeremony } from "../../test/support/live-ceremony.ts";
import type { Memory } from "./memory.ts";

/** Until the cache of pictures, whose bound is known, is full. */
const warmUp = 6_000;
const blocks = 10_000;
/** Blocks that are mined in one go, and come as heads one after the other; then one with trades, and with a new price. */
const together = 20;
const between = 500;

interface Look {
  blocks: number;
  heap: number;
  rss: number;
}

async function run(): Promise<Memory> {
  const faults: string[] = [];
  const running = await startEmbedded({
    policies: join(import.meta.dirname, "../../policies"),
    platforms: [],
    blockMs: 86_400_000,
    onFault: (where, fault) => void faults.push(`${where}: ${fault}`),
  });
  try {
    const { quorate, policy, chains, world, store } = running;
    await driveCeremony(
      {
        ...{ quorate, policy, chains, url: world.url, platform: "console", release: "2.0.0" },
        pass: ({ seconds, blocks: count }) => running.advance(seconds, count),
      },
      (state) => state.status === "canary",
    );
    await mine(running, warmUp);
    const id = chains.ids[0] ?? "eip155:0";
    const first = (await chains.get(id).head()).number + 1n;
    const startedAt = performance.now();
    const looks = [look(0)];
    for (let done = 0; done < blocks; done += between) {
      await mine(running, between);
      looks.push(look(done + between));
    }
    const seconds = (performance.now() - startedAt) / 1000;
    const kept = await store.judgedBlocks(id, first, first + BigInt(blocks) - 1n);
    if (kept.length !== blocks || kept.some(({ verdicts }) => verdicts.some((one) => one !== "pass")))
      throw new Error(`${kept.length} of ${blocks} blocks were judged. ${faults.slice(0, 3).join(" ")}`);
    return {
      ...{ blocks, metrics: kept[0]?.verdicts.length ?? 0, seconds: Math.round(seconds) },
      heap: Math.round(slope(looks, ({ heap }) => heap)),
      rss: Math.round(slope(looks, ({ rss }) => rss)),
      heapMiB: Math.round((looks.at(-1)?.heap ?? 0) / 2 ** 20),
      rssMiB: Math.round((looks.at(-1)?.rss ?? 0) / 2 ** 20),
    };
  } finally {
    await running.stop();
  }
}

async function mine({ world, quorate, chains }: EmbeddedQuorate, count: number): Promise<void> {
  for (let mined = 0; mined < count; mined += together) {
    await world.inTurn(() => world.node.request("anvil_mine", toHex(together - 1), "0x1"));
    await tradeOnce(world);
    for (const id of chains.ids) await quorate.blocks.settled(id, "all");
  }
  await quorate.settle();
}

function look(done: number): Look {
  for (let nth = 0; nth < 3; nth += 1) globalThis.gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { blocks: done, heap: heapUsed + external, rss };
}

/** By least squares: what one block adds, in bytes. */
function slope(looks: readonly Look[], of: (one: Look) => number): number {
  const mean = (values: readonly number[]) => values.reduce((sum, one) => sum + one, 0) / values.length;
  const [x, y] = [mean(looks.map((one) => one.blocks)), mean(looks.map(of))];
  const above = looks.reduce((sum, one) => sum + (one.blocks - x) * (of(one) - y), 0);
  return above / looks.reduce((sum, one) => sum + (one.blocks - x) ** 2, 0);
}

run().then(
  (memory) => process.send?.(memory, () => process.exit(0)),
  (fault: unknown) => {
    process.stderr.write(`${fault instanceof Error ? fault.stack : fault}\n`);
    process.exit(1);
  },
);
