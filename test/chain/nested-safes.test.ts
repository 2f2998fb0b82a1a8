/** Safes that own Safes: what their owners sign is what the real contracts of 1.3.0, 1.4.1 and 1.5.0 accept. */

import fc from "fast-check";
import { type Address, encodeFunctionData, type Hex, parseAbi, zeroAddress } from "viem";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { BoundSafe } from "../../src/domain/events.ts";
import { approvalsIn, approvedOwners, packApprovals, silentChildren } from "../../src/domain/nested-safes.ts";
import { execTransactionData } from "../../src/domain/safe-signatures.ts";
import {
  addressOf,
  type NestedWorld,
  nestedWorld,
  type Planned,
  placeOf,
  signed,
  txOf,
  versions,
} from "./nested-world.ts";
import { startWorld, type World } from "./world.ts";

let world: World;
let nested: NestedWorld;
beforeAll(async () => {
  world = await startWorld();
  nested = await nestedWorld(world);
});
afterAll(() => world.stop());

const abi = parseAbi([
  "function getMessageHash(bytes message) view returns (bytes32)",
  "function addOwnerWithThreshold(address owner, uint256 threshold)",
  "function setFallbackHandler(address handler)",
]);

async function expectHashesOfContracts(safe: BoundSafe): Promise<void> {
  const tx = txOf(safe);
  for (const { via, hash, message } of approvalsIn(tx, safe)) {
    const address = via.at(-1);
    if (address === undefined || message === undefined) continue;
    const call = { abi, address, functionName: "getMessageHash", args: [message] } as const;
    expect(await world.client.readContract(call)).toBe(hash);
  }
}

describe.each(versions.flatMap((parent) => versions.map((child) => [parent, child] as const)))(
  "a parent %s with a child %s",
  (parent, child) => {
    const isSilent = parent !== "1.5.0" && child === "1.5.0";
    const name = (who: string) => `${who} ${parent} ${child}`;
    let safe: BoundSafe;
    beforeAll(async () => {
      safe = await nested.plant({
        version: parent,
        threshold: 2,
        owners: [name("ada"), { version: child, threshold: 2, owners: [name("ben"), name("caro"), name("dev")] }],
      });
    });

    test("is read with its child", () => {
      expect(safe.nested).toEqual([
        {
          address: safe.owners[1],
          version: child,
          threshold: 2,
          owners: ["ben", "caro", "dev"].map((who) => addressOf(name(who))),
        },
      ]);
    });

    test(isSilent ? "has no off-chain way to the child" : "is executed with the child's signature", async () => {
      const tx = txOf(safe);
      if (isSilent) {
        expect(approvalsIn(tx, safe)).toHaveLength(1);
        expect(silentChildren(safe)).toMatchObject([{ parent: { address: safe.address }, child: { version: child } }]);
        return;
      }
      await expectHashesOfContracts(safe);
      const [ada, ben, caro] = await Promise.all(
        ["ada", "ben", "caro"].map((who) => signed(name(who), tx, placeOf(name(who), tx, safe))),
      );
      if (ada === undefined || ben === undefined || caro === undefined) throw new Error("Nobody signed.");
      const accepted = (given: (typeof ada)[]) => world.chain.checkSignatures(tx, packApprovals(safe, given));
      expect(await accepted([ada, ben])).toBe(false);
      expect(approvedOwners(safe, [ada, ben])).toEqual([ada.owner]);
      expect(await accepted([ben, caro])).toBe(false);
      // Not for the parent, and not what another Safe's owners sign.
      expect(
        await accepted([
          ada,
          ben,
          { ...(await signed(name("caro"), tx, placeOf(name("ada"), tx, safe))), via: ben.via },
        ]),
      ).toBe(false);
      expect(await accepted([caro, ada, ben])).toBe(true);
      const data = execTransactionData(tx, packApprovals(safe, [ada, ben, caro]));
      await world.send(world.deployer, safe.address, data);
      expect((await nested.read(safe.address)).nonce).toBe(1n);
    });
  },
);

/** Threshold and version of each Safe, owners of which some are Safes again, down to three levels. */
const anyTree = fc.letrec<{ root: Planned; level1: Planned; level2: Planned; level3: Planned }>((tie) => {
  const safe = (child: fc.Arbitrary<Planned> | undefined) =>
    fc
      .record({
        version: fc.constantFrom(...versions),
        owners: fc.array(
          child === undefined
            ? fc.constant("person" as const)
            : fc.oneof({ arbitrary: fc.constant("person" as const), weight: 2 }, { arbitrary: child, weight: 1 }),
          { minLength: 1, maxLength: 3 },
        ),
        threshold: fc.integer({ min: 1, max: 3 }),
      })
      .map(
        ({ version, owners, threshold }): Planned => ({
          version,
          owners,
          threshold: Math.min(threshold, owners.length),
        }),
      );
  return {
    root: safe(tie("level1")),
    level1: safe(tie("level2")),
    level2: safe(tie("level3")),
    level3: safe(undefined),
  };
}).root;

/** Everybody in the tree gets a name of their own. */
function named(tree: Planned, prefix: string): Planned {
  return {
    ...tree,
    owners: tree.owners.map((owner, at) =>
      typeof owner === "object" ? named(owner, `${prefix}-${at}`) : `${prefix}-${at}`,
    ),
  };
}

function peopleOf(tree: Planned): string[] {
  return tree.owners.flatMap((owner) => (typeof owner === "object" ? peopleOf(owner) : [owner]));
}

let trees = 0;

test("signatures of any nesting are accepted exactly when its thresholds are reached", async () => {
  let accepted = 0;
  await fc.assert(
    fc.asyncProperty(anyTree, fc.infiniteStream(fc.integer({ min: 0, max: 9 })), async (shape, chances) => {
      const tree = named(shape, `tree ${++trees}`);
      const safe = await nested.plant(tree);
      const tx = txOf(safe);
      await expectHashesOfContracts(safe);
      const approvals = approvalsIn(tx, safe);
      const signers = peopleOf(tree).filter(() => (chances.next().value ?? 0) < 7);
      const given = await Promise.all(
        signers.flatMap((name) =>
          approvals.filter((one) => one.safe.owners.includes(addressOf(name))).map((place) => signed(name, tx, place)),
        ),
      );
      const complete = approvedOwners(safe, given).length >= safe.threshold;
      if (complete) accepted += 1;
      expect(await world.chain.checkSignatures(tx, packApprovals(safe, given))).toBe(complete);
    }),
    { numRuns: 60 },
  );
  // Both sides of "exactly when" were seen.
  expect(accepted).toBeGreaterThan(10);
  expect(accepted).toBeLessThan(55);
});

test("more than are needed are accepted too, whatever their order and however deep", async () => {
  const safe = await nested.plant({
    version: "1.4.1",
    threshold: 1,
    owners: [
      "ada",
      { version: "1.3.0", threshold: 1, owners: ["ben", { version: "1.4.1", threshold: 2, owners: ["caro", "dev"] }] },
      { version: "1.4.1", threshold: 1, owners: [{ version: "1.3.0", threshold: 1, owners: ["eve", "finn"] }] },
    ],
  });
  const tx = txOf(safe);
  const given = await Promise.all(
    ["ada", "ben", "caro", "dev", "eve", "finn"].map((name) => signed(name, tx, placeOf(name, tx, safe))),
  );
  expect(given.map((one) => one.via.length)).toEqual([0, 1, 2, 2, 2, 2]);
  expect(approvedOwners(safe, given)).toHaveLength(3);
  for (const some of [given, [...given].reverse(), given.slice(2, 4), given.slice(4)])
    expect(await world.chain.checkSignatures(tx, packApprovals(safe, some))).toBe(true);
  expect(await world.chain.checkSignatures(tx, packApprovals(safe, given.slice(2, 3)))).toBe(false);
});

test("a circle of owners ends, and what lies deeper than three levels is not asked", async () => {
  const child: Planned = { version: "1.4.1", threshold: 1, owners: ["ben"] };
  const safe = await nested.plant({ version: "1.4.1", threshold: 1, owners: ["ada", child] });
  const [, below] = safe.owners;
  if (below === undefined) throw new Error("There is no child.");
  const add = encodeFunctionData({ abi, functionName: "addOwnerWithThreshold", args: [safe.address, 1n] });
  await world.send(below, below, add);
  const circle = await nested.read(safe.address);
  // The child is owned by its parent now, which is no child of itself.
  expect(circle.nested.map((one) => one.address)).toContain(below);
  expect(approvalsIn(txOf(circle), circle).map((one) => one.via)).toEqual([[], [below]]);

  const chain = (depth: number): Planned => ({
    version: "1.4.1",
    threshold: 1,
    owners: depth === 0 ? ["caro"] : [`at ${depth}`, chain(depth - 1)],
  });
  const deep = await nested.plant(chain(5));
  expect(deep.nested).toHaveLength(3);
  const paths = approvalsIn(txOf(deep), deep).map((one) => one.via.length);
  expect(paths).toEqual([0, 1, 2, 3]);
});

test("more than twenty Safes are not looked at", async () => {
  const owners = Array.from(
    { length: 22 },
    (_, at): Planned => ({ version: "1.4.1", threshold: 1, owners: [`of ${at}`] }),
  );
  const safe = await nested.plant({ version: "1.4.1", threshold: 1, owners });
  expect(safe.nested).toHaveLength(20);
  expect(approvalsIn(txOf(safe), safe)).toHaveLength(21);
});

test("a Safe that cannot check a message counts as any other contract", async () => {
  const child: Planned = { version: "1.4.1", threshold: 1, owners: ["ben"] };
  const safe = await nested.plant({ version: "1.4.1", threshold: 1, owners: ["ada", child] });
  const below = safe.owners[1] ?? zeroAddress;
  const data: Hex = encodeFunctionData({ abi, functionName: "setFallbackHandler", args: [zeroAddress] });
  await world.send(below, below, data);
  expect((await nested.read(safe.address)).nested).toEqual([]);
});

test("what is no Safe is not taken for one", async () => {
  const liar: Address = await world.deploy({ abi: [], bytecode: "0x600a600c600039600a6000f3602a60005260206000f3" });
  expect(await world.chain.nestedSafes([liar, addressOf("ada"), zeroAddress])).toEqual([]);
  expect(await world.chain.nestedSafes([])).toEqual([]);
});
