/** Presigned rollbacks: signed with the upgrade, sent when they are asked for, and run after their own delay. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toJson } from "../../src/domain/canonical.ts";
import { looseSignatures, pendingOperations, schedules } from "../../src/domain/ceremony.ts";
import { safesOf } from "../../src/domain/drafting.ts";
import { system } from "../../src/domain/events.ts";
import { executionOf } from "../../src/domain/execution.ts";
import { leastRollbackEnd, rollbacksToSend, scheduledAtOnce, unsentRollbacks } from "../../src/domain/presigned.ts";
import { zeroHash } from "../../src/domain/primitives.ts";
import { packageHash, type ReleasePackage, releasePackage } from "../../src/domain/release-package.ts";
import { stillExecutable } from "../../src/domain/still-executable.ts";
import { releaseTransactions, safeKey } from "../../src/domain/transactions.ts";
import { nextSteps } from "../../src/domain/why.ts";
import { readBrief } from "../../src/web/page/release.ts";
import { by, type Ceremony } from "../support/ceremony-driver.ts";
import { byGas, gasCeremonyAt, gasPolicy, presigned } from "../support/gas-council.ts";
import { ceremonyAt, given } from "../support/given.ts";
import {
  addressOf,
  DELAY,
  hashOf,
  mainnet,
  samplePackage,
  samplePolicy,
  twoChainPackage,
} from "../support/sample-council.ts";

const at = gasCeremonyAt;
const council = addressOf(`council on ${mainnet}`);
const firstStep = (of: Ceremony) => nextSteps(of.state, of.policy)[0]?.sentence;

describe("the nonces of a release with presigned rollbacks", () => {
  it("are those of all upgrades first, and of the rollbacks in the same order after them", () => {
    const txs = schedules(at("in review").state).map((one) => `${one.id} ${one.tx.nonce}`);
    expect(txs).toEqual(["vault/upgrade 7", "router/upgrade 8", "vault/rollback 9", "router/rollback 10"]);
  });

  it("follow on from each Safe's own, whatever the legs, and the page derives the same hashes", () => {
    fc.assert(
      fc.property(randomPackage, fc.bigInt({ min: 0n, max: 1000n }), (pkg, nonce) => {
        const safes = safesOf(pkg).map((one) => ({ ...one, version: "1.4.1", nonce }));
        const anchor = { packageHash: packageHash(pkg), auditHead: hashOf("head") };
        const all = releaseTransactions(pkg, anchor, safes).filter((one) => one.purpose !== "containment");
        for (const safe of safes.filter((one) => all.some((tx) => tx.tx.safe === one.address))) {
          const own = all.filter((one) => safeKey(one.tx.chain, one.tx.safe) === safeKey(safe.chain, safe.address));
          expect(own.map((one) => one.tx.nonce)).toEqual(own.map((_, index) => nonce + BigInt(index)));
          expect(own.findLastIndex((one) => one.purpose === "upgrade")).toBe(own.length / 2 - 1);
          const legs = (purpose: string) => own.filter((one) => one.purpose === purpose).map((one) => one.subject);
          expect(legs("rollback")).toEqual(legs("upgrade"));
        }
        const { release } = readBrief(briefOf(pkg, safes));
        expect(release?.transactions.map((one) => one.safeTxHash)).toEqual(
          releaseTransactions(pkg, anchor, safes).map((one) => one.safeTxHash),
        );
      }),
      { numRuns: 20 },
    );
  });

  it("are never shared with prescheduled ones: one package has one mode a Safe", () => {
    const pkg = presigned(samplePackage(samplePolicy()));
    const [vault, router] = pkg.legs;
    const mixed = { ...pkg, legs: [vault, { ...router, rollback: { ...router?.rollback, mode: "prescheduled" } }] };
    expect(releasePackage.safeParse(mixed).error?.issues.map((one) => one.message)).toEqual([
      "the legs router and vault share a Safe, and only one of their rollbacks is presigned",
    ]);
  });
});

/** Up to six legs on two chains, in up to three phases. */
const randomPackage = fc
  .array(fc.record({ chain: fc.integer({ min: 0, max: 1 }), phase: fc.integer({ min: 0, max: 2 }) }), {
    minLength: 1,
    maxLength: 6,
  })
  .map((plans): ReleasePackage => {
    const whole = presigned(twoChainPackage(gasPolicy()));
    const used = [...new Set(plans.map((one) => one.phase))].sort();
    const legs = plans.flatMap((plan, index) => {
      const leg = whole.legs[plan.chain];
      return leg === undefined ? [] : [{ ...leg, id: `leg-${index}`, dependsOn: [] }];
    });
    const phases = used.flatMap((phase) => {
      const [model] = whole.phases;
      const of = plans.flatMap((plan, index) => (plan.phase === phase ? [`leg-${index}`] : []));
      return model === undefined ? [] : [{ ...model, id: `phase-${phase}`, legs: of }];
    });
    return { ...whole, legs, phases };
  });

function briefOf(pkg: ReleasePackage, safes: readonly { chain: string; address: string; nonce: bigint }[]) {
  return {
    schema: "quorate/signing/1",
    ceremony: "UP-1",
    revision: 1,
    package: toJson(pkg),
    auditHead: hashOf("head"),
    evidenceHash: zeroHash,
    authorityPolicyHash: pkg.authorityPolicyHash,
    safes: safes.map(({ chain, address, nonce }) => ({ chain, address, version: "1.4.1", nonce: `${nonce}` })),
    digest: zeroHash,
    asked: [],
    person: { id: "ben", name: "Ben", wallets: [] },
  };
}

describe("a proposal", () => {
  const propose = (pkg: ReleasePackage) =>
    given("nothing", { policy: gasPolicy(), package: pkg }).when((one) => one.propose("ada"));
  const changed = (change: object) => {
    const pkg = byGas().package;
    return { ...pkg, legs: pkg.legs.map((leg) => ({ ...leg, rollback: { ...leg.rollback, ...change } })) };
  };

  it("is taken with rollbacks that are presigned", () => {
    propose(byGas().package).then("drafted");
  });

  it("is refused with rollbacks that would stand where the gas key could run them", () => {
    propose(samplePackage(gasPolicy())).refused("package", /where the gas key could run it; .+ so say presigned\.$/);
  });

  it("is refused where the rollback's end leaves no time for its delay, and only then", () => {
    const least = leastRollbackEnd(byGas().package, "router");
    propose(changed({ notAfter: least })).then("drafted");
    propose(changed({ notAfter: least - 1n })).refused("package", /before it could have waited its delay/);
  });

  it("is refused with a call that carries value, which the gas key does not send", () => {
    const pkg = byGas().package;
    const legs = pkg.legs.map((leg) => ({ ...leg, calls: leg.calls.map((call) => ({ ...call, value: 1n })) }));
    propose({ ...pkg, legs }).refused("package", /carries value/);
  });
});

describe("scheduling", () => {
  it("asks for all signatures, and sends the upgrades alone", () => {
    const it = at("sending");
    expect(it.state.signatures.filter((one) => one.tx === "vault/rollback")).toHaveLength(3);
    expect(scheduledAtOnce(it.state).map((one) => one.id)).toEqual(["vault/upgrade", "router/upgrade"]);
    expect(firstStep(it)).toBe("Sending to the timelock: 0 of 2 transactions are mined.");
    it.mineSchedules();
    expect(it.state.status).toBe("scheduled");
    expect(unsentRollbacks(it.state).map((one) => one.id)).toEqual(["vault/rollback", "router/rollback"]);
  });
});

describe("a rollback that is asked for", () => {
  it("is sent to the timelock, waits its delay, and is executed", () => {
    const { ceremony } = given(at("canary"))
      .when((one) => one.rollback("gus"))
      .then("rollbackStarted")
      .isNow("canary");
    expect(firstStep(ceremony)).toBe("The rollback of vault is being sent to the timelock.");
    given(ceremony)
      .when((one) => one.send("gus", "vault", "rollback"))
      .refused("integrity/operation-state");
    ceremony.mineRollbacks();
    expect(firstStep(ceremony)).toBe(
      "The rollback of vault stands in the timelock, and its delay is running; nobody can shorten it.",
    );
    expect(ceremony.state.onChain).toContainEqual(
      expect.objectContaining({ tx: "vault/rollback", state: "mined", readyAt: ceremony.time + DELAY }),
    );
    expect(executionOf(by("gus"), settingOf(ceremony))).toMatchObject({ refusal: { code: "execution/delay" } });
    ceremony.passTime(DELAY).observe({ what: "rollbackReady", block: ceremony.block(mainnet) });
    expect(firstStep(ceremony)).toBe("The rollback of vault has waited its delay and may be executed: Gus.");
    expect(executionOf(by("gus"), settingOf(ceremony))).toEqual({ ok: true, purpose: "rollback", legs: ["vault"] });
    ceremony.must(ceremony.send("gus", "vault", "rollback")).mineSent();
    expect(ceremony.state.status).toBe("rolled back");
  });

  const settingOf = (of: Ceremony) => ({ state: of.state, policy: of.policy, now: of.now, rules: of.rules });

  it("is for an executor who neither wrote nor approved it", () => {
    given(at("canary"))
      .when((one) => one.rollback("ben"))
      .refused("role");
    const both = byGas();
    both.policy = {
      ...both.policy,
      people: both.policy.people.map((one) => ({ ...one, roles: [...one.roles, "executor"] })),
    };
    const pkg = presigned(samplePackage(both.policy));
    given(ceremonyAt("canary", { policy: both.policy, package: pkg }))
      .when((one) => one.rollback("ben"))
      .refused("separation/approver-executes");
  });

  it("is refused where its delay would end after its own end, and only then", () => {
    const last = at("canary");
    const end = last.state.package.legs[0]?.rollback.notAfter ?? 0n;
    last.passTime(end - DELAY - last.time);
    given(last.copy())
      .when((one) => one.rollback("gus"))
      .then("rollbackStarted");
    given(last.passTime(1n))
      .when((one) => one.rollback("gus"))
      .refused("integrity/window", /only after its own end/);
  });

  it("is refused where another transaction took its nonce, or its signers own the Safe no more", () => {
    given(at("canary").changeSafe(mainnet, council, { nonce: 10n }))
      .when((one) => one.rollback("gus"))
      .refused("rollback/dead", /is at nonce 10, and it was signed for nonce 9\. Contain it, and propose/);
    given(at("canary").changeSafe(mainnet, council, { threshold: 4 }))
      .when((one) => one.rollback("gus"))
      .refused("rollback/dead", /takes 4 signatures, and only 3/);
    given(at("canary"))
      .when((one) => ({ ...one.rollback("gus"), safes: [] }))
      .refused("rollback/dead", /was not read/);
  });

  it("takes only the nonces that it needs, and those before them", () => {
    const { state } = at("canary");
    const sent = (leg: string) => rollbacksToSend(state, [leg]).map((one) => one.id);
    expect(sent("vault")).toEqual(["vault/rollback"]);
    expect(sent("router")).toEqual(["vault/rollback", "router/rollback"]);
  });

  it("is given up by going on, and what stands in the timelock is named as long as it does", () => {
    const one = at("canary");
    one.must(one.rollback("gus")).mineRollbacks().must(one.hold("caro")).must(one.resume("dev"));
    expect(one.state.rollbackBy).toBeUndefined();
    expect(stillExecutable(one.state)).toEqual([
      expect.stringMatching(
        /^vault\/rollback: it stands in the timelock, and nobody is rolling back; .+ guardian Safe/,
      ),
    ]);
    expect(pendingOperations(one.state).map((tx) => tx.id)).toContain("vault/rollback");
  });
});

describe("a presigned rollback whose nonce is used by another transaction", () => {
  const nonceUsed = (of: Ceremony) =>
    ({
      kind: "observe",
      by: system,
      seen: { what: "nonceUsed", tx: "vault/rollback", block: of.block(mainnet) },
    }) as const;

  it("ends a ceremony that has executed nothing: nothing runs without its way back", () => {
    given(at("ready")).when(nonceUsed).then("nonceUsed", "cancelled").isNow("cancelled");
  });

  it("holds one that has, and is told once", () => {
    const { ceremony } = given(at("canary")).when(nonceUsed).then("nonceUsed", "held").isNow("held");
    given(ceremony).when(nonceUsed).then();
  });
});

describe("the end of a ceremony", () => {
  it("is reached once the unused nonces are used up: nothing has to be cancelled, because nothing stands", () => {
    const one = at("closing");
    expect(pendingOperations(one.state)).toEqual([]);
    one.must(one.windDown());
    const wanted = one.state.windDown?.transactions ?? [];
    expect(wanted.map((tx) => `${tx.purpose} ${tx.tx.nonce}`)).toEqual(["reject 9", "reject 10", "reject 7"]);
    for (const { id, tx } of wanted) {
      expect(one.state.status).toBe("canary");
      one.observe({ what: "nonceUsed", tx: id, block: one.block(tx.chain) });
    }
    expect(one.state.status).toBe("closed");
    expect(looseSignatures(one.state)).toEqual([]);
  });

  it("before that says what anyone with the signatures can still do", () => {
    expect(stillExecutable(at("cancelled").state)).toContain(
      "vault/rollback (nonce 9: anyone can schedule it; it runs only after its upgrade, and after the timelock's delay)",
    );
  });
});
