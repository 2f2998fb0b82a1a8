/** Who suffices for a way out: minimal, sufficient and complete, against the rules as a council would say them. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { peopleInWords, type Sufficiency, sufficiencyOf } from "../../src/domain/exits/people.ts";
import { ExitWorld } from "../support/exit-world.ts";
import { gasAccount, gasCeremonyAt } from "../support/gas-council.ts";
import { ceremonyAt } from "../support/given.ts";
import { addressOf, mainnet, type Name, names, samplePolicy, walletOf } from "../support/sample-council.ts";

const guardian = addressOf(`guardian on ${mainnet}`);
const council = addressOf(`council on ${mainnet}`);

const subsets = (all: readonly Name[]) =>
  Array.from({ length: 2 ** all.length }, (_none, bits) => all.filter((_one, index) => (bits >> index) & 1));

/** Every set that suffices contains one of those that are told, none of which could do without anybody; and so with losses. */
function expectRight({ sets, spare }: Sufficiency, rule: (people: readonly Name[]) => boolean): void {
  const enough = subsets(names).filter((one) => rule(one));
  for (const set of sets as Name[][]) {
    expect(rule(set), `${set} suffice`).toBe(true);
    for (const one of set) expect(rule(set.filter((other) => other !== one)), `${set} without ${one}`).toBe(false);
  }
  for (const set of enough)
    expect(
      sets.some((told) => told.every((one) => set.includes(one as Name))),
      `${set} was found`,
    ).toBe(true);
  const survives = (lost: readonly Name[]) => rule(names.filter((one) => !lost.includes(one)));
  const fewest = subsets(names)
    .filter((lost) => !survives(lost))
    .map((lost) => lost.length);
  expect(spare).toBe(Math.min(...fewest, names.length + 1) - 1);
}

const some = fc.subarray([...names]);

describe("the people who suffice", () => {
  it("for a containment: a guardian, and whoever has to sign what is missing; each counts once, nobody who is frozen", () => {
    const random = fc.record({
      guardians: some,
      frozen: some,
      owners: some,
      twice: fc.boolean(),
      threshold: fc.nat(5),
    });
    fc.assert(
      fc.property(random, ({ guardians, frozen, owners, twice, threshold: more }) => {
        // Ben and Caro have two wallets each: both may own the Safe.
        const wallets = owners.flatMap((one) =>
          twice && (one === "ben" || one === "caro") ? [walletOf(one), walletOf(one, 2)] : [walletOf(one)],
        );
        fc.pre(wallets.length > 0);
        const threshold = 1 + (more % wallets.length);
        const world = new ExitWorld(ceremonyAt("canary"));
        world.it.changeSafe(mainnet, guardian, { owners: wallets, threshold });
        setPeople(world, frozen, guardians, []);
        // Caro and Dev have signed, with their first wallets.
        const given = (["caro", "dev"] as const).filter((one) => owners.includes(one)).length;
        const rule = (people: readonly Name[]) => {
          const able = people.filter((one) => !frozen.includes(one));
          const signers = able.filter((one) => owners.includes(one) && one !== "caro" && one !== "dev");
          return (
            able.some((one) => guardians.includes(one)) && (given >= threshold || given + signers.length >= threshold)
          );
        };
        expectRight(world.exit("containment/pause-vault").people, rule);
      }),
      { numRuns: 30 },
    );
  });

  it("for a rollback whose signatures fall short: somebody who executes, and others who sign, none of whom wrote it", () => {
    const random = fc.record({ executors: some, frozen: some, owners: some, threshold: fc.nat(6) });
    fc.assert(
      fc.property(random, ({ executors, frozen, owners, threshold: more }) => {
        fc.pre(owners.length > 0);
        const threshold = 1 + (more % owners.length);
        const world = new ExitWorld(gasCeremonyAt("canary"));
        world.gasAccount = gasAccount;
        world.executors = new Set([gasAccount]);
        world.it.changeSafe(mainnet, council, { owners: owners.map((one) => walletOf(one)), threshold, nonce: 9n });
        setPeople(world, frozen, [], executors);
        // Ada wrote it; Ben, Caro and Dev approved and signed it, so none of the four executes.
        const signed: readonly Name[] = ["ben", "caro", "dev"];
        const given = signed.filter((one) => owners.includes(one)).length;
        const rule = (people: readonly Name[]) => {
          const able = people.filter((one) => !frozen.includes(one));
          const doers = able.filter((one) => executors.includes(one) && one !== "ada" && !signed.includes(one));
          const signers = able.filter((one) => owners.includes(one) && one !== "ada" && !signed.includes(one));
          return doers.some(
            (doer) => given >= threshold || given + signers.filter((one) => one !== doer).length >= threshold,
          );
        };
        expectRight(world.exit("vault/rollback").people, rule);
      }),
      { numRuns: 30 },
    );
  });
});

function setPeople(
  world: ExitWorld,
  frozen: readonly string[],
  guardians: readonly string[],
  executors: readonly string[],
): void {
  const { policy } = world.it;
  const people = policy.people.map((one) => ({
    ...one,
    frozen: frozen.includes(one.id),
    roles: [
      ...(guardians.includes(one.id) ? ["guardian" as const] : []),
      ...(executors.includes(one.id) ? ["executor" as const] : []),
    ],
  }));
  world.it.policy = { ...policy, people };
}

describe("in words", () => {
  const policy = samplePolicy();
  const say = (pool: readonly string[], rule: (people: ReadonlySet<string>) => boolean) =>
    peopleInWords(sufficiencyOf(pool, rule), policy);
  const atLeast = (count: number) => (people: ReadonlySet<string>) => people.size >= count;

  it("are told as any of so many, as pairs, or as nobody", () => {
    expect(say(["ada", "caro", "gus"], atLeast(1))).toBe("any 1 of 3: Ada, Caro or Gus");
    expect(say(["ada", "caro", "gus"], atLeast(2))).toBe("any 2 of 3: Ada, Caro or Gus");
    expect(say(["ada", "caro"], atLeast(2))).toBe("Ada and Caro together");
    expect(say(["ada"], atLeast(1))).toBe("only Ada");
    expect(say(["ada"], atLeast(2))).toBe("nobody");
    expect(say(["ada", "ben", "gus"], (people) => people.has("gus") || people.size > 1)).toBe("Gus, or Ada and Ben");
  });

  it("tell a council of thirty in time", () => {
    const pool = Array.from({ length: 30 }, (_none, index) => `p${index}`);
    const { sets, spare } = sufficiencyOf(pool, atLeast(3));
    expect([sets.length, spare]).toEqual([4060, 27]);
  });
});
