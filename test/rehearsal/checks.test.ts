/** What each check is there for: with it left out, something else than the expected layer answers, or nobody at all. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { allRules } from "../../src/domain/decision.ts";
import { integrityChecks } from "../../src/domain/integrity.ts";
import { createPrinter } from "../../src/rehearsal/printer.ts";
import { openStage, type Stage } from "../../src/rehearsal/stage.ts";
import { approve, execute, passDelay, proposeAndCheck, schedule, sign } from "../../src/rehearsal/steps.ts";
import { subjectsOf } from "../../src/rehearsal/subjects.ts";
import { type Moment, moments } from "../../src/rehearsal/tampered/row.ts";
import { runRows, type TriedRow } from "../../src/rehearsal/tampered/run-rows.ts";
import { allRows } from "../../src/rehearsal/tampered/tampered.ts";
import { sampleBuilds } from "../support/sample-policy.ts";

let stage: Stage;

beforeAll(async () => {
  stage = await openStage({
    policies: "policies",
    builds: sampleBuilds(),
    printer: createPrinter(() => undefined, { colour: false }),
  });
});
afterAll(() => stage.stop());

const steps: Record<Moment, () => Promise<unknown>> = {
  async approved() {
    await proposeAndCheck(stage, "ada", "2.0.0");
    await approve(stage, ["ben", "caro", "dev"]);
  },
  signed: () => sign(stage, ["ben", "caro", "dev"]),
  scheduled: () => schedule(stage, "ben"),
  ready: () => passDelay(stage),
  canary: () => execute(stage, "eve"),
};

/** Preconditions by the error that they revert with. */
const preconditions: Record<string, string> = {
  TooLate: "notAfter(uint256)",
  WrongCode: "codeHash(address,bytes32)",
  WrongAnswer: "answer(address,bytes,bytes32)",
};

/** One row for each check and moment: the others of its kind are tried with all checks, by the scenario. */
function telling(at: Moment) {
  const here = allRows.filter((one) => one.at === at);
  return here.filter((one, index) => here.findIndex((other) => other.layer === one.layer) === index);
}

async function triedWithout(at: Moment): Promise<TriedRow[]> {
  const subjects = subjectsOf(stage.running.world, "eve", "2.0.0");
  const tried: TriedRow[] = [];
  for (const row of telling(at)) {
    const id = row.layer.replace(/^integrity\//, "");
    const call = preconditions[row.layer];
    const isCheck = row.layer.startsWith("integrity/") && row.layer !== "integrity/log";
    if (!isCheck && call === undefined) continue;
    const rules = { ...allRules, integrity: integrityChecks.filter((one) => one.id !== id) };
    tried.push(...(await runRows(stage, [row], { subjects, rules, without: call === undefined ? [] : [call] })));
  }
  return tried;
}

describe("tampering gets further without the check that is there for it", () => {
  it.each(moments)(
    "while it is %s",
    async (at) => {
      await steps[at]();
      await stage.pause();
      for (const row of await triedWithout(at)) expect(row.refusedBy, `${row.step}, ${row.field}`).not.toBe(row.layer);
      stage.resume();
    },
    240_000,
  );

  it("has a row for every check that there is", () => {
    const layers = new Set(allRows.map((one) => one.layer));
    for (const { id } of integrityChecks) expect(layers, id).toContain(`integrity/${id}`);
  });
});
