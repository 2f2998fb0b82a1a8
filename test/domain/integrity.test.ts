/** What was approved is the only thing that can run: each check, at each step, with the rule and without it. */

import { describe, expect, it } from "vitest";
import type { CeremonyState, Review } from "../../src/domain/ceremony.ts";
import { allRules } from "../../src/domain/decision.ts";
import { integrityChecks, type Step } from "../../src/domain/integrity.ts";
import type { Intent, LegFacts, SafeNow } from "../../src/domain/intent.ts";
import type { Policy } from "../../src/domain/policy.ts";
import type { Ceremony } from "../support/ceremony-driver.ts";
import { ceremonyAt, rulesWithout, type Stage } from "../support/given.ts";
import {
  addressOf,
  hashOf,
  rollup,
  START,
  samplePackage,
  samplePolicy,
  WINDOW,
  walletOf,
} from "../support/sample-council.ts";

type Sent = Extract<Intent, { kind: "send" }>["sent"];

/** What is tampered with: what the log said, what policy says, what was read, or what was handed in. */
interface Tampering {
  state?: (state: CeremonyState) => Partial<CeremonyState>;
  policy?: (policy: Policy) => Policy;
  leg?: (facts: LegFacts) => LegFacts;
  legs?: (facts: LegFacts[]) => LegFacts[];
  safe?: (safe: SafeNow) => SafeNow;
  safes?: (safes: SafeNow[]) => SafeNow[];
  sent?: (sent: Sent) => Partial<Sent>;
  executors?: [];
  intent?: (it: Ceremony) => object;
  time?: bigint;
}

/** What an intent may carry besides the wish. */
interface Facts {
  legs?: unknown;
  safe?: unknown;
  safes?: unknown;
  sent?: unknown;
  executors?: unknown;
}

const steps: Record<Step, { stage: Stage; intent(it: Ceremony): Intent }> = {
  approve: { stage: "in review", intent: (it) => it.approve("finn") },
  sign: { stage: "approved", intent: (it) => it.sign("finn", "vault/upgrade") },
  schedule: { stage: "signing", intent: (it) => it.schedule("ada") },
  execute: { stage: "ready", intent: (it) => it.execute("eve") },
  send: { stage: "executing", intent: (it) => it.send("eve", "vault") },
  rollback: { stage: "canary", intent: (it) => it.rollback("gus") },
};

/** A check that refused, and what is said to override it, in a council that lets it be done. */
const refusedCheck = (overrides: CeremonyState["overrides"]): Tampering => ({
  state: ({ check }) => ({ overrides, check: check && { ...check, findings: [refusal] } }),
  policy: (policy) => ({
    ...policy,
    lanes: { ...policy.lanes, routine: { ...policy.lanes.routine, overridable: ["layout"] } },
  }),
});
const refusal = {
  ...{ code: "layout/shifted", severity: "refuse" as const, gate: "layout", message: "A variable has moved." },
  ...{ evidence: "", fix: "" },
};
const overridden = {
  code: "layout/shifted",
  person: "gus",
  reason: "never used",
  at: 0n,
  expiresAt: START,
  revision: 1,
};

const review = (change: (review: Review) => Partial<Review>) => (state: CeremonyState) => {
  if (state.review === undefined) throw new Error("It is under review.");
  return { review: { ...state.review, ...change(state.review) } };
};
const inBound = (change: object) =>
  review((one) => ({ boundHashes: one.boundHashes.map((tx, index) => (index === 0 ? { ...tx, ...change } : tx)) }));
const codeHashOf = (name: string) => (facts: LegFacts) => ({
  ...facts,
  codeHashes: facts.codeHashes.map((one) =>
    one.account === addressOf(name) ? { ...one, codeHash: hashOf("other code") } : one,
  ),
});

/** For each check, everything it is there to find. The steps are those that the check lists. */
const tampered: Record<string, Tampering[]> = {
  "package-hash": [
    { state: (state) => ({ package: { ...state.package, title: "Another title" } }) },
    { state: () => ({ package: samplePackage(samplePolicy(), "Another package") }) },
  ],
  "transactions-derived": [
    { state: inBound({ safeTxHash: hashOf("other") }) },
    { state: inBound({ id: "vault/ghost" }) },
    { state: review((one) => ({ transactions: one.transactions.slice(0, -1) })) },
  ],
  "approval-digest": [
    { state: review(() => ({ digest: hashOf("other") })) },
    { state: () => ({ revision: 2 }) },
    { state: review(() => ({ policyHash: hashOf("other") })) },
    { state: (state) => ({ check: state.check && { ...state.check, evidenceHash: hashOf("other") } }) },
    { state: review((one) => ({ safes: one.safes.map((safe) => ({ ...safe, nonce: safe.nonce + 1n })) })) },
  ],
  "audit-head": [{ state: (state) => ({ check: state.check && { ...state.check, head: hashOf("another log") } }) }],
  "review-terms": [
    { state: review(() => ({ quorum: 2 })) },
    { state: review((one) => ({ expiresAt: one.expiresAt + 1n })) },
  ],
  overrides: [
    refusedCheck([]),
    refusedCheck([{ ...overridden, expiresAt: START - 1n }]),
    refusedCheck([{ ...overridden, expiresAt: START * 2n, person: "eve" }]),
    refusedCheck([{ ...overridden, expiresAt: START * 2n, revision: 2 }]),
    refusedCheck([{ ...overridden, expiresAt: START * 2n, code: "layout/removed" }]),
  ],
  "votes-digest": [
    { state: (state) => ({ approvals: state.approvals.map((one) => ({ ...one, digest: hashOf("other") })) }) },
  ],
  "authority-policy": [{ policy: (policy) => ({ ...policy, council: { ...policy.council, version: 2 } }) }],
  metrics: [{ policy: (policy) => ({ ...policy, metrics: policy.metrics.slice(1) }) }],
  window: [{ time: WINDOW * 4n }],
  "leg-facts": [{ legs: () => [] }],
  "safe-facts": [{ safes: () => [] }, { safes: (safes) => safes.slice(1) }, { safes: (safes) => safes.slice(0, 1) }],
  "safe-nonce": [
    { safe: (safe) => ({ ...safe, nonce: safe.nonce + 1n }) },
    { safe: (safe) => ({ ...safe, nonce: safe.nonce - 1n }) },
  ],
  "safe-owners": [
    { safe: (safe) => ({ ...safe, threshold: 1 }) },
    { safe: (safe) => ({ ...safe, owners: [...safe.owners, addressOf("stranger")] }) },
  ],
  "signature-hash": [{ intent: () => ({ safeTxHash: hashOf("other") }) }],
  "signature-owner": [{ safe: (safe) => ({ ...safe, owners: safe.owners.filter((one) => one !== walletOf("finn")) }) }],
  "signature-person": [{ intent: () => ({ recovered: walletOf("ben") }) }],
  "code-hash": [
    { leg: codeHashOf("vault version 2") },
    { leg: (facts) => ({ ...facts, codeHashes: facts.codeHashes.slice(1) }) },
  ],
  "from-implementation": [
    {
      leg: (facts) => ({
        ...facts,
        implementations: facts.implementations.map((one) => ({ ...one, implementation: addressOf("other") })),
      }),
    },
    { leg: (facts) => ({ ...facts, implementations: [] }) },
  ],
  "rollback-code": [{ leg: codeHashOf("vault version 1") }],
  "preconditions-code": [
    {
      policy: (policy) => ({
        ...policy,
        chains: policy.chains.map((one) => ({ ...one, preconditions: addressOf("other") })),
      }),
    },
    { leg: codeHashOf("preconditions") },
    { leg: (facts) => ({ ...facts, codeHashes: facts.codeHashes.slice(0, -1) }) },
  ],
  "operation-id": [{ leg: (facts) => ({ ...facts, operation: { ...facts.operation, id: hashOf("other") } }) }],
  "operation-state": (["Unset", "Waiting", "Done"] as const).map((state) => ({
    leg: (facts) => ({ ...facts, operation: { ...facts.operation, state } }),
  })),
  "executor-calldata": [
    { sent: ({ data }) => ({ data: `${data.slice(0, -2)}${data.endsWith("00") ? "01" : "00"}` as typeof data }) },
    { sent: () => ({ to: addressOf("other") }) },
    { sent: () => ({ value: 1n }) },
    { sent: () => ({ chain: rollup }) },
  ],
  "executor-wallet": [
    { sent: () => ({ from: walletOf("gus") }) },
    { sent: () => ({ from: addressOf("stranger") }) },
    { executors: [] },
  ],
};

/** Where a check's own subject is looked at by another check as well, both are left out. */
const overlap: Record<string, string[]> = {
  "package-hash": [
    "transactions-derived",
    "votes-digest",
    "code-hash",
    "metrics",
    "authority-policy",
    "approval-digest",
  ],
  "transactions-derived": ["approval-digest"],
  "approval-digest": ["authority-policy", "votes-digest"],
  "authority-policy": ["approval-digest"],
  "preconditions-code": ["authority-policy"],
  "signature-owner": ["safe-owners"],
  // The council that lets it be overridden is another one than that of the package.
  overrides: ["authority-policy"],
};

function play(step: Step, change: Tampering, rules = allRules): { code: string; sentence: string } {
  const it = ceremonyAt(steps[step].stage);
  it.rules = rules;
  it.time += change.time ?? 0n;
  const wanted = steps[step].intent(it);
  if (change.state !== undefined) it.current = { ...it.state, ...change.state(it.state) };
  if (change.policy !== undefined) it.policy = change.policy(it.policy);
  const facts: Record<string, unknown> & Facts = { ...wanted, ...change.intent?.(it) };
  if ("legs" in wanted) {
    const read = change.leg === undefined ? wanted.legs : wanted.legs.map((one) => change.leg?.(one) ?? one);
    facts.legs = change.legs?.(read) ?? read;
  }
  if ("safe" in wanted) facts.safe = change.safe?.(wanted.safe) ?? wanted.safe;
  if ("safes" in wanted) {
    const read = change.safe === undefined ? wanted.safes : wanted.safes.map((one) => change.safe?.(one) ?? one);
    facts.safes = change.safes?.(read) ?? read;
  }
  if (wanted.kind === "send") {
    facts.sent = { ...wanted.sent, ...change.sent?.(wanted.sent) };
    facts.executors = change.executors ?? wanted.executors;
  }
  const decision = it.ask(facts as Intent);
  return decision.ok ? { code: "accepted", sentence: "" } : decision.refusal;
}

const rows = integrityChecks.flatMap(({ id, steps: listed }) =>
  listed.flatMap((step) => (tampered[id] ?? []).map((change, index) => ({ id, step, change, index: index + 1 }))),
);

describe("what was approved is the only thing that can run", () => {
  it("every check is tampered with", () => {
    expect(Object.keys(tampered).sort()).toEqual(integrityChecks.map((one) => one.id).sort());
  });

  it.each(Object.keys(steps) as Step[])("an honest %s is let through", (step) => {
    expect(play(step, {}).code).toBe("accepted");
  });

  it.each(rows)("$id refuses at $step ($index), and nothing else does", ({ id, step, change }) => {
    const others = (overlap[id] ?? []).reduce((rules, other) => without(rules, other), allRules);
    expect(play(step, change, others).code).toBe(`integrity/${id}`);
    expect(play(step, change).code).toMatch(/^integrity\//);
    expect(play(step, change, without(others, id)).code).toBe("accepted");
  });
});

function without(rules: typeof allRules, id: string): typeof allRules {
  const { integrity } = rulesWithout(id);
  return { separation: rules.separation, integrity: rules.integrity.filter((one) => integrity.includes(one)) };
}

describe("the evidence that a step cannot do without", () => {
  it("a signature or a transaction that is not there is refused", () => {
    const it = ceremonyAt("executing");
    const evidence = {
      state: it.state,
      policy: it.policy,
      now: it.now,
      safes: [],
      legs: [],
      due: [],
      purpose: "upgrade",
    } as const;
    for (const id of ["signature-hash", "signature-owner", "signature-person", "executor-calldata", "executor-wallet"])
      expect(integrityChecks.find((one) => one.id === id)?.fault(evidence)).toBeTypeOf("string");
  });
});
