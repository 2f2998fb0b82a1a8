/** How soon a breach is said while the channel of cards is under a rate limit. */

import { setTimeout as pause } from "node:timers/promises";
import { system } from "../../src/domain/events.ts";
import { percentile } from "./acks.ts";
import { type Bot, type Setting, startBot } from "./bot.ts";
import type { Way } from "./ways.ts";

export const cards = 50;
export const retryAfter = 30;
export const tries = 20;

export interface Pings {
  tries: number;
  /** Milliseconds from before the event is decided and appended to its message arriving at the platform. */
  median: number;
  max: number;
  /** Requests that met the rate limit, and entries that still waited for it at the end. */
  limited: number;
  waiting: number;
}

/** A breach of one ceremony after another: each is a message of its own. */
export async function measurePings(setting: Setting, way: Way): Promise<Pings> {
  const bot = await startBot(setting, way);
  try {
    await bot.platform.ask("limit", { retryAfter });
    for (let card = 0; card < cards; card += 1) await bot.propose();
    await allRefused(bot);
    const times: number[] = [];
    for (let nth = 1; nth <= tries; nth += 1) {
      const appendedAt = Date.now();
      await breach(bot, `UP-${nth}`);
      times.push((await bot.platform.ask("arrival", { nth })) - appendedAt);
    }
    times.sort((a, b) => a - b);
    const limited = await bot.platform.ask("limited", {});
    return {
      ...{ tries, limited },
      median: percentile(times, 50),
      max: percentile(times, 100),
      waiting: await bot.store.open(),
    };
  } finally {
    await bot.stop();
  }
}

/** Until every card has been sent once, and now waits for the limit to pass. */
async function allRefused({ store, quorate }: Bot): Promise<void> {
  for (let look = 0; look < 500; look += 1) {
    await quorate.outbox.settled();
    const due = await store.due(BigInt(Math.floor(Date.now() / 1000)), cards);
    if (due.length === 0 && (await store.open()) >= cards) return;
    await pause(20);
  }
  throw new Error("The cards do not wait for the rate limit as they should.");
}

async function breach({ quorate, policy, slow }: Bot, ceremony: string): Promise<void> {
  const [metric] = policy.metrics;
  const [chain] = slow.chains.ids;
  if (metric === undefined || chain === undefined) throw new Error("Policy names no metric.");
  const block = { chain, ...(await slow.chains.get(chain).head()) };
  const seen = { what: "breach", metric: metric.id, block, value: "0", sentence: "It is measured." } as const;
  const outcome = await quorate.ledger.handle(ceremony, { kind: "observe", by: system, seen });
  if (!outcome.ok) throw new Error(outcome.refusal.sentence);
}
