/** What a decision after an execution is given: what gates are compared with, and the report of the phase that runs. */

import { keccak256, stringToBytes } from "viem";
import { describe, expect, test } from "vitest";
import { gateOf, reportOf } from "../../src/ceremonies/canary-facts.ts";
import { createServices, type ServiceParts } from "../../src/ceremonies/services.ts";
import { canonicalJson } from "../../src/domain/canonical.ts";
import type { CeremonyState } from "../../src/domain/ceremony.ts";
import { decide } from "../../src/domain/decide.ts";
import type { Intent } from "../../src/domain/intent.ts";
import type { Policy } from "../../src/domain/policy.ts";
import { compile } from "../../src/domain/watch/catalogue.ts";
import { createPhaseTallies } from "../../src/phase-tallies.ts";
import type { Chain, SampleRow, SampleStore } from "../../src/ports.ts";
import { metricWith } from "../domain/watch/sample-metric.ts";
import { ceremonyAt } from "../support/given.ts";
import { hashOf, mainnet } from "../support/sample-council.ts";

const relative = { pass: { is: ">=", baselineBps: 9_000 }, fail: { is: "<", baselineBps: 8_000 } };
const stage = ["live", "rollback-gate"];
const cash = metricWith({ ...relative, id: "cash", stage });
const debt = metricWith({ ...relative, id: "debt", stage, baseline: { mode: "simulation" } });

const { state, policy } = ceremonyAt("canary");
const executed = state.phases[0]?.executedAt;
const phase = state.package.phases[0];
if (executed === undefined || phase === undefined || state.check === undefined) throw new Error("It was executed.");
const start = executed;
const evidence = canonicalJson({
  reports: [{ chain: mainnet, phaseValues: [{ phase: phase.id, values: [{ metric: "debt", value: 123n }] }] }],
});
const ceremony: CeremonyState = {
  ...state,
  check: { ...state.check, evidenceHash: keccak256(stringToBytes(evidence)) },
  package: { ...state.package, phases: [{ ...phase, metrics: ["cash", "debt"] }] },
};

/** With a sample of cash that many blocks before the execution; every metric passes on its own, and is asked for once. */
function world(back: bigint) {
  const asked: string[] = [];
  const row: SampleRow = {
    ...{ ceremony: state.id, metric: "cash", chain: mainnet, blockNumber: start.number - back, blockTime: 1n },
    ...{ blockHash: hashOf("kept"), observedAt: 1n, value: 500n, verdict: "pass", reason: "" },
  };
  const newest = { number: start.number + 9n, hash: hashOf("newest"), parent: hashOf("parent"), timestamp: 9n };
  const chain = {
    sources: [{ host: "one" }],
    newestBlock: async () => newest,
    head: async () => newest,
    finalBlock: async () => newest,
    async evaluate(catalogue: { hash: string; entries: readonly unknown[] }) {
      asked.push(catalogue.hash);
      const verdicts = catalogue.entries.map(() => "pass");
      return { verdicts, values: new Map(), timestamp: newest.timestamp, gas: 0n, requests: 1 };
    },
  } as unknown as Chain;
  const measuring: Policy = { ...policy, metrics: [cash, debt] };
  const parts = {
    store: { samples: async () => [row], blob: async () => stringToBytes(evidence) },
    tallies: createPhaseTallies({ samples: async () => [], onSampled: () => undefined }, measuring),
    chains: { ids: [mainnet], get: () => chain },
    policy: measuring,
  };
  return { parts, asked };
}

describe("what has to hold before a phase or a rollback", () => {
  test("is compared with the value before the execution, or with what the simulation gave", async () => {
    const { parts, asked } = world(1n);
    const readings = await gateOf(parts, ceremony);
    expect(readings.map((one) => `${one.metric.id} ${one.verdict}`)).toEqual(["cash pass", "debt pass"]);
    const known = new Map([
      ["cash", 500n],
      ["debt", 123n],
    ]);
    expect(asked).toEqual([compile([{ ...cash }, { ...debt }], known).hash]);
  });

  test("is not let through by the value of a block further back", async () => {
    const [first] = await gateOf(world(2n).parts, ceremony);
    expect(first).toMatchObject({
      ...{ verdict: "error", reason: "it is compared with the value before the execution, and that is not known" },
    });
  });
});

test("while a phase waits it is the one before that runs, and has a report", async () => {
  const [one] = ceremony.package.phases;
  if (one === undefined) throw new Error("There is a phase.");
  const phases = [one, { ...one, id: "later" }];
  const waiting: CeremonyState = { ...ceremony, currentPhase: 1, package: { ...ceremony.package, phases } };
  const { parts } = world(1n);
  expect(await reportOf(parts, waiting)).toBeUndefined();
  expect(await reportOf(parts, waiting, 0)).toMatchObject({ phase: phase.id, knowsFinal: true });
});

describe("resuming after a containment is judged by what runs", () => {
  const it = ceremonyAt("canary");
  it.must(it.contain("caro")).containmentMined().must(it.resimulate());
  const [one] = ceremony.package.phases;
  if (one === undefined) throw new Error("There is a phase.");
  const phases = [one, { ...one, id: "later" }].map((each) => ({ ...each, minDuration: 0n }));
  const stopped: CeremonyState = { ...it.state, currentPhase: 1, package: { ...it.package, phases } };

  /** What Ben is answered, with clean samples up to the fifth block after the first execution. */
  async function answered(state: CeremonyState): Promise<string> {
    const { parts } = world(1n);
    const rows = [1n, 2n, 3n, 4n, 5n].flatMap((block) =>
      ["cash", "debt"].map((metric): SampleRow => {
        const at = { blockNumber: start.number + block, blockHash: hashOf(`${block}`), blockTime: block };
        const said = { observedAt: block, value: 500n, verdict: "pass" as const, reason: "" };
        return { ceremony: state.id, metric, chain: mainnet, ...at, ...said };
      }),
    );
    const samples: SampleStore["samples"] = async (_ceremony, _metric, { from = 0n, below } = {}) =>
      rows.filter(({ blockNumber: at }) => at >= from && (below === undefined || at < below));
    const read = { ...parts.chains.get(), call: async () => "0x00" } as unknown as Chain;
    const services = createServices({
      ...parts,
      tallies: createPhaseTallies({ samples, onSampled: () => undefined }, parts.policy),
      chains: { ids: [mainnet], get: () => read },
      ledger: {
        load: async () => state,
        handle: async (_id: string, intent: Intent) => decide(state, intent, parts.policy, it.now),
      },
    } as unknown as ServiceParts);
    const outcome = await services.resume({ person: "ben", account: "console:ben" }, state.id, "It was the oracle.");
    return outcome.ok ? outcome.events.map((each) => each.type).join() : outcome.refusal.sentence;
  }

  test("while a phase waits, by the one before it", async () => {
    expect(await answered(stopped)).toBe("resumeSupported");
  });

  test("once the next one runs, by that one alone, whatever passed before it", async () => {
    const second = { ...start, number: start.number + 6n, hash: hashOf("second") };
    const [run] = it.state.phases;
    if (run === undefined) throw new Error("It runs.");
    const running = { ...stopped, phases: [run, { ...run, phase: 1, executedAt: second }] };
    expect(await answered(running)).toMatch(/ cannot resume: there are no fresh samples\.$/);
  });
});
