/** The digest of a phase: one message, which offers nothing any more once the phase is over. */

import { describe, expect, test } from "vitest";
import { createTelemetry } from "../../src/ceremonies/telemetry.ts";
import { canaryReport } from "../../src/domain/canary.ts";
import type { CeremonyState } from "../../src/domain/ceremony.ts";
import type { Policy } from "../../src/domain/policy.ts";
import { phaseAt } from "../../src/domain/release.ts";
import type { ChatPlatform, SampleRow, SampleStore } from "../../src/ports.ts";
import type { Card } from "../../src/view.ts";
import { ceremonyAt } from "../support/given.ts";

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
        ...{ ceremony: state.id, metric, chain, blockNumber: number + at, blockHash: `0x${"0b".repeat(32)}` },
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
    ...{ store, platforms: [platform] },
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

  test("offers nothing once it was passed: the button would advance the phase after it", async () => {
    const { telemetry, shown } = telemetryOf(rows, policy);
    await telemetry(state);
    const phases = state.phases.map((one) => ({ ...one, advanced: true }));
    const passed = { ...state, seq: state.seq + 1, status: "ready", phases, currentPhase: 1 } as const;
    await telemetry(passed);
    await telemetry(passed);
    const [before, after, ...more] = shown;
    expect(more).toEqual([]);
    expect(after).toMatchObject({ key: before?.key, status: "passed", tone: "good", actions: [] });
    expect(after?.summary).toBe(`The phase ${phaseAt(state).id} passed its canary.`);
    expect(after?.revision).toBeGreaterThan(before?.revision ?? 0);
  });

  test("offers nothing once the ceremony is over, and says that nothing is measured any more", async () => {
    const { telemetry, shown } = telemetryOf(rows, policy);
    await telemetry(state);
    await telemetry({ ...state, seq: state.seq + 1, status: "rolled back" });
    expect(shown.at(-1)).toMatchObject({
      ...{ status: "rolled back", tone: "neutral", actions: [] },
      summary: "UP-1 is rolled back: nothing is measured any more.",
    });
  });
});
