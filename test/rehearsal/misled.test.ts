/** What goes wrong while a phase runs: each tried on a copy of one ceremony and its chain, and judged from the raw chain. */

import { afterAll, beforeAll, expect, test } from "vitest";
import { onBranch } from "../../src/rehearsal/branch.ts";
import { type Photograph, photograph } from "../../src/rehearsal/judge.ts";
import { createPrinter } from "../../src/rehearsal/printer.ts";
import { playAndJudge } from "../../src/rehearsal/rehearse.ts";
import type { Scenario } from "../../src/rehearsal/scenario.ts";
import { scenarioGroups } from "../../src/rehearsal/scenarios.ts";
import { openStage, type Stage } from "../../src/rehearsal/stage.ts";
import { pilotRuns } from "../../src/rehearsal/steps.ts";
import { subjectsOf } from "../../src/rehearsal/subjects.ts";

let stage: Stage;
let before: Photograph;

const misled = scenarioGroups.flatMap((group) => group.scenarios).filter((one) => one.opening === pilotRuns);
const subjects = (one: Scenario) => subjectsOf(stage.running.world, one.executor, one.release);

beforeAll(async () => {
  const printer = createPrinter(() => undefined, { colour: false });
  stage = await openStage({ policies: "policies", printer, misleading: true });
  const [any] = misled;
  if (any === undefined) throw new Error("There is nothing to play.");
  before = await photograph(subjects(any));
  await pilotRuns(stage);
  await stage.pause();
}, 300_000);
afterAll(() => stage.stop());

test.each(misled)(
  "$name",
  async (scenario) => {
    const proofs = await onBranch(stage, {}, (branch) => playAndJudge(scenario, branch, subjects(scenario), before));
    expect(proofs.filter((one) => !one.holds)).toEqual([]);
  },
  240_000,
);
