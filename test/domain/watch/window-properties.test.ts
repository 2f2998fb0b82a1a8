/** No order of restarts, gaps and reorganisations makes an alert that the straight run does not make, and none is lost. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Metric } from "../../../src/domain/metrics.ts";
import {
  type AlertState,
  type KeptSample,
  noAlert,
  reorganised,
  replayed,
  superseded,
} from "../../../src/domain/watch/replay.ts";
import {
  emptyWindow,
  fold,
  inBlockOrder,
  type MetricWindow,
  type WatchSample,
} from "../../../src/domain/watch/window.ts";
import { metricWith, samplesOf } from "./sample-metric.ts";

const runs = { numRuns: 300, seed: 11 };
const letter = fc.constantFrom(..."PPPFFISE");
const letters = (maxLength: number, minLength = 0) =>
  fc.array(letter, { minLength, maxLength }).map((list) => list.join(""));
const rule = fc
  .record({
    ofM: fc.integer({ min: 1, max: 6 }),
    part: fc.integer({ min: 1, max: 6 }),
    clearN: fc.integer({ min: 1, max: 6 }),
    errorLimit: fc.integer({ min: 1, max: 6 }),
  })
  .map(
    ({ ofM, part, clearN, errorLimit }): Metric => metricWith({ ofM, failN: Math.min(part, ofM), clearN, errorLimit }),
  );

/** As a restart finds it: through text and back. */
const restored = (window: MetricWindow): MetricWindow =>
  JSON.parse(
    JSON.stringify(window, (_key, item) => (typeof item === "bigint" ? `${item}n` : item)),
    (_key, item) => (typeof item === "string" && /^\d+n$/.test(item) ? BigInt(item.slice(0, -1)) : item),
  );
const kinds = (changes: readonly { kind: string; at: WatchSample }[]) =>
  changes.map(({ kind, at }) => `${kind} ${at.blockNumber}`);

describe("whatever the samples are", () => {
  it("breaches open and close exactly where a plain reading of the rules has them", () => {
    fc.assert(
      fc.property(rule, letters(60), (metric, text) => {
        const plain: string[] = [];
        let open = false;
        for (const [index, one] of [...text].entries()) {
          const before = text.slice(0, index + 1);
          const recent = [...before].filter((item) => item === "P" || item === "F").slice(-Number(metric.ofM));
          const fails = recent.filter((item) => item === "F").length;
          if (!open && one === "F" && fails >= Number(metric.failN)) plain.push(`breach ${index}`);
          if (open && before.endsWith("P".repeat(Number(metric.clearN)))) plain.push(`cleared ${index}`);
          open = plain.at(-1)?.startsWith("breach") ?? false;
        }
        const told = kinds(fold({ metric }, samplesOf(text)).changes);
        expect(told.filter((item) => /^(breach|cleared)/.test(item))).toEqual(plain);
      }),
      runs,
    );
  });

  it("a restart after any sample changes nothing", () => {
    fc.assert(
      fc.property(rule, letters(40), fc.array(fc.nat(40)), (metric, text, cuts) => {
        const samples = samplesOf(text);
        const straight = fold({ metric }, samples);
        let window = emptyWindow;
        const told: string[] = [];
        const at = [0, ...cuts.filter((one) => one <= samples.length).sort((a, b) => a - b), samples.length];
        for (const [index, from] of at.slice(0, -1).entries()) {
          const part = fold({ metric }, samples.slice(from, at[index + 1]), restored(window));
          window = part.window;
          told.push(...kinds(part.changes));
        }
        expect({ window, told }).toEqual({ window: straight.window, told: kinds(straight.changes) });
      }),
      runs,
    );
  });

  it("a gap that is filled later, in any order and twice, changes nothing", () => {
    fc.assert(
      fc.property(rule, letters(40), fc.infiniteStream(fc.nat()), (metric, text, order) => {
        const samples = samplesOf(text);
        const shuffled = [...samples, ...samples.slice(3, 9)]
          .map((sample) => ({ sample, key: order.next().value ?? 0 }))
          .sort((a, b) => a.key - b.key)
          .map(({ sample }) => sample);
        expect(fold({ metric }, inBlockOrder(shuffled))).toEqual(fold({ metric }, samples));
      }),
      runs,
    );
  });

  it("samples without a verdict in between raise nothing, and close nothing earlier", () => {
    const noisy = fc.array(fc.tuple(letter, fc.constantFrom("", "", "I", "S", "E", "SE")), { maxLength: 30 });
    fc.assert(
      fc.property(rule, noisy, (metric, pairs) => {
        const clean = pairs.map(([one]) => one).join("");
        let [plain, loud] = [emptyWindow, emptyWindow];
        for (const [index, [one, noise]] of pairs.entries()) {
          plain = fold({ metric }, samplesOf(clean[index] ?? ""), plain).window;
          loud = fold({ metric }, samplesOf(noise + one), loud).window;
          expect(loud.recent).toEqual(plain.recent);
          if (plain.open) expect(loud.open).toBe(true);
        }
      }),
      runs,
    );
  });
});

describe("through reorganisations", () => {
  /** Blocks that come, and how many of the newest are then replaced by what comes next. */
  const story = fc.array(fc.tuple(letters(12, 1), fc.nat(8)), { minLength: 1, maxLength: 8 });

  interface Run {
    chain: WatchSample[];
    alert: AlertState;
    /** Each breach told, with the chain as it was then. */
    told: { block: bigint; view: WatchSample[] }[];
  }

  function play(metric: Metric, parts: readonly (readonly [string, number])[]): Run {
    let chain: WatchSample[] = [];
    let all: KeptSample[] = [];
    let alert = noAlert;
    const told: Run["told"] = [];
    for (const [index, [text, depth]] of parts.entries()) {
      for (const sample of samplesOf(text, BigInt(chain.length), `branch ${index}`)) {
        const next = replayed({ metric }, alert, sample);
        alert = next.alert;
        chain = [...chain, sample];
        all = [...all, sample];
        for (const { kind } of next.changes)
          if (kind === "breach") told.push({ block: sample.blockNumber, view: chain });
      }
      if (depth === 0 || index === parts.length - 1) continue;
      const orphaned = chain.slice(-depth);
      const last = orphaned.at(-1)?.blockNumber ?? 0n;
      all = superseded(all, new Map(orphaned.map(({ blockHash }) => [blockHash, `0x${index}` as const])));
      chain = chain.slice(0, -depth);
      alert = reorganised({ metric }, alert, all, last).alert;
    }
    return { chain, alert, told };
  }

  it("none is lost: what the final chain has open is open", () => {
    fc.assert(
      fc.property(rule, story, (metric, parts) => {
        const { chain, alert } = play(metric, parts);
        const straight = fold({ metric }, chain).window;
        expect(alert.window.recent).toEqual(straight.recent);
        if (straight.open) expect(alert.window.open).toBe(true);
      }),
      runs,
    );
  });

  it("none is made that was not one on the chain as it was then", () => {
    fc.assert(
      fc.property(rule, story, (metric, parts) => {
        for (const { block, view } of play(metric, parts).told) {
          const { window, changes } = fold({ metric }, view);
          expect(window.open).toBe(true);
          expect(kinds(changes)).toContain(`breach ${block}`);
        }
      }),
      runs,
    );
  });

  it("once enough of the new chain passes, nothing is left of what is gone", () => {
    fc.assert(
      fc.property(rule, story, (metric, parts) => {
        const [text = "", depth = 0] = parts.at(-1) ?? [];
        const quiet = `${text}${"P".repeat(40)}`;
        const { chain, alert } = play(metric, [...parts.slice(0, -1), [quiet, depth]]);
        expect(alert.recheckingTo).toBeUndefined();
        expect(alert.window).toEqual({ ...fold({ metric }, chain).window });
        expect(alert.window.open).toBe(false);
      }),
      runs,
    );
  });
});
