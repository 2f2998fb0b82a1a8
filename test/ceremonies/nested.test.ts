/** A council with a Safe among its owners, from the check to the timelock: real chain, real Safes, the running program. */

import type { Address, Hex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type CeremonyState, isFullySigned, safeOf, transactionById } from "../../src/domain/ceremony.ts";
import { approvalsIn, approvalTypedData, type SafeApproval } from "../../src/domain/nested-safes.ts";
import type { CeremonyTx } from "../../src/domain/transactions.ts";
import { embeddedPeople } from "../../src/embedded/people.ts";
import { type Somebody, sentence, startCouncil, type TestCouncil, walk, wholeText } from "../support/embedded.ts";
import { settleIncidents } from "../support/settle-incidents.ts";
import { dismissDev, nestCouncil } from "./nested-council.ts";

let council: TestCouncil;
let child: Address;
let state: CeremonyState;
beforeAll(async () => {
  council = await startCouncil();
  child = await nestCouncil(council.world);
  await settleIncidents(council);
  state = await walk(council, "approved");
});
afterAll(() => council?.stop());

const wanted = (id = "pilot/upgrade"): CeremonyTx => {
  const tx = transactionById(state, id);
  if (tx === undefined) throw new Error(`There is no ${id}.`);
  return tx;
};

function placesIn(tx: CeremonyTx): SafeApproval[] {
  const safe = safeOf(state, tx);
  return safe === undefined ? [] : approvalsIn(tx.tx, safe);
}

/** What `person`'s wallet makes of one place in the tree: 0 the council itself, 1 the child. */
async function signature(person: Somebody, place: number, change: Partial<SafeApproval> = {}): Promise<Hex> {
  const found = placesIn(wanted())[place];
  if (found === undefined) throw new Error("There is no such place.");
  const data = approvalTypedData(wanted().tx, { ...found, ...change });
  return privateKeyToAccount(embeddedPeople[person].privateKey).signTypedData(data);
}

async function handIn(person: Somebody, bytes: Hex): Promise<string> {
  const outcome = await council.quorate.intake.signature(`console:${person}`, "UP-1", wanted().safeTxHash, bytes);
  return outcome.ok ? "taken" : `${outcome.refusal.code}: ${outcome.refusal.sentence}`;
}

async function onOtherChain(work: () => Promise<void>, then: () => Promise<void>): Promise<void> {
  const snapshot = await council.world.node.request("evm_snapshot");
  await work();
  await then();
  await council.world.node.request("evm_revert", snapshot);
}

test("the check knows the child's owners, and the review binds the child", () => {
  expect(state.check?.findings.filter((one) => one.code === "authority/unknown-owner")).toEqual([]);
  expect(safeOf(state, wanted())).toMatchObject({
    threshold: 2,
    nested: [
      {
        address: child,
        threshold: 2,
        owners: ["caro", "dev", "finn"].map((who) => embeddedPeople[who as Somebody].address),
      },
    ],
  });
  expect(safeOf(state, wanted("containment/pause-vault"))?.nested).toEqual([]);
});

test("an owner of the child is asked for the child's message, and shown its hashes", async () => {
  const view = await council.ask("caro", "sign");
  if (view.kind !== "wallet") throw new Error(sentence(view));
  const [item] = view.items;
  if (item?.kind !== "signature") throw new Error("There is nothing to sign.");
  expect(item.places).toEqual([placesIn(wanted())[1]]);
  const { domainHash, messageHash, hash } = placesIn(wanted())[1] ?? {};
  for (const value of [child, domainHash, messageHash, hash]) expect(item.sentences.join()).toContain(value);
  const ben = await council.ask("ben", "sign");
  expect(ben.kind === "wallet" && ben.items[0]).not.toHaveProperty("places");
});

test("signatures that belong nowhere in the tree are refused", async () => {
  // Caro is no direct owner, the message is of another Safe, or of this Safe about something else.
  expect(await handIn("caro", await signature("caro", 0))).toMatch(/^integrity\/signature-owner/);
  const [root, own] = placesIn(wanted());
  if (root === undefined || own === undefined) throw new Error("There is no child.");
  const other = { ...own.safe, address: embeddedPeople.gus.address };
  expect(await handIn("caro", await signature("caro", 1, { safe: other }))).toMatch(/^integrity\/signature-owner/);
  expect(await handIn("caro", await signature("caro", 1, { message: "0x1234" }))).toMatch(
    /^integrity\/signature-owner/,
  );
  // Gus is an owner of nothing here, and Dev's signature is not Caro's to hand in.
  expect(await handIn("gus", await signature("gus", 1))).toMatch(/^integrity\/signature-owner/);
  expect(await handIn("caro", await signature("dev", 1))).toMatch(/^integrity\/signature-person/);
  expect((await council.state()).signatures).toEqual([]);
});

test("an owner who left the child meanwhile is refused, and so is everybody until it is reviewed anew", async () => {
  const bytes = await signature("dev", 1);
  await onOtherChain(
    () => dismissDev(council.world, child),
    async () => {
      const answer = await handIn("dev", bytes);
      expect(answer).toMatch(/^integrity\/safe-owners: .*has another version, other owners or another threshold since/);
      expect(answer).toContain(child);
      expect(await handIn("ben", await signature("ben", 0))).toMatch(/^integrity\/safe-owners/);
    },
  );
});

test("a child below its threshold sends nothing, and is named with how far it is", async () => {
  await council.as("ben", "sign");
  await council.as("caro", "sign");
  state = await council.state();
  expect(state.signatures.filter((one) => one.tx === "pilot/upgrade")).toMatchObject([
    { person: "ben", via: [] },
    { person: "caro", via: [child] },
  ]);
  expect(isFullySigned(state, wanted())).toBe(false);
  expect(sentence(await council.ask("ada", "schedule"))).toContain(`1 of 2 of the Safe ${child} have approved`);
  expect(wholeText(await council.ask("ada", "why"))).toContain(
    `1 more signature for pilot/upgrade, from Dev or Finn; 1 of 2 of the Safe ${child} have approved`,
  );
});

test("nobody signs twice, and an author not at all", async () => {
  expect(await handIn("caro", await signature("caro", 1))).toMatch(/^signature\/again/);
  expect(await handIn("ada", await signature("ada", 0))).toMatch(/^separation\/proposer-signs/);
});

test("with the child's threshold reached, the council's transactions are sent and mined", async () => {
  await council.as("dev", "sign");
  state = await council.state();
  expect(isFullySigned(state, wanted())).toBe(true);
  state = await walk(council, "scheduled", "signed");
  expect(state.status).toBe("scheduled");
  expect((await council.chains.get(wanted().tx.chain).safe(council.world.councilSafe)).nonce).toBe(
    BigInt(state.review?.transactions.filter((one) => one.tx.safe === council.world.councilSafe).length ?? 0),
  );
  expect(council.faults).toEqual([]);
  const again = await council.quorate.ledger.history("UP-1");
  expect(again.filter((one) => one.type === "signed" && one.data.via?.includes(child))).not.toEqual([]);
});
