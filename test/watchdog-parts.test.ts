/** The heartbeat is judged where every breach is: what the chain's own judgement does not find, nobody sends. */

import { expect, test } from "vitest";
import type { AlertDesk } from "../src/alert-desk.ts";
import type { Verdict } from "../src/domain/metrics.ts";
import type { Chain, Chains, ChatPlatform, OutboxEntry, Store } from "../src/ports.ts";
import { watchdogOf } from "../src/watchdog-parts.ts";
import { hashOf, mainnet } from "./support/sample-council.ts";

/** A watchdog that looks once, at a chain that judges the synthetic breach so; hands back what it wrote to be sent. */
async function beaten(
  verdict: Verdict | undefined,
): Promise<{ sent: OutboxEntry[]; asked: string[]; faults: string[] }> {
  const sent: OutboxEntry[] = [];
  const asked: string[] = [];
  const faults: string[] = [];
  const chain = {
    newestBlock: async () => ({ number: 7n, hash: hashOf("newest"), parent: hashOf("parent"), timestamp: 1n }),
    async evaluate(catalogue: { entries: readonly { metric: string }[] }, { blockHash }: { blockHash: string }) {
      asked.push(`${catalogue.entries.map((one) => one.metric).join()} at ${blockHash}`);
      return {
        verdicts: verdict === undefined ? [] : [verdict],
        values: new Map(),
        timestamp: 1n,
        gas: 0n,
        requests: 1,
      };
    },
  } as unknown as Chain;
  const store = {
    forget: async () => undefined,
    enqueue: async (_stream: string, entries: OutboxEntry[]) => void sent.push(...entries),
  } as unknown as Store;
  const alerts = { act: async () => ({ ok: true, events: [] }) } as unknown as AlertDesk;
  const dog = watchdogOf(
    {
      store,
      chains: { ids: [mainnet], get: () => chain } satisfies Chains,
      platforms: [{ name: "slack" } as unknown as ChatPlatform],
      watchdog: { clock: { now: () => 1_000n }, deadmanUrl: undefined },
      onFault: (where, fault) => void faults.push(`${where}: ${(fault as Error).message}`),
    },
    alerts,
    () => undefined,
  );
  await dog?.look();
  await dog?.stop();
  return { sent, asked, faults };
}

test("a breach that the chain's judgement finds is sent, at the hash of the newest block", async () => {
  const { sent, asked, faults } = await beaten("fail");
  expect(sent.map((one) => one.payload)).toEqual([{ platform: "slack", at: "1000" }]);
  expect(asked).toEqual([`watchdog at ${hashOf("newest")}`]);
  expect(faults).toEqual([]);
});

test.each(["pass", "inconclusive", "error", undefined] as const)("one that it calls %s is not", async (verdict) => {
  const { sent, faults } = await beaten(verdict);
  expect(sent).toEqual([]);
  expect(faults).toEqual(["watchdog: The watchdog's synthetic breach was judged to be none."]);
});
