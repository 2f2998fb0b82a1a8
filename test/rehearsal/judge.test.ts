/** The judge believes the chain and nobody else: each lie about it is found. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { advanceTime } from "../../src/embedded/trade.ts";
import { type StartedWorld, startWorld } from "../../src/embedded/world.ts";
import { judge, type Photograph, type Promises, photograph, type Subjects } from "../../src/rehearsal/judge.ts";
import { type InvariantName, invariants } from "../../src/rehearsal/judge-invariants.ts";
import { drained } from "../../src/rehearsal/outside.ts";
import { closed, waiting } from "../../src/rehearsal/scenario.ts";
import { subjectsOf } from "../../src/rehearsal/subjects.ts";
import { implementationSlot, replaceCode, safeSlots, setSlot } from "../../src/rehearsal/tampered/world.ts";

let world: StartedWorld;
let subjects: Subjects;
let before: Photograph;

/** A world in which nothing has happened, and which is promised to be so. */
const nothing: Promises = { ...closed, phases: {}, councilSent: 0n, guardianSent: 0n };

beforeAll(async () => {
  world = await startWorld();
  subjects = subjectsOf(world, "eve", "2.0.0");
  before = await photograph(subjects);
});
afterAll(() => world.stop());

async function lies(promises: Promises = nothing): Promise<string[]> {
  return (await judge(subjects, before, promises)).filter((one) => !one.holds).map((one) => one.claim);
}

describe("the judge", () => {
  it("finds nothing wrong where nothing happened and nothing was promised", async () => {
    expect(await lies()).toEqual([]);
  });

  it("finds every promise of a closed ceremony unkept", async () => {
    const found = await lies(closed);
    for (const claim of [/pilot pool runs its new/, /vault runs its new/, /price feed runs its new/])
      expect(found.some((one) => claim.test(one))).toBe(true);
    for (const operation of ["pilot upgrade", "pilot rollback", "main upgrade", "main rollback"])
      expect(found.some((one) => one.startsWith(`The ${operation} was scheduled`))).toBe(true);
    expect(found.some((one) => one.startsWith("The council Safe sent 4"))).toBe(true);
    expect(found.some((one) => one.startsWith("The guardian Safe sent 2"))).toBe(true);
  });

  const tamperings: [string, RegExp, () => Promise<unknown>][] = [
    [
      "one slot",
      /^The vault runs its old/,
      () => setSlot(world.node, world.vault, implementationSlot, world.implementations.vaultV2Inflating),
    ],
    [
      "the code behind an implementation",
      /^The code of every implementation/,
      () => replaceCode(world.node, world.implementations.vaultV1, world.implementations.vaultV2),
    ],
    ["a nonce", /^The council Safe sent 0/, () => setSlot(world.node, world.councilSafe, safeSlots.nonce, 1n)],
    [
      "a threshold",
      /^The guardian Safe sent 0/,
      () => setSlot(world.node, world.guardianSafe, safeSlots.threshold, 1n),
    ],
  ];

  it.each(tamperings)("sees %s that differs", async (_what, claim, tamper) => {
    const snapshot = await world.node.request("evm_snapshot");
    await tamper();
    const found = await lies();
    await world.node.request("evm_revert", snapshot);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(claim);
  });

  it.each(Object.entries(invariants))("is not told that %s was broken where it was not", async (name, { broken }) => {
    const found = await lies({ ...nothing, broken: [name as InvariantName] });
    expect(found).toEqual([`${broken}: the invariant was broken on the chain`]);
  });

  it("is not told that something is paused that is not, or waits that was never scheduled", async () => {
    expect(await lies({ ...nothing, paused: ["pilotPool"] })).toEqual(["The pilot pool is paused"]);
    expect(await lies({ ...nothing, paused: ["vault"] })).toEqual(["The vault is paused"]);
    expect(await lies({ ...nothing, phases: { main: waiting } })).toEqual([
      "The main upgrade was scheduled by the council and waits there",
      "The main rollback was scheduled by the council and waits there",
      "Nothing waits in the timelock but what was approved, and nothing else was ever put there",
    ]);
  });

  it("finds each invariant that was broken and not promised to be", async () => {
    const snapshot = await world.node.request("evm_snapshot");
    const turnBack = world.time.kept();
    await drained(world);
    await advanceTime(world, 7_200n, 1);
    await replaceCode(world.node, world.implementations.priceFeedV1, world.implementations.priceFeedV2Stale);
    await advanceTime(world, 7_200n, 2);
    const found = await lies();
    await world.node.request("evm_revert", snapshot);
    turnBack();
    expect(found).toContain(`${invariants.solvency.held} in every block`);
    expect(found).toContain(`${invariants.priceAge.held} in every block`);
    expect(found).not.toContain(`${invariants.owner.held} in every block`);
  });
});
