/** One log that was tampered with must not blind the bot to the other ceremonies. */

import { describe, expect, it } from "vitest";
import type { LedgerParts } from "../../src/ceremonies/ledger.ts";
import { createLedger } from "../../src/ceremonies/ledger.ts";
import { allRules } from "../../src/domain/decision.ts";
import type { StoredEvent } from "../../src/ports.ts";
import { ceremonyAt } from "../support/given.ts";
import { samplePolicy } from "../support/sample-council.ts";

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
