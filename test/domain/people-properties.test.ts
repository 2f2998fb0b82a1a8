/** Whatever people do, in whatever order: what must never come of it. */

import fc from "fast-check";
import { expect, it } from "vitest";
import { freezeOf } from "../../src/domain/people.ts";
import type { PeopleEvent } from "../../src/domain/people-events.ts";
import { PeopleDriver, proof, rolesWithAdmins, type Wanted } from "../support/people-driver.ts";
import { addressOf, hashOf, mainnet, names, platforms, walletOf } from "../support/sample-council.ts";

const wallets = [
  ...names.map((one) => walletOf(one)),
  ...["first", "second", "third", "fourth", "fifth", "sixth"].map(addressOf),
];
const admins = names.filter((one) => rolesWithAdmins[one].includes("admin"));
const reason = "a reason";
const kinds = [
  ...(["requestLink", "requestLink", "proveLink", "proveLink", "proveLink", "confirmLink", "confirmLink"] as const),
  ...([
    "confirmLink",
    "denyLink",
    "requestUnlink",
    "confirmUnlink",
    "freeze",
    "unfreeze",
    "unfreeze",
    "expire",
  ] as const),
];

const step = fc.record({
  kind: fc.constantFrom(...kinds),
  who: fc.constantFrom(...names),
  admin: fc.constantFrom(...admins),
  about: fc.constantFrom(...names),
  wallet: fc.constantFrom(...wallets),
  platform: fc.constantFrom(...platforms),
  salt: fc.integer(),
  /** Whether it is meant to work: the newest request, by somebody who may. */
  isApt: fc.integer({ min: 0, max: 3 }).map((one) => one > 0),
  passes: fc.constantFrom(...Array<bigint>(12).fill(0n), 60n, 901n, 90_000n),
});
type Step = typeof step extends fc.Arbitrary<infer One> ? One : never;

function wantedBy({ links, unlinks }: PeopleDriver["state"], one: Step): { who: string; wanted: Wanted } {
  const { kind, salt, wallet, about, isApt } = one;
  const link = (isApt ? links.at(-1) : links[Math.abs(salt) % (links.length + 1)])?.id ?? "link-1";
  const unlink = (isApt ? unlinks.at(-1) : unlinks[Math.abs(salt) % (unlinks.length + 1)])?.id ?? "unlink-1";
  const admin = isApt ? one.admin : one.who;
  switch (kind) {
    case "requestLink": {
      const place = { domain: "quorate.example.org", uri: "https://quorate.example.org/sign", chain: mainnet };
      const hashes = { tokenHash: hashOf(`token ${salt}`), nonceHash: hashOf(`nonce ${salt}`) };
      return { who: one.who, wanted: { kind, ...hashes, ...place } };
    }
    case "proveLink":
      return { who: isApt ? (links.at(-1)?.person ?? one.who) : one.who, wanted: proof(link, wallet) };
    case "confirmLink":
      return { who: admin, wanted: { kind, request: link } };
    case "denyLink":
      return { who: admin, wanted: { kind, request: link, reason } };
    case "requestUnlink":
      return {
        who: one.who,
        wanted: { kind, person: isApt ? one.who : about, wallet: isApt ? walletOf(one.who) : wallet, reason },
      };
    case "confirmUnlink":
      return { who: admin, wanted: { kind, request: unlink } };
    case "freeze":
    case "unfreeze":
      return { who: admin, wanted: { kind, person: about, reason } };
    case "expire":
      return { who: one.who, wanted: { kind } };
  }
}

/** Two admins who are neither of `others`, and not frozen when they gave their word together. */
function expectTwoAdmins(people: readonly string[], others: readonly string[], frozen: readonly string[]) {
  expect(new Set(people).size).toBeGreaterThanOrEqual(2);
  for (const one of people) {
    expect(rolesWithAdmins[one as keyof typeof rolesWithAdmins]).toContain("admin");
    expect([...others, ...frozen]).not.toContain(one);
  }
}

it("never gives one wallet to two people, and nobody links, unlinks or thaws without two other admins", () => {
  const seen = new Set<string>();
  // The sequences have to get everywhere that they are to be watched at: seldom some more of them are needed for it.
  const watched = ["linked", "unlinked", "unfrozen", "linkExpired"];
  for (let round = 0; round < 8 && !watched.every((type) => seen.has(type)); round += 1)
    fc.assert(
      fc.property(fc.array(step, { minLength: 30, maxLength: 90 }), (steps) => {
        const council = new PeopleDriver();
        const proved = new Set<string>();
        for (const one of steps) {
          council.passes(one.passes);
          const { who, wanted } = wantedBy(council.state, one);
          const frozen = council.policy.people.filter((one) => one.frozen).map((one) => one.id);
          const before = council.state;
          const decision = council.ask(who, wanted, one.platform);
          if (!decision.ok) continue;
          if (wanted.kind !== "expire") expect(frozen).not.toContain(who);
          for (const event of decision.events) {
            seen.add(event.type);
            expectAllowed(event, before, frozen, proved, council.now);
          }
          council.take(decision.events);
          const all = council.policy.people.flatMap((one) => one.wallets);
          expect(new Set(all).size).toBe(all.length);
        }
      }),
      { numRuns: 250 },
    );
  for (const type of watched) expect(seen).toContain(type);
});

function expectAllowed(
  one: PeopleEvent,
  before: PeopleDriver["state"],
  frozen: readonly string[],
  proved: Set<string>,
  now: bigint,
): void {
  if (one.type === "linkProved") {
    const request = before.links.find((item) => item.id === one.data.link);
    expect(proved.has(one.data.link)).toBe(false);
    proved.add(one.data.link);
    expect(request?.person).toBe(one.data.by.person);
    expect(now).toBeLessThanOrEqual((request?.issuedAt ?? 0n) + 900n);
  }
  if (one.type === "linked" || one.type === "unlinked") expectTwoAdmins(one.data.people, [one.data.person], frozen);
  if (one.type === "unfrozen") {
    const held = freezeOf(before, one.data.person);
    expectTwoAdmins(one.data.people, [held?.person ?? "", held?.by ?? ""], frozen);
  }
}
