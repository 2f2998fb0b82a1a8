/**
 * How soon Slack and Discord hear from the bot: acknowledgements under load with a chain that hangs, and an alarm while
 * the channel of cards is under a rate limit. The platform and its people are a process of their own.
 */

import { cpus } from "node:os";
import { openChains } from "../src/chain/open.ts";
import { startBlocks } from "../src/embedded/block-producer.ts";
import { embeddedGasAccount } from "../src/embedded/people.ts";
import { startWorld } from "../src/embedded/world.ts";
import { type Acks, measureAcks, rate, slowness } from "./chat/acks.ts";
import { cards, measurePings, type Pings, retryAfter } from "./chat/pings.ts";
import { slowChains } from "./chat/slow-chain.ts";
import { type Platform, type Way, ways } from "./chat/ways.ts";

/** Milliseconds. */
const limits = { ackP99: 100, ping: 1000 };

const names: Record<Way, string> = { slackSocket: "Slack, Socket Mode", slackHttp: "Slack, HTTP", discord: "Discord" };

/** Prints figures; hands back the exit code: 0 where every criterion holds on every platform. */
export async function measure(json: boolean): Promise<number> {
  const startedAt = performance.now();
  const world = await startWorld();
  const id = `eip155:${world.chainId}` as const;
  const opened = openChains({ rpc: { [id]: world.url }, gasKey: embeddedGasAccount.privateKey, ws: [id] });
  const setting = { world, slow: slowChains(opened) };
  const blocks = await startBlocks(world, { intervalMs: 3000 });
  try {
    const acks = {} as Record<Way, { slow: Acks; idle: Acks }>;
    for (const way of ways)
      acks[way] = { slow: await measureAcks(setting, way, slowness), idle: await measureAcks(setting, way, 0) };
    const pings: Record<Platform, Pings> = {
      slack: await measurePings(setting, "slackSocket"),
      discord: await measurePings(setting, "discord"),
    };
    const ok = judged(acks, pings);
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    const result = { bench: "chat", cores: cpus().length, seconds, rate, slowness, limits, acks, pings, ok };
    process.stdout.write(json ? `${JSON.stringify(result)}\n` : `${text(acks, pings, seconds)}\n`);
    return Object.values(ok).every((one) => Object.values(one).every(Boolean)) ? 0 : 1;
  } finally {
    await blocks.stop();
    opened.close();
    await world.stop();
  }
}

function judged(acks: Record<Way, { slow: Acks }>, pings: Record<Platform, Pings>) {
  const per = <Name extends string, T>(all: Record<Name, T>, holds: (one: T) => boolean) =>
    Object.fromEntries(Object.entries<T>(all).map(([name, one]) => [name, holds(one)])) as Record<Name, boolean>;
  return {
    ackP99Below100ms: per(acks, ({ slow }) => slow.p99 < limits.ackP99),
    noneOver3s: per(acks, ({ slow }) => slow.unacknowledged === 0 && slow.heard === slow.sent),
    pingWithin1s: per(pings, ({ max, waiting }) => max < limits.ping && waiting >= cards),
  };
}

function text(acks: Record<Way, { slow: Acks; idle: Acks }>, pings: Record<Platform, Pings>, seconds: number): string {
  const line = (what: string, one: Acks) =>
    `  ${what}: p50 ${one.p50} ms, p99 ${one.p99} ms, max ${one.max} ms; ${one.unacknowledged} of ${one.sent} not acknowledged, ${one.perSecond} a second; ${one.cpu} % of a core, event loop p99 ${one.loop.p99} ms, max ${one.loop.max} ms (the platform's p99 ${one.generatorLoop.p99}, max ${one.generatorLoop.max}); up to ${one.waitedFor} answers of the chain waited for; at first use ${one.cold} ms.`;
  return [
    `Acknowledgements, ${rate} commands and clicks a second by seven people; the limit is p99 ${limits.ackP99} ms and none over 3 s.`,
    ...ways.flatMap((way) => [
      names[way],
      line(`chain answers after ${slowness / 1000} s`, acks[way].slow),
      line("chain answers at once", acks[way].idle),
    ]),
    `Alarms while ${cards} cards wait in a channel with Retry-After ${retryAfter}; the limit is ${limits.ping} ms.`,
    ...Object.entries(pings).map(
      ([platform, one]) =>
        `  ${platform}: median ${one.median} ms, max ${one.max} ms of ${one.tries}; ${one.limited} requests were refused, ${one.waiting} entries still waited at the end.`,
    ),
    `It took ${seconds} s.`,
  ].join("\n");
}
