/** From a proposal to an open review. */

import { describe, expect, it } from "vitest";
import { decide } from "../../src/domain/decide.ts";
import { safesOf } from "../../src/domain/drafting.ts";
import { system } from "../../src/domain/events.ts";
import type { Role } from "../../src/domain/policy.ts";
import { releasePackage } from "../../src/domain/release-package.ts";
import { by, Ceremony } from "../support/ceremony-driver.ts";
import { ceremonyAt, given } from "../support/given.ts";
import {
  addressOf,
  DAY,
  hashOf,
  mainnet,
  type Name,
  samplePackage,
  samplePolicy,
  twoChainPackage,
} from "../support/sample-council.ts";

const policy = samplePolicy();
const sample = samplePackage(policy);
const [vault, router] = sample.legs;
if (vault === undefined || router === undefined) throw new Error("The sample package has two legs.");

describe("proposing", () => {
  it("starts a ceremony as a draft of its proposer", () => {
    const { ceremony } = given("nothing")
      .when((it) => it.propose("ada"))
      .then("drafted")
      .isNow("drafted");
    expect(ceremony.state.proposers).toEqual(["ada"]);
  });

  it("takes a package with legs on two chains", () => {
    given("nothing")
      .when((it) => it.propose("ben", twoChainPackage(policy)))
      .then("drafted");
  });

  it("is for proposers", () => {
    given("nothing")
      .when((it) => it.propose("caro"))
      .refused("role", /takes the role proposer\. Ask Ada or Ben\.$/);
  });

  it("is for people of the council", () => {
    given("nothing")
      .when((it) => it.propose("mallory"))
      .refused("role");
  });

  it.each([
    ["another authority policy", { authorityPolicyHash: hashOf("another") }, /another authority policy/],
    ["other invariants", { metricsHash: hashOf("another") }, /other invariants/],
    ["another environment", { environment: "staging" }, /is test, and the package is for staging/],
    ["no containment", { containment: [] }, /no prepared containment/],
    [
      "somebody else's containment",
      { containment: sample.containment.map((one) => ({ ...one, safe: addressOf("x") })) },
      /not the guardian Safe's/,
    ],
    ["a chain that policy does not know", leg({ chain: "eip155:5" as const }), /policy knows no chain eip155:5/],
    [
      "no timelock",
      leg({ authority: { kind: "safe" as const, safe: addressOf(`council on ${mainnet}`) } }),
      /has no timelock/,
    ],
    ["another Safe", authority({ safe: addressOf("x") }), /the Safe of the leg vault is not the council's/],
    ["another timelock", authority({ timelock: addressOf("x") }), /the timelock of the leg vault is not/],
    ["a short delay", authority({ delay: DAY }), /a delay of 1 day is shorter/],
    [
      "another Preconditions contract",
      leg({ preconditionsAt: addressOf("x") }),
      /Preconditions contract that policy does not know/,
    ],
    [
      "a rollback that is only presigned",
      leg({ rollback: { ...vault.rollback, mode: "presigned" as const } }),
      /not scheduled together/,
    ],
    [
      "a rollback that puts nothing back",
      leg({ rollback: { ...vault.rollback, restores: [] } }),
      /does not put vault back/,
    ],
  ])("refuses %s", (_what, change, sentence) => {
    given("nothing")
      .when((it) => it.propose("ada", { ...sample, ...change }))
      .refused("package", sentence);
  });

  it.each(vault.preconditions.map((one, index) => [one.kind, index] as const))(
    "refuses a batch without %s",
    (_kind, index) => {
      const preconditions = vault.preconditions.filter((_one, other) => other !== index);
      given("nothing")
        .when((it) => it.propose("ada", { ...sample, ...leg({ preconditions }) }))
        .refused("package", /lacks a precondition/);
    },
  );

  it("refuses where guardian and council are one Safe", () => {
    const one = { ...policy, chains: policy.chains.map((chain) => ({ ...chain, guardian: chain.council })) };
    given("nothing", { policy: one })
      .when((it) => it.propose("ada", samplePackage(one)))
      .refused("package", /are one Safe/);
  });

  it("refuses a window that is over, and only then", () => {
    const end = sample.phases[0]?.window.notAfter ?? 0n;
    const at = (time: bigint) =>
      given("nothing")
        .and((it) => it.passTime(time - it.time))
        .when((it) => it.propose("ada"));
    at(end - 1n).then("drafted");
    at(end).refused("package", /window of the phase phase-1 is already over/);
  });

  it("never judges a window of a chain whose head was not read", () => {
    const fresh = new Ceremony();
    expect(() => decide(undefined, fresh.propose("ada"), policy, { wall: 0n, chains: [] })).toThrow(/was not read/);
  });
});

describe("the package as a whole", () => {
  const faults = (change: object) => {
    const parsed = releasePackage.safeParse({ ...sample, ...change });
    return parsed.success ? [] : parsed.error.issues.map((one) => one.message);
  };
  const [first, second] = sample.phases;
  if (first === undefined || second === undefined) throw new Error("The sample package has two phases.");

  it.each([
    [
      "a leg in two phases",
      { phases: [first, { ...second, legs: ["router", "vault"] }] },
      "leg vault belongs to 2 phases; it must belong to exactly one",
    ],
    ["a leg in no phase", { phases: [first] }, "leg router belongs to 0 phases; it must belong to exactly one"],
    ["two legs of one name", { legs: [vault, vault, router] }, "two legs are called vault"],
    [
      "a phase with a leg that is not there",
      { phases: [first, { ...second, legs: ["router", "ghost"] }] },
      "phase phase-2 names the leg ghost, which is not there",
    ],
    [
      "a phase that names a leg twice",
      { phases: [{ ...first, legs: ["vault", "vault"] }, second] },
      "phase phase-1 names a leg twice",
    ],
    ["two phases of one name", { phases: [first, { ...second, id: "phase-1" }] }, "two phases are called phase-1"],
    [
      "two containments of one name",
      { containment: [sample.containment[0], sample.containment[0]] },
      "two containments are called pause-vault",
    ],
    [
      "a window that ends before it starts",
      { phases: [{ ...first, window: { notBefore: 5n, notAfter: 5n } }, second] },
      "phase phase-1 has a window that ends before it starts",
    ],
    [
      "a canary without a metric",
      { phases: [{ ...first, metrics: [] }, second] },
      "phase phase-1 has no metric: its canary would have nothing to measure",
    ],
    [
      "a dependency that is not there",
      { legs: [{ ...vault, dependsOn: ["ghost"] }, router] },
      "leg vault depends on ghost, which is not there",
    ],
    [
      "a dependency on a later leg",
      { legs: [{ ...vault, dependsOn: ["router"] }, router] },
      "leg vault depends on router, which does not run before it",
    ],
    [
      "a dependency on itself",
      { legs: [{ ...vault, dependsOn: ["vault"] }, router] },
      "leg vault depends on vault, which does not run before it",
    ],
    [
      "a rollback that ends before its canary",
      { legs: [{ ...vault, rollback: { ...vault.rollback, notAfter: first.window.notAfter + 599n } }, router] },
      "the rollback of the leg vault could end before the canary of its phase does",
    ],
    [
      "two calls without a timelock",
      {
        legs: [
          { ...vault, authority: { kind: "safe", safe: addressOf("x") }, calls: [vault.calls[0], vault.calls[0]] },
          router,
        ],
      },
      "leg vault has no timelock and therefore exactly one call, not 2",
    ],
  ])("refuses %s", (_what, change, message) => {
    expect(faults(change)).toContain(message);
  });

  it("takes a rollback that lasts until its canary may end", () => {
    expect(
      faults({ legs: [{ ...vault, rollback: { ...vault.rollback, notAfter: first.window.notAfter + 600n } }, router] }),
    ).toEqual([]);
  });
});

describe("revising", () => {
  const other = samplePackage(policy, "Another title");

  it("voids the check, every vote and the review, and makes an author of whoever revises", () => {
    const revised = given("approved")
      .when(() => ({ kind: "revise", by: by("ben"), package: other }))
      .then("revised")
      .isNow("drafted");
    const { state } = revised.ceremony;
    expect(state).toMatchObject({
      revision: 2,
      approvals: [],
      quorumMet: false,
      signatures: [],
      check: undefined,
      review: undefined,
    });
    expect(state.proposers).toEqual(["ada", "ben"]);
  });

  it("is for proposers", () => {
    given("in review")
      .when(() => ({ kind: "revise", by: by("caro"), package: other }))
      .refused("role");
  });

  it("needs a difference", () => {
    given("drafted")
      .when((it) => ({ kind: "revise", by: by("ada"), package: it.package }))
      .refused("revise/same", /revision 1 again/);
  });

  it("takes only what could be proposed", () => {
    const bad = { ...other, environment: "staging" };
    given("drafted")
      .when(() => ({ kind: "revise", by: by("ada"), package: bad }))
      .refused("package", /was not revised/);
  });

  it("is over once the schedules are being sent", () => {
    given("sending")
      .when(() => ({ kind: "revise", by: by("ada"), package: other }))
      .refused("revise/sending");
  });

  it("keeps what was signed in sight, until something else has its nonce", () => {
    const { ceremony } = given("signing").when(() => ({ kind: "revise", by: by("ada"), package: other }));
    const signed = ceremony.state.abandoned.map((one) => one.id);
    expect(signed).toContain("vault/upgrade");
    ceremony.must(ceremony.cancel("ada")).must(ceremony.windDown());
    const rejected = ceremony.state.windDown?.transactions ?? [];
    expect(new Set(rejected.map((one) => one.tx.nonce))).toEqual(new Set([7n, 8n, 9n, 10n]));
    expect(new Set(rejected.map((one) => one.purpose))).toEqual(new Set(["reject"]));
  });
});

describe("the check", () => {
  const finding = {
    code: "preflight/kind",
    severity: "refuse" as const,
    gate: "preflight",
    message: "It is no proxy.",
  };
  const check = (it: Ceremony) => ({ ...it.check(), kind: "recordCheck" as const });

  it("that refuses leaves a draft", () => {
    given("checked")
      .when((it) => ({ ...check(it), findings: [finding] }) as never)
      .then("checkFailed")
      .isNow("drafted");
  });

  it("that flags lets the review open", () => {
    given("drafted")
      .when((it) => ({ ...check(it), findings: [{ ...finding, severity: "flag" }] }) as never)
      .then("checked")
      .isNow("checked");
  });

  it("is of one revision", () => {
    given("drafted")
      .when((it) => ({ ...check(it), revision: 2 }) as never)
      .refused("check/revision", /is at revision 1: check again/);
  });
});

describe("opening the review", () => {
  const open = (it: Ceremony) => ({ kind: "openReview" as const, by: system, safes: it.safes, rivals: [] as string[] });

  it("binds digest, nonces, quorum and expiry", () => {
    const { ceremony } = given("checked").when(open).then("reviewOpened").isNow("in review");
    const { review } = ceremony.state;
    expect(review).toMatchObject({ quorum: 3, expiresAt: ceremony.wall + 3n * DAY });
    expect(review?.transactions.map((one) => [one.id, one.tx.nonce])).toEqual([
      ["vault/upgrade", 7n],
      ["vault/rollback", 8n],
      ["router/upgrade", 9n],
      ["router/rollback", 10n],
      ["containment/cap-router", 7n],
      ["containment/pause-vault", 7n],
    ]);
  });

  it("is refused while another ceremony holds the nonces", () => {
    given("checked")
      .when((it) => ({ ...open(it), rivals: ["UP-7"] }))
      .refused("review/rival", /UP-7 holds the next nonces/);
  });

  it("is refused without a check that passed", () => {
    const it = ceremonyAt("checked");
    const { check } = it.state;
    if (check === undefined) throw new Error("It was checked.");
    it.current = { ...it.state, check: { ...check, revision: 2 } };
    given(it).when(open).refused("review/unchecked");
    it.current = { ...it.state, check: { ...check, passed: false } };
    given(it).when(open).refused("review/unchecked");
    it.current = { ...it.state, check: undefined };
    given(it).when(open).refused("review/unchecked");
  });

  it("is refused where a Safe was not read", () => {
    expect(safesOf(sample)).toHaveLength(2);
    for (const index of [0, 1])
      given("checked")
        .when((it) => ({ ...open(it), safes: it.safes.filter((_one, other) => other !== index) }))
        .refused("review/safes");
  });

  it.each([
    ["too few could approve", { finn: [], dev: [] }, /3 approvers are needed, and only Ben or Caro/],
    ["nobody could execute", { eve: [], gus: ["guardian" as const] }, /nobody would be left to execute/],
    [
      "the only executor is needed as an approver",
      { eve: [], gus: [], dev: ["approver" as const, "executor" as const], finn: [] },
      /nobody would be left to execute/,
    ],
  ])("is refused where %s", (_what, roles, sentence) => {
    const changed = samplePolicy({ roles: { ...rolesNow(), ...roles } });
    given("checked", { policy: changed }).when(open).refused("review/unsatisfiable", sentence);
  });

  it("is refused where too few people own the Safe", () => {
    const owners = { owners: ["ada", "ben", "caro"] as const };
    given("checked", owners)
      .when(open)
      .refused("review/unsatisfiable", /wants 3 signatures/);
    given("checked", { ...owners, policy: samplePolicy({ proposerMaySign: true }) })
      .when(open)
      .then("reviewOpened");
  });
});

function leg(change: object) {
  return { legs: [{ ...vault, ...change }, router] as never };
}
function authority(change: object) {
  return leg({ authority: { ...vault?.authority, ...change } });
}
function rolesNow(): Record<Name, Role[]> {
  return Object.fromEntries(policy.people.map((one) => [one.id, one.roles])) as Record<Name, Role[]>;
}
