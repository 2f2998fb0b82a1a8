/** Phases and metrics that could not do what they are there for are refused; what is only odd is told. */

import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type Metric, metric } from "../../src/domain/metrics.ts";
import type { Policy } from "../../src/domain/policy.ts";
import { catalogueWarnings } from "../../src/policy-folder/catalogue-problems.ts";
import { samplePolicy } from "../support/sample-policy.ts";
import { change, problemsAfter } from "./given-policy.ts";

describe("refused", () => {
  test.each([
    [
      "canary",
      'maxValue: "250000000000000000000000"',
      'maxValue: "5000000000000000000000000"',
      "phases: the first phase, pilot, already puts 5000000000000000000000000 at risk, and no later one more: a canary in name only",
    ],
    [
      "canary",
      "metric: pilot-at-risk",
      "metric: pilot-nothing",
      "phases.pilot.exposure: there is no invariant pilot-nothing",
    ],
    [
      "canary",
      "price-age, pilot-at-risk]",
      "price-age]",
      "phases.pilot.exposure: pilot-at-risk has to stand among the phase's metrics, or nobody measures it",
    ],
    [
      "canary",
      'maxValue: "250000000000000000000000"',
      'maxValue: "240000000000000000000000"',
      "phases.pilot.exposure: pilot-at-risk has to fail above 240000000000000000000000, which the phase may put at risk, and not before",
    ],
    [
      "canary",
      "function cap() view returns (uint256)",
      "function cap() view returns (string)",
      "phases.pilot.exposure.cap: cap returns a string, and only a number, a bool, an address or bytes of fixed size can be compared",
    ],
    [
      "invariants",
      "title: Pilot pool solvency\n",
      "title: Pilot pool solvency\n    mode: shadow\n",
      "canary/harbour.yaml: phases.pilot: the invariant pilot-solvency is in shadow, and nothing would come of it",
    ],
    [
      "invariants",
      "title: Pilot pool solvency\n",
      "title: Pilot pool solvency\n    agree: 2\n",
      "metrics.pilot-solvency: 2 sources have to agree, and chains.yaml asks 1 of eip155:31337",
    ],
    [
      "invariants",
      "event MinDelayChange(uint256 oldDuration, uint256 newDuration)",
      "MinDelayChange",
      'metrics.delay-unchanged: the event "MinDelayChange" cannot be read; write it as "event NAME(address)"',
    ],
    [
      "invariants",
      "title: Pilot pool solvency\n",
      "title: Pilot pool solvency\n    failN: 4\n    ofM: 3\n",
      "metrics.pilot-solvency.failN: 4 of the last 3 samples can never fail",
    ],
    [
      "invariants",
      '    unit: none\n    pass: { is: "=", value: 1 }\n    fail: { is: "=", value: 0 }\n    severity: 1\n    containment: pause-pilot',
      '    unit: none\n    pass: { is: "=", value: 2 }\n    fail: { is: "=", value: 0 }\n    severity: 1\n    containment: pause-pilot',
      "metrics.pilot-owner.pass: a source of the kind addressIs gives 1 or 0: compare with one of them",
    ],
    [
      "invariants",
      "    containment: pause-pilot\n    owner: dev\n    runbook: Contain",
      "    owner: dev\n    runbook: Contain",
      "metrics.pilot-solvency.containment: it is missing",
    ],
    [
      "invariants",
      "    owner: dev\n    runbook: Contain with pause-pilot",
      "    runbook: Contain with pause-pilot",
      "metrics.pilot-solvency.owner: it is missing",
    ],
    [
      "invariants",
      "    owner: dev\n    runbook: Contain with pause-pilot",
      "    owner: zoe\n    runbook: Contain with pause-pilot",
      "metrics.pilot-solvency: nobody in council.yaml is called zoe",
    ],
    [
      "invariants",
      "    containment: pause-pilot\n    owner: dev\n    runbook: Contain",
      "    containment: pray\n    owner: dev\n    runbook: Contain",
      "metrics.pilot-solvency: no target prepares the containment pray; an invariant without one is not a control",
    ],
  ])("in %s/: %j as %j", async (folder, from, to, reason) => {
    const problems = await problemsAfter((policies) => change(policies, `${folder}/harbour.yaml`, from, to));
    const at = reason.includes(".yaml: phases") ? "council/" : `council/${folder}/harbour.yaml: `;
    expect(problems.split("\n")).toContain(`${at}${reason}`);
  });

  test("a plan of one phase that is called a canary and puts everything at risk", async () => {
    const problems = await problemsAfter((policies) => {
      const path = `${policies}/canary/harbour.yaml`;
      writeFileSync(path, readFileSync(path, "utf8").replace(/ {2}- id: main[\s\S]*/, ""));
    });
    expect(problems).toContain(
      "canary/harbour.yaml: phases: the phase pilot is called a canary, and puts all of 250000000000000000000000 at risk: a canary in name only",
    );
  });

  test("a server whose answer anybody in between could write, where the chain is not the operator's own", async () => {
    const http = 'kind: http\n      url: "http://prices.example/v1"\n      pointer: /price';
    const read =
      /kind: call\n {6}to: "0x6BcfeB181e6F6ca26EAD79143296d62E481f814e"\n {6}signature: "function priceAge.*\n {6}args: .*/;
    const problems = await problemsAfter((policies) => {
      change(policies, "chains.yaml", "environment: embedded", "environment: production");
      const path = `${policies}/invariants/harbour.yaml`;
      writeFileSync(path, readFileSync(path, "utf8").replace(read, http));
    });
    expect(problems).toMatch(/metrics\.price-age: http:\/\/prices\.example\/v1 must be https/);
  });
});

describe("told", () => {
  const with_ = (policy: Policy, id: string, edit: object): Policy => ({
    ...policy,
    metrics: policy.metrics.map((one): Metric => (one.id === id ? metric.parse({ ...one, ...edit }) : one)),
  });

  test("nothing of the sample policy", async () => {
    expect(catalogueWarnings(await samplePolicy())).toEqual([]);
  });

  test("where pass and fail both hold", async () => {
    const policy = await samplePolicy();
    const both = with_(policy, "pilot-solvency", { fail: { is: "<=", value: 10_000 } });
    expect(catalogueWarnings(both)).toEqual([
      "invariants: metrics.pilot-solvency: pass and fail both hold at 10000, for one; fail wins there",
    ]);
    const relative = with_(policy, "vault-share-price", { fail: { is: "<=", baselineBps: 10_000 } });
    expect(catalogueWarnings(relative)).toEqual([
      "invariants: metrics.vault-share-price: pass and fail both hold for some baselines; fail wins there",
    ]);
    expect(
      catalogueWarnings(with_(policy, "price-age", { pass: { is: "<", value: 301 }, fail: { is: ">", value: 300 } })),
    ).toEqual([]);
  });

  test("a class that no phase of a target measures, and a phase whose risk nothing measures", async () => {
    const policy = await samplePolicy();
    const [target] = policy.targets;
    if (target === undefined) throw new Error("There is a target.");
    const phases = target.phases.map(({ exposure: { metric: _metric, ...exposure }, ...phase }) => ({
      ...{ ...phase, exposure },
      metrics: phase.metrics.filter((one) => one !== "price-age"),
    }));
    expect(catalogueWarnings({ ...policy, targets: [{ ...target, phases }] })).toEqual([
      "canary: harbour: no phase measures an invariant of the class liveness",
      "canary: harbour: nothing measures what the phase pilot puts at risk",
      "canary: harbour: nothing measures what the phase main puts at risk",
    ]);
  });
});
