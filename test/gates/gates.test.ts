/** The gates against worlds that are wrong in one thing each, on a real chain; and the honest world, which passes them. */

import { type Abi, encodeFunctionData, pad, parseAbi } from "viem";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { buildPackage } from "../../src/ceremonies/build-package.ts";
import type { OpenChains } from "../../src/chain/open.ts";
import { preconditionsCodeHash } from "../../src/chain/preconditions/preconditions.ts";
import type { Policy } from "../../src/domain/policy.ts";
import { type Address, type Hex, zeroAddress } from "../../src/domain/primitives.ts";
import { packageHash, type ReleasePackage } from "../../src/domain/release-package.ts";
import { embeddedGasAccount, keylessAccount } from "../../src/embedded/people.ts";
import { timelockRoles } from "../../src/embedded/timelock.ts";
import type { StartedWorld } from "../../src/embedded/world.ts";
import { decodeGate } from "../../src/gates/decode.ts";
import type { Gate } from "../../src/gates/gate.ts";
import { examine, gates } from "../../src/gates/index.ts";
import { invariantsGate } from "../../src/gates/invariants.ts";
import { preflightGate } from "../../src/gates/preflight.ts";
import { textGate } from "../../src/gates/text.ts";
import { actAs } from "../embedded/act.ts";
import { expectFindingStyle } from "../support/house-style.ts";
import { sampleBuilds } from "../support/sample-policy.ts";
import { startGateWorld } from "./gate-world.ts";

const abi: Abi = parseAbi([
  "function grantRole(bytes32 role, address account)",
  "function revokeRole(bytes32 role, address account)",
  "function changeThreshold(uint256 threshold)",
  "function enableModule(address module)",
  "function addOwnerWithThreshold(address owner, uint256 threshold)",
  "function transferOwnership(address owner)",
  "function setPauser(address pauser)",
  "function upgradeToAndCall(address implementation, bytes data)",
]);
const call = (functionName: string, ...args: unknown[]) => encodeFunctionData({ abi, functionName, args });
const stranger = keylessAccount("a stranger");

let world: StartedWorld;
let chains: OpenChains;
let stop: () => Promise<void>;
let honestPolicy: Policy;
let honest: ReleasePackage;
let snapshot: unknown;
beforeAll(async () => {
  ({ world, policy: honestPolicy, chains, stop } = await startGateWorld());
  honest = await built(honestPolicy);
});
afterAll(async () => {
  await stop();
});
beforeEach(async () => {
  snapshot = await world.node.request("evm_snapshot");
});
afterEach(async () => {
  await world.node.request("evm_revert", snapshot);
});

const built = (policy: Policy) =>
  buildPackage(
    {
      kind: "target",
      target: "harbour",
      release: "2.0.0",
      implementations: {},
      title: "t",
      rationale: "r",
      lane: "routine",
    },
    policy,
    chains,
    sampleBuilds(),
  );

/** Findings of all gates over a package, worse than info, as `code: message`. */
async function complaints(pkg = honest, policy = honestPolicy, list?: readonly Gate[]): Promise<string[]> {
  const input = {
    subject: { kind: "package" as const, package: pkg, packageHash: packageHash(pkg) },
    policy,
    chains,
    builds: sampleBuilds(),
    preconditionsCodeHash,
    progress: () => undefined,
  };
  const { findings } = await examine(input, ...(list === undefined ? [] : ([list] as const)));
  for (const one of findings) expectFindingStyle(one);
  return findings.filter((one) => one.severity !== "info").map((one) => `${one.severity} ${one.code}: ${one.message}`);
}

/** All but the simulation, which takes a fork: for what is seen without running anything. */
const running = ["simulation", "rehearsal"];
const withoutRunning = gates.filter((gate) => !running.includes(gate.name));

const does = async (from: Address, to: Address, data: Hex) => expect(await actAs(world, from, to, data)).toBe(true);
const setCode = (account: Address, code: Hex) => world.node.request("anvil_setCode", account, code);

/** The honest package with a change in its leg `main`. */
function withMain(change: (leg: ReleasePackage["legs"][number]) => ReleasePackage["legs"][number]): ReleasePackage {
  return { ...honest, legs: honest.legs.map((leg) => (leg.id === "main" ? change(leg) : leg)) };
}
const withVault = (more: object) =>
  withMain((leg) => ({
    ...leg,
    changes: leg.changes.map((one) => (one.kind === "proxy" && one.name === "vault" ? { ...one, ...more } : one)),
  }));
/** The package of a release that runs something else inside the vault's upgrade. */
async function initialisedBy(data: Hex): Promise<string[]> {
  const policy: Policy = {
    ...honestPolicy,
    targets: honestPolicy.targets.map((target) => ({
      ...target,
      releases: target.releases.map((one) => (one.id === "2.0.0" ? { ...one, initData: { vault: data } } : one)),
    })),
  };
  return complaints(
    await built(policy),
    policy,
    gates.filter((gate) => running.includes(gate.name)),
  );
}

test("the honest world passes every gate without a complaint, and the simulation says what it saw", async () => {
  expect(await complaints()).toEqual([]);
  expect(gates.map((gate) => gate.name)).toEqual(expect.arrayContaining(["preflight", "authority", "simulation"]));
});

describe("preflight refuses", () => {
  test("an implementation that was changed since the package was written", async () => {
    await does(world.timelock, world.vault, call("upgradeToAndCall", world.implementations.vaultV2Inflating, "0x"));
    expect(await complaints(honest, honestPolicy, withoutRunning)).toContain(
      `refuse preflight/from: The contract vault runs ${world.implementations.vaultV2Inflating}, and the package upgrades from ${world.implementations.vaultV1}.`,
    );
  });

  test("a package that calls another admin than the proxy's", async () => {
    expect(await complaints(withVault({ admin: stranger }), honestPolicy, withoutRunning)).toContain(
      `refuse preflight/admin: The contract vault is upgraded through ${world.vault}, and the package calls ${stranger}.`,
    );
  });

  test("a proxy of another kind than the package says", async () => {
    expect(await complaints(withVault({ proxyKind: "transparent" }), honestPolicy, withoutRunning)).toContain(
      "refuse preflight/kind: The contract vault is a uups proxy, and the package says transparent.",
    );
  });

  test("a contract that somebody else than the timelock can upgrade", async () => {
    await does(world.timelock, world.pilotBeacon, call("transferOwnership", stranger));
    expect(await complaints(honest, honestPolicy, withoutRunning)).toContain(
      `refuse preflight/owner: The contract pilot-pool can be upgraded by ${stranger}, and not only by the timelock ${world.timelock}.`,
    );
  });

  test.each([
    ["missing", "0x"],
    ["other code", "0x60006000f3"],
  ] as const)("a Preconditions contract that is %s", async (_what, code) => {
    await setCode(world.preconditions, code);
    expect(await complaints(honest, honestPolicy, withoutRunning)).toContain(
      `refuse preflight/preconditions: The contract at ${world.preconditions} on eip155:31337 is not Quorate's Preconditions contract: nothing would check the batch on the chain.`,
    );
  });

  test("a Safe and a timelock that are not the council's", async () => {
    const { guardianSafe, proxyAdmin, timelock, councilSafe } = world;
    const through = (safe: Address, at: Address) =>
      complaints(
        withMain((leg) => ({ ...leg, authority: { kind: "safe+timelock", safe, timelock: at, delay: 172_800n } })),
        honestPolicy,
        [preflightGate],
      );
    expect(await through(guardianSafe, timelock)).toContain(
      `refuse preflight/other-safe: The leg main is decided by the Safe ${guardianSafe}, which is not the council's.`,
    );
    expect(await through(councilSafe, proxyAdmin)).toContain(
      `refuse preflight/other-timelock: The leg main goes through the timelock ${proxyAdmin}, which is not the council's.`,
    );
    expect(await through(councilSafe, timelock)).toEqual([]);
  });

  test("a condition that lets it run on another chain alone", async () => {
    const on = (number: bigint) =>
      complaints(
        withMain((leg) => ({
          ...leg,
          preconditions: leg.preconditions.map((one) => (one.kind === "chain" ? { ...one, number } : one)),
        })),
        honestPolicy,
        [preflightGate],
      );
    expect(await on(1n)).toEqual([expect.stringMatching(/^refuse preflight\/chain-condition: The leg main runs on /)]);
    expect(await on(31_337n)).toEqual([]);
  });

  test("a chain of which policy says nothing", async () => {
    expect(await complaints(honest, { ...honestPolicy, chains: [] }, [preflightGate])).toContainEqual(
      expect.stringMatching(/^refuse preflight\/unknown-chain: Policy says nothing of the chain eip155:31337, /),
    );
    expect(await complaints(honest, honestPolicy, [preflightGate])).toEqual([]);
  });

  test("a new implementation whose code is not the one the package names", async () => {
    await setCode(world.implementations.vaultV2, "0x60006000f3");
    expect(await complaints(honest, honestPolicy, withoutRunning)).toContain(
      `refuse preflight/to: The code at ${world.implementations.vaultV2} is not the code that the package names for vault.`,
    );
  });
});

describe("decode refuses", () => {
  test("a call on a contract that no change of the package speaks of", async () => {
    const to = world.asset;
    const data = encodeFunctionData({
      abi: parseAbi(["function transfer(address to, uint256 amount)"]),
      functionName: "transfer",
      args: [stranger, 5n],
    });
    const paying = (more: ReleasePackage["legs"][number]["changes"]) =>
      complaints(
        withMain((leg) => ({
          ...leg,
          calls: [...leg.calls, { to, value: 0n, data, purpose: "Pay for the audit" }],
          changes: [...leg.changes, ...more],
        })),
        honestPolicy,
        [decodeGate],
      );
    expect(await paying([])).toEqual([
      expect.stringMatching(new RegExp(`^refuse decode/undeclared: .* calls transfer on ${to}, and no change`)),
    ]);
    expect(await paying([{ kind: "call", name: "audit", contract: to, effect: "Pays for the audit." }])).toEqual([]);
  });
});

describe("authority refuses", () => {
  const grants = (role: Hex, account: Address) =>
    does(world.timelock, world.timelock, call("grantRole", role, account));
  const safeDoes = (safe: Address, data: Hex) => does(safe, safe, data);

  test.each<[string, string, () => Promise<void>]>([
    [
      "a gas account that may execute",
      "gas-executor",
      () => grants(timelockRoles.executor, embeddedGasAccount.address),
    ],
    ["a gas account that may propose", "gas-key", () => grants(timelockRoles.proposer, embeddedGasAccount.address)],
    [
      "a gas account that owns the council Safe",
      "gas-key",
      () => safeDoes(world.councilSafe, call("addOwnerWithThreshold", embeddedGasAccount.address, 3n)),
    ],
    ["a timelock on which anyone may execute", "open-executor", () => grants(timelockRoles.executor, zeroAddress)],
    ["a second proposer", "second-proposer", () => grants(timelockRoles.proposer, stranger)],
    ["an administrator beside the timelock itself", "admin", () => grants(timelockRoles.admin, stranger)],
    [
      "a council that may not propose",
      "proposer",
      () => does(world.timelock, world.timelock, call("revokeRole", timelockRoles.proposer, world.councilSafe)),
    ],
    [
      "guardians who cannot cancel",
      "canceller",
      () => does(world.timelock, world.timelock, call("revokeRole", timelockRoles.canceller, world.guardianSafe)),
    ],
    [
      "a guardian Safe of one signature",
      "guardian-threshold",
      () => safeDoes(world.guardianSafe, call("changeThreshold", 1n)),
    ],
    [
      "a council Safe of one signature",
      "council-threshold",
      () => safeDoes(world.councilSafe, call("changeThreshold", 1n)),
    ],
    ["a module on the council Safe", "module", () => safeDoes(world.councilSafe, call("enableModule", world.vault))],
    ["a module on the guardian Safe", "module", () => safeDoes(world.guardianSafe, call("enableModule", world.vault))],
  ])("%s", async (_what, code, spoil) => {
    await spoil();
    expect(await complaints(honest, honestPolicy, withoutRunning)).toContainEqual(
      expect.stringMatching(new RegExp(`^refuse authority/${code}: [A-Z0].+\\.$`)),
    );
  });

  test.each<[string, string, () => Promise<void>]>([
    ["an owner", "unknown-owner", () => safeDoes(world.councilSafe, call("addOwnerWithThreshold", stranger, 3n))],
    ["an executor", "unknown-executor", () => grants(timelockRoles.executor, stranger)],
  ])("nothing for %s whom policy does not know, but says so", async (_what, code, spoil) => {
    await spoil();
    expect(await complaints(honest, honestPolicy, withoutRunning)).toEqual([
      expect.stringMatching(new RegExp(`^flag authority/${code}: .*${stranger}`)),
    ]);
  });
});

describe("simulation refuses", () => {
  test("an initialiser that reverts", async () => {
    expect(await initialisedBy("0xdeadbeef")).toEqual([
      expect.stringMatching(/^refuse simulation\/outcome: In the simulation "main: execute" failed: .+\.$/),
      expect.stringMatching(/^refuse rehearsal\/not-rehearsed: /),
    ]);
  });

  test("a rollback that the upgraded state does not let through", async () => {
    expect(await initialisedBy(call("transferOwnership", stranger))).toContainEqual(
      expect.stringMatching(
        /^refuse rehearsal\/rollback: Rehearsed on the upgraded state, "main: roll back" failed: .+\.$/,
      ),
    );
  });

  test("a containment that the upgraded state does not let through", async () => {
    expect(await initialisedBy(call("setPauser", stranger))).toContainEqual(
      expect.stringMatching(
        /^refuse rehearsal\/containment: Rehearsed on the upgraded state, "pause-vault: Pause the vault" failed: .+\.$/,
      ),
    );
  });

  test("a containment whose effect cannot be read back", async () => {
    const [first, ...others] = honest.containment;
    if (first === undefined) throw new Error("The sample has a containment.");
    const blind = { ...first, readBack: { ...first.readBack, returns: pad("0x2") } };
    expect(await complaints({ ...honest, containment: [blind, ...others] })).toEqual([
      expect.stringMatching(/^refuse rehearsal\/containment-result: .* its effect could not be read back: /),
    ]);
  });

  test("an upgrade that leaves another implementation than the package names", async () => {
    const { vaultV2Inflating } = world.implementations;
    const toCodeHash = await chains.get("eip155:31337").codeHash(vaultV2Inflating);
    expect(await complaints(withVault({ toImplementation: vaultV2Inflating, toCodeHash }))).toContain(
      `refuse simulation/result: After the simulated upgrade the contract vault runs ${world.implementations.vaultV2}, not ${vaultV2Inflating}.`,
    );
  });

  test("a rollback that puts something else back", async () => {
    const swapped = withMain((leg) => ({
      ...leg,
      rollback: { ...leg.rollback, calls: leg.rollback.calls.slice(0, 1) },
    }));
    expect(await complaints(swapped)).toContainEqual(
      expect.stringMatching(
        /^refuse rehearsal\/rollback-result: The rehearsed rollback did not put 0x\S+ back to 0x\S+: there is no way back yet\.$/,
      ),
    );
  });
});

describe("invariants that have to hold before the upgrade", () => {
  const list = [invariantsGate];
  /** The sample's first invariant, judged before the upgrade and otherwise as said. */
  const judgedBefore = (change: object): Policy => ({
    ...honestPolicy,
    metrics: honestPolicy.metrics.map((one) =>
      one.id === "pilot-solvency" ? { ...one, stage: ["pre", "live"], ...change } : one,
    ),
  });
  const bound = (is: "<" | ">=", value: bigint) => ({ is, value });

  test.each([
    [
      "refuse invariants/broken",
      "that is broken already is no upgrade's ground",
      { pass: bound(">=", 20_000n), fail: bound("<", 20_000n) },
      /^refuse invariants\/broken: .*Pilot pool solvency is [\d,]+ bps at block \d+, and must be at least 20,000 bps\.$/,
    ],
    [
      "flag invariants/between",
      "that neither passes nor fails is for people to weigh",
      { pass: bound(">=", 20_000n), fail: bound("<", 1n) },
      /^flag invariants\/between: An invariant neither passes nor fails before the upgrade: Pilot pool solvency is /,
    ],
    [
      "refuse invariants/unread",
      "that cannot be read is not known to hold",
      { read: { kind: "call", to: stranger, signature: "function none() view returns (uint256)", args: [] } },
      /^refuse invariants\/unread: .*Pilot pool solvency could not be read at block \d+/,
    ],
  ] as const)("%s: one %s", async (_code, _what, change, sentence) => {
    expect(await complaints(honest, judgedBefore(change), list)).toEqual([expect.stringMatching(sentence)]);
  });

  test("one that compares with the value before is compared with itself", async () => {
    const same = { is: ">=", baselineBps: 10_000n } as const;
    const less = { is: "<", baselineBps: 10_000n } as const;
    expect(await complaints(honest, judgedBefore({ pass: same, fail: less }), list)).toEqual([]);
    const more = { is: ">=", baselineBps: 10_001n } as const;
    const notMore = { is: "<", baselineBps: 10_001n } as const;
    const complained = await complaints(honest, judgedBefore({ pass: more, fail: notMore }), list);
    expect(complained).toEqual([expect.stringMatching(/^refuse invariants\/broken: /)]);
  });

  test("one that is only watched while it runs is not asked", async () => {
    const live = judgedBefore({ stage: ["live"], pass: bound(">=", 20_000n), fail: bound("<", 20_000n) });
    expect(await complaints(honest, live, list)).toEqual([]);
  });
});

describe("a gate that could not run", () => {
  test("refuses, and the others are asked all the same", async () => {
    const broken: Gate = { ...textGate, name: "broken", run: () => Promise.reject(new Error("The RPC is down.")) };
    const found = await complaints(withVault({ admin: stranger }), honestPolicy, [broken, ...gates]);
    expect(found[0]).toBe(
      "refuse broken/could-not-run: The broken gate could not run, so it refuses: the RPC is down.",
    );
    expect(found.some((one) => one.startsWith("refuse preflight/admin"))).toBe(true);
  });

  test("such as the authority gate where the timelock is none", async () => {
    await setCode(world.timelock, "0x60006000f3");
    expect(await complaints()).toContainEqual(
      expect.stringMatching(
        /^refuse authority\/could-not-run: The authority gate could not run, so it refuses: .*is not an OpenZeppelin TimelockController\.$/,
      ),
    );
  });
});
