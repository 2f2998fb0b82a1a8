/** Ways out, judged by the pure core: what each answer of the chain means, who suffices, and what is recorded and paged. */

import { encodeErrorResult, parseAbi } from "viem";
import { describe, expect, it } from "vitest";
import { alertKey } from "../../src/domain/alerts/alert.ts";
import { system } from "../../src/domain/events.ts";
import { exitChanges, openLosses } from "../../src/domain/exits/exit-log.ts";
import { exitMetric, exitSignals } from "../../src/domain/exits/exit-signals.ts";
import type { ExitReading } from "../../src/domain/exits/judge.ts";
import { answersTo, scriptOf } from "../../src/domain/exits/trial.ts";
import { exitLine, whoInWords } from "../../src/domain/exits/words.ts";
import { zeroAddress } from "../../src/domain/primitives.ts";
import { operationOf } from "../../src/domain/wind-down.ts";
import type { Ceremony } from "../support/ceremony-driver.ts";
import { ExitWorld, noCode } from "../support/exit-world.ts";
import { byGas, gasAccount, gasCeremonyAt } from "../support/gas-council.ts";
import { ceremonyAt, given, type Stage } from "../support/given.ts";
import { expectHouseStyle } from "../support/house-style.ts";
import { addressOf, DAY, DELAY, hashOf, mainnet, walletOf } from "../support/sample-council.ts";

const pause = "containment/pause-vault";
const back = "vault/rollback";
const later = "router/rollback";
const guardian = addressOf(`guardian on ${mainnet}`);
const council = addressOf(`council on ${mainnet}`);

const at = (stage: Stage) => new ExitWorld(ceremonyAt(stage));
const told = ({ verdict, reasons }: ExitReading) => {
  for (const { sentence } of reasons) expectHouseStyle(sentence);
  return [verdict, ...reasons.map((one) => one.sentence)];
};
const codes = ({ verdict, reasons }: ExitReading) => [verdict, ...reasons.map((one) => one.code)];
const error = (text: string, ...args: unknown[]) => {
  const errorName = /error (\w+)/.exec(text)?.[1] ?? "";
  return encodeErrorResult({ abi: parseAbi([text]), errorName, args } as Parameters<typeof encodeErrorResult>[0]);
};
const inner = error("error Error(string text)", "GS013");

describe("a ceremony has ways out", () => {
  const verdicts = (world: ExitWorld) => [...world.look()].map(([id, one]) => `${id} ${one.verdict}`);

  it("from its review on: prepared, then in place, then live, and none once it is over", () => {
    expect(verdicts(at("checked"))).toEqual([]);
    expect(verdicts(at("in review"))).toContain(`${pause} preparing`);
    expect(verdicts(at("signing"))).toEqual([
      `${pause} armed`,
      "containment/cap-router armed",
      `${back} preparing`,
      `${later} preparing`,
    ]);
    expect(verdicts(at("scheduled"))).toEqual([
      `${pause} ready`,
      "containment/cap-router ready",
      `${back} armed`,
      `${later} armed`,
    ]);
    expect(verdicts(at("canary")).slice(2)).toEqual([`${back} ready`, `${later} armed`]);
    for (const stage of ["closing", "closed", "cancelled", "expired"] as const) expect(verdicts(at(stage))).toEqual([]);
  });

  it("of which one that is used gives up those that share its nonce", () => {
    expect(verdicts(at("contained"))).toEqual([
      `${pause} over`,
      "containment/cap-router over",
      `${back} ready`,
      `${later} armed`,
    ]);
  });

  it("as where it was held", () => {
    expect(verdicts(at("held"))).toEqual(verdicts(at("canary")));
    const early = at("in review");
    early.it.must(early.it.hold("caro"));
    expect(verdicts(early)).toEqual(verdicts(at("in review")));
  });
});

describe("a containment", () => {
  it("is dead once its nonce is used, and who used it is named where it is known", () => {
    const world = at("canary");
    world.it.changeSafe(mainnet, guardian, { nonce: 8n });
    const start = `The Safe ${guardian} is at nonce 8, and it was signed for nonce 7: `;
    expect(told(world.exit(pause))).toEqual(["broken", `${start}another transaction took it.`]);
    world.takers.set(`${mainnet}:${guardian.toLowerCase()}`, hashOf("taker"));
    expect(told(world.exit(pause))).toEqual(["broken", `${start}the transaction ${hashOf("taker")} took it.`]);
  });

  it("lacks signatures where the threshold rises or signers go, and says who could sign", () => {
    const world = at("canary");
    world.it.changeSafe(mainnet, guardian, { threshold: 3 });
    expect(told(world.exit(pause))).toEqual([
      "broken",
      `The Safe ${guardian} takes 3 signatures now; it took 2 when it was prepared.`,
      `Missing for ${pause}: 1 signature, which Finn or Gus could give.`,
    ]);
    world.it.changeSafe(mainnet, guardian, { threshold: 2, owners: [walletOf("dev"), walletOf("eve")] });
    expect(codes(world.exit(pause))).toEqual(["broken", "owner", "signatures"]);
    expect(whoInWords(world.exit(pause), world.it.policy)).toBe(
      "Caro and Eve, or Dev and Eve, or Eve and Finn, or 1 more ways (no spare)",
    );
  });

  it("says what the call itself says where the Safe only says that it failed", () => {
    const world = at("canary");
    world.fails = { exec: inner };
    expect(told(world.exit(pause))).toEqual([
      "broken",
      "The containment would revert: the call inside the Safe transaction failed (GS013).",
    ]);
    const missing = error(
      "error AccessControlUnauthorizedAccount(address account, bytes32 neededRole)",
      guardian,
      hashOf("PAUSER_ROLE"),
    );
    world.fails = { exec: inner, inner: missing };
    expect(told(world.exit(pause))).toEqual([
      "broken",
      `A role or an owner is not what it was: ${guardian} does not hold PAUSER_ROLE.`,
    ]);
    const other = error(
      "error WrongCode(address account, bytes32 wanted, bytes32 found)",
      guardian,
      hashOf("a"),
      hashOf("b"),
    );
    world.fails = { exec: inner, inner: other };
    expect(codes(world.exit(pause))).toEqual(["broken", "code"]);
    world.fails = { exec: inner, inner: error("error TooLate(uint256 notAfter, uint256 now)", 1n, 2n) };
    expect(codes(world.exit(pause))).toEqual(["broken", "window"]);
  });

  it("blames the guard only where there is one, and the call went through", () => {
    const world = at("canary");
    world.fails = { exec: "0x12345678" };
    expect(codes(world.exit(pause))).toEqual(["broken", "reverts"]);
    world.guard = addressOf("guard");
    expect(told(world.exit(pause))).toEqual([
      "broken",
      `The Safe has the guard ${addressOf("guard")}, which does not let it pass.`,
    ]);
    world.fails = { exec: inner };
    expect(codes(world.exit(pause))).toEqual(["broken", "reverts"]);
  });

  it("is proved by its effect: a call that goes through and changes nothing is no way out", () => {
    const world = at("canary");
    world.takesEffect = false;
    expect(codes(world.exit(pause))).toEqual(["broken", "effect"]);
    world.codes.set(addressOf("pause-vault"), noCode);
    expect(codes(world.exit(pause))).toEqual(["broken", "code"]);
  });

  it("is not needed where its effect is there already, and only then", () => {
    const world = at("canary");
    world.fails = { exec: inner };
    world.inEffect = true;
    expect(world.exit(pause)).toMatchObject({ verdict: "over", notes: ["It is in effect already: Run pause-vault."] });
    world.fails = {};
    expect(world.exit(pause).verdict).toBe("ready");
  });

  it("is neither ready nor broken where the chain gave no answer", () => {
    const world = at("canary");
    world.burns = true;
    expect(codes(world.exit(pause))).toEqual(["unproved"]);
    expect(codes(world.exit(back))).toEqual(["unproved"]);
  });

  it("names a module that policy does not know, and is not broken by it", () => {
    const world = at("canary");
    world.modules = [addressOf("module")];
    expect(world.exit(pause)).toMatchObject({
      verdict: "ready",
      notes: [expect.stringContaining(addressOf("module"))],
    });
    const chains = world.it.policy.chains.map((one) => ({ ...one, modules: [addressOf("module")] }));
    world.it.policy = { ...world.it.policy, chains };
    expect(world.exit(pause).notes).toEqual([]);
  });

  it("needs a guardian who is not frozen", () => {
    const world = at("canary");
    freeze(world.it, ["caro", "dev", "finn"]);
    expect(whoInWords(world.exit(pause), world.it.policy)).toBe("only Gus (no spare)");
    freeze(world.it, ["gus"]);
    expect(told(world.exit(pause))).toEqual([
      "broken",
      "Nobody who may give the word is left: it takes a guardian who is not frozen.",
    ]);
  });
});

function freeze(it: Ceremony, ids: readonly string[]): void {
  const people = it.policy.people.map((one) => (ids.includes(one.id) ? { ...one, frozen: true } : one));
  it.policy = { ...it.policy, people };
}

describe("a rollback", () => {
  it("needs the upgrade to be done, and its operation to stand", () => {
    const world = at("canary");
    const { state } = world.it;
    world.timestamps.set(operationOf(state, "vault", "upgrade"), 5n);
    expect(codes(world.exit(back))).toEqual(["broken", "predecessor"]);
    world.timestamps.set(operationOf(state, "vault", "rollback"), 0n);
    expect(codes(world.exit(back))).toEqual(["broken", "cancelled", "predecessor"]);
    world.timestamps.set(operationOf(state, "router", "rollback"), 0n);
    expect(codes(world.exit(later))).toEqual(["broken", "cancelled"]);
  });

  it("is not needed once the timelock says that it is done", () => {
    const world = at("canary");
    world.timestamps.set(operationOf(world.it.state, "vault", "rollback"), 1n);
    expect(codes(world.exit(back))).toEqual(["over"]);
  });

  it("may not be early, nor late", () => {
    const world = at("canary");
    world.timestamps.set(operationOf(world.it.state, "vault", "rollback"), world.it.time + 1n);
    expect(codes(world.exit(back))).toEqual(["broken", "early"]);
    world.timestamps.clear();
    const end = world.it.state.package.legs[0]?.rollback.notAfter ?? 0n;
    world.it.time = end;
    expect(codes(world.exit(back))).toEqual(["ready"]);
    world.it.time = end + 1n;
    expect(codes(world.exit(back))).toEqual(["broken", "window"]);
  });

  it("goes back to the very code, through contracts that are there", () => {
    const world = at("canary");
    const [restored] = world.it.state.package.legs[0]?.rollback.restores ?? [];
    world.codes.set(restored?.implementation ?? zeroAddress, hashOf("other code"));
    expect(codes(world.exit(back))).toEqual(["broken", "code"]);
    world.codes.clear();
    world.codes.set(addressOf(`admin of vault on ${mainnet}`), noCode);
    expect(codes(world.exit(back))).toEqual(["broken", "code"]);
  });

  it("works for those who may execute and hold the role, and breaks with the last of them", () => {
    const world = at("canary");
    expect(whoInWords(world.exit(back), world.it.policy)).toBe("any 1 of 2: Eve or Gus (1 to spare)");
    world.executors.delete(walletOf("eve"));
    expect(whoInWords(world.exit(back), world.it.policy)).toBe("only Gus (no spare)");
    world.executors.clear();
    expect(told(world.exit(back))).toEqual([
      "broken",
      "No wallet of Eve or Gus, who may run it, holds the timelock's EXECUTOR_ROLE.",
    ]);
    world.executors.add(zeroAddress);
    expect(whoInWords(world.exit(back), world.it.policy)).toBe("any 1 of 2: Eve or Gus (1 to spare)");
    freeze(world.it, ["eve", "gus"]);
    expect(codes(world.exit(back))).toEqual(["broken", "people"]);
  });

  it("would revert with the reason the chain gives", () => {
    const world = at("canary");
    world.fails = { run: error("error OwnableUnauthorizedAccount(address account)", council) };
    expect(told(world.exit(back))).toEqual([
      "broken",
      `A role or an owner is not what it was: ${council} is not the owner.`,
    ]);
  });

  it("that waits for its upgrade is tried out as if it had run; where that proves nothing, it is said and breaks nothing", () => {
    const world = at("scheduled");
    expect(world.exit(back)).toMatchObject({ verdict: "armed", notes: [expect.stringMatching(/^Tried out as if/)] });
    world.fails = { run: error("error TimelockUnexecutedPredecessor(bytes32 id)", hashOf("upgrade")) };
    expect(world.exit(back)).toMatchObject({
      verdict: "armed",
      notes: [expect.stringMatching(/cannot be proved before/)],
    });
    world.fails = { run: error("error OwnableUnauthorizedAccount(address account)", council) };
    expect(codes(world.exit(back))).toEqual(["broken", "role"]);
  });
});

describe("a presigned rollback", () => {
  const presigned = (stage: Stage = "canary") => {
    const world = new ExitWorld(gasCeremonyAt(stage));
    world.gasAccount = gasAccount;
    world.executors = new Set([gasAccount]);
    // Both upgrades were scheduled by it: the Safe has come to the rollbacks' nonces.
    world.it.changeSafe(mainnet, council, { nonce: 9n });
    return world;
  };

  it("works where what was signed can be scheduled now, and its delay ends before its own end", () => {
    const world = presigned();
    expect(world.exit(back)).toMatchObject({
      verdict: "ready",
      notes: [expect.stringMatching(/waits the timelock's delay/)],
    });
    expect(whoInWords(world.exit(back), world.it.policy)).toBe("any 1 of 2: Eve or Gus (1 to spare)");
    const end = world.it.state.package.legs[0]?.rollback.notAfter ?? 0n;
    world.it.time = end - DELAY;
    expect(codes(world.exit(back))).toEqual(["ready"]);
    world.it.time = end - DELAY + 1n;
    expect(codes(world.exit(back))).toEqual(["broken", "window"]);
  });

  it("is dead once its nonce is used, and lacks signatures once owners go; only who did not write it could sign", () => {
    const world = presigned();
    world.it.changeSafe(mainnet, council, { nonce: 10n });
    expect(codes(world.exit(back))).toEqual(["broken", "nonce"]);
    world.it.changeSafe(mainnet, council, { nonce: 9n, threshold: 4 });
    expect(told(world.exit(back))).toEqual([
      "broken",
      `The Safe ${council} takes 4 signatures now; it took 3 when it was prepared.`,
      `Missing for ${back}: 1 signature, which Finn could give.`,
    ]);
    expect(whoInWords(world.exit(back), world.it.policy)).toBe("Eve and Finn, or Finn and Gus (no spare)");
  });

  it("fails with the proposer's role", () => {
    const world = presigned();
    const role = error(
      "error AccessControlUnauthorizedAccount(address account, bytes32 neededRole)",
      council,
      hashOf("PROPOSER_ROLE"),
    );
    world.fails = { exec: inner, inner: role };
    expect(codes(world.exit(back))).toEqual(["broken", "role"]);
  });

  it("waits its delay once somebody asked for it: nothing is broken by that", () => {
    const world = presigned();
    world.it.must(world.it.rollback("gus")).mineRollbacks();
    expect(codes(world.exit(back))).toEqual(["armed"]);
    world.it.passTime(DELAY);
    expect(codes(world.exit(back))).toEqual(["ready"]);
  });

  it("is for nobody but those who may have the gas key send it", () => {
    const world = presigned();
    world.executors.clear();
    expect(codes(world.exit(back))).toEqual(["broken", "role"]);
    expect(byGas().policy.chains[0]?.executor).toBe("gas-key");
  });
});

describe("what a look changes", () => {
  const record = (world: ExitWorld) => {
    const seen = exitChanges(world.it.state, [...world.look().values()]);
    for (const one of seen) world.it.must({ kind: "observe", by: system, seen: one });
    return seen.map((one) => `${one.what} ${one.exit}`);
  };
  const broken = (stage: Stage) => {
    const world = at(stage);
    world.it.changeSafe(mainnet, guardian, { nonce: 8n });
    return world;
  };
  const signals = ({ it }: ExitWorld) =>
    exitSignals(it.state, it.policy).map((one) => `${one.metric} SEV${one.severity} ${one.condition}`);

  it("is recorded once, from the block at which it broke to the one at which it was mended", () => {
    const world = broken("canary");
    expect(record(world)).toEqual([`exitLost ${pause}`, "exitLost containment/cap-router"]);
    expect(record(world)).toEqual([]);
    expect(openLosses(world.it.state)).toHaveLength(2);
    // Another of the same kind is nothing new; another kind is.
    world.it.changeSafe(mainnet, guardian, { nonce: 9n });
    expect(record(world)).toEqual([]);
    world.it.changeSafe(mainnet, guardian, { nonce: 9n, threshold: 3 });
    expect(record(world)).toEqual([`exitLost ${pause}`, "exitLost containment/cap-router"]);
    world.burns = true;
    world.it.changeSafe(mainnet, guardian, { nonce: 7n, threshold: 2 });
    expect(record(world), "what is not proved mends nothing").toEqual([]);
    world.burns = false;
    expect(record(world)).toEqual([`exitMended ${pause}`, "exitMended containment/cap-router"]);
    expect(openLosses(world.it.state)).toEqual([]);
  });

  it("pages with severity 1 while something is at stake, 2 before, and clears when it is mended", () => {
    const world = broken("canary");
    record(world);
    expect(signals(world)).toEqual(["exit-pause-vault SEV1 firing", "exit-cap-router SEV1 firing"]);
    const early = broken("scheduled");
    record(early);
    expect(signals(early)).toEqual(["exit-pause-vault SEV2 firing", "exit-cap-router SEV2 firing"]);
    early.it.changeSafe(mainnet, guardian, { nonce: 7n });
    record(early);
    expect(signals(early)).toEqual(["exit-pause-vault SEV2 cleared", "exit-cap-router SEV2 cleared"]);
    const [one, other] = exitSignals(early.it.state, early.it.policy);
    expect(one && other && alertKey(one) === alertKey(other)).toBe(false);
  });

  it("keeps the next phase from being let through while it is open, and not the end of the last one", () => {
    const world = broken("canary");
    record(world);
    given(world.it)
      .when((one) => one.advance("ben"))
      .refused(
        "advance/exits",
        /cannot advance while a way out would not work: containment\/pause-vault: .*; .*\/upgrade exits/,
      );
    world.it.changeSafe(mainnet, guardian, { nonce: 7n });
    record(world);
    given(world.it)
      .when((one) => one.advance("ben"))
      .then("advanced");
    world.it.becomeReady().must(world.it.execute("gus")).must(world.it.send("gus", "router")).mineSent();
    world.it.changeSafe(mainnet, guardian, { nonce: 8n });
    record(world);
    expect(openLosses(world.it.state)).not.toEqual([]);
    given(world.it)
      .when((one) => one.advance("ben"))
      .then("canaryPassed");
  });

  it("calls nobody before it was whole", () => {
    expect(record(broken("in review"))).toEqual([]);
  });

  it("is over with the ceremony, and with what was signed for another review", () => {
    const world = broken("scheduled");
    record(world);
    world.it.must(world.it.cancel("ada"));
    expect(signals(world)).toEqual(["exit-pause-vault SEV2 cleared", "exit-cap-router SEV2 cleared"]);
    const signing = broken("signing");
    record(signing);
    expect(signals(signing)).toEqual(["exit-pause-vault SEV2 firing", "exit-cap-router SEV2 firing"]);
    signing.it.observe({ what: "nonceTaken", safe: guardian, nonce: 8n, expected: 7n });
    expect(signals(signing)).toEqual(["exit-pause-vault SEV2 cleared", "exit-cap-router SEV2 cleared"]);
    signing.it.must(signing.it.check()).must(signing.it.openReview());
    expect(openLosses(signing.it.state)).toEqual([]);
  });

  it("is nothing where nobody needs the exit any more, whoever says so late", () => {
    const { it: ceremony } = at("contained");
    const block = ceremony.block(mainnet);
    given(ceremony)
      .when(() => ({
        ...{ kind: "observe", by: system },
        seen: { what: "exitLost", exit: pause, reasons: ["nonce"], sentence: "It is gone.", block },
      }))
      .then();
    given(ceremony)
      .when(() => ({ kind: "observe", by: system, seen: { what: "exitMended", exit: back, block } }))
      .then();
  });
});

describe("what is asked at once", () => {
  const row = [{ to: guardian, data: "0x" as const }];

  it("begins with what only reads, asks the same once, and pretends only where it is to", () => {
    const pretend = [{ account: guardian, slot: hashOf("slot"), value: hashOf("value") }];
    const script = scriptOf(
      [
        { key: "send", row, on: "state" },
        { key: "later", row, on: "pretence" },
        { key: "read", row, on: "state", isFact: true },
        { key: "read", row, on: "state", isFact: true },
      ],
      pretend,
    );
    expect(script.keys).toEqual([["read", "send"], ["later"]]);
    expect(script.questions.map((one) => one.pretend)).toEqual([undefined, pretend]);
    const [went, failed] = [
      { answers: [], failed: undefined },
      { answers: [], failed: "0x" as const },
    ];
    expect([...answersTo(script, [[went, failed], [undefined]])]).toEqual([
      ["read", went],
      ["send", failed],
      ["later", undefined],
    ]);
  });
});

describe("in words", () => {
  it("each is one line: mark, word, action, people, why, block and age", () => {
    const world = at("canary");
    const [one, ...rest] = [...world.look().values()].map((each) =>
      exitLine(each, world.it.policy, world.it.time + 4n),
    );
    expect(one).toBe(
      `✓ Ready · Run pause-vault (${pause}) · any 1 of 4: Caro, Dev, Finn or Gus (3 to spare) · It would work if it were sent now. · block ${world.it.time / 12n}, 4 s ago`,
    );
    for (const line of rest) expect(line).toMatch(/^✓ (Ready|In place) · .+ · .+ · block \d+, 4 s ago$/);
    world.it.time += 365n * DAY;
    expect(exitLine(world.exit(back), world.it.policy, world.it.time)).toMatch(
      /^✗ Does not work · .*Its end has passed/,
    );
  });

  it("an alert's name fits, whatever the action is called", () => {
    expect(exitMetric("vault/rollback")).toBe("exit-vault-rollback");
    const long = exitMetric(`containment/${"a".repeat(40)}`);
    expect(long).toMatch(/^exit-a{26}-[0-9a-f]{8}$/);
    expect(exitMetric(`containment/${"a".repeat(39)}b`)).not.toBe(long);
  });
});
