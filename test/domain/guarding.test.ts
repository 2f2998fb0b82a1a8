/** After execution: advance, hold, resume, contain, roll back; and how a ceremony ends. */

import { describe, expect, it } from "vitest";
import { looseSignatures, pendingOperations } from "../../src/domain/ceremony.ts";
import { system } from "../../src/domain/events.ts";
import type { Intent, Observation } from "../../src/domain/intent.ts";
import type { StageReading } from "../../src/domain/watch/stage.ts";
import type { Ceremony } from "../support/ceremony-driver.ts";
import { ceremonyAt, given, rulesWithout } from "../support/given.ts";
import {
  addressOf,
  hashOf,
  mainnet,
  samplePackage,
  samplePolicy,
  twoChainPackage,
  walletOf,
} from "../support/sample-council.ts";
import { metricWith } from "./watch/sample-metric.ts";

const watch =
  (seen: (it: Ceremony) => Observation) =>
  (it: Ceremony): Intent => ({ kind: "observe", by: system, seen: seen(it) });
const breach = watch((it) => ({
  what: "breach",
  metric: "solvency",
  block: it.block(mainnet),
  value: "9871",
  sentence: "Solvency is 9,871 bps.",
}));
/** Of severity 2: it costs, and holds nothing by itself. */
const warning = watch((it) => ({
  what: "breach",
  metric: "liveness",
  block: it.block(mainnet),
  value: "9",
  sentence: "Liveness is 9 s.",
}));
const cleared = watch((it) => ({ what: "cleared", metric: "solvency", block: it.block(mainnet) }));
const rollBack =
  (who: string, leg = "vault") =>
  (it: Ceremony) =>
    it
      .must(it.rollback(who))
      .must(it.send(who, leg, "rollback"))
      .mineSent();

function reading(verdict: "pass" | "fail" | "error"): StageReading {
  const rule = { pass: { is: "=", value: 1 }, fail: { is: "=", value: 0 }, unit: "none" };
  const block = { chain: mainnet, number: 7n, hash: hashOf("block 7"), timestamp: 1n };
  const value = { pass: 1n, fail: 0n, error: null }[verdict];
  return { metric: metricWith({ title: "Way back", ...rule }), verdict, value, reason: "", block };
}

describe("advancing", () => {
  it("goes to the next phase, and after the last one to the winding down", () => {
    const { ceremony } = given("canary")
      .when((it) => it.advance("ben"))
      .then("advanced")
      .isNow("scheduled");
    ceremony.becomeReady().must(ceremony.execute("gus")).must(ceremony.send("gus", "router")).mineSent();
    given(ceremony)
      .when((it) => it.advance("ben"))
      .then("canaryPassed")
      .isNow("canary");
    given(ceremony)
      .when((it) => it.advance("ben"))
      .refused("advance/closing", /what is left is to cancel its rollbacks/);
  });

  it("is for approvers", () => {
    given("canary")
      .when((it) => it.advance("eve"))
      .refused("role");
  });

  it("needs a report of this phase", () => {
    given("canary")
      .when((it) => it.advance("ben", { phase: "phase-2" }))
      .refused("advance/phase");
  });

  it("needs a clean canary, and says all that is missing", () => {
    given("canary")
      .when((it) => it.advance("ben", { cleanBlocks: 9, cleanFor: 599n, newestAge: 121n, unmeasured: ["solvency"] }))
      .refused(
        "advance/window",
        /solvency was never measured; 9 clean blocks in a row, and 10 are needed; clean for 9 min 59 s of block time, and 10 min are needed; the newest sample is 121 s old\.$/,
      );
  });

  it("waits until every breach is cleared", () => {
    const { ceremony } = given("canary")
      .and((it) => it.must(warning(it)))
      .when((it) => it.advance("ben"))
      .refused("advance/breach", /Liveness is 9 s \(block \d+\)\.$/);
    given(ceremony)
      .when(watch((it) => ({ what: "cleared", metric: "liveness", block: it.block(mainnet) })))
      .then("breachCleared");
    given(ceremony)
      .when((it) => it.advance("ben"))
      .then("advanced");
  });

  it("waits for what policy has hold before, and says what does not", () => {
    given("canary")
      .when((it) => ({ ...it.advance("ben"), gate: [reading("pass"), reading("fail")] }))
      .refused("advance/gate", /cannot advance: Way back is 0 at block 7, and must be exactly 1\.$/);
    given("canary")
      .when((it) => ({ ...it.advance("ben"), gate: [reading("pass")] }))
      .then("advanced");
  });

  it("does not overtake a rollback", () => {
    given("canary")
      .and((it) => it.must(it.rollback("gus")))
      .when((it) => it.advance("ben"))
      .refused("advance/rollback", /^Gus is rolling/);
  });
});

describe("breaches", () => {
  it("are recorded once while they are open, and again after", () => {
    const { ceremony } = given("canary").when(breach).then("breached", "budgetSpent", "held");
    given(ceremony).when(breach).then();
    given(ceremony).when(cleared).then("breachCleared");
    given(ceremony).when(cleared).then();
    given(ceremony).when(breach).then("breached");
    expect(ceremony.state.breaches).toMatchObject([
      { metric: "solvency", severity: 1, containment: "pause-vault", open: true },
    ]);
  });

  it("are of metrics that policy has", () => {
    const strange = watch((one) => ({
      what: "breach",
      metric: "ghost",
      block: one.block(mainnet),
      value: "1",
      sentence: "Odd.",
    }));
    given("canary").when(strange).refused("breach/unknown");
  });
});

describe("holding", () => {
  it("is for everybody with a part in it", () => {
    for (const who of ["ada", "ben", "caro", "eve", "gus"])
      given("canary")
        .when((it) => it.hold(who))
        .then("held")
        .isNow("held");
    given("canary")
      .when((it) => it.hold("mallory"))
      .refused("role");
  });

  it("is lifted by somebody else who did not write it, and goes back to where it was", () => {
    given("ready")
      .and((it) => it.must(it.hold("caro")))
      .when((it) => it.resume("ben"))
      .then("released")
      .isNow("ready");
    given("held")
      .when((it) => it.resume("caro"))
      .refused("separation/container-resumes", /who held or contained it/);
    given("held")
      .when((it) => it.resume("ada"))
      .refused("separation/proposer-resumes");
    given("held")
      .when((it) => it.resume("eve"))
      .refused("role");
  });

  it("stays a person's, whatever goes wrong meanwhile: the program takes no hold over", () => {
    const removed = watch((it) => ({ what: "operationRemoved", tx: "vault/rollback", block: it.block(mainnet) }));
    given("canary").when(removed).then("operationRemoved", "held").isNow("held");
    const { ceremony } = given("held").when(removed).then("operationRemoved").isNow("held");
    expect(ceremony.state.heldBy).toMatchObject({ person: "caro" });
  });

  it("gives a rollback up of which nothing was done, and no other", () => {
    const lifted = given("held")
      .and((it) => it.must(it.rollback("gus")))
      .when((it) => it.resume("ben"))
      .then("released");
    expect(lifted.ceremony.state.rollbackBy).toBeUndefined();
    const two = given("canary", { package: twoChainPackage(samplePolicy()) })
      .and((it) => it.must(it.hold("caro")))
      .and(rollBack("gus"))
      .when((it) => it.resume("ben"))
      .then("released");
    expect(two.ceremony.state.rollbackBy).toMatchObject({ person: "gus" });
    given(two.ceremony)
      .when((it) => it.advance("ben"))
      .refused("advance/rollback");
  });
});

describe("containing", () => {
  it("is for any one guardian, and is contained when the chain says so", () => {
    const { ceremony } = given("canary")
      .when((it) => it.contain("gus"))
      .then("containmentRequested")
      .isNow("canary");
    ceremony.containmentMined();
    expect(ceremony.state).toMatchObject({
      status: "contained",
      containment: { id: "pause-vault", by: "gus", confirmed: true },
    });
  });

  it("is not for others", () => {
    given("canary")
      .when((it) => it.contain("ben"))
      .refused("role");
  });

  it("cites a failing sample or a reason", () => {
    given("canary")
      .when((it) => ({ ...it.contain("caro"), reason: " \n" }))
      .refused("contain/reason", /^Say why UP-1 is contained/);
  });

  it("is of what was prepared and signed", () => {
    given("canary")
      .when((it) => it.contain("caro", "ghost"))
      .refused("contain/unknown", /it has pause-vault, cap-router\.$/);
    const it = ceremonyAt("canary");
    it.current = { ...it.state, signatures: it.state.signatures.filter((one) => one.person !== "dev") };
    given(it)
      .when((one) => one.contain("caro"))
      .refused("contain/unsigned");
  });

  it("is once", () => {
    given("canary")
      .and((it) => it.must(it.contain("gus")))
      .when((it) => it.contain("caro", "cap-router"))
      .refused("contain/again", /^Gus has given the word for pause-vault/);
    const resumed = given("contained").and((it) => it.must(it.resume("ben")).must(it.resume("finn")));
    resumed.when((it) => it.contain("caro")).refused("contain/again", /has been used already/);
  });

  it("says when the signed containment is dead, even where one was on its way", () => {
    const guardian = samplePolicy().chains[0]?.guardian ?? addressOf("none");
    given("canary")
      .and((it) => it.must(it.contain("gus")).changeSafe(mainnet, guardian, { nonce: 8n }))
      .when((it) => it.contain("caro", "cap-router"))
      .refused("contain/nonce", /guardian Safe is at nonce 8, it was signed for 7/);
  });

  it("seen on the chain without the word is recorded as such, once, and not after the end", () => {
    const { ceremony } = given("canary")
      .and((it) => it.containmentMined())
      .when((it) => it.contain("caro"))
      .refused("state/contained");
    expect(ceremony.state.containment).toMatchObject({ by: "quorate", confirmed: true });
    const seen = watch((it) => ({ what: "contained", containment: "pause-vault", block: it.block(mainnet) }));
    given("contained").when(seen).then();
    given("cancelled").when(seen).then();
  });
});

describe("resuming after a containment", () => {
  it("takes two people, and neither the one who contained nor an author", () => {
    const { ceremony } = given("contained")
      .when((it) => it.resume("ben"))
      .then("resumeSupported")
      .isNow("contained");
    given(ceremony)
      .when((it) => it.resume("ben"))
      .refused("resume/alone", /Ask Dev or Finn\.$/);
    given(ceremony)
      .when((it) => it.resume("caro"))
      .refused("separation/container-resumes");
    given(ceremony)
      .when((it) => it.resume("ada"))
      .refused("separation/proposer-resumes");
    given(ceremony)
      .when((it) => it.resume("dev"))
      .then("resumeSupported", "resumed")
      .isNow("canary");
  });

  it("waits for breaches to clear, the containment to be lifted, and fresh samples", () => {
    given("contained")
      .and((it) => it.must(breach(it)))
      .when((it) => it.resume("ben"))
      .refused("resume/breach");
    given("contained")
      .when((it) => ({ ...it.resume("ben"), stillContained: true }))
      .refused("resume/contained");
    given("contained")
      .when((it) => ({ ...it.resume("ben"), report: undefined }))
      .refused("resume/unmeasured");
    given("contained")
      .when((it) => ({ ...it.resume("ben"), report: it.report({ newestAge: undefined }) }))
      .refused("resume/unmeasured");
    given("contained")
      .when((it) => ({ ...it.resume("ben"), report: it.report({ newestAge: 121n }) }))
      .refused("resume/unmeasured");
    given("contained")
      .when((it) => ({ ...it.resume("ben"), report: it.report({ newestAge: 120n }) }))
      .then("resumeSupported");
  });

  it("takes a cause", () => {
    given("contained")
      .when((it) => ({ ...it.resume("ben"), cause: " " }))
      .refused("resume/cause", /^Say what the cause was/);
  });

  it("waits for final blocks that passed, for as long as the phase has to last", () => {
    for (const change of [{ cleanBlocks: 0 }, { knowsFinal: false }])
      given("contained")
        .when((it) => ({ ...it.resume("ben"), report: it.report(change) }))
        .refused("resume/final");
    given("contained")
      .when((it) => ({ ...it.resume("ben"), report: it.report({ cleanFor: 599n }) }))
      .refused("resume/window", /final blocks have passed for 9 min 59 s, and it takes 10 min of them\.$/);
    given("contained")
      .when((it) => ({ ...it.resume("ben"), report: it.report({ cleanFor: 600n }) }))
      .then("resumeSupported");
  });

  it("goes back to where it was before a hold, too", () => {
    const it = ceremonyAt("canary");
    it.must(it.hold("ben")).must(it.contain("caro")).containmentMined();
    given(it)
      .when((one) => one.resume("ben"))
      .refused("separation/container-resumes");
    it.must(it.resimulate()).must(it.resume("dev")).must(it.resume("finn"));
    expect(it.state).toMatchObject({ status: "canary", heldBy: undefined, containment: undefined });
  });

  it("where nothing ran there is nothing to measure, and it can be cancelled", () => {
    const { ceremony } = given("scheduled")
      .and((it) => it.must(it.contain("caro")).containmentMined())
      .when((it) => it.cancel("dev"))
      .then("cancelled")
      .isNow("cancelled");
    expect(pendingOperations(ceremony.state)).toHaveLength(4);
  });
});

describe("rolling back", () => {
  it("is executed by an executor, and ends the ceremony", () => {
    given("canary")
      .and(rollBack("gus"))
      .when(watch((it) => ({ what: "time", block: it.block(mainnet) })))
      .then()
      .isNow("rolled back");
  });

  it("waits for what policy has hold before, and names what can be done meanwhile", () => {
    given("canary")
      .when((it) => ({ ...it.rollback("gus"), gate: [reading("error")] }))
      .refused("rollback/gate", /Way back could not be read at block 7, and must be exactly 1\. Contain it meanwhile:/);
    given("canary")
      .when((it) => ({ ...it.rollback("gus"), gate: [reading("pass")] }))
      .then("rollbackStarted");
  });

  it("is for executors who took no other part", () => {
    given("canary")
      .when((it) => it.rollback("ben"))
      .refused("role");
    const it = ceremonyAt("canary");
    it.current = { ...it.state, proposers: ["ada", "gus"] };
    given(it)
      .when((one) => one.rollback("gus"))
      .refused("separation/proposer-executes");
  });

  it("needs something that was executed, and a new hand", () => {
    given("ready")
      .and((it) => it.must(it.hold("caro")))
      .when((it) => it.rollback("gus"))
      .refused("rollback/nothing");
    given("canary")
      .and((it) => it.must(it.rollback("gus")))
      .when((it) => it.rollback("gus"))
      .refused("rollback/again");
    given("canary")
      .and((it) => it.must(it.rollback("gus")))
      .when((it) => it.rollback("eve"))
      .then("rollbackStarted");
  });

  it("ends with its own window, to the second", () => {
    const end = samplePackage(samplePolicy()).legs[0]?.rollback.notAfter ?? 0n;
    const at = (time: bigint) =>
      given("canary")
        .and((it) => it.passTime(time - it.time))
        .when((it) => it.rollback("gus"));
    at(end - 1n).then("rollbackStarted");
    at(end).then("rollbackStarted");
    at(end + 1n).refused("integrity/window", /has ended/);
    const begun = (time: bigint) =>
      given("canary")
        .and((it) => it.must(it.rollback("gus")).passTime(time - it.time))
        .when((it) => it.send("gus", "vault", "rollback"));
    begun(end).then("executorSent");
    begun(end + 1n).refused("integrity/window");
  });

  it("still runs when the council has changed since the review", () => {
    given("canary")
      .and((it) => {
        it.policy = samplePolicy({ version: 2 });
      })
      .and((it) => it.must(it.rollback("gus")))
      .when((it) => it.send("gus", "vault", "rollback"))
      .then("executorSent");
  });

  it("of a leg takes the newest first, and ends wherever the ceremony stands", () => {
    const it = ceremonyAt("canary");
    it.must(it.advance("ben")).becomeReady();
    const mined = watch((one) => ({
      what: "executed",
      leg: "vault",
      purpose: "rollback",
      hash: hashOf("x"),
      block: one.block(mainnet),
      from: walletOf("gus"),
    }));
    given(it).when(mined).then("legExecuted", "rolledBack").isNow("rolled back");
    const closing = ceremonyAt("closing");
    closing.must(closing.rollback("gus"));
    expect(closing.state.rollbackBy?.legs).toEqual(["router", "vault"]);
  });
});

describe("cancelling", () => {
  it("is for proposers, approvers and guardians, until something ran", () => {
    for (const who of ["ada", "ben", "caro", "gus"])
      given("ready")
        .when((it) => it.cancel(who))
        .then("cancelled")
        .isNow("cancelled");
    given("ready")
      .when((it) => it.cancel("eve"))
      .refused("role");
    given("held")
      .when((it) => it.cancel("ada"))
      .refused("cancel/executed", /executed in part/);
    given("contained")
      .when((it) => it.cancel("ada"))
      .refused("cancel/executed");
  });

  it("of a held execution of which nothing ran is possible", () => {
    given("executing")
      .and((it) => it.must(it.hold("caro")))
      .when((it) => it.cancel("ada"))
      .then("cancelled");
  });
});

describe("winding down", () => {
  it("cancels what stands in the timelock and uses up what was signed", () => {
    const { ceremony } = given("cancelled")
      .when((it) => it.windDown())
      .then("windDownOpened");
    expect(ceremony.state.windDown?.transactions.map((one) => [one.id, one.tx.nonce])).toEqual([
      ["cancel/vault/upgrade", 7n],
      ["cancel/vault/rollback", 8n],
      ["cancel/router/upgrade", 9n],
      ["cancel/router/rollback", 10n],
    ]);
    given(ceremony)
      .when((it) => it.windDown())
      .then();
  });

  it("rejects the nonces of what was signed and never sent", () => {
    const { ceremony } = given("expired")
      .when((it) => it.windDown())
      .then("windDownOpened");
    const ids = ceremony.state.windDown?.transactions.map((one) => one.id.replace(/0x\w+/, "SAFE"));
    expect(ids).toEqual([7, 8, 9, 10, 7].map((nonce) => `reject/${mainnet}/SAFE/${nonce}`));
    for (const { id, tx } of ceremony.state.windDown?.transactions ?? [])
      ceremony.observe({ what: "nonceUsed", tx: id, block: ceremony.block(tx.chain) });
    expect(looseSignatures(ceremony.state)).toEqual([]);
  });

  it("rejects on each chain where a Safe has one address on two", () => {
    const [first] = samplePolicy().chains;
    if (first === undefined) throw new Error("The sample policy has chains.");
    const policy = {
      ...samplePolicy(),
      chains: samplePolicy().chains.map((one) => ({ ...first, id: one.id, timelock: one.timelock })),
    };
    const pkg = twoChainPackage(policy);
    const legs = pkg.legs.map((one) => ({ ...one, authority: { ...one.authority, safe: first.council } }));
    const same = { ...pkg, legs, containment: pkg.containment.map((one) => ({ ...one, safe: first.guardian })) };
    const { ceremony } = given("signing", { policy, package: same })
      .and((it) => it.must(it.cancel("ada")))
      .when((it) => it.windDown());
    const ids = ceremony.state.windDown?.transactions.map((one) => one.id) ?? [];
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toHaveLength(6);
  });

  it("has nothing to do where nothing was signed", () => {
    given("in review")
      .and((it) => it.must(it.cancel("ada")))
      .when((it) => it.windDown())
      .then();
  });

  it("leaves a running canary's rollback where it is", () => {
    given("canary")
      .when((it) => it.windDown())
      .refused("wind-down/running");
  });

  it("closes when nothing is left in timelock and Safes, and not before", () => {
    const it = ceremonyAt("closing").must(ceremonyAt("closing").windDown());
    const [first, second] = it.state.windDown?.transactions ?? [];
    const cancelled = (id = "") => watch((one) => ({ what: "operationCancelled", tx: id, block: one.block(mainnet) }));
    given(it).when(cancelled(first?.id)).then("operationCancelled").isNow("canary");
    given(it).when(cancelled(first?.id)).then();
    given(it).when(cancelled(second?.id)).then("operationCancelled", "closed").isNow("closed");
  });

  it("does not close over a rollback that somebody cancelled outside it", () => {
    given("closing")
      .when(watch((one) => ({ what: "operationCancelled", tx: "vault/rollback", block: one.block(mainnet) })))
      .then("operationCancelled")
      .isNow("canary");
  });

  it("closes at once where all was cancelled elsewhere", () => {
    const it = ceremonyAt("closing");
    for (const tx of ["vault/rollback", "router/rollback"])
      it.observe({ what: "operationCancelled", tx, block: it.block(mainnet) });
    const guardian = samplePolicy().chains[0]?.guardian ?? addressOf("none");
    it.changeSafe(mainnet, guardian, { nonce: 9n });
    given(it)
      .when((one) => one.windDown())
      .then("windDownOpened", "closed")
      .isNow("closed");
  });

  it("is not left to a ceremony that never was", () => {
    given("nothing")
      .when(() => ({ kind: "windDown", by: system, safes: [] }))
      .refused("ceremony/unknown");
  });
});

describe("the rule", () => {
  it("is what keeps the one who contained from resuming", () => {
    given("contained", { rules: rulesWithout("container-resumes") })
      .when((it) => it.resume("caro"))
      .then("resumeSupported");
  });

  it("is what keeps authors from resuming", () => {
    given("contained", { rules: rulesWithout("proposer-resumes") })
      .when((it) => it.resume("ada"))
      .then("resumeSupported");
  });
});
