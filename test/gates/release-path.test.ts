/** The way of a package through its timelock, simulated: every way beside it must be shut, and is said where it is not. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { encodeFunctionData, parseAbi } from "viem";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { buildPackage } from "../../src/ceremonies/build-package.ts";
import { type OpenChains, openChains } from "../../src/chain/open.ts";
import { preconditionsCodeHash } from "../../src/chain/preconditions/preconditions.ts";
import type { Policy } from "../../src/domain/policy.ts";
import { type Hex, zeroAddress } from "../../src/domain/primitives.ts";
import { type Leg, packageHash, type ReleasePackage } from "../../src/domain/release-package.ts";
import { embeddedGasAccount, keylessAccount } from "../../src/embedded/people.ts";
import { timelockRoles } from "../../src/embedded/timelock.ts";
import { type StartedWorld, startWorld } from "../../src/embedded/world.ts";
import { simulationGate } from "../../src/gates/simulation/simulation.ts";
import { actAs } from "../embedded/act.ts";
import { compile } from "../support/compile.ts";
import { expectFindingStyle } from "../support/house-style.ts";
import { sampleBuilds, samplePolicy } from "../support/sample-policy.ts";

let hasty: Hex;
let world: StartedWorld;
let chains: OpenChains;
let policy: Policy;
let honest: ReleasePackage;
let snapshot: unknown;
beforeAll(async () => {
  const source = readFileSync(join(import.meta.dirname, "contracts/HastyTimelock.sol"), "utf8");
  // The compiler keeps the thread to itself: the world starts after it.
  hasty = (await compile({ "HastyTimelock.sol": source })).HastyTimelock?.runtimeBytecode ?? "0x";
  [world, policy] = await Promise.all([startWorld(), samplePolicy()]);
  chains = openChains({ rpc: { "eip155:31337": world.url }, gasKey: embeddedGasAccount.privateKey });
  const release = {
    kind: "target",
    target: "harbour",
    release: "2.0.0",
    implementations: {},
    lane: "routine",
  } as const;
  honest = await buildPackage({ ...release, title: "t", rationale: "r" }, policy, chains, sampleBuilds());
});
afterAll(async () => {
  chains.close();
  await world.stop();
});
beforeEach(async () => {
  snapshot = await world.node.request("evm_snapshot");
});
afterEach(async () => {
  await world.node.request("evm_revert", snapshot);
});

/** What the simulation says of a package above info, each code once. */
async function said(pkg: ReleasePackage): Promise<string[]> {
  const subject = { kind: "package" as const, package: pkg, packageHash: packageHash(pkg) };
  const input = { subject, policy, chains, builds: sampleBuilds(), preconditionsCodeHash };
  const { findings } = await simulationGate.run({ ...input, progress: () => undefined });
  for (const one of findings) expectFindingStyle(one);
  const weighty = findings.filter((one) => one.severity !== "info");
  return [...new Set(weighty.map((one) => `${one.severity} ${one.code}`))].sort();
}

/** The honest package with a change in each of its legs. */
const withLegs = (change: (leg: Leg) => Partial<Leg>): ReleasePackage => ({
  ...honest,
  legs: honest.legs.map((leg) => ({ ...leg, ...change(leg) })),
});
const without = (kind: "notBefore" | "notAfter") => (leg: Leg) => ({
  preconditions: leg.preconditions.filter((one) => one.kind !== kind),
});

test("an honest package goes its way, and no other is open", async () => {
  expect(await said(honest)).toEqual([]);
});

test("a timelock on which anybody may execute lets a stranger run the upgrade", async () => {
  const data = encodeFunctionData({
    abi: parseAbi(["function grantRole(bytes32 role, address account)"]),
    functionName: "grantRole",
    args: [timelockRoles.executor, zeroAddress],
  });
  expect(await actAs(world, world.timelock, world.timelock, data)).toBe(true);
  expect(await said(honest)).toEqual(["refuse simulation/stranger"]);
});

test("a batch that does not say until when it may run goes through after its window", async () => {
  expect(await said(withLegs(without("notAfter")))).toEqual(["refuse simulation/late"]);
});

test("a timelock that asks nobody whether an operation is ready runs it early, with another byte and another salt", async () => {
  await world.node.request("anvil_setCode", world.timelock, hasty);
  // The vault's call ends in bytes that it does not read: with one of them changed it still runs.
  const pkg = withLegs((leg) => ({ ...without("notBefore")(leg), calls: leg.calls.toReversed() }));
  expect(await said(pkg)).toEqual([
    "refuse simulation/changed-byte",
    "refuse simulation/early",
    "refuse simulation/other-salt",
  ]);
});

test("a step that takes more than half of what a transaction may use is flagged", async () => {
  const to = keylessAccount("who needs much gas");
  const calling = withLegs((leg) =>
    leg.id === "main" ? { calls: [...leg.calls, { to, value: 0n, data: "0x", purpose: "Work" }] } : {},
  );
  await world.node.request("anvil_setCode", to, "0x00");
  expect(await said(calling)).toEqual([]);
  // PUSH3, MLOAD, POP, STOP: memory up to two megabytes costs 8.7 million gas.
  await world.node.request("anvil_setCode", to, "0x62203a00515000");
  expect(await said(calling)).toEqual(["flag simulation/gas"]);
});
