/** Containments by class, bound to code, held back, and sent without a person's word. */

import { decodeFunctionData, parseAbi, size, slice } from "viem";
import { describe, expect, it, test } from "vitest";
import { griefing, metricOfEvidence, notAutomatic } from "../../src/domain/automatic.ts";
import { type CeremonyState, transactionById } from "../../src/domain/ceremony.ts";
import { containmentAction, containmentCalls, effectOf, unfit } from "../../src/domain/containment.ts";
import type { Finding } from "../../src/domain/events.ts";
import { awaitedContainment } from "../../src/domain/held-back.ts";
import type { Metric } from "../../src/domain/metrics.ts";
import { publicSignatures } from "../../src/domain/mirroring.ts";
import type { Policy } from "../../src/domain/policy.ts";
import { type Containment, packageHash, type ReleasePackage } from "../../src/domain/release-package.ts";
import { safeTxHashes } from "../../src/domain/safe-tx.ts";
import { missingSignatures, signable } from "../../src/domain/signing.ts";
import type { Ceremony } from "../support/ceremony-driver.ts";
import { ceremonyAt, given } from "../support/given.ts";
import { addressOf, hashOf, mainnet, START, samplePackage, samplePolicy, WINDOW } from "../support/sample-council.ts";

const vault = addressOf("pause-vault");
const bound = {
  multiSend: addressOf("MultiSendCallOnly"),
  preconditionsAt: addressOf("preconditions"),
  notAfter: START + 10n * WINDOW,
  codeHashes: [{ account: vault, codeHash: hashOf("code of the vault") }],
};

/** The sample council's policy and package, with containments as a test has them. */
function council(
  marks: Partial<Containment>,
  metric: Partial<Metric> = {},
  multiSendCallOnly = marks.bound === undefined ? undefined : bound.multiSend,
): { policy: Policy; package: ReleasePackage } {
  const plain = samplePolicy();
  const policy = {
    ...plain,
    chains: plain.chains.map((one) => (multiSendCallOnly === undefined ? one : { ...one, multiSendCallOnly })),
    metrics: plain.metrics.map((one) => (one.id === "solvency" ? { ...one, ...metric } : one)),
  };
  const pkg = samplePackage(policy);
  const containment = pkg.containment.map((one) => {
    const own = one.calls[0]?.to ?? vault;
    const codeHashes = [{ account: own, codeHash: hashOf(`code of ${own}`) }];
    return { ...one, ...marks, ...(marks.bound === undefined ? {} : { bound: { ...marks.bound, codeHashes } }) };
  });
  return { policy, package: { ...pkg, containment } };
}

const finding = (code: string, metric = "solvency"): Finding => ({
  ...{ code, severity: "info", gate: "simulation", message: "It was tried.", fix: "" },
  evidence: metricOfEvidence(metric),
});

const breach = (it: Ceremony, mayContain: boolean | undefined = true) => ({
  kind: "observe" as const,
  by: { person: "quorate", account: "quorate" },
  seen: {
    what: "breach" as const,
    metric: "solvency",
    block: it.block(mainnet),
    value: "9000",
    sentence: "Solvency is 9,000 bps",
    mayContain,
  },
});

describe("what a containment does", () => {
  test("is what policy says, else what the function's name says", () => {
    expect(effectOf("limit", "function pause()")).toBe("limit");
    expect(effectOf(undefined, "function pause()")).toBe("freeze");
    expect(effectOf(undefined, "function revokeRole(bytes32 role, address account)")).toBe("isolate");
    expect(effectOf(undefined, "function setDepositCap(uint256 cap)")).toBe("limit");
    expect(effectOf(undefined, "function upgradeTo(address implementation)")).toBe("roll-back");
    expect(effectOf(undefined, "function poke()")).toBeUndefined();
  });

  test("answers some classes of breaches, and not others", () => {
    expect(unfit("asset", "isolate")).toMatch(/^a breach of the class asset is answered by freeze, roll-back, limit/);
    expect(unfit("authorization", "limit")).toBeDefined();
    expect(unfit("economic", "limit")).toBeUndefined();
    expect(unfit("liveness", "degrade")).toBeUndefined();
    for (const one of ["asset", "authorization", "economic", "liveness"] as const)
      expect(unfit(one, "freeze")).toBeUndefined();
    expect(unfit("asset", undefined), "nobody says what it does").toBeUndefined();
  });
});

describe("a bound containment", () => {
  const [one] = council({ bound }).package.containment;

  test("is checks of the chain and then its call, in one MultiSendCallOnly transaction", () => {
    if (one === undefined) throw new Error("The package has no containment.");
    const calls = containmentCalls(one);
    const checks = parseAbi([
      "function notAfter(uint256 time)",
      "function chain(uint256 id)",
      "function codeHash(address account, bytes32 expected)",
    ]);
    const read = calls.slice(0, -1).map((call) => {
      expect(call.to).toBe(bound.preconditionsAt);
      const { functionName, args } = decodeFunctionData({ abi: checks, data: call.data });
      return [functionName, ...args];
    });
    expect(read).toEqual([
      ["notAfter", bound.notAfter],
      ["chain", 31337n],
      ["codeHash", one.calls[0]?.to, one.bound?.codeHashes[0]?.codeHash],
    ]);
    expect(calls.at(-1)).toEqual({ to: one.calls[0]?.to, value: 0n, data: "0x8456cb59" });
    const action = containmentAction(one);
    expect(action).toMatchObject({ to: bound.multiSend, value: 0n, operation: 1 });
    expect(slice(action.data, 0, 4)).toBe("0x8d80ff0a");
    expect(size(action.data) % 32).toBe(4);
  });

  test("is what the guardians sign, and an unbound one stays the plain call it was", () => {
    const it = ceremonyAt("in review", council({ bound }));
    expect(transactionById(it.state, "containment/pause-vault")?.tx).toMatchObject({
      operation: 1,
      to: bound.multiSend,
    });
    const plain = transactionById(ceremonyAt("in review").state, "containment/pause-vault");
    expect(plain?.tx).toMatchObject({ operation: 0, to: vault, data: "0x8456cb59" });
    expect(plain && safeTxHashes(plain.tx).safeTxHash).toBe(plain?.safeTxHash);
  });

  test("changes no package that has none", () => {
    expect(packageHash(council({}).package)).toBe(packageHash(samplePackage(samplePolicy())));
  });

  test.each<[string, { policy: Policy; package: ReleasePackage }, RegExp]>([
    ["not bound where policy says how", council({}, {}, bound.multiSend), /is bound to no code and to no end/],
    [
      "a DELEGATECALL that policy does not name",
      { ...council({ bound }), policy: samplePolicy() },
      /is a DELEGATECALL|another authority policy/,
    ],
    [
      "through another contract",
      council({ bound: { ...bound, multiSend: addressOf("a trojan") } }, {}, bound.multiSend),
      /goes through .* not the MultiSendCallOnly of policy/,
    ],
    [
      "checked by another contract",
      council({ bound: { ...bound, preconditionsAt: addressOf("yes to all") } }),
      /names a Preconditions contract that policy does not know/,
    ],
    [
      "dead before the canary is over",
      council({ bound: { ...bound, notAfter: START + WINDOW } }),
      /ends before the last canary/,
    ],
  ])("is refused: %s", (_name, options, reason) => {
    given("nothing", options)
      .when((it) => it.propose("ada"))
      .refused("package", reason);
  });

  test("is refused where it is not bound to the code that it calls", () => {
    const { policy, package: pkg } = council({ bound });
    const free = pkg.containment.map((each) => ({
      ...each,
      bound: { ...bound, codeHashes: [{ account: addressOf("other"), codeHash: hashOf("x") }] },
    }));
    given("nothing", { policy, package: { ...pkg, containment: free } })
      .when((it) => it.propose("ada"))
      .refused("package", /is not bound to the code of/);
  });
});

describe("a containment of which a signature is held back", () => {
  const options = () => council({ heldBack: true });
  const tx = "containment/pause-vault";

  it("is scheduled with one signature missing, and takes no more", () => {
    const it = ceremonyAt("approved", options());
    it.must(it.sign("caro", tx));
    expect(missingSignatures(it.state, it.policy).some((one) => one.tx.id === tx)).toBe(false);
    given(it)
      .when((one) => one.sign("dev", tx))
      .refused("signature/held-back", /stays out until a guardian gives the word, and yours would be the last/);
    const dev = it.policy.people.find((one) => one.id === "dev");
    expect(dev && signable(it.state, dev, it.policy).map((one) => one.id)).not.toContain(tx);
    expect(ceremonyAt("scheduled", options()).state.status).toBe("scheduled");
  });

  it("is policy's to say, and no package may leave it out", () => {
    const { policy, package: pkg } = council({});
    const strict = {
      ...policy,
      targets: policy.targets.map((target) => ({
        ...target,
        containment: target.containment.map((one) => ({ ...one, heldBack: true as const })),
      })),
    };
    given("nothing", { policy: strict, package: { ...samplePackage(strict), containment: pkg.containment } })
      .when((it) => it.propose("ada"))
      .refused("package", /has a signature of the containment pause-vault held back/);
  });

  it("is sent by its last signature once a guardian has given the word, and by nothing before", () => {
    const it = ceremonyAt("canary", options());
    const signed = it.state.signatures.filter((one) => one.tx === tx).map((one) => one.person);
    expect(signed).toHaveLength(1);
    const last = ["caro", "dev", "finn"].find((one) => !signed.includes(one)) ?? "";
    given(it)
      .when((one) => one.sign(last, tx))
      .refused("signature/closed");
    given(it)
      .when((one) => one.contain("gus"))
      .then("containmentRequested");
    expect(awaitedContainment(it.state)?.id).toBe(tx);
    given(it)
      .when((one) => one.contain("caro"))
      .refused("contain/again", /it waits for its last signature: \/upgrade sign UP-1/);
    given(it)
      .when((one) => one.sign(last, tx))
      .then("signed");
    expect(awaitedContainment(it.state)).toBeUndefined();
    expect(publicSignatures(it.state, transactionById(it.state, tx) as never)).toEqual([]);
  });

  it("lets another containment take its place while it waits", () => {
    given("canary", options())
      .and((it) => it.must(it.contain("gus")))
      .when((it) => it.contain("caro", "cap-router"))
      .then("containmentRequested");
  });
});

describe("containment without a person's word", () => {
  const marks = { bound };
  const automatic = { automatic: true, containment: "pause-vault" } as const;
  const proven = [finding(griefing.unmoved)];

  function atCanary(
    findings: Finding[] = proven,
    of: Partial<Containment> = marks,
    metric: Partial<Metric> = automatic,
  ) {
    const it = ceremonyAt("drafted", council(of, metric));
    it.must(it.check(findings)).must(it.openReview());
    for (const who of ["ben", "caro", "dev"]) it.must(it.approve(who));
    for (const who of ["ben", "caro", "dev"]) it.signAll(who);
    it.must(it.schedule("ada")).mineSchedules();
    it.passTime(2n * 86_400n)
      .becomeReady()
      .must(it.execute("eve"));
    return it.must(it.send("eve", "vault")).mineSent();
  }

  const refusedByChain = {
    what: "containmentFailed",
    containment: "pause-vault",
    reason: "Its code is another.",
  } as const;
  const why = (it: Ceremony, state: CeremonyState = it.state) => {
    const metric = it.policy.metrics.find((one) => one.id === "solvency");
    return metric && notAutomatic(state, metric);
  };
  const asks = (it: Ceremony, mayContain?: boolean) => given(it).when((one) => breach(one, mayContain)).decision;
  const types = (it: Ceremony, mayContain?: boolean) => {
    const decision = asks(it, mayContain);
    return decision.ok ? decision.events.map((one) => one.type) : [decision.refusal.code];
  };

  it("follows the breach at once, in the program's own name, and says on what", () => {
    const it = atCanary();
    const decision = asks(it);
    const asked = decision.ok ? decision.events.find((one) => one.type === "containmentRequested") : undefined;
    expect(asked?.data).toMatchObject({
      ...{ containment: "pause-vault", by: { person: "quorate" } },
      reason: expect.stringMatching(/ \(block \d+\)$/),
    });
    expect(it.state).toMatchObject({ containedByItself: true, containment: { by: "quorate", confirmed: false } });
  });

  const never: [string, () => Ceremony, boolean?][] = [
    ["policy does not say so", () => atCanary(proven, marks, {})],
    ["too few sources agree", () => atCanary(), false],
    ["nobody tried whether a stranger could bring it about", () => atCanary([])],
    ["it was tried of another invariant", () => atCanary([finding(griefing.unmoved, "liveness")])],
    ["a stranger could bring it about", () => atCanary([...proven, finding(griefing.moved)])],
    ["it is bound to no code", () => atCanary(proven, {})],
    ["a signature is held back", () => atCanary(proven, { ...marks, heldBack: true })],
    ["it is in shadow", () => atCanary(proven, marks, { ...automatic, mode: "shadow" })],
    [
      "a person holds the ceremony",
      () => {
        const it = atCanary();
        return it.must(it.hold("caro"));
      },
    ],
    [
      "it has happened in this ceremony",
      () => {
        const it = atCanary();
        it.must(breach(it)).containmentMined().must(it.resimulate());
        it.observe({ what: "cleared", metric: "solvency", block: it.block(mainnet) });
        it.must(it.resume("ben")).must(it.resume("finn"));
        return it;
      },
    ],
    [
      "another containment is on its way",
      () => {
        const it = atCanary();
        return it.must(it.contain("caro", "cap-router"));
      },
    ],
  ];
  it.each(never)("does not where %s", (_name, made, mayContain) => {
    const it = made();
    expect(types(it, mayContain)).toContain("breached");
    const after = it.log.findLastIndex((one) => one.type === "breached");
    expect(it.log.slice(after).map((one) => one.type)).not.toContain("containmentRequested");
  });

  it("happens once a ceremony, also where the chain refused what was sent", () => {
    const it = atCanary();
    it.must(breach(it)).observe(refusedByChain);
    it.observe({ what: "cleared", metric: "solvency", block: it.block(mainnet) });
    expect(it.state).toMatchObject({ containment: undefined, onChain: expect.not.arrayContaining(["containment"]) });
    expect(types(it)).not.toContain("containmentRequested");
    expect(why(it)).toBe("it happens once a ceremony, and has happened");
  });

  it("is left to it where the containment before was a person's word", () => {
    const it = atCanary();
    it.must(it.contain("caro", "cap-router")).observe({ ...refusedByChain, containment: "cap-router" });
    expect(types(it)).toContain("containmentRequested");
  });

  it("is not kept from it by the program's own hold", () => {
    const it = atCanary();
    it.observe({ what: "budget", phase: 0, left: 0, reason: "blind", block: it.block(mainnet) });
    expect(it.state).toMatchObject({ status: "held", heldBy: { person: "quorate" } });
    expect(types(it)).toContain("containmentRequested");
  });

  it("says of each thing that stands in its way what it is", () => {
    const it = atCanary();
    expect(why(it)).toBeUndefined();
    const { state } = it;
    const [held] = state.package.containment.map((one) => ({ ...one, heldBack: true as const }));
    const pkg = { ...state.package, containment: held === undefined ? [] : [held] };
    const onChain = [...state.onChain, { tx: "containment/pause-vault", state: "done" as const }];
    const cases: [Partial<CeremonyState>, string][] = [
      [{ package: pkg }, "a signature is held back until a person gives the word"],
      [{ signatures: state.signatures.filter((one) => one.person !== "dev") }, "it is not fully signed"],
      [{ onChain }, "it has been used"],
      [{ status: "rolled back" }, "the ceremony is rolled back"],
      [{ status: "contained" }, "the ceremony is contained"],
    ];
    for (const [change, sentence] of cases) expect(why(it, { ...state, ...change })).toBe(sentence);
  });

  it("waits for the agreement of sources where nobody says anything of it", () => {
    const it = atCanary();
    it.must({ ...breach(it), seen: { ...breach(it).seen, mayContain: undefined } });
    expect(it.state.containment).toBeUndefined();
  });

  it("says why a person has to", () => {
    expect(why(atCanary([]))).toBe("no check has shown that no stranger can bring it about");
  });
});

describe("a containment that the chain refused", () => {
  const refused = { what: "containmentFailed", containment: "pause-vault", reason: "Its code is another." } as const;

  it("is said, and another may be sent", () => {
    const it = ceremonyAt("canary");
    it.must(it.contain("gus")).observe(refused);
    expect(it.log.at(-1)?.type).toBe("containmentFailed");
    given(it)
      .when((one) => one.contain("caro", "cap-router"))
      .then("containmentRequested");
  });

  it("is nothing where none was on its way", () => {
    given("contained")
      .when(
        (it) =>
          ({
            kind: "observe",
            by: { person: "quorate", account: "quorate" },
            seen: { ...refused, block: it.block(mainnet) },
          }) as never,
      )
      .then();
  });
});

describe("resuming after a containment", () => {
  const contained = () => {
    const it = ceremonyAt("canary");
    return it.must(it.contain("caro")).containmentMined();
  };

  it("takes a check that was made since", () => {
    given(contained())
      .when((it) => it.resume("ben"))
      .refused("resume/simulation", /was not simulated since it was contained/);
    given(contained())
      .and((it) => it.must(it.resimulate()))
      .when((it) => it.resume("ben"))
      .then("resumeSupported");
  });

  it("is refused where that check refused", () => {
    const bad: Finding = { ...finding("resumption/still-contained"), severity: "refuse" };
    given(contained())
      .and((it) => it.must(it.resimulate([bad])))
      .when((it) => it.resume("ben"))
      .refused("resume/simulation", /refused it/);
  });

  it("is not helped by a check from before it was contained", () => {
    const it = ceremonyAt("canary");
    it.must(it.hold("ben")).must(it.resimulate()).must(it.contain("caro")).containmentMined();
    given(it)
      .when((one) => one.resume("dev"))
      .refused("resume/simulation");
    // Nor where nobody here gave the word.
    const seen = ceremonyAt("canary");
    seen.must(seen.hold("ben")).must(seen.resimulate()).containmentMined();
    given(seen)
      .when((one) => one.resume("dev"))
      .refused("resume/simulation");
  });

  it("counts nobody who wanted to go on before it was contained, nor who was frozen since", () => {
    const it = ceremonyAt("canary", { policy: samplePolicy() });
    it.must(breach(it, false));
    it.observe({ what: "cleared", metric: "solvency", block: it.block(mainnet) });
    it.must(it.resume("ben")).must(it.contain("caro")).containmentMined().must(it.resimulate());
    it.must(it.resume("dev"));
    expect(it.state.status).toBe("contained");
    const frozen = it.policy.people.find((one) => one.id === "dev");
    if (frozen === undefined) throw new Error("There is Dev.");
    it.policy.people = it.policy.people.map((one) => (one.id === "dev" ? { ...one, frozen: true } : one));
    it.must(it.resume("ben"));
    expect(it.state.status).toBe("contained");
    it.must(it.resume("finn"));
    expect(it.state.status).not.toBe("contained");
  });
});
