/** The authority gate on a council with a Safe among its owners. */

import { encodeFunctionData, parseAbi } from "viem";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { buildPackage } from "../../src/ceremonies/build-package.ts";
import { type OpenChains, openChains } from "../../src/chain/open.ts";
import { preconditionsCodeHash } from "../../src/chain/preconditions/preconditions.ts";
import type { Policy } from "../../src/domain/policy.ts";
import type { Address } from "../../src/domain/primitives.ts";
import { packageHash, type ReleasePackage } from "../../src/domain/release-package.ts";
import { embeddedGasAccount, embeddedPeople, keylessAccount } from "../../src/embedded/people.ts";
import { type StartedWorld, startWorld } from "../../src/embedded/world.ts";
import { authorityGate } from "../../src/gates/authority.ts";
import { nestCouncil } from "../ceremonies/nested-council.ts";
import { actAs } from "../embedded/act.ts";
import { sampleBuilds, samplePolicy } from "../support/sample-policy.ts";

let world: StartedWorld;
const builds = sampleBuilds();
let chains: OpenChains;
let policy: Policy;
let pkg: ReleasePackage;
let child: Address;
let snapshot: unknown;
beforeAll(async () => {
  world = await startWorld();
  chains = openChains({ rpc: { "eip155:31337": world.url }, gasKey: embeddedGasAccount.privateKey });
  policy = await samplePolicy();
  const source = {
    kind: "target",
    target: "harbour",
    release: "2.0.0",
    implementations: {},
    title: "Harbour 2",
    rationale: "Rounding.",
  } as const;
  pkg = await buildPackage({ ...source, lane: "routine" }, policy, chains, builds);
  child = await nestCouncil(world);
});
afterAll(async () => {
  chains?.close();
  await builds.close();
  await world?.stop();
});
beforeEach(async () => {
  snapshot = await world.node.request("evm_snapshot");
});
afterEach(async () => {
  await world.node.request("evm_revert", snapshot);
});

const subjectOf = (of: ReleasePackage) => ({ kind: "package" as const, package: of, packageHash: packageHash(of) });

async function findings(under = policy) {
  const context = { subject: subjectOf(pkg), policy: under, chains, builds, preconditionsCodeHash };
  return (await authorityGate.run({ ...context, progress: () => undefined })).findings;
}

const abi = parseAbi([
  "function addOwnerWithThreshold(address owner, uint256 threshold)",
  "function enableModule(address module)",
]);

test("finds nothing where the child's owners are people of the council", async () => {
  expect(await findings()).toEqual([]);
});

test("names an owner of the child whom nobody knows, and the child itself never", async () => {
  const found = await findings({ ...policy, people: policy.people.filter((one) => one.id !== "finn") });
  const unknown = found.filter((one) => one.code === "authority/unknown-owner");
  expect(unknown).toHaveLength(2);
  expect(unknown[0]?.message).toContain(embeddedPeople.finn.address);
  expect(unknown[0]?.message).toContain(`the Safe ${child}, an owner of the council Safe,`);
  expect(unknown[1]?.message).toContain("of the guardian Safe");
});

test("refuses the gas key as an owner of the child, and a module of the child", async () => {
  const add = encodeFunctionData({
    abi,
    functionName: "addOwnerWithThreshold",
    args: [embeddedGasAccount.address, 2n],
  });
  await actAs(world, child, child, add);
  const module = keylessAccount("a module");
  await actAs(world, child, child, encodeFunctionData({ abi, functionName: "enableModule", args: [module] }));
  const found = await findings();
  expect(found).toContainEqual(expect.objectContaining({ code: "authority/gas-key", severity: "refuse" }));
  expect(found.find((one) => one.code === "authority/module")?.message).toContain(
    `The Safe ${child} has the module ${module}`,
  );
});

test("says of a child that cannot be asked what its owners can do", async () => {
  const chain = chains.get("eip155:31337");
  const modern = {
    ...chains,
    get: () => ({
      ...chain,
      nestedSafes: async (owners: readonly Address[]) =>
        (await chain.nestedSafes(owners)).map((one) => ({ ...one, version: "1.5.0" })),
    }),
  };
  const context = { subject: subjectOf(pkg), policy, chains: modern, builds, preconditionsCodeHash };
  const found = (await authorityGate.run({ ...context, progress: () => undefined })).findings;
  const [silent] = found.filter((one) => one.code === "authority/silent-owner");
  expect(silent?.message).toMatch(
    /\(1\.5\.0\) cannot sign for 0x.* \(1\.4\.1\): its owners can have it approve the hash on the chain/,
  );
});
