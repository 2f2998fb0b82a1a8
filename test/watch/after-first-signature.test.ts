/** A signature is void only once its nonce is used (trust rule 5): what becomes of one when the ceremony goes another way. */

import { numberToHex } from "viem";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { proxyChanges } from "../../src/domain/release-package.ts";
import { type Somebody, sentence, type TestCouncil, walk, wholeText } from "../support/embedded.ts";
import { type KeptCouncil, keepCouncil } from "../support/kept-council.ts";

const title = "Still executable by anyone";
let kept: KeptCouncil;
let council: TestCouncil;
beforeAll(async () => {
  kept = await keepCouncil({}, (first) => walk(first, "approved"));
});
afterAll(() => kept?.stop());
beforeEach(async () => {
  council = await kept.anew();
});
afterEach(() => council.stop());

const sign = (...people: Somebody[]) => each(people, (who) => council.as(who, "sign", { ceremony: "UP-1" }));
async function each(people: readonly Somebody[], work: (one: Somebody) => Promise<unknown>) {
  for (const one of people) await work(one);
  await council.quorate.settle();
}

/** The lines below the title, alike on the card, in /upgrade status and in /upgrade why. */
async function stillExecutable(): Promise<string[]> {
  const card = (await council.card()).sections.find((one) => one.title === title)?.lines ?? [];
  for (const command of ["status", "why"]) {
    const view = await council.ask("caro", command, { ceremony: "UP-1" });
    const section = view.kind === "notice" ? view.sections.find((one) => one.title === title) : undefined;
    expect(section?.lines ?? [], command).toEqual(card);
  }
  return card;
}

const wanted = async () =>
  (await council.state()).windDown?.transactions.map((one) => `${one.purpose} ${one.tx.nonce}`);

/** As if the council Safe had run other transactions meanwhile. */
async function moveNonce(to: number): Promise<void> {
  const safe = (await council.state()).package.legs[0]?.authority.safe;
  await council.world.node.request(
    "anvil_setStorageAt",
    safe,
    numberToHex(5, { size: 32 }),
    numberToHex(to, { size: 32 }),
  );
  await council.quorate.settle();
}

/** A package ends so long after the block that it was written at: a block later, its containments end later too. */
const blockLater = () => council.advance(1n, 1);

async function revise(more: Record<string, string>): Promise<void> {
  const view = await council.as("ada", "propose", { target: "harbour", title: "Again", revises: "UP-1", ...more });
  expect(sentence(view)).not.toMatch(/Nothing was/);
  await council.as("ada", "check", { ceremony: "UP-1" });
  await council.quorate.settle();
  expect((await council.state()).status).toBe("in review");
}

test("cancelled after the first signature: each nonce is named and rejected, and then nothing is left", async () => {
  await sign("caro");
  await council.as("finn", "cancel", { ceremony: "UP-1", reason: "superseded" });
  expect(await stillExecutable()).toEqual(
    expect.arrayContaining([
      "pilot/upgrade (nonce 0, once more owners have signed it)",
      "main/rollback (nonce 3, once more owners have signed it)",
    ]),
  );
  expect(await wanted()).toEqual(["reject 0", "reject 1", "reject 2", "reject 3", "reject 0"]);
  await sign("ben", "caro", "dev");
  expect((await council.state()).onChain.filter((one) => one.state === "used")).toHaveLength(5);
  expect(await stillExecutable()).toEqual([]);
});

test("expired after all signatures: anyone could still send them, until their nonces are rejected", async () => {
  await sign("ben", "caro", "dev");
  const { expiresAt } = (await council.state()).review ?? { expiresAt: 0n };
  await council.advance(expiresAt - council.world.time.now() + 1n, 1);
  expect((await council.state()).status).toBe("expired");
  expect(await stillExecutable()).toEqual(
    expect.arrayContaining(["pilot/upgrade (nonce 0)", "main/rollback (nonce 3)", "containment/pause-vault (nonce 0)"]),
  );
  await sign("ben", "caro", "dev");
  expect(await stillExecutable()).toEqual([]);
});

/** A revision of a later block binds its containments to a later end; a guardian nonce that nobody used lets either of them run. */
const earlierContainments = [
  "containment/pause-pilot as it was signed before (nonce 0)",
  "containment/pause-vault as it was signed before (nonce 0)",
];

test("revised: the new revision takes the same nonces, and what was signed before is dead once it is mined", async () => {
  await sign("ben", "caro", "dev");
  const before = (await council.state()).review?.transactions.map((one) => one.tx.nonce);
  await blockLater();
  await revise({ release: "2.0.0" });
  expect((await council.state()).review?.transactions.map((one) => one.tx.nonce)).toEqual(before);
  const lines = await stillExecutable();
  expect(lines).toContain("pilot/upgrade as it was signed before (nonce 0)");
  await each(["ben", "caro", "dev"], (who) => council.as(who, "approve", { ceremony: "UP-1" }));
  await sign("ben", "caro", "dev");
  expect(await stillExecutable()).toEqual(lines);
  await council.as("ada", "schedule", { ceremony: "UP-1" });
  await council.quorate.settle();
  expect((await council.state()).status).toBe("scheduled");
  expect(await stillExecutable()).toEqual(earlierContainments);
});

test("revised at the same block: the containments are the transactions that were signed before, and wanted as they were", async () => {
  await sign("ben", "caro", "dev");
  const containments = async () =>
    (await council.state()).review?.transactions.filter((one) => one.purpose === "containment");
  const before = await containments();
  await revise({ release: "2.0.0" });
  expect(await containments()).toEqual(before);
  const lines = await stillExecutable();
  expect(lines).toContain("pilot/upgrade as it was signed before (nonce 0)");
  expect(lines.filter((line) => line.startsWith("containment/"))).toEqual([]);
});

test("revised to fewer legs: the nonces that nothing covers any more stay named, and are rejected at the end", async () => {
  await sign("ben", "caro", "dev");
  const pilot = (await council.state()).package.legs.find((one) => one.id === "pilot");
  const [change] = pilot === undefined ? [] : proxyChanges(pilot);
  await revise({ implementation: `${change?.name}=${change?.toImplementation}` });
  expect((await council.state()).package.legs.map((one) => one.id)).toEqual(["pilot"]);
  await walk(council, "scheduled", "in review");
  expect(await stillExecutable()).toEqual([
    "main/upgrade as it was signed before (nonce 2)",
    "main/rollback as it was signed before (nonce 3)",
    ...earlierContainments,
  ]);
  await council.as("finn", "cancel", { ceremony: "UP-1", reason: "superseded" });
  await council.quorate.settle();
  expect(await wanted()).toEqual(["cancel 0", "cancel 1", "reject 2", "reject 3"]);
  await sign("ben", "caro", "dev");
  expect(await stillExecutable()).toEqual([]);
});

test("revised after the nonces moved on: what is behind them is dead and not named, what is ahead is", async () => {
  await sign("ben", "caro", "dev");
  await moveNonce(2);
  expect((await council.state()).status).toBe("checked");
  await blockLater();
  await revise({ release: "2.0.0" });
  expect(await stillExecutable()).toEqual([
    "main/upgrade as it was signed before (nonce 2)",
    "main/rollback as it was signed before (nonce 3)",
    ...earlierContainments,
  ]);
  await council.as("finn", "cancel", { ceremony: "UP-1", reason: "superseded" });
  await council.quorate.settle();
  expect(await wanted()).toEqual(["reject 2", "reject 3", "reject 0"]);
});

test("cancelled when the Safe is past every nonce: nothing is asked of anybody, and nothing is called executable", async () => {
  await sign("ben", "dev");
  const guardian = (await council.state()).package.containment[0]?.safe;
  await council.world.node.request(
    "anvil_setStorageAt",
    guardian,
    numberToHex(5, { size: 32 }),
    numberToHex(9, { size: 32 }),
  );
  await moveNonce(9);
  await council.as("finn", "cancel", { ceremony: "UP-1", reason: "superseded" });
  await council.quorate.settle();
  expect((await council.state()).status).toBe("cancelled");
  expect(await stillExecutable()).toEqual([]);
  expect(wholeText(await council.ask("caro", "why", { ceremony: "UP-1" }))).toContain(
    "It has ended, and nothing of it can run any more.",
  );
});

test("only a later nonce was signed: those before it are rejected too, or it could never be", async () => {
  const view = await council.ask("caro", "sign", { ceremony: "UP-1" });
  if (view.kind !== "wallet") throw new Error(sentence(view));
  const item = view.items.find((one) => one.kind === "signature" && one.tx.nonce === 2n);
  if (item === undefined) throw new Error("Nonce 2 is not asked for.");
  expect((await council.sign("console:caro", "UP-1", item)).ok).toBe(true);
  await council.as("finn", "cancel", { ceremony: "UP-1", reason: "superseded" });
  await council.quorate.settle();
  expect(await wanted()).toEqual(["reject 0", "reject 1", "reject 2"]);
  await sign("ben", "caro", "dev");
  expect(await stillExecutable()).toEqual([]);
});
