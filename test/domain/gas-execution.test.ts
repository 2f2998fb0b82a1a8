/** Execution by the gas key: a person's act, by the same rules as with their own wallet, and only where policy says so. */

import { describe, expect, it } from "vitest";
import { system } from "../../src/domain/events.ts";
import { executionOf } from "../../src/domain/execution.ts";
import { nextForGas } from "../../src/domain/gas-execution.ts";
import type { Intent } from "../../src/domain/intent.ts";
import { by, type Ceremony } from "../support/ceremony-driver.ts";
import { byGas, gasAccount, gasCeremonyAt, gasPolicy, presigned, sentByGas } from "../support/gas-council.ts";
import { ceremonyAt, given, rulesWithout } from "../support/given.ts";
import { mainnet, samplePackage, samplePolicy, twoChainPackage, WINDOW } from "../support/sample-council.ts";

const at = gasCeremonyAt;
const asks =
  (who: string) =>
  (it: Ceremony): Intent =>
    ({ ...it.execute(who), sender: "gas-key" }) as Intent;
const asked = (who = "eve") => at("ready").must(asks(who)(at("ready")));
/** Eve has executed by the gas key, and Gus's rollback has waited its delay. */
function rollbackReadied(): Ceremony {
  const it = asked();
  it.must(sentByGas(it, "eve", "vault")).mineSent();
  it.must(it.rollback("gus")).mineRollbacks();
  return it.passTime(2n * 24n * 3600n).observe({ what: "rollbackReady", block: it.block(mainnet) });
}
const asksRollback =
  (who: string) =>
  (it: Ceremony): Intent => ({ ...it.rollback(who), sender: "gas-key" });

describe("asking the gas key to execute", () => {
  it("names the executor, and keeps who asked", () => {
    const { ceremony } = given(at("ready"))
      .when(asks("eve"))
      .then("executionStarted", "executionRequested")
      .isNow("executing");
    expect(ceremony.state.phases[0]?.executor).toBe("eve");
    expect(nextForGas(ceremony.state)).toMatchObject({ leg: "vault", purpose: "upgrade", by: { person: "eve" } });
  });

  it("can come after the wallet was chosen, once", () => {
    const { ceremony } = given(at("executing")).when(asks("eve")).then("executionRequested");
    given(ceremony)
      .when(asks("eve"))
      .refused("execute/requested", /about to send UP-1 for you/);
  });

  it("is refused to who wrote, approved or signed it, and to everybody without the role", () => {
    given(at("ready")).when(asks("ben")).refused("role");
    const options = byGas();
    const people = options.policy.people.map((one) => ({ ...one, roles: [...one.roles, "executor" as const] }));
    const policy = { ...options.policy, people };
    const own = { policy, package: presigned(samplePackage(policy)) };
    given(ceremonyAt("ready", own)).when(asks("ben")).refused("separation/approver-executes");
    given(ceremonyAt("ready", own)).when(asks("ada")).refused("separation/proposer-executes");
  });

  it("is refused where policy leaves it to a person's wallet", () => {
    given("ready")
      .when(asks("eve"))
      .refused("execute/gas-key", /leaves vault to a person's wallet: send it from yours/);
  });

  it("is refused outside the window", () => {
    given(at("ready").passTime(WINDOW * 4n))
      .when(asks("eve"))
      .refused("integrity/window");
  });

  it("gives way to somebody else who takes over before anything was sent", () => {
    const it = asked();
    it.must(it.execute("gus"));
    expect(nextForGas(it.state)).toBeUndefined();
    given(it)
      .when((one) => sentByGas(one, "eve", "vault"))
      .refused("send/executor");
  });

  it("leaves nothing to a wallet's link", () => {
    const it = asked();
    const setting = { state: it.state, policy: it.policy, now: it.now, rules: it.rules };
    expect(executionOf(by("eve"), setting)).toMatchObject({ refusal: { code: "execution/done" } });
  });

  it("runs legs one after another, none before what it depends on", () => {
    const policy = gasPolicy();
    const it = ceremonyAt("ready", { policy, package: presigned(twoChainPackage(policy)) });
    it.must(asks("eve")(it));
    expect(it.state.gasRequests.map((one) => one.leg)).toEqual(["vault", "portal"]);
    expect(nextForGas(it.state)?.leg).toBe("vault");
    it.must(sentByGas(it, "eve", "vault"));
    expect(nextForGas(it.state)).toBeUndefined();
    it.mineSent();
    expect(nextForGas(it.state)?.leg).toBe("portal");
  });
});

describe("what the gas key has signed", () => {
  it("is taken for who asked, and recorded as theirs", () => {
    const { ceremony } = given(asked())
      .when((it) => sentByGas(it, "eve", "vault"))
      .then("executorSent");
    ceremony.mineSent();
    expect(ceremony.state.status).toBe("canary");
    expect(ceremony.state.executedLegs).toMatchObject([{ leg: "vault", purpose: "upgrade", person: "eve" }]);
    expect(ceremony.log.at(-2)?.data).toMatchObject({ by: { person: "eve", account: `gas-key:${gasAccount}` } });
  });

  const refusedAs = (it: Ceremony, want: (it: Ceremony) => Intent, sentence: RegExp) =>
    given(it).when(want).refused("integrity/executor-wallet", sentence);

  it("is refused where nobody asked for it", () => {
    refusedAs(at("executing"), (it) => sentByGas(it, "eve", "vault"), /nobody who may has asked the gas key/);
    given(ceremonyAt("executing", { ...byGas(), rules: rulesWithout("executor-wallet") }))
      .when((it) => sentByGas(it, "eve", "vault"))
      .then("executorSent");
  });

  it("is refused where policy leaves it to a person's wallet", () => {
    refusedAs(ceremonyAt("executing"), (it) => sentByGas(it, "eve", "vault"), /leaves the execution of vault on .+ to/);
  });

  it("is refused where the account holds no EXECUTOR_ROLE", () => {
    refusedAs(asked(), (it) => ({ ...sentByGas(it, "eve", "vault"), executors: [] }), /holds no EXECUTOR_ROLE/);
  });

  it("is refused as a wallet's: nobody owns the gas key", () => {
    const asWallet = (it: Ceremony): Intent => {
      const { gasAccount: _gas, ...rest } = sentByGas(it, "eve", "vault");
      return rest;
    };
    refusedAs(asked(), asWallet, /is not linked to you/);
  });

  it("is refused while the ceremony is held", () => {
    const it = asked();
    it.must(it.hold("caro"));
    given(it)
      .when((one) => sentByGas(one, "eve", "vault"))
      .refused("send/status");
  });

  it("that failed a check and was not sent brings the ceremony back to ready", () => {
    const notSent = (it: Ceremony): Intent => ({
      kind: "observe",
      by: system,
      seen: { what: "notSent", leg: "vault", purpose: "upgrade", reason: `${it.id} is not as it was.` },
    });
    const { ceremony } = given(asked()).when(notSent).then("executionFailed").isNow("ready");
    given(ceremony).when(notSent).then();
    given(ceremony).when(asks("eve")).then("executionStarted", "executionRequested");
  });
});

describe("asking the gas key to roll back", () => {
  it("waits for the delay", () => {
    const early = at("canary");
    early.must(early.rollback("gus"));
    given(early)
      .when(asksRollback("gus"))
      .refused("rollback/waiting", /still waiting its delay/);
  });

  it("is for who asked for the rollback", () => {
    given(rollbackReadied()).when(asksRollback("eve")).refused("rollback/first");
    given(at("canary"))
      .when(asksRollback("gus"))
      .refused("rollback/first", /\/upgrade rollback UP-1\.$/);
  });

  it("is asked once, and ends rolled back by who asked", () => {
    const { ceremony } = given(rollbackReadied()).when(asksRollback("gus")).then("executionRequested");
    given(ceremony).when(asksRollback("gus")).refused("rollback/requested");
    ceremony.must(sentByGas(ceremony, "gus", "vault", "rollback")).mineSent();
    expect(ceremony.state.status).toBe("rolled back");
    expect(ceremony.state.executedLegs.at(-1)).toMatchObject({ purpose: "rollback", person: "gus" });
  });

  it("is refused where policy leaves it to a person's wallet", () => {
    const it = rollbackReadied();
    it.policy = { ...samplePolicy(), chains: it.policy.chains.map((one) => ({ ...one, executor: "person" as const })) };
    given(it).when(asksRollback("gus")).refused("rollback/gas-key");
  });

  it("that was given up is not sent any more", () => {
    const it = rollbackReadied().must(asksRollback("gus")(rollbackReadied()));
    it.must(it.hold("caro")).must(it.resume("dev"));
    expect(it.state.gasRequests).toEqual([]);
    given(it)
      .when((one) => sentByGas(one, "gus", "vault", "rollback"))
      .refused("send/executor");
  });
});
