/** One log that was tampered with must not blind the bot to the other ceremonies, and what is seen waits for no reading. */

import { describe, expect, it } from "vitest";
import type { LedgerParts } from "../../src/ceremonies/ledger.ts";
import { createLedger } from "../../src/ceremonies/ledger.ts";
import { eventHash, genesisHash } from "../../src/domain/audit-log.ts";
import { allRules } from "../../src/domain/decision.ts";
import { system } from "../../src/domain/events.ts";
import type { Observation } from "../../src/domain/intent.ts";
import type { NewEvent, StoredEvent } from "../../src/ports.ts";
import { by } from "../support/ceremony-driver.ts";
import { ceremonyAt } from "../support/given.ts";
import { mainnet, samplePolicy } from "../support/sample-council.ts";

/** A canary's log, whose store counts what is read of it and lets somebody else write first, once. */
function writtenLog() {
  const it = ceremonyAt("canary");
  const log = structuredClone(it.log) as StoredEvent[];
  const stream = "ceremony/UP-1";
  let reads = 0;
  let slow: Promise<void> | undefined;
  let rival: (() => void) | undefined;
  const write = (events: readonly NewEvent[], at: bigint) => {
    for (const { type, data } of events) {
      const last = log.at(-1);
      const next = { stream, seq: log.length + 1, type, at, data };
      log.push({ ...next, hash: eventHash(last?.hash ?? genesisHash(stream), next) });
    }
  };
  const store = {
    async read() {
      reads += 1;
      const found = [...log];
      const after = slow;
      slow = undefined;
      await after;
      return found;
    },
    async append(_stream: string, expected: number, events: readonly NewEvent[], at: bigint) {
      rival?.();
      rival = undefined;
      if (log.length !== expected) return { ok: false };
      write(events, at);
      return { ok: true, events: log.slice(expected) };
    },
  };
  const parts = {
    ...{ store, policy: it.policy, rules: allRules, clock: { now: () => 1n } },
    ...{ consequences: () => [], appended: () => undefined },
  };
  return {
    ledger: createLedger(parts as unknown as LedgerParts),
    /** On the same log, and told of nothing. */
    beside: createLedger(parts as unknown as LedgerParts),
    log,
    reads: () => reads,
    /** The next reading has its answer, and hands it on after this. */
    holdUp: (until: Promise<void>) => {
      slow = until;
    },
    cleared(nth: number): Observation {
      return { what: "cleared", metric: it.policy.metrics[nth]?.id ?? "", block: it.block(mainnet) };
    },
    before: (one: NewEvent) => {
      rival = () => write([one], 1n);
    },
    breach(nth: number): Observation {
      const metric = it.policy.metrics[nth]?.id ?? "";
      return { what: "breach", metric, block: it.block(mainnet), value: "0", sentence: `${metric} is 0` };
    },
  };
}

function ledgerOver(logs: Record<string, StoredEvent[]>) {
  const store = {
    streams: async () => Object.keys(logs).map((stream) => ({ stream, seq: logs[stream]?.length ?? 0, head: "0x" })),
    read: async (stream: string) => logs[stream] ?? [],
  };
  const parts = {
    store,
    policy: samplePolicy(),
    rules: allRules,
    clock: { now: () => 0n },
    consequences: () => [],
    appended: () => undefined,
  };
  return createLedger(parts as unknown as LedgerParts);
}

describe("listing ceremonies when one log is broken", () => {
  const whole = structuredClone(ceremonyAt("signing").log) as StoredEvent[];
  const broken = whole.map((one) => ({ ...one, stream: "ceremony/UP-2" }));
  const ledger = ledgerOver({ "ceremony/UP-1": whole, "ceremony/UP-2": broken });

  it("goes on with the others and says which one is broken", async () => {
    const told: string[] = [];
    const found = await ledger.list((id, fault) => told.push(`${id}: ${fault.message}`));
    expect(found.map((one) => one.id)).toEqual(["UP-1"]);
    expect(told).toEqual([expect.stringMatching(/^UP-2: The log of UP-2 has been tampered with: /)]);
  });

  it("refuses where nobody would be told", async () => {
    await expect(ledger.list()).rejects.toThrow(/The log of UP-2 has been tampered with/);
  });
});

describe("what is seen", () => {
  const see = (seen: Observation) => ({ kind: "observe", by: system, seen }) as const;

  it("is written without reading the log again: somebody is called because of it", async () => {
    const { ledger, log, reads, breach } = writtenLog();
    await ledger.load("UP-1");
    expect(await ledger.handle("UP-1", see(breach(0)))).toMatchObject({ ok: true });
    expect(await ledger.handle("UP-1", see(breach(1)))).toMatchObject({ ok: true });
    expect(reads()).toBe(1);
    expect(log.filter((one) => one.type === "breached")).toHaveLength(2);
    expect((await ledger.load("UP-1"))?.breaches).toHaveLength(2);
  });

  it("goes on from what somebody else wrote meanwhile", async () => {
    const { ledger, log, reads, before, breach } = writtenLog();
    await ledger.load("UP-1");
    before({ type: "refused", data: { intent: "hold", by: system, code: "hold/role", sentence: "Not you." } });
    expect(await ledger.handle("UP-1", see(breach(0)))).toMatchObject({ ok: true });
    const types = log.map((one) => one.type);
    expect(types.indexOf("breached")).toBe(types.indexOf("refused") + 1);
    expect(reads()).toBe(2);
  });

  it("is not lost to somebody who read the log before it was written, and is done after it", async () => {
    const { ledger, log, holdUp, breach, cleared } = writtenLog();
    await ledger.load("UP-1");
    const over = Promise.withResolvers<void>();
    holdUp(over.promise);
    const reading = ledger.load("UP-1");
    await ledger.handle("UP-1", see(breach(0)));
    over.resolve();
    await reading;
    await ledger.handle("UP-1", see(cleared(0)));
    expect(log.map((one) => one.type)).toContain("breachCleared");
  });

  it("leads to nothing only where the log itself says so: another may have written what it is about", async () => {
    const { ledger, beside, log, breach, cleared } = writtenLog();
    await ledger.load("UP-1");
    await beside.handle("UP-1", see(breach(0)));
    await ledger.handle("UP-1", see(cleared(0)));
    expect(log.map((one) => one.type)).toContain("breachCleared");
  });

  it("is refused, as everything people want, where the log was changed and is read anew", async () => {
    const { ledger, log } = writtenLog();
    await ledger.load("UP-1");
    const [first] = log;
    if (first !== undefined) first.at += 1n;
    await expect(ledger.handle("UP-1", { kind: "hold", by: by("caro"), reason: "To look." })).rejects.toThrow(
      /tampered/,
    );
  });
});
