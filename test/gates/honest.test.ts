/** Honest packages and transactions pass every gate: nothing above info, whatever kind of proxy, batch or rotation it is. */

import { type Abi, encodeFunctionData, keccak256, parseAbi, stringToBytes } from "viem";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildPackage } from "../../src/ceremonies/build-package.ts";
import type { OpenChains } from "../../src/chain/open.ts";
import { preconditionsCodeHash } from "../../src/chain/preconditions/preconditions.ts";
import type { Policy } from "../../src/domain/policy.ts";
import { type Address, type Hex, zeroAddress, zeroHash } from "../../src/domain/primitives.ts";
import { type Leg, packageHash, type ReleasePackage } from "../../src/domain/release-package.ts";
import { scheduleBatchData, type TimelockCall } from "../../src/domain/timelock.ts";
import { embeddedPeople } from "../../src/embedded/people.ts";
import type { StartedWorld } from "../../src/embedded/world.ts";
import type { Subject } from "../../src/gates/gate.ts";
import { examine, gates } from "../../src/gates/index.ts";
import { upgradePool, upgradePriceFeed, upgradeVault } from "../embedded/upgrades.ts";
import { sampleBuilds } from "../support/sample-policy.ts";
import { startGateWorld } from "./gate-world.ts";

const abi: Abi = parseAbi([
  "function grantRole(bytes32 role, address account)",
  "function revokeRole(bytes32 role, address account)",
  "function swapOwner(address prev, address old, address next)",
  "function pause()",
]);
const call = (functionName: string, ...args: unknown[]) => encodeFunctionData({ abi, functionName, args });
const executor = keccak256(stringToBytes("EXECUTOR_ROLE"));

let world: StartedWorld;
let chains: OpenChains;
let stop: () => Promise<void>;
let policy: Policy;
beforeAll(async () => {
  ({ world, policy, chains, stop } = await startGateWorld());
});
afterAll(async () => {
  await stop();
});

/** Everything worse than info that any gate says; each gate ran, and said something or nothing. */
async function weighed(subject: Subject, under = policy): Promise<string[]> {
  const input = {
    subject,
    policy: under,
    chains,
    builds: sampleBuilds(),
    preconditionsCodeHash,
    progress: () => undefined,
  };
  const { findings } = await examine(input);
  return findings.filter((one) => one.severity !== "info").map((one) => `${one.severity} ${one.code}: ${one.message}`);
}

/** A package of the sample's release with these contracts of it alone. */
async function packageOf(contracts: readonly string[], initialisers = true): Promise<ReleasePackage> {
  const only = <T>(record: Record<string, T>) =>
    Object.fromEntries(Object.entries(record).filter(([name]) => contracts.includes(name)));
  const under: Policy = {
    ...policy,
    targets: policy.targets.map((target) => ({
      ...target,
      releases: target.releases
        .filter((one) => one.id === "2.0.0")
        .map((one) => ({
          ...one,
          implementations: only(one.implementations),
          initData: initialisers ? only(one.initData) : {},
        })),
    })),
  };
  const source = { kind: "target", target: "harbour", release: "2.0.0", implementations: {}, lane: "routine" } as const;
  return buildPackage({ ...source, title: "Harbour 2", rationale: "Rounding." }, under, chains, sampleBuilds());
}
const asSubject = (pkg: ReleasePackage): Subject => ({ kind: "package", package: pkg, packageHash: packageHash(pkg) });

async function asTransaction(to: Address, data: Hex): Promise<Subject> {
  const { nonce } = await chains.get("eip155:31337").safe(world.councilSafe);
  const gas = { safeTxGas: 0n, baseGas: 0n, gasPrice: 0n, gasToken: zeroAddress, refundReceiver: zeroAddress };
  const from = { chain: "eip155:31337", safe: world.councilSafe, safeVersion: "1.4.1", nonce } as const;
  return { kind: "transaction", tx: { ...from, ...gas, to, value: 0n, data, operation: 0 } };
}
const scheduled = (calls: readonly { to: Address; data: Hex }[]) =>
  asTransaction(
    world.timelock,
    scheduleBatchData(
      { calls: calls.map((one): TimelockCall => ({ ...one, value: 0n })), predecessor: zeroHash, salt: zeroHash },
      172_800n,
    ),
  );

describe("a package", () => {
  test.each<[string, string[]]>([
    ["of a transparent proxy", ["price-feed"]],
    ["of a UUPS proxy with its initialiser", ["vault"]],
    ["of a beacon", ["pilot-pool"]],
    ["of all three, in their phases", ["pilot-pool", "vault", "price-feed"]],
  ])("%s passes", async (_what, contracts) => {
    expect(await weighed(asSubject(await packageOf(contracts)))).toEqual([]);
  });

  test("with a new role that it declares passes, and without the declaration it is refused", async () => {
    const pkg = await packageOf(["price-feed"]);
    const account = embeddedPeople.ada.address;
    const grant = {
      to: world.timelock,
      value: 0n,
      data: call("grantRole", executor, account),
      purpose: "Let Ada execute",
    };
    const back = { ...grant, data: call("revokeRole", executor, account), purpose: "Take it from Ada" };
    const declared = { name: "ada-executes", contract: world.timelock, role: executor, account };
    const withRole = (changes: Leg["changes"]): ReleasePackage => ({
      ...pkg,
      legs: pkg.legs.map((leg) => ({
        ...leg,
        changes: [...leg.changes, ...changes],
        calls: [...leg.calls, grant],
        rollback: { ...leg.rollback, calls: [...leg.rollback.calls, back] },
      })),
    });
    const both = [
      { kind: "role" as const, ...declared, grant: true },
      { kind: "role" as const, ...declared, grant: false },
    ];
    expect(await weighed(asSubject(withRole(both)))).toEqual([]);
    expect((await weighed(asSubject(withRole([])))).join("\n")).toContain("refuse decode/authority");
  });
});

describe("a single transaction of the council", () => {
  test("that schedules three upgrades in one batch passes", async () => {
    const { implementations, pilotBeacon } = world;
    const calls = [
      upgradeVault(world, implementations.vaultV2, 10),
      upgradePriceFeed(world, implementations.priceFeedV2),
      upgradePool(pilotBeacon, implementations.poolV2),
    ];
    expect(await weighed(await scheduled(calls))).toEqual([]);
  });

  test("that rotates one of its owners, and does nothing else, passes", async () => {
    const [first = zeroAddress] = (await chains.get("eip155:31337").safe(world.councilSafe)).owners;
    const sentinel = "0x0000000000000000000000000000000000000001";
    const rotation = call("swapOwner", sentinel, first, embeddedPeople.gus.address);
    expect(await weighed(await asTransaction(world.councilSafe, rotation))).toEqual([]);
  });

  test("that rejects what stands at its nonce passes", async () => {
    expect(await weighed(await asTransaction(world.councilSafe, "0x"))).toEqual([]);
  });
});

test("every gate has had its say", () => {
  expect(gates.map((gate) => gate.name)).toEqual(
    expect.arrayContaining([
      ...["envelope", "decode", "preflight", "artefact", "layout", "opcodes", "authority"],
      ...["simulation", "rehearsal", "timelock", "text"],
    ]),
  );
});
