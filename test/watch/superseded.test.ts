/** What was signed for a revision that was given up, and is sent after all (trust rule 5). */

import { afterEach, beforeEach, expect, test } from "vitest";
import { transactionById } from "../../src/domain/ceremony.ts";
import { keylessAccount } from "../../src/embedded/people.ts";
import { actAs } from "../embedded/act.ts";
import { startCouncil, type TestCouncil, walk } from "../support/embedded.ts";
import { signedCall } from "../support/signed-call.ts";

let council: TestCouncil;
beforeEach(async () => {
  council = await startCouncil();
});
afterEach(() => council.stop());

const pages = () => council.shown.filter((card) => card.urgent === true && card.key.includes("/superseded/"));

test("wakes those on call once, and says what cancels it", async () => {
  const signed = await walk(council, "signed");
  const call = await signedCall(council.store, signed, "pilot/upgrade");
  const { operationId } = transactionById(signed, "pilot/upgrade") ?? {};
  await council.as("ada", "propose", { target: "harbour", release: "2.0.0", title: "Again", revises: "UP-1" });
  await council.quorate.settle();
  expect(pages()).toEqual([]);

  const { world } = council;
  expect(await actAs(world, keylessAccount("a stranger"), world.councilSafe, call)).toBe(true);
  await council.quorate.settle();
  await council.advance(60n, 2);
  const [page, ...more] = pages();
  expect(more).toEqual([]);
  expect(page?.title).toMatch(/^SEV1: somebody sent what was signed for an earlier revision of UP-1: pilot\/upgrade/);
  expect(page?.mentions).toEqual(council.policy.onCall.sev1);
  expect(page?.facts).toContainEqual({ label: "Operation id", value: operationId, code: true });
  expect((await council.history()).filter((one) => one.type === "supersededSeen")).toHaveLength(1);
  expect(await council.thread()).toContainEqual(expect.stringMatching(/^Somebody sent pilot\/upgrade of an earlier/));
});
