/** What a phase adds up to is kept, and put right: whatever is written, superseded or found late, it is what all samples say. */

import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { JudgedBlock } from "../src/block-store.ts";
import { canaryPictures } from "../src/canary-pictures.ts";
import { mostDrawn } from "../src/charts/metric-drawing.ts";
import { reportOn } from "../src/domain/canary.ts";
import type { CeremonyState } from "../src/domain/ceremony.ts";
import type { Verdict } from "../src/domain/metrics.ts";
import type { Policy } from "../src/domain/policy.ts";
import type { Hex } from "../src/domain/primitives.ts";
import { noTally, type PhaseTally, tallied } from "../src/domain/watch/phase-tally.ts";
import { createPhaseTallies } from "../src/phase-tallies.ts";
import type { SampleRow, SampleStore } from "../src/ports.ts";
import { openCache } from "../src/store/cache.ts";
import { type OpenedStore, openStore } from "../src/store/open-store.ts";
import { metricWith } from "./domain/watch/sample-metric.ts";
import { emptied, type Intruder, testEngines } from "./store/engines.ts";
import { ceremonyAt } from "./support/given.ts";
import { hashOf, mainnet, samplePolicy } from "./support/sample-council.ts";

const policy: Policy = {
  ...samplePolicy(),
  metrics: [metricWith({ id: "a" }), metricWith({ id: "b", interval: 24 }), metricWith({ id: "c" })],
};
const at = ceremonyAt("canary").state;
const [run] = at.phases;
const [first] = at.package.phases;
if (run?.executedAt === undefined || first === undefined || at.budget === undefined)
  throw new Error("It was executed.");
const start = run.executedAt;
const phase = { ...first, metrics: ["a", "b"], stopOn: ["c"], minDuration: 60n, minSamples: 4n };
const state: CeremonyState = { ...at, package: { ...at.package, phases: [phase, ...at.package.phases.slice(1)] } };
const setting = { phase, metrics: policy.metrics, since: at.budget.since };

type Branch = "main" | "other";
const hash = (number: bigint, branch: Branch): Hex => hashOf(`${branch} ${number}`);

function block(number: bigint, branch: Branch = "main"): JudgedBlock {
  return {
    ...{ number: start.number + number, hash: hash(number, branch), parent: hash(number - 1n, branch) },
    ...{ timestamp: start.timestamp + number * 12n, catalogue: hashOf("catalogue"), verdicts: [] },
  };
}

function sample(number: bigint, metric: string, verdict: Verdict = "pass", branch: Branch = "main"): SampleRow {
  const { number: blockNumber, hash: blockHash, timestamp: blockTime } = block(number, branch);
  return {
    ...{ ceremony: state.id, metric, chain: mainnet, blockNumber, blockHash, blockTime, observedAt: 1n },
    ...{ value: verdict === "error" ? null : number, verdict, reason: "" },
  };
}

const kept = (number: bigint, branch: Branch = "main", verdict?: Verdict) =>
  [block(number, branch), ["a", "b", "c"].map((metric) => sample(number, metric, verdict, branch))] as const;

/** How many rows each answer had. */
function counted(store: SampleStore) {
  const answers: number[] = [];
  const samples: SampleStore["samples"] = async (...asked) => {
    const rows = await store.samples(...asked);
    answers.push(rows.length);
    return rows;
  };
  return { answers, store: { samples, onSampled: store.onSampled } };
}

describe.each(testEngines)("on $name", (engine) => {
  let store: OpenedStore;
  let intruder: Intruder;

  beforeAll(async () => {
    await engine.start();
    const place = await engine.place();
    store = await openStore(place);
    intruder = await engine.intruder(place);
  });
  afterAll(async () => {
    await intruder.close();
    await store.close();
    await engine.stop();
  });
  beforeEach(() => emptied(intruder));

  async function fill(from: bigint, to: bigint): Promise<void> {
    for (let number = from; number <= to; number += 1n) {
      const [one, rows] = kept(number);
      await store.keepBlock(mainnet, one, rows, one.number);
    }
  }
  async function replace(number: bigint, branch: Branch): Promise<void> {
    const [gone, now] = [block(number, branch === "main" ? "other" : "main"), block(number, branch)];
    await store.supersedeBlocks(mainnet, [{ number: gone.number, hash: gone.hash, by: now.hash }], now.number);
  }
  async function expectWhole(found: PhaseTally | undefined, finalTo: bigint): Promise<void> {
    const all = (await store.samples(state.id)).filter((one) => one.blockNumber >= start.number);
    const once = tallied(setting, noTally(setting), all);
    const by = { headTime: start.timestamp + 900n, finalTo, metrics: policy.metrics, budget: at.budget };
    expect(found && reportOn(phase, found, by)).toEqual(reportOn(phase, once, by));
    expect(found?.metrics).toEqual(once.metrics);
    expect(found?.newest).toEqual(once.newest);
  }

  const act = fc.record({
    what: fc.constantFrom("keep", "keep", "keep", "again", "supersede", "late"),
    number: fc.bigInt({ min: 0n, max: 30n }),
    branch: fc.constantFrom<Branch>("main", "main", "other"),
    verdict: fc.constantFrom<Verdict>("pass", "pass", "pass", "fail", "error"),
    metric: fc.constantFrom("a", "b", "c"),
    asks: fc.boolean(),
    meanwhile: fc.boolean(),
    final: fc.bigInt({ min: 0n, max: 30n }),
  });

  test("blocks in any order, superseded, canonical again or sampled late leave nothing in it that is not so", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(act, { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 2, max: 9 }),
        async (acts, together) => {
          await emptied(intruder);
          const tallies = createPhaseTallies(store, policy, together);
          let finalTo = 0n;
          for (const { what, number, branch, verdict, metric, asks, meanwhile, final } of acts) {
            const asked = meanwhile ? tallies.of(state, 0, finalTo) : undefined;
            if (what === "keep" || what === "supersede") await replace(number, branch);
            if (what === "keep") {
              const [one, rows] = kept(number, branch, verdict);
              await store.keepBlock(mainnet, one, rows, one.number);
            }
            // A block that was superseded is canonical again, with the samples it has.
            if (what === "again") await store.keepBlock(mainnet, block(number, branch), [], start.number + number);
            if (what === "late") await store.addSamples([sample(number, metric, verdict, branch)]);
            await asked;
            if (!asks) continue;
            if (start.number + final > finalTo) finalTo = start.number + final;
            await expectWhole(await tallies.of(state, 0, finalTo), finalTo);
          }
          await expectWhole(await tallies.of(state, 0, finalTo), finalTo);
        },
      ),
      { numRuns: 25 },
    );
  });

  test("a long phase is read once, in parts, and after that only what is new, or what is not as it was", async () => {
    await fill(0n, 400n);
    const { answers, store: seen } = counted(store);
    const tallies = createPhaseTallies(seen, policy, 100);
    const rowsRead = async () => {
      answers.length = 0;
      await expectWhole(await tallies.of(state, 0), -1n);
      return answers.reduce((sum, one) => sum + one, 0);
    };
    expect(await rowsRead()).toBeGreaterThanOrEqual(3 * 401);
    expect(Math.max(...answers)).toBeLessThanOrEqual(100);
    expect(await rowsRead()).toBe(0);
    for (let number = 401n; number <= 440n; number += 1n) {
      await fill(number, number);
      expect(await rowsRead()).toBe(3);
    }
    await replace(438n, "other");
    const [other, rows] = kept(438n, "other", "fail");
    await store.keepBlock(mainnet, other, rows, other.number);
    expect(await rowsRead()).toBeLessThan(30);
    await store.addSamples([sample(431n, "late", "fail")]);
    expect(await rowsRead()).toBeLessThan(90);
    answers.length = 0;
    const caches = openCache({ memory: true }, () => undefined);
    const [picture] = await canaryPictures(state, { tallies, policy }, async () => [], caches);
    expect(picture?.alt).toMatch(/Solvency: 441 samples/);
    // Nothing new, and the two panels that are drawn.
    expect(answers).toEqual([0, mostDrawn, mostDrawn]);
  });

  test("a block that is canonical again has the samples it had", async () => {
    await fill(0n, 5n);
    const tallies = createPhaseTallies(store, policy);
    const samples = async () => (await tallies.of(state, 0))?.metrics.get("a")?.samples;
    await replace(3n, "other");
    expect(await samples()).toBe(5);
    await store.keepBlock(mainnet, block(3n), [], start.number + 5n);
    expect(await samples()).toBe(6);
  });

  test("what is superseded while it is read in parts is not half in it", async () => {
    await fill(0n, 40n);
    let isDone = false;
    const tallies = createPhaseTallies(
      {
        onSampled: store.onSampled,
        async samples(...asked) {
          const rows = await store.samples(...asked);
          if (rows.some((one) => one.blockNumber === start.number + 20n) && !isDone) {
            isDone = true;
            for (let number = 5n; number <= 40n; number += 1n) await replace(number, "other");
          }
          return rows;
        },
      },
      policy,
      10,
    );
    await expectWhole(await tallies.of(state, 0), -1n);
    expect(isDone).toBe(true);
  });

  test("where something changes all the time, an answer comes all the same", async () => {
    await fill(0n, 40n);
    const tallies = createPhaseTallies(
      {
        onSampled: store.onSampled,
        async samples(...asked) {
          const rows = await store.samples(...asked);
          await store.addSamples([sample(1n, "a")]);
          return rows;
        },
      },
      policy,
      10,
    );
    await expectWhole(await tallies.of(state, 0), -1n);
  });

  test("begins with the execution, ends with that of the next phase, and has nothing of other ceremonies and chains", async () => {
    await fill(0n, 20n);
    const strange = { ...sample(3n, "a", "fail"), blockHash: hashOf("strange") };
    const before = { ...sample(-1n, "a", "fail"), blockNumber: start.number - 1n };
    await store.addSamples([{ ...strange, ceremony: "UP-9" }, { ...strange, chain: "eip155:10" }, before]);
    const tallies = createPhaseTallies(store, policy);
    expect((await tallies.of(state, 0))?.metrics.get("a")).toMatchObject({ samples: 21, fails: 0 });
    const next = { ...run, phase: 1, executedAt: { ...start, number: start.number + 10n } };
    const later: CeremonyState = { ...state, phases: [...state.phases.slice(0, 1), next] };
    expect((await tallies.of(later, 0))?.metrics.get("a")).toMatchObject({ samples: 10 });
    expect((await tallies.newest(later, 0, "a", 3)).map((one) => one.blockNumber - start.number)).toEqual([7n, 8n, 9n]);
    expect(await tallies.of(state, 1)).toBeUndefined();
  });
});
