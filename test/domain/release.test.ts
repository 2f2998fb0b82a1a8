/** From signatures to a canary: schedule, execute, send, and what the watch sees of it. */

import { describe, expect, it } from "vitest";
import { system } from "../../src/domain/events.ts";
import type { Intent, Observation } from "../../src/domain/intent.ts";
import { executorsOf } from "../../src/domain/separation.ts";
import type { Ceremony } from "../support/ceremony-driver.ts";
import { ceremonyAt, given } from "../support/given.ts";
import {
  addressOf,
  DELAY,
  EXPIRY,
  hashOf,
  mainnet,
  rollup,
  samplePackage,
  samplePolicy,
  twoChainPackage,
  WINDOW,
  walletOf,
} from "../support/sample-council.ts";

const policy = samplePolicy();
const sample = samplePackage(policy);
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
const executedBy = (person: string, leg: string, purpose: "upgrade" | "rollback" = "upgrade") =>
  watch((it) => ({
    what: "executed",
    leg,
    purpose,
    hash: hashOf(`own ${purpose} of ${leg}`),
    block: it.block(mainnet),
    from: walletOf(person),
  }));

describe("scheduling", () => {
  it("asks the gas key to send what is approved and signed", () => {
    given("signing")
      .when((it) => it.schedule("ada"))
      .then("scheduleRequested")
      .isNow("signing");
  });

  it("is once, and for people of the release", () => {
    given("sending")
      .when((it) => it.schedule("ada"))
      .refused("schedule/again");
    const gus = samplePolicy({
      roles: {
        ada: ["proposer"],
        ben: ["approver"],
        caro: ["approver"],
        dev: ["approver"],
        eve: ["executor"],
        finn: ["approver", "guardian"],
        gus: ["guardian"],
      },
    });
    given("signing", { policy: gus })
      .when((it) => it.schedule("gus"))
      .refused("role");
  });

  it("needs the quorum and no denial", () => {
    const it = ceremonyAt("signing");
    it.current = { ...it.state, approvals: [], signatures: [] };
    given(it)
      .when((one) => one.schedule("ada"))
      .refused("schedule/quorum", /has 0 of 3 approvals, and no denial/);
    const other = ceremonyAt("signing");
    const vote = { person: "finn", account: "console:finn", digest: hashOf("x"), at: 0n, reason: "no" };
    other.current = { ...other.state, denials: [vote] };
    given(other)
      .when((one) => one.schedule("ada"))
      .refused("schedule/quorum", /3 of 3 approvals, and 1 denied it/);
  });

  it("needs every signature, and says what is missing", () => {
    given("approved")
      .when((it) => it.schedule("ada"))
      .refused("schedule/signatures", /3 more signatures for vault\/upgrade, from Ben, Caro, Dev or Finn/);
  });

  it("ends with the review, to the second", () => {
    const later = (seconds: bigint) =>
      given("signing")
        .and((it) => it.passTime(seconds))
        .when((it) => it.schedule("ada"));
    later(EXPIRY - 1n).then("scheduleRequested");
    later(EXPIRY).then("scheduleRequested");
    later(EXPIRY + 1n).refused("schedule/expired");
  });

  it("is done when every schedule is mined", () => {
    given("sending")
      .when(watch(() => ({ what: "operations", readyAt: [] })))
      .then();
    given("sending")
      .and((it) => it.mineSchedules())
      .when(watch(() => ({ what: "operations", readyAt: [] })))
      .then()
      .isNow("scheduled");
  });

  it("is recorded once for each transaction", () => {
    const mined = watch((it) => ({ what: "mined", tx: "vault/upgrade", hash: hashOf("x"), block: it.block(mainnet) }));
    given("sending")
      .and((it) => it.must(mined(it)))
      .when(mined)
      .then();
  });
});

describe("executing", () => {
  it("names the executor, whose wallet then sends the batch", () => {
    const { ceremony } = given("ready")
      .when((it) => it.execute("eve"))
      .then("executionStarted")
      .isNow("executing");
    given(ceremony)
      .when((it) => it.send("eve", "vault"))
      .then("executorSent")
      .isNow("executing");
    ceremony.mineSent();
    expect(ceremony.state).toMatchObject({ status: "canary", sent: [], phases: [{ phase: 0, executor: "eve" }] });
  });

  it("is for executors who took no other part", () => {
    given("ready")
      .when((it) => it.execute("ben"))
      .refused("role");
    const all = ["proposer", "approver", "executor"] as const;
    const open = {
      policy: samplePolicy({ roles: { ada: all, ben: all, caro: all, dev: all, eve: all, finn: all, gus: all } }),
    };
    given("ready", open)
      .when((it) => it.execute("ada"))
      .refused("separation/proposer-executes");
    given("ready", open)
      .when((it) => it.execute("ben"))
      .refused("separation/approver-executes", /somebody else: Eve, Finn or Gus/);
    given("ready", open)
      .when((it) => it.execute("finn"))
      .then("executionStarted");
  });

  it("waits for the window, to the second", () => {
    const [opens] = sample.phases.map((one) => one.window.notBefore);
    const at = (time: bigint) =>
      given("ready")
        .and((it) => it.passTime(time - it.time))
        .when((it) => it.execute("eve"));
    at((opens ?? 0n) - 1n).refused("integrity/window", /has not opened yet/);
    at(opens ?? 0n).then("executionStarted");
    at((opens ?? 0n) + 1n).then("executionStarted");
  });

  it("waits for the leg's own start, where it has a later one", () => {
    const start = sample.phases[0]?.window.notBefore ?? 0n;
    const late = { ...sample, legs: sample.legs.map((one) => ({ ...one, notBefore: start + 60n })) };
    const at = (time: bigint) =>
      given("ready", { package: late })
        .and((it) => it.passTime(time - it.time))
        .when((it) => it.execute("eve"));
    at(start + 59n).refused("integrity/window");
    at(start + 60n).then("executionStarted");
  });

  it("can be taken over until something was sent", () => {
    given("executing")
      .when((it) => it.execute("eve"))
      .refused("execute/again");
    given("executing")
      .when((it) => it.execute("gus"))
      .then("executionStarted");
    given("executing")
      .and((it) => it.must(it.send("eve", "vault")))
      .when((it) => it.execute("gus"))
      .refused("execute/sent", /^Eve has sent/);
  });

  it("may mend a breach from before the upgrade, and not go on over one from after it", () => {
    given("ready")
      .and((it) => it.must(breach(it)))
      .when((it) => it.execute("eve"))
      .then("executionStarted");
    const second = ceremonyAt("canary").must(ceremonyAt("canary").advance("ben")).becomeReady();
    given(second.copy())
      .and((it) => it.must(breach(it)))
      .when((it) => it.execute("eve"))
      .refused("execute/breach", /Solvency is 9,871 bps \(block \d+\)\.$/);
    given(second.copy())
      .when((it) => it.execute("eve"))
      .then("executionStarted");
  });

  it("does not go on over a rollback", () => {
    const second = ceremonyAt("canary").must(ceremonyAt("canary").advance("ben")).becomeReady();
    second.current = { ...second.state, rollbackBy: { person: "gus", legs: ["vault"], reason: "odd", readied: false } };
    given(second)
      .when((it) => it.execute("eve"))
      .refused("execute/rollback", /^Gus is rolling/);
  });
});

describe("sending", () => {
  it("is for the named executor, once they are named", () => {
    given("executing")
      .when((it) => it.send("gus", "vault"))
      .refused("send/executor", /is Eve, not you/);
    given("canary")
      .when((it) => it.send("gus", "vault", "rollback"))
      .refused("send/executor", /not named yet/);
    given("executing")
      .when((it) => it.send("ben", "vault"))
      .refused("role");
  });

  it("is for legs that are due", () => {
    given("executing")
      .when((it) => it.send("eve", "router"))
      .refused("send/leg");
    given("canary")
      .and((it) => it.must(it.rollback("eve")))
      .when((it) => it.send("eve", "router", "rollback"))
      .refused("send/leg");
  });

  it("is once for each transaction", () => {
    given("executing")
      .and((it) => it.must(it.send("eve", "vault")))
      .when((it) => {
        const again = it.send("eve", "vault");
        return { ...again, sent: { ...again.sent, hash: it.state.sent[0]?.hash ?? hashOf("none") } };
      })
      .refused("send/again");
  });

  it("asks for the separation again", () => {
    const it = ceremonyAt("executing");
    it.current = { ...it.state, proposers: ["ada", "eve"] };
    given(it)
      .when((one) => one.send("eve", "vault"))
      .refused("separation/proposer-executes");
  });

  it.each(["hold", "contain"] as const)("of an upgrade stops with a %s", (how) => {
    given("executing")
      .and((it) => it.must(how === "hold" ? it.hold("caro") : it.contain("caro")))
      .and((it) => (how === "contain" ? it.containmentMined() : it))
      .when((it) => it.send("eve", "vault"))
      .refused("send/status", /no upgrade is sent until it goes on/);
  });

  it("waits for the legs that a leg depends on", () => {
    const two = () => given("executing", { package: twoChainPackage(policy) });
    two()
      .when((it) => it.send("eve", "portal"))
      .refused("send/dependency", /depends on vault/);
    two()
      .and((it) => it.must(it.send("eve", "vault")).mineSent())
      .when((it) => it.send("eve", "portal"))
      .then("executorSent");
  });
});

describe("a phase on two chains", () => {
  const two = () => ceremonyAt("executing", { package: twoChainPackage(policy) });

  it("is executed when both legs are", () => {
    const it = two();
    it.must(it.send("eve", "vault")).mineSent();
    expect(it.state.status).toBe("executing");
    it.must(it.send("eve", "portal")).mineSent();
    expect(it.state.status).toBe("canary");
  });

  it("that failed half way goes on with what is left, by whoever takes it up", () => {
    const it = two();
    it.must(it.send("eve", "vault")).mineSent().must(it.send("eve", "portal"));
    const [sent] = it.state.sent;
    it.observe({
      what: "reverted",
      leg: "portal",
      purpose: "upgrade",
      hash: sent?.hash ?? hashOf("none"),
      reason: "out of gas",
    });
    expect(it.state.status).toBe("ready");
    it.must(it.execute("gus")).must(it.send("gus", "portal")).mineSent();
    expect(it.state.status).toBe("canary");
    expect(executorsOf(it.state).sort()).toEqual(["eve", "gus"]);
  });

  it("that ran in part does not expire, and can be rolled back", () => {
    const it = two();
    it.must(it.send("eve", "vault"))
      .mineSent()
      .passTime(WINDOW * 3n);
    given(it)
      .when(watch((one) => ({ what: "time", block: one.block(rollup) })))
      .then()
      .isNow("executing");
  });
});

describe("what the watch sees", () => {
  it("an upgrade that somebody executed without the bot is theirs, wherever the ceremony stands", () => {
    for (const stage of ["scheduled", "ready"] as const) {
      const { ceremony } = given(stage).when(executedBy("gus", "vault")).isNow("canary");
      expect(executorsOf(ceremony.state)).toEqual(["gus"]);
    }
    given("executing").when(executedBy("gus", "vault")).then("legExecuted", "executed").isNow("canary");
  });

  it("another wallet's transaction is not put down to the named executor", () => {
    const { ceremony } = given("executing")
      .and((it) => it.must(it.send("eve", "vault")))
      .when(executedBy("gus", "vault"));
    expect(ceremony.state.executedLegs).toMatchObject([{ leg: "vault", person: "gus" }]);
  });

  it("a wallet that nobody has is put down to nobody of the council", () => {
    const stranger = watch((it) => ({
      what: "executed",
      leg: "vault",
      purpose: "upgrade",
      hash: hashOf("x"),
      block: it.block(mainnet),
      from: addressOf("stranger"),
    }));
    expect(given("ready").when(stranger).ceremony.state.executedLegs).toMatchObject([{ person: "quorate" }]);
  });

  it("an upgrade mined during a hold is where the ceremony goes on from", () => {
    const held = given("executing").and((it) => it.must(it.send("eve", "vault")).must(it.hold("caro")).mineSent());
    held
      .when((it) => it.resume("ben"))
      .then("released")
      .isNow("canary");
    const early = given("scheduled").and((it) => it.must(it.hold("caro")).must(executedBy("gus", "vault")(it)));
    early
      .when((it) => it.resume("ben"))
      .then("released")
      .isNow("canary");
  });

  it("a leg of a later phase does not start this one", () => {
    given("ready").when(executedBy("gus", "router")).then("legExecuted").isNow("ready");
  });

  it("the same execution is recorded once", () => {
    given("canary").when(executedBy("gus", "vault")).then();
  });

  it("a reverted transaction lets the executor try again", () => {
    const it = ceremonyAt("executing");
    it.must(it.send("eve", "vault"));
    const hash = it.state.sent[0]?.hash ?? hashOf("none");
    const reverted = watch(() => ({ what: "reverted", leg: "vault", purpose: "upgrade", hash, reason: "out of gas" }));
    given(it).when(reverted).then("executionFailed").isNow("ready");
    given(it).when(reverted).then();
  });

  it("a rollback that reverted leaves the ceremony where it is", () => {
    const it = ceremonyAt("canary");
    it.must(it.rollback("gus")).must(it.send("gus", "vault", "rollback"));
    const hash = it.state.sent[0]?.hash ?? hashOf("none");
    given(it)
      .when(watch(() => ({ what: "reverted", leg: "vault", purpose: "rollback", hash, reason: "no" })))
      .then("executionFailed")
      .isNow("canary");
  });

  it("ready is of the current phase, and only while it is scheduled", () => {
    const ready = (phase: number) => watch((it) => ({ what: "ready", phase, block: it.block(mainnet) }));
    given("scheduled").when(ready(1)).then();
    given("scheduled").when(ready(0)).then("readied").isNow("ready");
    given("canary").when(ready(0)).then();
  });

  it("a taken nonce voids the digest, its votes and its signatures", () => {
    const taken = watch(() => ({
      what: "nonceTaken",
      safe: addressOf(`council on ${mainnet}`),
      nonce: 8n,
      expected: 7n,
    }));
    const { ceremony } = given("signing").when(taken).then("digestVoided").isNow("checked");
    expect(ceremony.state).toMatchObject({ approvals: [], signatures: [], quorumMet: false, review: undefined });
    expect(ceremony.state.abandoned).toHaveLength(6);
    given("scheduled").when(taken).then();
    const sending = given("sending").when(taken).then("digestVoided").isNow("checked");
    expect(sending.ceremony.state.scheduleRequestedBy).toBeUndefined();
  });

  it("a nonce taken while the schedules are being sent ends the ceremony, and what stands is wound down", () => {
    const taken = watch(() => ({
      what: "nonceTaken",
      safe: addressOf(`council on ${mainnet}`),
      nonce: 9n,
      expected: 8n,
    }));
    const { ceremony } = given("sending")
      .and((it) => it.observe({ what: "mined", tx: "vault/upgrade", hash: hashOf("x"), block: it.block(mainnet) }))
      .when(taken)
      .then("expired");
    ceremony.must(ceremony.windDown());
    expect(ceremony.state.windDown?.transactions.map((one) => one.id)).toContain("cancel/vault/upgrade");
  });
});

describe("time", () => {
  const time = watch((it) => ({ what: "time", block: it.block(mainnet) }));

  it.each(["in review", "approved", "signing"] as const)("ends a review that is %s, to the second", (stage) => {
    const later = (seconds: bigint) =>
      given(stage)
        .and((it) => it.passTime(seconds))
        .when(time);
    later(EXPIRY).then();
    later(EXPIRY + 1n)
      .then("expired")
      .isNow("expired");
  });

  it("does not end a review whose schedules are being sent", () => {
    given("sending")
      .and((it) => it.passTime(EXPIRY + 1n))
      .when(time)
      .then();
  });

  it.each(["drafted", "checked", "sending", "scheduled", "ready", "executing"] as const)(
    "ends what is %s with its window, to the second",
    (stage) => {
      const end = sample.phases[0]?.window.notAfter ?? 0n;
      const at = (when: bigint) =>
        given(stage)
          .and((it) => it.passTime(when - it.time))
          .when(time);
      at(end).then();
      at(end + 1n)
        .then("expired")
        .isNow("expired");
    },
  );

  it("counts on through a hold, until the phase was executed", () => {
    const late = (it: Ceremony) => it.must(it.hold("caro")).passTime(WINDOW * 2n);
    given("ready").and(late).when(time).then("expired");
    given("executing").and(late).when(time).then("expired");
    given("canary").and(late).when(time).then();
  });

  it("does not end an execution that may have been mined in time", () => {
    given("executing")
      .and((it) => it.must(it.send("eve", "vault")).passTime(WINDOW * 2n))
      .when(time)
      .then();
  });

  it("does not end a canary", () => {
    given("canary")
      .and((it) => it.passTime(WINDOW * 3n + DELAY))
      .when(time)
      .then();
  });
});
