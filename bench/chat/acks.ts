/** How long a delivery waits for its acknowledgement while the chain is slow, and while it is not. */

import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import type { Actor } from "../../src/domain/events.ts";
import { type Bot, type Setting, startBot } from "./bot.ts";
import type { LoopDelay, Way } from "./ways.ts";

/** Commands and clicks a second, and how many in all. */
export const rate = 200;
export const count = 1000;
/** Milliseconds before each of the slow chain's answers. */
export const slowness = 5000;

export interface Acks {
  sent: number;
  perSecond: number;
  kinds: Record<string, number>;
  /** Milliseconds from a delivery leaving the platform to its acknowledgement arriving there. */
  p50: number;
  p99: number;
  max: number;
  /** Not acknowledged with success within the platform's three seconds. */
  unacknowledged: number;
  /** Commands that came through to the program. */
  heard: number;
  /** The slowest acknowledgement of the round before, in which everything was done for the first time. */
  cold: number;
  /** How much of one core the bot took, in per cent. */
  cpu: number;
  /** Answers of the chain that were waited for at once, at most. */
  waitedFor: number;
  /** How long the event loops were busy at a stretch, in milliseconds. */
  loop: LoopDelay;
  generatorLoop: LoopDelay;
  violations: number;
}

export async function measureAcks(setting: Setting, way: Way, chainDelay: number): Promise<Acks> {
  const bot = await startBot(setting, way);
  try {
    await bot.propose();
    const ada: Actor = { person: "ada", account: "console:ada", delivery: "bench-check" };
    await bot.quorate.services.check(ada, "UP-1", () => undefined);
    await bot.quorate.settle();
    await bot.platform.ask("card", {});
    const cold = await bot.platform.ask("warmUp", {});
    await answered(bot);
    const before = bot.heard();
    bot.slow.delay(chainDelay);
    const cpu = process.cpuUsage();
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    const load = await bot.platform.ask("load", { rate, count });
    delay.disable();
    const { user, system } = process.cpuUsage(cpu);
    bot.slow.delay(0);
    await answered(bot);
    const { sent, seconds, kinds, unacknowledged, violations } = load;
    const times = load.acknowledged.sort((a, b) => a - b);
    return {
      ...{ sent, kinds, unacknowledged, violations: violations.length },
      perSecond: rounded(sent / seconds),
      p50: percentile(times, 50),
      p99: percentile(times, 99),
      max: percentile(times, 100),
      heard: bot.heard() - before,
      cold: rounded(cold),
      cpu: rounded((user + system) / 1e4 / seconds),
      waitedFor: chainDelay > 0 ? bot.slow.mostWaiting() : 0,
      loop: { p99: rounded(delay.percentile(99) / 1e6), max: rounded(delay.max / 1e6) },
      generatorLoop: { p99: rounded(load.loop.p99), max: rounded(load.loop.max) },
    };
  } finally {
    await bot.stop();
  }
}

/** Until nobody waits for an answer, for half a minute at most: what is still on its way then counts as not heard. */
async function answered({ unanswered }: Bot): Promise<void> {
  for (let look = 0; look < 600 && (look < 5 || unanswered() > 0); look += 1) await pause(50);
}

/** The smallest value that so many per cent are not above; NaN where there is none. */
export function percentile(sorted: readonly number[], percent: number): number {
  return rounded(sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)] ?? Number.NaN);
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
