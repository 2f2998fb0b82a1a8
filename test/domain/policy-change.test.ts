/** A council that changes while a ceremony is under way: a wallet linked or unlinked voids votes, a freeze takes them away. */

import { describe, expect, it } from "vitest";
import type { Policy } from "../../src/domain/policy.ts";
import { policyChanges } from "../../src/domain/policy-change.ts";
import { signable } from "../../src/domain/signing.ts";
import { nextSteps } from "../../src/domain/why.ts";
import { by, type Ceremony } from "../support/ceremony-driver.ts";
import { ceremonyAt, given } from "../support/given.ts";
import { addressOf, type Name } from "../support/sample-council.ts";

const changed = {
  kind: "observe",
  by: { person: "quorate", account: "quorate" },
  seen: { what: "policyChanged" },
} as const;

function withPerson(policy: Policy, id: Name, change: Partial<Policy["people"][number]>): Policy {
  return { ...policy, people: policy.people.map((one) => (one.id === id ? { ...one, ...change } : one)) };
}
const freeze =
  (...ids: Name[]) =>
  (it: Ceremony) => {
    for (const id of ids) it.policy = withPerson(it.policy, id, { frozen: true });
  };
const thaw = (id: Name) => (it: Ceremony) => {
  it.policy = withPerson(it.policy, id, { frozen: false });
};
const link = (it: Ceremony) => {
  it.policy = withPerson(it.policy, "ben", { wallets: [addressOf("new"), addressOf("newer")] });
};

describe("a wallet that was linked or unlinked", () => {
  it.each(["in review", "approved", "signing"] as const)(
    "voids the votes of what is %s, once, and says how to go on",
    (stage) => {
      const ceremony = ceremonyAt(stage);
      given(ceremony)
        .and(link)
        .when(() => changed)
        .then("digestVoided")
        .isNow("checked");
      expect(ceremony.state.approvals).toEqual([]);
      given(ceremony)
        .when(() => changed)
        .then();
      expect(nextSteps(ceremony.state, ceremony.policy)[0]?.sentence).toContain("takes a new revision");
      given(ceremony)
        .when(() => ({ kind: "openReview", by: by("ada"), safes: [], rivals: [] }))
        .refused("review/policy", /write a revision with \/upgrade propose revises=UP-1/);
    },
  );

  it("voids what is checked too", () => {
    given("checked")
      .and(link)
      .when(() => changed)
      .then("digestVoided")
      .isNow("checked");
  });

  it("leaves what is being sent, scheduled or later, which refuses at its next step", () => {
    for (const stage of ["sending", "scheduled", "ready", "canary", "held", "contained", "closed"] as const)
      given(stage)
        .and(link)
        .when(() => changed)
        .then();
    given("ready")
      .and(link)
      .when((it) => it.execute("eve"))
      .refused("integrity/authority-policy");
  });
});

describe("somebody frozen", () => {
  it("does nothing in a ceremony", () => {
    given("in review")
      .and(freeze("ben"))
      .when((it) => it.approve("ben"))
      .refused("person/frozen", /You are frozen/);
    given("nothing")
      .and(freeze("ada"))
      .when((it) => it.propose("ada"))
      .refused("person/frozen");
    given("canary")
      .and(freeze("caro"))
      .when((it) => it.hold("caro"))
      .refused("person/frozen");
    given("executing")
      .and(freeze("eve"))
      .when((it) => it.send("eve", "vault"))
      .refused("person/frozen");
  });

  it("is asked for no signature", () => {
    const ceremony = ceremonyAt("approved");
    const caro = () => ceremony.policy.people.find((one) => one.id === "caro") ?? expect.fail("There is no Caro.");
    expect(signable(ceremony.state, caro(), ceremony.policy).length).toBeGreaterThan(0);
    freeze("caro")(ceremony);
    expect(signable(ceremony.state, caro(), ceremony.policy)).toEqual([]);
    expect(JSON.stringify(nextSteps(ceremony.state, ceremony.policy))).not.toContain("caro");
  });

  it("counts for no quorum, until the freeze is lifted", () => {
    const ceremony = ceremonyAt("approved");
    given(ceremony)
      .and(freeze("ben"))
      .when(() => changed)
      .then("quorumLost")
      .isNow("in review");
    given(ceremony)
      .when(() => changed)
      .then();
    given(ceremony)
      .and(thaw("ben"))
      .when(() => changed)
      .then("quorumReached")
      .isNow("approved");
  });

  it("does not count by their signature either", () => {
    const ceremony = ceremonyAt("signing");
    given(ceremony)
      .and(freeze("ben"))
      .when(() => changed)
      .then("quorumLost")
      .isNow("in review");
    expect(ceremony.state.signatures.some((one) => one.person === "ben")).toBe(true);
  });

  it("leaves what is being sent alone: only holding or cancelling stops that", () => {
    given("sending")
      .and(freeze("ben"))
      .when(() => changed)
      .then();
  });

  it("keeps what stands in the timelock from being executed, and nothing from being rolled back", () => {
    const ceremony = ceremonyAt("ready");
    given(ceremony)
      .and(freeze("ben"))
      .when(() => changed)
      .then("quorumLost")
      .isNow("ready");
    given(ceremony)
      .when((it) => it.execute("eve"))
      .refused("execute/quorum", /only 2 of its 3 approvals count, because Ben was frozen since/);
    given(ceremony)
      .and(thaw("ben"))
      .when(() => changed)
      .then("quorumReached");
    given(ceremony)
      .when((it) => it.execute("eve"))
      .then("executionStarted");
    given(ceremonyAt("contained"))
      .and(freeze("ben"))
      .when((it) => it.rollback("gus"))
      .then("rollbackStarted");
  });

  it("keeps the executor's transaction back where an approver was frozen after it was ordered", () => {
    given("executing")
      .and(freeze("dev"))
      .when((it) => it.send("eve", "vault"))
      .refused("execute/quorum");
  });

  it("does not count among those who want to resume", () => {
    const ceremony = ceremonyAt("contained");
    given(ceremony)
      .when((it) => it.resume("ben"))
      .then("resumeSupported");
    given(ceremony)
      .and(freeze("ben"))
      .when((it) => it.resume("dev"))
      .then("resumeSupported");
    given(ceremony)
      .when((it) => it.resume("finn"))
      .then("resumeSupported", "resumed");
  });

  it("changes nothing of what has ended", () => {
    const ceremony = ceremonyAt("closed");
    freeze("ben", "caro", "dev")(ceremony);
    expect(policyChanges(ceremony.state, ceremony.policy, ceremony.rules)).toEqual([]);
  });
});
