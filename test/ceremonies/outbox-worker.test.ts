/** What calls people leaves before anything else, whatever waits, and holds nothing up for long. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { kinds } from "../../src/ceremonies/consequences.ts";
import type { EffectParts } from "../../src/ceremonies/effects.ts";
import { type OutboxWorker, startOutboxWorker } from "../../src/ceremonies/outbox-worker.ts";
import { zeroHash } from "../../src/domain/primitives.ts";
import type { Store } from "../../src/ports.ts";
import { openStore } from "../../src/store/open-store.ts";
import type { Card } from "../../src/view.ts";
import { START } from "../support/sample-council.ts";

let dataDir: string;
let store: Store;
let outbox: OutboxWorker;
let start: (headStart?: number) => void;
/** What was begun, in order; what was answered begins with a tick. */
let seen: string[] = [];
let answers: Map<string, PromiseWithResolvers<void>>;
let now: bigint;

beforeEach(async () => {
  seen = [];
  answers = new Map();
  now = START;
  dataDir = await mkdtemp(join(tmpdir(), "quorate-outbox-"));
  store = await openStore({ dataDir });
  const chat = {
    name: "chat",
    async show({ key }: Card) {
      seen.push(key);
      await answers.get(key)?.promise;
      seen.push(`✓ ${key}`);
    },
  };
  start = (headStart) => {
    const all = { ...parts, store, clock: { now: () => now } } as unknown as EffectParts;
    outbox = startOutboxWorker(all, () => undefined, headStart);
  };
  const load = async () => {
    seen.push("transaction");
    await answers.get("transaction")?.promise;
  };
  const parts = { platforms: [chat], pagers: [], chains: { ids: [] }, ledger: { list: async () => [], load } };
});
afterEach(async () => {
  for (const one of answers.values()) one.resolve();
  await outbox.stop();
  await store.close();
  await rm(dataDir, { recursive: true, force: true });
});

const entry = (kind: string, key: string) => ({ kind, key, lane: key, payload: { platform: "chat", card: { key } } });

function heldBack(key: string): PromiseWithResolvers<void> {
  const answer = Promise.withResolvers<void>();
  answers.set(key, answer);
  return answer;
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise(setImmediate);
}

test("a page that was written last is sent first, and cards after it was taken", async () => {
  start(60_000);
  await store.enqueue("x", [entry(kinds.card, "card"), entry(kinds.card, "picture"), entry(kinds.page, "page")]);
  outbox.wake();
  await outbox.settled();
  expect(seen.slice(0, 2)).toEqual(["page", "✓ page"]);
  expect(seen.slice(2).sort()).toEqual(["card", "picture", "✓ card", "✓ picture"]);
});

test("a page that nobody takes holds nothing back", async () => {
  start();
  heldBack("page");
  await store.enqueue("x", [entry(kinds.card, "card"), entry(kinds.page, "page")]);
  outbox.wake();
  await until(() => seen.includes("✓ card"));
  expect(seen).toEqual(["page", "card", "✓ card"]);
});

test("while somebody is about to be called, cards wait and pages do not", async () => {
  start(60_000);
  const calling = Promise.withResolvers<void>();
  await store.enqueue("x", [entry(kinds.card, "card")]);
  outbox.first(calling.promise);
  outbox.wake();
  await store.enqueue("x", [entry(kinds.page, "page")]);
  outbox.wake();
  await until(() => seen.includes("✓ page"));
  calling.resolve();
  await outbox.settled();
  expect(seen).toEqual(["page", "✓ page", "card", "✓ card"]);
});

test("calling people waits for a transaction that is about to leave, and not for long", async () => {
  start();
  const transaction = heldBack("transaction");
  await store.enqueue("x", [entry(kinds.broadcast, "transaction")]);
  outbox.wake();
  await outbox.acted();
  expect(seen).toEqual(["transaction"]);
  transaction.resolve();
});

test("a store that does not answer keeps nobody from being called", async () => {
  start();
  await outbox.settled();
  const asked = Promise.withResolvers<void>();
  const { due } = store;
  Object.assign(store, { due: () => asked.promise.then(() => []) });
  outbox.wake();
  await outbox.acted();
  Object.assign(store, { due });
  asked.resolve();
});

test("whoever is never called holds nothing back", async () => {
  start();
  outbox.first(new Promise(() => undefined));
  await store.enqueue("x", [entry(kinds.card, "card")]);
  outbox.wake();
  await outbox.settled();
  expect(seen).toEqual(["card", "✓ card"]);
});

test.each([
  { what: "a containment", kind: kinds.broadcast, tx: "containment/pause-vault", seconds: 5n },
  { what: "a schedule", kind: kinds.broadcast, tx: "main/upgrade", seconds: 60n },
  {
    what: "a schedule that the gas key has sent",
    kind: kinds.broadcast,
    tx: "main/upgrade",
    isSent: true,
    seconds: 5n,
  },
  { what: "an execution that the gas key has sent", kind: kinds.relay, tx: "main", isSent: true, seconds: 5n },
  { what: "an execution by a wallet", kind: kinds.relay, tx: "main", seconds: 60n },
])("however often it failed, $what is tried again after $seconds seconds at the latest", async (one) => {
  const { kind, tx, isSent = false, seconds } = one;
  start();
  await store.enqueue("x", [{ ...entry(kind, "transaction"), payload: { ceremony: "UP-1", tx } }]);
  const [item] = await store.due(now, 1);
  if (isSent) await store.saveProgress(item?.id ?? 0, { raw: "0x02", hash: zeroHash });
  for (let attempt = 1; attempt <= 8; attempt += 1) {
    outbox.wake();
    await outbox.settled();
    expect(seen).toHaveLength(attempt);
    expect(await store.due(now + seconds, 1)).toHaveLength(1);
    now += seconds;
  }
  now -= 1n;
  outbox.wake();
  await outbox.settled();
  expect(seen).toHaveLength(8);
});
