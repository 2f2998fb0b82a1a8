/**
 * A loopback platform and the people on it, in a process of their own: what they cost is no part of what the bot is
 * measured by. The bot's process asks; each question is answered once.
 */

import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import type { Crowd } from "./crowd.ts";
import { discordCrowd } from "./discord-crowd.ts";
import { slackCrowd } from "./slack-crowd.ts";
import type { Asked, Load } from "./ways.ts";

type Question = { [Name in keyof Asked]: { id: number; name: Name; given: Asked[Name]["with"] } }[keyof Asked];

/** What people do, over and over: reads, changes that read the chain, and buttons. */
const round = [
  ...["status", "Show", "why", "help", "check", "status", "Approve", "why", "Show", "propose"],
  ...["help", "status", "why", "Show", "why", "status", "Approve", "help", "propose", "why"],
] as const;
export type Deed = (typeof round)[number];

let crowd: Crowd | undefined;

process.on("message", (question: Question) => {
  answer(question).then(
    (value) => process.send?.({ id: question.id, value }),
    (fault: unknown) => process.send?.({ id: question.id, fault: fault instanceof Error ? fault.message : `${fault}` }),
  );
});
process.on("disconnect", () => process.exit());

async function answer(question: Question): Promise<Asked[keyof Asked]["gives"]> {
  if (question.name === "install") {
    crowd = await (question.given.platform === "slack" ? slackCrowd() : discordCrowd());
    return crowd.installed;
  }
  if (crowd === undefined) throw new Error("No platform is installed yet.");
  switch (question.name) {
    case "deliverTo":
      crowd.deliverTo(question.given.url);
      return null;
    case "card":
      await crowd.card();
      return null;
    case "warmUp":
      return warmUp(crowd);
    case "load":
      return load(crowd, question.given);
    case "limit":
      crowd.limit(question.given.retryAfter);
      return null;
    case "limited":
      return crowd.limited();
    case "arrival":
      return crowd.arrival(question.given.nth);
    case "paged":
      if (crowd.paged === undefined) throw new Error("Only Slack is asked who was called.");
      return crowd.paged(question.given.about);
  }
}

/** Everything once, one after another: parts that are made at first use, on both sides, are made now. */
async function warmUp({ act }: Crowd): Promise<number> {
  let slowest = 0;
  for (const [index, deed] of round.entries())
    slowest = Math.max(slowest, (await act(deed, index)) ?? Number.POSITIVE_INFINITY);
  return slowest;
}

/** Sends on time whether or not earlier ones are answered: a slow bot gets no fewer. */
async function load(crowd: Crowd, { rate, count }: Asked["load"]["with"]): Promise<Load> {
  const { act, violations } = crowd;
  const acknowledged: number[] = [];
  const kinds: Record<string, number> = {};
  const open: Promise<unknown>[] = [];
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const start = performance.now();
  for (let sent = 0; sent < count; ) {
    const due = Math.min(count, Math.floor(((performance.now() - start) * rate) / 1000) + 1);
    for (; sent < due; sent += 1) {
      const deed = round[sent % round.length] ?? "help";
      kinds[deed] = (kinds[deed] ?? 0) + 1;
      open.push(
        act(deed, sent).then((milliseconds) => {
          if (milliseconds !== undefined) acknowledged.push(milliseconds);
        }),
      );
    }
    await pause(1);
  }
  const seconds = (performance.now() - start) / 1000;
  await Promise.all(open);
  delay.disable();
  const loop = { p99: delay.percentile(99) / 1e6, max: delay.max / 1e6 };
  return { sent: count, seconds, acknowledged, unacknowledged: count - acknowledged.length, kinds, loop, violations };
}
