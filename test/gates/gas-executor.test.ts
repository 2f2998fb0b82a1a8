/** The gates where the gas key may execute: it may exactly where policy says so and nothing but upgrades would stand. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildPackage } from "../../src/ceremonies/build-package.ts";
import { type OpenChains, openChains } from "../../src/chain/open.ts";
import { preconditionsCodeHash } from "../../src/chain/preconditions/preconditions.ts";
import type { Policy } from "../../src/domain/policy.ts";
import { packageHash, type ReleasePackage } from "../../src/domain/release-package.ts";
import { embeddedGasAccount } from "../../src/embedded/people.ts";
import { type StartedWorld, startWorld } from "../../src/embedded/world.ts";
import { authorityGate } from "../../src/gates/authority.ts";
import { examine, gates } from "../../src/gates/index.ts";
import { letGasKeyExecute } from "../support/gas-world.ts";
import { sampleBuilds, samplePolicy } from "../support/sample-policy.ts";

let world: StartedWorld;
let chains: OpenChains;
let byPerson: Policy;
let byGas: Policy;
beforeAll(async () => {
  world = await startWorld();
  chains = openChains({ rpc: { "eip155:31337": world.url }, gasKey: embeddedGasAccount.privateKey });
  byPerson = await samplePolicy();
  byGas = { ...byPerson, chains: byPerson.chains.map((one) => ({ ...one, executor: "gas-key" as const })) };
});
afterAll(async () => {
  chains?.close();
  await builds.close();
  await world?.stop();
});

const builds = sampleBuilds();
const subjectOf = (pkg: ReleasePackage) => ({ kind: "package" as const, package: pkg, packageHash: packageHash(pkg) });
const source = { kind: "target", target: "harbour", release: "2.0.0", implementations: {}, title: "t" } as const;
const built = (policy: Policy) =>
  buildPackage({ ...source, implementations: {}, rationale: "r", lane: "routine" }, policy, chains, builds);

async function findings(policy: Policy, pkg: ReleasePackage): Promise<string[]> {
  const input = { subject: subjectOf(pkg), policy, chains, builds, preconditionsCodeHash };
  const found = await examine({ ...input, progress: () => undefined }, [authorityGate]);
  return found.findings.map((one) => `${one.severity} ${one.code}`);
}

test("where it holds no role, a policy that leaves execution to it is refused", async () => {
  expect(await findings(byGas, await built(byGas))).toEqual(["refuse authority/gas-no-executor"]);
  expect(await findings(byPerson, await built(byPerson))).toEqual([]);
});

describe("where it holds the role of an executor", () => {
  beforeAll(() => letGasKeyExecute(world));

  test("it passes with presigned rollbacks under that policy", async () => {
    expect(await findings(byGas, await built(byGas))).toEqual([]);
  });

  test("it is refused where policy leaves execution to a person, and where a rollback would stand", async () => {
    expect(await findings(byPerson, await built(byPerson))).toEqual(["refuse authority/gas-executor"]);
    expect(await findings(byPerson, await built(byGas))).toEqual(["refuse authority/gas-executor"]);
    expect(await findings(byGas, await built(byPerson))).toEqual(["refuse authority/gas-executor"]);
  });

  test("it is refused as somebody's wallet: what it sends would count as theirs", async () => {
    const [first, ...rest] = byGas.people;
    const owning = first && { ...first, wallets: [...first.wallets, embeddedGasAccount.address] };
    const policy = { ...byGas, people: [...(owning === undefined ? [] : [owning]), ...rest] };
    expect(await findings(policy, await built(policy))).toEqual(["refuse authority/gas-wallet"]);
  });

  test("the rehearsed rollback is scheduled only after the upgrade, and waits its delay", async () => {
    const pkg = await built(byGas);
    const input = { subject: subjectOf(pkg), policy: byGas, chains, builds, preconditionsCodeHash };
    const { findings: found, reports } = await examine({ ...input, progress: () => undefined }, gates);
    expect(found.filter((one) => one.severity !== "info")).toEqual([]);
    expect(reports[0]?.steps.map((one) => one.name)).toEqual([
      "pilot: schedule upgrade",
      "main: schedule upgrade",
      "pilot: execute",
      "main: execute",
    ]);
    expect(reports[0]?.branches[0]?.steps.map((one) => one.name)).toEqual([
      "pilot: schedule rollback",
      "main: schedule rollback",
      "main: roll back",
      "pilot: roll back",
    ]);
  });
});
