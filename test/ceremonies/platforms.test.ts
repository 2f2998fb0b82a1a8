import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type EmbeddedQuorate, startEmbedded } from "../../src/embedded-mode.ts";
import { ChatFault, type ChatPlatform } from "../../src/ports.ts";
import type { Card } from "../../src/view.ts";
import { sampleBuilds } from "../support/sample-policy.ts";

/** A platform that takes cards unless it is told to fault. */
function platform(name: string) {
  const keys: string[] = [];
  let fault: Error | undefined;
  function fail(how: Error | undefined): void {
    fault = how;
  }
  const shown: ChatPlatform = {
    name,
    show: async (card: Card) => {
      if (fault !== undefined) throw fault;
      keys.push(card.audience.kind === "thread" ? card.key : `${card.key} ${card.status}`);
    },
  };
  return { ...shown, keys, fail };
}

let running: EmbeddedQuorate;
const slack = platform("slack");
const discord = platform("discord");
const faults: string[] = [];

beforeEach(async () => {
  for (const one of [slack, discord]) {
    one.keys.length = 0;
    one.fail(undefined);
  }
  faults.length = 0;
  running = await startEmbedded({
    policies: join(import.meta.dirname, "../../policies"),
    builds: sampleBuilds(),
    blockMs: 3_600_000,
    platforms: [slack, discord],
    onFault: (where, fault) => void faults.push(`${where}: ${fault instanceof Error ? fault.message : fault}`),
  });
});
afterEach(() => running.stop());

let deliveries = 0;
async function as(person: string, command: string, options: Record<string, string>): Promise<void> {
  deliveries += 1;
  const given = { command, options, account: `console:${person}`, deliveryId: `platforms-${deliveries}` };
  await running.quorate.dispatch(given, () => undefined);
  await running.quorate.settle();
}

/** Everything held back is tried again once this much time has passed. */
async function afterSeconds(seconds: bigint): Promise<void> {
  await running.advance(seconds, 1);
  running.quorate.outbox.wake();
  await running.quorate.settle();
}

const propose = () => as("ada", "propose", { target: "harbour", release: "2.0.0" });

test("a platform that is down holds back nothing of the other, and misses nothing once it is back", async () => {
  slack.fail(new ChatFault("Slack does not answer."));
  await propose();
  await as("ben", "check", { ceremony: "UP-1" });
  expect(slack.keys).toEqual([]);
  expect(discord.keys).toEqual(["UP-1 drafted", "UP-1/1", "UP-1 checked", "UP-1/2", "UP-1 in review", "UP-1/3"]);
  slack.fail(undefined);
  await afterSeconds(130n);
  expect(slack.keys).toEqual(discord.keys);
  expect(faults.filter((one) => !one.includes("@slack: Slack does not answer."))).toEqual([]);
});

test("a platform is asked again when it said, and not before", async () => {
  slack.fail(new ChatFault("Slack wants a pause.", { retryAfter: 500n }));
  await propose();
  slack.fail(undefined);
  await afterSeconds(400n);
  expect(slack.keys).toEqual([]);
  await afterSeconds(110n);
  expect(slack.keys).toEqual(["UP-1 drafted", "UP-1/1"]);
});

test("what waits for a platform that is not configured any more stops nothing", async () => {
  await running.store.enqueue("alarms", [
    { kind: "card", key: "old@teams", lane: "old@teams", payload: { platform: "teams", card: {} } },
  ]);
  running.quorate.outbox.wake();
  await propose();
  expect(await running.store.open()).toBe(0);
  expect((await running.store.done("alarms"))[0]?.result).toEqual({ skipped: "teams is not configured any more" });
});
