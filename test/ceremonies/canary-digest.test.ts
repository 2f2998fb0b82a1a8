/** The digest of a phase: one message, which offers nothing any more once the phase is over. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { consequences, kinds } from "../../src/ceremonies/consequences.ts";
import { type EffectParts, handlers } from "../../src/ceremonies/effects.ts";
import { startOutboxWorker } from "../../src/ceremonies/outbox-worker.ts";
import { createTelemetry } from "../../src/ceremonies/telemetry.ts";
import { Room } from "../../src/chat/console/room.ts";
import { canaryReport } from "../../src/domain/canary.ts";
import type { CeremonyState } from "../../src/domain/ceremony.ts";
import { parseEvent } from "../../src/domain/events.ts";
import type { Policy } from "../../src/domain/policy.ts";
import { phaseAt } from "../../src/domain/release.ts";
import { breachClause } from "../../src/domain/watch/breach-now.ts";
import { createPhaseTallies } from "../../src/phase-tallies.ts";
import type { ChatPlatform, SampleRow, SampleStore, Store } from "../../src/ports.ts";
import { openStore } from "../../src/store/open-store.ts";
import type { Card } from "../../src/view.ts";
import type { Ceremony } from "../support/ceremony-driver.ts";
import { ceremonyAt, type Stage } from "../support/given.ts";
import { hashOf, START } from "../support/sample-council.ts";

/** Passing samples of all that the phase names, in as many blocks as it needs. */
function cleanRows(state: CeremonyState, policy: Policy): SampleRow[] {
  const phase = phaseAt(state);
  const from = state.phases.find((one) => one.phase === state.currentPhase)?.executedAt;
  if (from === undefined) throw new Error("Nothing was executed.");
  const { number, timestamp, chain } = from;
  const step = phase.minDuration / phase.minSamples + 1n;
  return Array.from({ length: Number(phase.minSamples) + 1 }, (_none, at) => BigInt(at)).flatMap((at) =>
    phase.metrics.map((metric): SampleRow => {
      const pass = policy.metrics.find((one) => one.id === metric)?.pass.value ?? 0n;
      const time = timestamp + at * step;
      return {
        ...{ ceremony: state.id, metric, chain, blockNumber: number + at, blockHash: hashOf(`block ${at}`) },
        ...{ blockTime: time, observedAt: time, value: pass, verdict: "pass", reason: "" },
      };
    }),
  );
}

function telemetryOf(rows: SampleRow[], policy: Policy) {
  const shown: Card[] = [];
  const platform = { name: "board", show: async (card: Card) => void shown.push(card) } as unknown as ChatPlatform;
  const store = { samples: async () => rows } as unknown as SampleStore;
  const telemetry = createTelemetry({
    ...{ store, policy, platforms: [platform] },
    async canary(state) {
      const last = rows.at(-1);
      const at = { headTime: last?.blockTime ?? 0n, finalTo: last?.blockNumber, metrics: policy.metrics };
      return { report: canaryReport(phaseAt(state), rows, at), metrics: [], facts: [], sections: [], pictures: [] };
    },
  });
  return { telemetry, shown };
}

describe("the digest of a phase", () => {
  const { state, policy } = ceremonyAt("canary");
  const rows = cleanRows(state, policy);

  test("offers to advance it once it is clean, and says of which phase the button is", async () => {
    const { telemetry, shown } = telemetryOf(rows, policy);
    await telemetry(state);
    expect(shown.map((one) => one.status)).toEqual(["clean"]);
    expect(shown[0]?.actions.map((one) => [one.label, one.options])).toEqual([
      ["Advance", { ceremony: "UP-1", action: "advance", phase: phaseAt(state).id }],
    ]);
  });

  test("says of a breach what was measured last, and of which block", async () => {
    const [metric] = policy.metrics.filter((one) => phaseAt(state).metrics.includes(one.id));
    const row = rows.findLast((one) => one.metric === metric?.id);
    if (metric === undefined || row === undefined) throw new Error("It is measured.");
    const failing: SampleRow = { ...row, blockNumber: row.blockNumber + 1n, value: 7n, verdict: "fail" };
    const { blockNumber, blockHash: hash, blockTime: timestamp, chain } = row;
    const block = { chain, number: blockNumber, hash, timestamp };
    const breach = { metric: metric.id, severity: 1, containment: "", block, value: "9", open: true };
    const breached = { ...state, breaches: [{ ...breach, sentence: breachClause(metric, 9n) }] };
    for (const [newest, value, at] of [
      [failing, 7n, failing.blockNumber],
      [{ ...failing, verdict: "inconclusive" as const }, 9n, row.blockNumber],
      [{ ...failing, blockNumber: row.blockNumber - 1n }, 9n, row.blockNumber],
    ] as const) {
      const { telemetry, shown } = telemetryOf([newest], policy);
      await telemetry(breached);
      expect(shown.map((one) => [one.status, one.summary])).toEqual([
        ["breach", `At block ${at}: ${breachClause(metric, value)}.`],
      ]);
    }
  });

  test("offers nothing while the ceremony is held, also where nobody remembers that it did", async () => {
    const { telemetry, shown } = telemetryOf(rows, policy);
    await telemetry(ceremonyAt("held").state);
    expect(shown.map((one) => [one.status, one.tone, one.actions])).toEqual([["held", "warning", []]]);
    expect(shown[0]?.summary).toBe("UP-1 is held: it is measured on, and nothing advances until it is resumed.");
  });

  test.each(["closing", "closed", "rolled back"] as const)(
    "is left alone by the watch once it is %s",
    async (stage) => {
      const { telemetry, shown } = telemetryOf(rows, policy);
      await telemetry(ceremonyAt(stage).state);
      expect(shown).toEqual([]);
    },
  );
});

describe("the digest of a phase that is over", () => {
  let dataDir: string;
  let store: Store;
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), "quorate-digest-"));
    store = await openStore({ dataDir });
  });
  afterEach(async () => {
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  /** As the shell does it: what the newest event has as its consequence is written down. */
  async function owe({ log, state, policy }: Ceremony): Promise<void> {
    const events = log.slice(-1).map(parseEvent);
    await store.enqueue(`ceremony/${state.id}`, consequences(state, events, policy, ["room"]).filter(isLastDigest));
  }

  const owed = async () => (await store.due(START, 50)).filter(isLastDigest);

  const partsOf = (it: Ceremony, room: Room) =>
    ({
      ...{ store, policy: it.policy, pagers: [], chains: { ids: [] }, clock: { now: () => START } },
      ledger: { list: async () => [], load: async () => it.state },
      tallies: createPhaseTallies(store, it.policy),
      platforms: [{ name: "room", show: async (card: Card) => room.show(card) }],
      draw: async (_state: CeremonyState, index: number) => [{ title: `Phase ${index}`, alt: "", svg: "" }],
    }) as unknown as EffectParts;

  /** A life of the program: it works off what is owed, and knows nothing of those before it. */
  async function live(it: Ceremony, room: Room): Promise<void> {
    const faults: string[] = [];
    const outbox = startOutboxWorker(partsOf(it, room), (_item, fault) => void faults.push(fault.message));
    await outbox.settled();
    await outbox.stop();
    expect(faults).toEqual([]);
  }

  /** A room that shows the clean digest of the first phase, with its button; `edit` does so again, so many blocks later. */
  async function roomWith({
    state,
    policy,
  }: Ceremony): Promise<{ room: Room; edit: (later: bigint) => Promise<void> }> {
    const room = new Room(() => 0);
    const rows = cleanRows(state, policy);
    await store.addSamples(rows);
    const edit = async (later: bigint) => {
      const moved = rows.map((one) => ({ ...one, blockNumber: one.blockNumber + later }));
      const { telemetry, shown } = telemetryOf(moved, policy);
      await telemetry(state);
      for (const card of shown) room.show(card);
    };
    await edit(0n);
    expect(room.cards()[0]?.card.actions.map((one) => one.label)).toEqual(["Advance"]);
    return { room, edit };
  }

  test("offers nothing once it was passed, though whoever showed it is gone: the button would advance the phase after it", async () => {
    const it = ceremonyAt("canary");
    const { room } = await roomWith(it);
    await owe(it.must(it.advance("ben")));
    await live(it, room);
    const [entry, ...more] = room.cards();
    expect(more).toEqual([]);
    expect(entry?.card).toMatchObject({ key: "UP-1/canary/phase-1", status: "passed", tone: "good", actions: [] });
    expect(entry?.card.summary).toBe("The phase phase-1 passed its canary.");
    expect(entry?.card.pictures.map((one) => one.title)).toEqual(["Phase 0"]);
    const { minSamples } = it.state.package.phases[0] ?? { minSamples: 0n };
    expect(entry?.card.facts[0]?.value).toBe(`${minSamples + 1n} of ${minSamples}`);
  });

  test("has the last word, also over an edit that was on its way and knows of newer blocks", async () => {
    const it = ceremonyAt("canary");
    const { room, edit } = await roomWith(it);
    await owe(it.must(it.advance("ben")));
    await live(it, room);
    await edit(100n);
    expect(room.cards()[0]?.card.status).toBe("passed");
  });

  test("is owed until it was shown, and once: a life that ends in between leaves it to the next", async () => {
    const it = ceremonyAt("canary");
    const { room } = await roomWith(it);
    await owe(it.must(it.advance("ben")));
    await owe(it);
    expect((await owed()).map((one) => one.key)).toEqual(["last-digest:UP-1:phase-1@room"]);
    // Shown, and the life is over before it can write that down.
    for (const item of await owed()) await handlers[item.kind]?.(item, partsOf(it, room));
    const shown = room.cards();
    expect(shown[0]?.card.status).toBe("passed");
    expect(await owed()).toHaveLength(1);
    await live(it, room);
    expect(room.cards()).toEqual(shown);
    expect(await owed()).toEqual([]);
    await owe(it);
    expect(await owed()).toEqual([]);
  });

  test("says only what was measured before the next phase ran", async () => {
    const it = ceremonyAt("canary");
    const rows = cleanRows(it.state, it.policy);
    it.must(it.advance("ben")).passTime(3_600n).becomeReady().must(it.execute("eve"));
    for (const leg of it.state.package.phases[1]?.legs ?? []) it.must(it.send("eve", leg)).mineSent();
    const main = it.state.phases.find((one) => one.phase === 1)?.executedAt?.number ?? 0n;
    const failing = rows.slice(0, 1).map((one) => ({ ...one, blockNumber: main, blockHash: hashOf("main") }));
    await store.addSamples([...rows, ...failing.map((one) => ({ ...one, verdict: "fail" as const }))]);
    it.must(it.advance("ben"));
    const room = new Room(() => 0);
    await owe(it);
    await live(it, room);
    const digest = room.cards().find((one) => one.card.key === "UP-1/canary/phase-1");
    expect(digest?.card.facts.find((one) => one.label === "Failed samples")?.value).toBe("0");
    expect(digest?.card.footer).toBe(`measured to block ${rows.at(-1)?.blockNumber}`);
  });

  test.each(["rolled back", "closing"] as const)("is not posted for what was never measured: %s", async (stage) => {
    const it = ceremonyAt(stage);
    const room = new Room(() => 0);
    await owe(it);
    expect(await owed()).not.toEqual([]);
    await live(it, room);
    expect(room.cards()).toEqual([]);
    expect(await owed()).toEqual([]);
  });

  test("is owed by every event that ends a phase, for each phase that was begun, and by no other", () => {
    const owing = (stage: Stage) => {
      const { log, state, policy } = ceremonyAt(stage);
      return log.map(parseEvent).flatMap((one) =>
        consequences(state, [one], policy, ["room"])
          .filter(isLastDigest)
          .map(({ payload }) => `${one.type} ${payload.phase}`),
      );
    };
    expect(owing("cancelled")).toEqual([]);
    expect(owing("expired")).toEqual([]);
    expect(owing("held")).toEqual([]);
    expect(owing("contained")).toEqual([]);
    expect(owing("rolled back")).toEqual(["rolledBack phase-1"]);
    expect(owing("closed")).toEqual(
      ["advanced", "canaryPassed", "closed"].flatMap((one) => [`${one} phase-1`, `${one} phase-2`]),
    );
  });

  test("of a ceremony that is over says that nothing is measured any more", async () => {
    const it = ceremonyAt("rolled back");
    const { room } = await roomWith(ceremonyAt("canary"));
    await owe(it);
    await live(it, room);
    expect(room.cards()[0]?.card).toMatchObject({
      ...{ status: "rolled back", tone: "neutral", actions: [] },
      summary: "UP-1 is rolled back: nothing is measured any more.",
    });
  });
});

const isLastDigest = ({ kind }: { kind: string }) => kind === kinds.lastDigest;
