/** Refusals that somebody takes upon themself: who may, which, until when; and that nothing else is let through by it. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CeremonyState } from "../../src/domain/ceremony.ts";
import { allRules } from "../../src/domain/decision.ts";
import type { Finding } from "../../src/domain/events.ts";
import { isCheckGood, openRefusals } from "../../src/domain/overrides.ts";
import { authorityPolicyHash, type Policy, policy as policyShape, type Role } from "../../src/domain/policy.ts";
import { Ceremony } from "../support/ceremony-driver.ts";
import { given, rulesWithout } from "../support/given.ts";
import { DAY, EXPIRY, HOUR, type Name, names, START, samplePackage, samplePolicy } from "../support/sample-council.ts";

const refusal = (code: string, severity: Finding["severity"] = "refuse"): Finding => {
  const [gate = ""] = code.split("/");
  return { code, severity, gate, message: `The ${gate} gate says so.`, evidence: "seen", fix: "mend it" };
};

const never = [
  "envelope/delegatecall",
  "decode/unknown-function",
  "text/deceptive",
  "sources/differ",
  "timelock/zero",
].concat(["could-not-run", "timeout", "proof"].map((one) => `layout/${one}`));

function allowing(...overridable: string[]): Policy {
  const policy = samplePolicy();
  return { ...policy, lanes: { ...policy.lanes, routine: { ...policy.lanes.routine, overridable } } };
}

/** Ada's package, which the check refused. */
function refused(codes: readonly string[], policy = allowing("layout", "opcodes/selfdestruct")): Ceremony {
  const it = new Ceremony({ policy });
  return it.must(it.propose("ada")).must(it.check(codes.map((code) => refusal(code))));
}
const shifted = () => refused(["layout/shifted"]);

describe("a refusal that policy lets be overridden", () => {
  it("is overridden by a guardian, and then the review opens under a log that says so", () => {
    const { ceremony } = given(shifted())
      .when((it) => it.override("gus", "layout/shifted"))
      .then("overridden", "refusalsOverridden")
      .isNow("checked");
    const head = ceremony.state.head;
    given(ceremony)
      .when((it) => it.openReview())
      .then("reviewOpened")
      .isNow("in review");
    expect(ceremony.state.review?.auditHead).toBe(head);
    expect(ceremony.state.overrides).toMatchObject([{ code: "layout/shifted", person: "gus", expiresAt: START + DAY }]);
  });

  it("covers nothing else: each refusal is overridden by itself", () => {
    const { ceremony } = given(refused(["layout/shifted", "layout/removed", "opcodes/selfdestruct"]))
      .when((it) => it.override("gus", "layout/shifted"))
      .then("overridden")
      .isNow("drafted");
    given(ceremony)
      .when((it) => it.override("caro", "opcodes/selfdestruct"))
      .then("overridden");
    given(ceremony)
      .when((it) => it.override("dev", "layout/removed"))
      .then("overridden", "refusalsOverridden");
  });

  it("is approved, signed and scheduled, but not executed by who overrode it", () => {
    const it = shifted();
    it.must(it.override("gus", "layout/shifted", EXPIRY)).must(it.openReview());
    for (const who of ["ben", "caro", "dev"]) it.must(it.approve(who)).signAll(who);
    it.must(it.schedule("ada"))
      .mineSchedules()
      .passTime(2n * DAY)
      .becomeReady();
    given(it.copy())
      .when((one) => one.execute("gus"))
      .refused("separation/overrider-executes", /Eve/);
    const without = it.copy();
    without.rules = rulesWithout("overrider-executes");
    given(without)
      .when((one) => one.execute("gus"))
      .then("executionStarted");
    given(it)
      .when((one) => one.execute("eve"))
      .then("executionStarted");
  });
});

describe("an override that is over", () => {
  const afterwards = (stage: "approve" | "sign" | "schedule") => {
    const it = shifted();
    it.must(it.override("gus", "layout/shifted", 2n * HOUR)).must(it.openReview());
    if (stage !== "approve") for (const who of ["ben", "caro", "dev"]) it.must(it.approve(who));
    if (stage === "schedule") for (const who of ["ben", "caro", "dev"]) it.signAll(who);
    return it;
  };
  const asks = {
    approve: (it: Ceremony) => it.approve("ben"),
    sign: (it: Ceremony) => it.sign("ben", "vault/upgrade"),
    schedule: (it: Ceremony) => it.schedule("ada"),
  };

  it.each(["approve", "sign", "schedule"] as const)("refuses to %s, and did not a moment before", (step) => {
    const it = afterwards(step).passTime(2n * HOUR);
    expect(it.copy().ask(asks[step](it)).ok).toBe(true);
    given(it.passTime(1n))
      .when(asks[step])
      .refused("integrity/overrides", /layout\/shifted has ended/);
    it.rules = rulesWithout("overrides");
    expect(it.ask(asks[step](it)).ok).toBe(true);
  });

  it("is one by somebody who was frozen since", () => {
    const it = afterwards("approve");
    it.policy = {
      ...it.policy,
      people: it.policy.people.map((one) => (one.id === "gus" ? { ...one, frozen: true } : one)),
    };
    given(it).when(asks.approve).refused("integrity/overrides");
  });

  it("does not open a review, and is given anew", () => {
    const it = shifted();
    it.must(it.override("gus", "layout/shifted", HOUR)).passTime(HOUR + 1n);
    given(it)
      .when((one) => one.openReview())
      .refused("review/unchecked");
    given(it)
      .when((one) => one.override("caro", "layout/shifted"))
      .then("overridden", "refusalsOverridden");
    given(it)
      .when((one) => one.openReview())
      .then("reviewOpened");
  });

  it.each<[string, (it: Ceremony) => unknown]>([
    ["another check", (it) => it.must(it.check([refusal("layout/shifted")]))],
    ["a revision", (it) => it.must({ kind: "revise", by: { person: "ada", account: "x" }, package: again(it) })],
  ])("is every one before %s: what is found then was seen by nobody", (_what, step) => {
    const it = shifted();
    it.must(it.override("gus", "layout/shifted"));
    step(it);
    expect(it.state.overrides).toEqual([]);
    given(it)
      .when((one) => one.openReview())
      .refused("state/drafted");
  });
});

const again = (it: Ceremony) => samplePackage(it.policy, "Another title");

describe("overriding is refused", () => {
  it.each<[string, string, (it: Ceremony) => unknown, (it: Ceremony) => Parameters<Ceremony["ask"]>[0]]>([
    ["to who is neither admin nor guardian", "role", () => 0, (it) => it.override("ben", "layout/shifted")],
    [
      "where the check refused nothing",
      "override/none",
      (it) => it.must(it.check()),
      (it) => it.override("gus", "layout/shifted"),
    ],
    ["for what was not found", "override/unknown", () => 0, (it) => it.override("gus", "layout/removed")],
    ["for more than thirty days", "override/expiry", () => 0, (it) => it.override("gus", "layout/shifted", 31n * DAY)],
    ["for no time", "override/expiry", () => 0, (it) => it.override("gus", "layout/shifted", 0n)],
    [
      "twice",
      "override/again",
      (it) => it.must(it.override("caro", "layout/shifted")),
      (it) => it.override("gus", "layout/shifted"),
    ],
    [
      "for a check that was made again since",
      "override/stale",
      () => 0,
      (it) => ({ ...it.override("gus", "layout/shifted"), evidenceHash: `0x${"ab".repeat(32)}` }),
    ],
  ])("%s", (_what, code, before, want) => {
    const it = shifted();
    before(it);
    given(it).when(want).refused(code);
  });

  it("where policy does not name it", () => {
    given(refused(["artefact/twin"]))
      .when((it) => it.override("gus", "artefact/twin"))
      .refused("override/policy", /routine lane/);
    given(refused(["layout/shifted"], samplePolicy()))
      .when((it) => it.override("gus", "layout/shifted"))
      .refused("override/policy");
  });

  it.each(never)("for %s, whatever policy names", (code) => {
    given(refused([code], allowing(code, code.replace(/\/.*/, ""))))
      .when((it) => it.override("gus", code))
      .refused("override/never");
  });

  it("to who wrote a part of it", () => {
    const roles = { ...everyRole, gus: ["proposer", "guardian"] as const };
    const policy = { ...allowing("layout"), people: samplePolicy({ roles }).people };
    const it = new Ceremony({ policy });
    it.must(it.propose("gus")).must(it.check([refusal("layout/shifted")]));
    given(it.copy())
      .when((one) => one.override("gus", "layout/shifted"))
      .refused("separation/proposer-overrides", /Caro/);
    it.rules = rulesWithout("proposer-overrides");
    given(it)
      .when((one) => one.override("gus", "layout/shifted"))
      .then("overridden");
  });
});

const most: readonly Role[] = ["approver", "guardian", "executor"];
const everyRole = Object.fromEntries(names.map((name) => [name, most])) as Record<Name, readonly Role[]>;

describe("policy", () => {
  it.each([
    "envelope",
    "decode/unknown-function",
    "text",
    "sources",
    "timelock/zero",
    "layout/could-not-run",
    "layout/proof",
  ])("may not name %s", (code) => {
    const { lanes } = samplePolicy();
    const parsed = policyShape.shape.lanes.safeParse({ ...lanes, routine: { ...lanes.routine, overridable: [code] } });
    expect(parsed.success).toBe(false);
  });

  it("that names nothing has the hash that it had, and one that names something another", () => {
    expect(authorityPolicyHash(allowing())).toBe(authorityPolicyHash(samplePolicy()));
    expect(authorityPolicyHash(allowing("layout"))).not.toBe(authorityPolicyHash(samplePolicy()));
  });
});

describe("whatever is overridden, by whomever and in whatever order", () => {
  const gateNames = [
    "envelope",
    "decode",
    "text",
    "sources",
    "timelock",
    "layout",
    "opcodes",
    "simulation",
    "authority",
  ];
  const codes = gateNames.flatMap((gate) => [`${gate}/shifted`, `${gate}/could-not-run`, `${gate}/proof`]);
  const aGiven = fc.record({
    code: fc.constantFrom(...codes),
    person: fc.constantFrom(...names, "nobody"),
    reason: fc.constant("r"),
    at: fc.constant(START),
    expiresAt: fc.bigInt({ min: START - DAY, max: START + DAY }),
    revision: fc.integer({ min: 1, max: 2 }),
  });
  const base = shifted().state;

  it("no refusal gets through that may not be overridden", () => {
    fc.assert(
      fc.property(
        fc.subarray([...codes, ...gateNames]),
        fc.subarray(codes, { minLength: 1, maxLength: 6 }),
        fc.array(aGiven, { maxLength: 40 }),
        (overridable, found, overrides) => {
          // The schema keeps the worst of these out of a policy; here nothing did.
          const policy = allowing(...overridable);
          const state: CeremonyState = {
            ...base,
            overrides,
            check: base.check && { ...base.check, findings: found.map((code) => refusal(code)) },
          };
          if (!isCheckGood(state, policy, START)) return;
          for (const code of found) {
            expect(code).not.toMatch(/^(envelope|decode|text|sources|timelock)\/|\/(could-not-run|timeout|proof)$/);
            expect([code, code.split("/")[0]].some((one) => overridable.includes(one ?? ""))).toBe(true);
            const by = overrides.filter((one) => one.code === code && one.revision === 1 && one.expiresAt >= START);
            expect(by.some((one) => ["caro", "dev", "finn", "gus"].includes(one.person))).toBe(true);
          }
          expect(openRefusals(state, policy, START)).toEqual([]);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it("and asked for one after another, the review opens only when all that policy names are", () => {
    const asked = fc.array(fc.tuple(fc.constantFrom(...names), fc.constantFrom(...codes)), { maxLength: 12 });
    fc.assert(
      fc.property(fc.subarray(codes, { minLength: 1, maxLength: 3 }), asked, (found, attempts) => {
        const it = refused(found, allowing("layout", "opcodes/shifted"));
        for (const [who, code] of attempts) it.ask(it.override(who, code));
        const open = it.ask(it.openReview()).ok;
        const all = found.every((code) => ["layout/shifted", "opcodes/shifted"].includes(code));
        if (open) expect(all).toBe(true);
        else expect(all && found.every((code) => it.state.overrides.some((one) => one.code === code))).toBe(false);
      }),
      { numRuns: 60 },
    );
    expect(allRules.integrity.some((one) => one.id === "overrides")).toBe(true);
  });
});
