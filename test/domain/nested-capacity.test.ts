/** Whether the people there could complete a tree of Safes, each of them signing once: compared with trying everything out. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { BoundSafe, NestedSafe } from "../../src/domain/events.ts";
import { approvedOwners, type GivenApproval, signingPaths } from "../../src/domain/nested-safes.ts";
import type { Address } from "../../src/domain/primitives.ts";
import { canBeCompleted, type Place } from "../../src/domain/signing-capacity.ts";
import { addressOf, mainnet } from "../support/sample-council.ts";

const safeOf = (owners: Address[], threshold: number, nested: NestedSafe[] = []): BoundSafe => ({
  ...{ address: addressOf("root"), chain: mainnet, version: "1.4.1", nonce: 0n, threshold, owners, nested },
});
const childOf = (name: string, owners: Address[], threshold: number, version = "1.4.1"): NestedSafe => ({
  ...{ address: addressOf(name), version, threshold, owners },
});

/** Wallets 0 and 1 are one person's, 2 and 3 the next one's; the last two are nobody's. */
const wallets = Array.from({ length: 8 }, (_, at) => addressOf(`wallet ${at}`));
const personOf = (wallet: Address): string | undefined => {
  const at = wallets.indexOf(wallet);
  return at < 0 || at > 5 ? undefined : `person ${Math.floor(at / 2)}`;
};

const threshold = (owners: readonly unknown[], wanted: number) => Math.max(1, Math.min(wanted, owners.length));
const somebody = fc.uniqueArray(fc.constantFrom(...wallets), { minLength: 1, maxLength: 3 });
const anySafe = fc
  .record({
    a: somebody,
    b: somebody,
    direct: somebody,
    wanted: fc.tuple(fc.nat(3), fc.nat(3), fc.nat(5)),
    joined: fc.boolean(),
  })
  .map(({ a, b, direct, wanted, joined }) => {
    const [children, inner] = [addressOf("a"), addressOf("b")];
    const nested = [
      childOf("a", joined ? [...a, inner] : a, threshold(a, wanted[0])),
      childOf("b", b, threshold(b, wanted[1])),
    ];
    const owners = [...direct, children, ...(joined ? [] : [inner])];
    return safeOf(owners, threshold(owners, wanted[2]), nested);
  });

/** Every choice of one place, or none, for each person. */
function triedOut(safe: BoundSafe, given: readonly Place[]): boolean {
  const places = signingPaths(safe).flatMap((via) => {
    const at = via.length === 0 ? safe : safe.nested.find((one) => one.address === via.at(-1));
    return (at?.owners ?? []).map((owner) => ({ owner, via }));
  });
  const free = ["person 0", "person 1", "person 2"].filter((one) => !given.some((other) => other.person === one));
  const attempt = (people: string[], chosen: GivenApproval[]): boolean => {
    const [person, ...rest] = people;
    if (person === undefined) return approvedOwners(safe, chosen).length >= safe.threshold;
    const own = places.filter(({ owner }) => personOf(owner) === person);
    return attempt(rest, chosen) || own.some((place) => attempt(rest, [...chosen, place]));
  };
  return attempt(free, [...given]);
}

test("a tree can be completed exactly where some choice of places completes it", () => {
  const seen = { yes: 0, no: 0 };
  fc.assert(
    fc.property(anySafe, (safe) => {
      const can = canBeCompleted({ safe, personOf, given: [] });
      seen[can ? "yes" : "no"] += 1;
      expect(can).toBe(triedOut(safe, []));
    }),
    { numRuns: 500 },
  );
  expect(Math.min(seen.yes, seen.no)).toBeGreaterThan(50);
});

test("what was signed already is counted, and who signed it is spent", () => {
  fc.assert(
    fc.property(anySafe, fc.nat(20), (safe, pick) => {
      const places = signingPaths(safe).flatMap((via) => {
        const at = via.length === 0 ? safe : safe.nested.find((one) => one.address === via.at(-1));
        return (at?.owners ?? []).flatMap((owner) => {
          const person = personOf(owner);
          return person === undefined ? [] : [{ owner, via, person }];
        });
      });
      const place = places[pick % Math.max(1, places.length)];
      const given = place === undefined ? [] : [place];
      expect(canBeCompleted({ safe, personOf, given })).toBe(triedOut(safe, given));
    }),
    { numRuns: 500 },
  );
});

test("a Safe that is known, but more than three levels down, is no place to sign in", () => {
  const names = ["one", "two", "three", "four", "five"];
  const chain = names.map((name, at) => childOf(name, [addressOf(names[at + 1] ?? "nobody")], 1));
  expect(signingPaths(safeOf([addressOf("one")], 1, chain)).map((via) => via.length)).toEqual([0, 1, 2, 3]);
});

describe("it ends soon", () => {
  test("where fifteen people with two wallets each are one too few", () => {
    const owners = Array.from({ length: 30 }, (_, at) => addressOf(`owner ${at}`));
    const pairs = (wallet: Address) => `pair ${Math.floor(owners.indexOf(wallet) / 2)}`;
    expect(canBeCompleted({ safe: safeOf(owners, 16), personOf: pairs, given: [] })).toBe(false);
    expect(canBeCompleted({ safe: safeOf(owners, 15), personOf: pairs, given: [] })).toBe(true);
  });
});
