/** On a real node behind an RPC that fails: connections cut, branches replaced and the program restarted, by a seeded schedule. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTestClient, type Hex, http, publicActions, zeroHash } from "viem";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type Anvil, startAnvil } from "../../src/chain/anvil.ts";
import { openChains } from "../../src/chain/open.ts";
import type { ChainId } from "../../src/domain/primitives.ts";
import { openStore } from "../../src/store/open-store.ts";
import { startBlockStream } from "../../src/watch/block-stream.ts";
import { gasKey } from "../chain/world.ts";
import { type FaultyRpc, startFaultyRpc } from "../support/faulty-rpc.ts";

const id: ChainId = "eip155:31902";
const dataDir = mkdtempSync(join(tmpdir(), "quorate-stream-"));
let anvil: Anvil;
let rpc: FaultyRpc;

beforeAll(async () => {
  anvil = await startAnvil({ chainId: 31902 });
  rpc = await startFaultyRpc(anvil.url);
});
afterAll(async () => {
  await rpc.stop();
  await anvil.stop();
  rmSync(dataDir, { recursive: true });
});

/** Park and Miller's generator: the same schedule in every run. */
function seeded(seed: number) {
  let state = seed;
  return (below: number): number => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

/** The program: its connections, its database and its stream. */
async function startProgram(told: Map<Hex, number>, ws: boolean) {
  const chains = openChains({ rpc: { [id]: rpc.url }, gasKey, timeoutMs: 2_000, ws: ws ? [id] : [], pollMs: 20 });
  const store = await openStore({ dataDir });
  const faults: string[] = [];
  const count = (hash: Hex, by: number) => told.set(hash, (told.get(hash) ?? 0) + by);
  const stream = startBlockStream({
    chain: chains.get(id),
    store,
    async judge(block) {
      count(block.hash, 1);
      return { judged: { ...block, catalogue: zeroHash, verdicts: ["pass"] }, samples: [] };
    },
    async orphaned(blocks) {
      for (const { hash } of blocks) count(hash, -1);
    },
    onFault: (fault) => faults.push(fault.message),
    pauseMs: () => 20,
  });
  return {
    store,
    faults,
    async stop() {
      await stream.stop();
      chains.close();
      await store.close();
    },
  };
}

test.each([
  ["a WebSocket", true, { cuts: 100, reorganisations: 39, restarts: 7 }],
  ["polling", false, { cuts: 30, reorganisations: 12, restarts: 1 }],
])(
  "no block is lost or counted twice through cuts, reorganisations and restarts, by %s",
  async (_way, ws, expected) => {
    const random = seeded(7);
    const client = createTestClient({ mode: "anvil", transport: http(anvil.url), cacheTime: 0 }).extend(publicActions);
    const told = new Map<Hex, number>();
    rmSync(dataDir, { recursive: true, force: true });
    await client.mine({ blocks: 1 });
    let program = await startProgram(told, ws);
    const start = await vi.waitUntil(async () => (await program.store.newestJudged(id, 1))[0]?.number, {
      timeout: 10_000,
    });

    /** Blocks differ in who made them: a branch never happens to be the one it replaces. */
    let made = 0;
    const mine = async (blocks: number) => {
      for (let one = 0; one < blocks; one += 1) {
        made += 1;
        await client.setCoinbase({ address: `0x${made.toString(16).padStart(40, "0")}` });
        await client.mine({ blocks: 1 });
      }
    };
    let highest = start;
    const isWhole = async () => {
      const newest = await client.getBlockNumber();
      const blocks = await Promise.all(
        Array.from({ length: Number(newest - start) + 1 }, (_none, index) =>
          client.getBlock({ blockNumber: start + BigInt(index) }),
        ),
      );
      const canonical = blocks.map(({ number, hash }) => ({ number, hash }));
      await vi.waitFor(
        async () => {
          const rows = await program.store.judgedBlocks(id, 0n, 2n ** 60n);
          expect(rows.map(({ number, hash }) => ({ number, hash }))).toEqual(canonical);
        },
        { timeout: 20_000, interval: 20 },
      );
      const counted = [...told].filter(([, times]) => times !== 0);
      expect(counted.every(([, times]) => times === 1)).toBe(true);
      expect(new Set(counted.map(([hash]) => hash))).toEqual(new Set(canonical.map(({ hash }) => hash)));
    };
    const happened = { cuts: 0, reorganisations: 0, restarts: 0 };
    await mine(10);
    while (happened.cuts < expected.cuts) {
      switch (random(6)) {
        case 0:
        case 1:
          rpc.cut();
          happened.cuts += 1;
          break;
        case 2:
          await rpc.misbehave({ kind: "down" });
          happened.cuts += 1;
          await mine(1 + random(3));
          await rpc.misbehave({ kind: "none" });
          break;
        case 3: {
          const newest = await client.getBlockNumber();
          const depth = Math.min(1 + random(8), Number(newest - start) - 1);
          await client.request({ method: "anvil_rollback" as never, params: [depth] as never });
          await mine(depth + random(3));
          happened.reorganisations += 1;
          break;
        }
        case 4:
          if (random(4) === 0) {
            await program.stop();
            await mine(random(50));
            program = await startProgram(told, ws);
            happened.restarts += 1;
          }
          break;
        default:
          await mine(1 + random(3));
      }
      const now = await client.getBlockNumber();
      highest = now > highest ? now : highest;
      if (random(10) === 0) {
        await mine(Number(highest - now) + 1);
        await isWhole();
      }
    }
    await mine(Number(highest - (await client.getBlockNumber())) + 1);
    await isWhole();
    expect(happened).toEqual(expected);
    const takenOut = [...told].filter(([, times]) => times === 0).length;
    expect(takenOut).toBeGreaterThan(happened.reorganisations);
    await program.stop();
  },
);
