/** One person, one role: no order of commands leads around it, and every rule is needed. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { allRules, type Rules } from "../../src/domain/decision.ts";
import type { Finding } from "../../src/domain/events.ts";
import type { Intent } from "../../src/domain/intent.ts";
import { personById, type Role } from "../../src/domain/policy.ts";
import { phaseAt } from "../../src/domain/release.ts";
import { approversOf, executorsOf, separationRules } from "../../src/domain/separation.ts";
import { signable } from "../../src/domain/signing.ts";
import { countedApprovals } from "../../src/domain/voting.ts";
import { by, Ceremony } from "../support/ceremony-driver.ts";
import { ceremonyAt, given, rulesWithout } from "../support/given.ts";
import { DELAY, type Name, names, platforms, samplePackage, samplePolicy } from "../support/sample-council.ts";

/** What policy lets people override. */
const refused: Finding = {
  ...{ gate: "layout", code: "layout/moved", severity: "refuse", message: "A slot moved.", evidence: "", fix: "" },
};

/** Everybody may do everything and owns the council Safe: only the rules keep the roles apart. */
const everything: readonly Role[] = ["proposer", "approver", "executor", "guardian"];
const open = Object.fromEntries(names.map((name) => [name, everything])) as Record<Name, readonly Role[]>;
const policies = [false, true].map((proposerMaySign) => {
  const policy = samplePolicy({ roles: open, proposerMaySign });
  const { lanes } = policy;
  return { ...policy, lanes: { ...lanes, routine: { ...lanes.routine, overridable: [refused.code] } } };
});
const revisions = policies.map((policy) => [
  samplePackage(policy, "One title"),
  samplePackage(policy, "Another title"),
]);

const acts = [
  "approve",
  "deny",
  "withdraw",
  "sign",
  "revise",
  "hold",
  "resume",
  "contain",
  "cancel",
  "execute",
  "send",
  "rollback",
  "advance",
  "schedule",
  "override",
] as const;
type Act = (typeof acts)[number];

interface Step {
  act: Act | "go on";
  who: Name;
  platform: string;
  /** Seconds that pass before. */
  wait: bigint;
  pick: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  act: fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...acts) },
    {
      weight: 5,
      arbitrary: fc.constantFrom("approve" as const, "execute" as const, "resume" as const, "send" as const),
    },
    { weight: 9, arbitrary: fc.constant("go on" as const) },
  ),
  who: fc.constantFrom(...names),
  platform: fc.constantFrom(...platforms),
  wait: fc.oneof(
    { weight: 12, arbitrary: fc.constant(0n) },
    { weight: 1, arbitrary: fc.bigInt({ min: 0n, max: 2n * DELAY }) },
  ),
  pick: fc.nat(1_000),
});
const plays = fc.record({
  policy: fc.constantFrom(0, 1),
  proposer: fc.constantFrom(...names),
  steps: fc.array(step, { minLength: 50, maxLength: 120, size: "max" }),
});

/** What a person would do with a button, whoever they are and wherever the ceremony stands. */
function intentOf(it: Ceremony, { act, who, platform, pick }: Step): Intent | undefined {
  const { state } = it;
  // Whoever took a refusal upon themself often wants to see it through.
  const [overrider] = act === "execute" && pick % 2 === 0 ? state.overrides : [];
  const actor = by(overrider?.person ?? who, platform);
  const txs = [...(state.review?.transactions ?? []), ...(state.windDown?.transactions ?? [])];
  const tx = txs[pick % Math.max(1, txs.length)];
  const leg = phaseAt(state).legs[0] ?? "vault";
  const made: Record<Act, () => Intent | undefined> = {
    approve: () => it.approve(who),
    deny: () => (pick % 8 === 0 ? { kind: "deny", by: actor, reason: "no" } : undefined),
    withdraw: () => ({ kind: "withdraw", by: actor }),
    sign: () => tx && it.sign(who, tx.id),
    revise: () =>
      pick % 4 === 0
        ? { kind: "revise", by: actor, package: revisions[policies.indexOf(it.policy)]?.[pick % 2] ?? it.package }
        : undefined,
    hold: () => it.hold(who),
    resume: () => it.resume(who),
    contain: () => it.contain(who, pick % 2 === 0 ? "pause-vault" : "cap-router"),
    cancel: () => (pick % 8 === 0 ? it.cancel(who) : undefined),
    execute: () => state.review && it.execute(who),
    send: () => state.review && it.send(who, leg, state.rollbackBy ? "rollback" : "upgrade"),
    rollback: () => state.review && it.rollback(who),
    advance: () => it.advance(who),
    schedule: () => state.review && it.schedule(who),
    override: () => state.check && it.override(who, refused.code),
  };
  const intent = act === "go on" ? undefined : made[act]();
  return intent === undefined ? undefined : ({ ...intent, by: actor } as Intent);
}

/** The program, the chain and willing people do what comes next, so that many runs get far. */
function goOn(it: Ceremony, { who, pick }: Step): void {
  switch (it.state.status) {
    case "drafted":
      if (it.state.check?.passed === false && it.state.check.revision === it.state.revision)
        it.ask(it.override(who, refused.code));
      else it.ask(it.check(pick % 2 === 0 ? [refused] : []));
      return;
    case "checked":
      it.ask(it.openReview());
      return;
    case "in review":
    case "approved":
      signEverything(it, who);
      return;
    case "signing":
      if (it.state.scheduleRequestedBy !== undefined) it.mineSchedules();
      else if (pick % 2 === 0) it.ask(it.schedule(who));
      else signEverything(it, who);
      return;
    case "scheduled":
      it.passTime(DELAY).becomeReady();
      return;
    case "executing":
      for (const { executor, phase } of it.state.phases)
        if (phase === it.state.currentPhase) it.ask(it.send(executor, phaseAt(it.state).legs[0] ?? "vault"));
      it.mineSent();
      return;
    case "canary":
    case "held":
      it.mineSent();
      if (it.state.containment?.confirmed === false) it.containmentMined(it.state.containment.id);
      return;
    default:
      it.mineSent();
  }
}

function signEverything(it: Ceremony, who: Name): void {
  const person = personById(it.policy, who);
  if (person === undefined || it.state.overrides.some((one) => one.person === who)) return;
  for (const tx of signable(it.state, person, it.policy)) if (!it.ask(it.sign(who, tx.id)).ok) return;
}

/** What a council member would call foul; undefined where all is well. */
function foul(it: Ceremony, resumers: ReadonlySet<string>): string | undefined {
  const { state, policy } = it;
  const proposers = new Set(state.proposers);
  const approvers = approversOf(state);
  const executors = executorsOf(state);
  const counted = countedApprovals(state, policy, it.rules);
  if (approvers.some((one) => proposers.has(one))) return "a proposer approved";
  if (executors.some((one) => proposers.has(one))) return "a proposer executed";
  if (executors.some((one) => approvers.includes(one))) return "an approver executed";
  const overriders = state.overrides.filter((one) => one.revision === state.revision).map((one) => one.person);
  if (overriders.some((one) => proposers.has(one))) return "a proposer overrode a refusal";
  if (executors.some((one) => overriders.includes(one))) return "who overrode a refusal executed";
  if (new Set(counted).size < counted.length) return "somebody was counted twice";
  if (new Set(state.approvals.map((one) => one.person)).size < state.approvals.length) return "somebody voted twice";
  const signed = state.signatures.map((one) => `${one.person} ${one.tx} ${one.safeTxHash}`);
  if (new Set(signed).size < signed.length) return "somebody signed twice";
  for (const person of resumers) {
    if (proposers.has(person)) return "a proposer resumed";
    if (state.containment?.by === person || state.heldBy?.person === person) return "the one who contained resumed";
  }
  return undefined;
}

interface Played {
  foul: string | undefined;
  executed: boolean;
}

function play({ policy, proposer, steps }: { policy: number; proposer: Name; steps: Step[] }, rules: Rules): Played {
  const chosen = policies[policy] ?? samplePolicy();
  const first = revisions[policy]?.[0] ?? samplePackage(chosen);
  const it = new Ceremony({ policy: chosen, rules, package: first, owners: names });
  it.must(it.propose(proposer));
  let executed = false;
  for (const one of steps) {
    it.passTime(one.wait);
    const before = it.state;
    const intent = intentOf(it, one);
    const decision = intent === undefined ? undefined : it.ask(intent);
    if (one.act === "go on") goOn(it, one);
    const resumed = intent?.kind === "resume" && decision?.ok === true ? [intent.by.person] : [];
    const withBefore = { ...it.state, containment: before.containment, heldBy: before.heldBy };
    const seen = Object.assign(it.copy(), { current: withBefore });
    const found = foul(it, new Set()) ?? (resumed.length > 0 ? foul(seen, new Set(resumed)) : undefined);
    executed ||= it.state.phases.some((run) => run.executedAt !== undefined);
    if (found !== undefined) return { foul: found, executed };
  }
  return { foul: undefined, executed };
}

describe("one person, one role", () => {
  it("holds for random people, accounts, commands and times, and at least a tenth of them get as far as executing", () => {
    let runs = 0;
    let executed = 0;
    fc.assert(
      fc.property(plays, (input) => {
        const result = play(input, allRules);
        runs += 1;
        if (result.executed) executed += 1;
        expect(result.foul).toBeUndefined();
      }),
      { numRuns: 50, seed: 20_260 },
    );
    expect(executed / runs).toBeGreaterThanOrEqual(0.1);
  }, 180_000);

  it.each(separationRules.map((one) => one.id))("does not hold without the rule %s", (id) => {
    const rules = rulesWithout(id);
    const found = fc.check(
      fc.property(plays, (input) => play(input, rules).foul === undefined),
      { numRuns: 300, seed: 20_261, endOnFailure: true },
    );
    expect(found.failed, `no path was found in ${found.numRuns} runs`).toBe(true);
  });
});

describe("each rule says who may instead", () => {
  const policy = samplePolicy({ roles: open });
  it.each([
    ["proposer-approves", "in review", (it: Ceremony) => it.approve("ada"), "approved"],
    ["proposer-executes", "ready", (it: Ceremony) => it.execute("ada"), "executionStarted"],
    ["approver-executes", "ready", (it: Ceremony) => it.execute("ben"), "executionStarted"],
    ["container-resumes", "held", (it: Ceremony) => it.resume("caro"), "released"],
    ["proposer-resumes", "held", (it: Ceremony) => it.resume("ada"), "released"],
  ] as const)("%s", (id, stage, act, event) => {
    given(stage, { policy })
      .when(act)
      .refused(`separation/${id}`, /It takes somebody else: /);
    given(stage, { policy, rules: rulesWithout(id) })
      .when(act)
      .then(event);
  });

  it("or that nobody may", () => {
    const it = ceremonyAt("ready");
    it.current = { ...it.state, proposers: ["ada", "eve", "gus"] };
    given(it)
      .when((one) => one.execute("eve"))
      .refused("separation/proposer-executes", /Nobody else in this council may/);
  });
});
