/** Between the word "schedule" and the timelock: what happens when people or the chain come in between. */

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { keylessAccount } from "../../src/embedded/people.ts";
import { tradeOnce } from "../../src/embedded/trade.ts";
import type { Chains } from "../../src/ports.ts";
import { actAs } from "../embedded/act.ts";
import { sentence, type TestCouncil, walk } from "../support/embedded.ts";
import { type KeptCouncil, keepCouncil } from "../support/kept-council.ts";
import { operationStates } from "../support/operation-states.ts";
import { signedCall } from "../support/signed-call.ts";

let kept: KeptCouncil;
let council: TestCouncil;
beforeAll(async () => {
  kept = await keepCouncil({}, (first) => walk(first, "signed"));
});
afterAll(() => kept?.stop());
beforeEach(async () => {
  council = await kept.anew();
  council.switches.chains = withoutGas();
  await council.ask("ada", "schedule", { ceremony: "UP-1" });
  await council.quorate.settle();
  expect(await standing()).toEqual(["Unset", "Unset", "Unset", "Unset"]);
});
afterEach(() => council.stop());

/** The gas account cannot sign: everything that was asked for waits. */
const withoutGas = (): Chains => ({
  ids: council.chains.ids,
  get: (id) => ({
    ...council.chains.get(id),
    signWithGasKey: () => Promise.reject(new Error("The gas account is empty: fill it up.")),
  }),
});

/** The gas account is filled, and time passes until everything that failed is tried again. */
async function fillGas(): Promise<void> {
  council.switches.chains = undefined;
  for (let round = 0; round < 3; round += 1) {
    await council.advance(65n, 1);
    council.quorate.outbox.wake();
    await council.quorate.settle();
  }
}

const standing = () => operationStates(council);

test("a gas account without means delays it, and the card says that it is being sent", async () => {
  const { status, summary, actions } = await council.card();
  expect({ status, summary }).toEqual({
    status: "signing",
    summary: "Sending to the timelock: 0 of 4 transactions are mined.",
  });
  expect(actions.map((one) => one.label)).toEqual(["Why wait?", "Cancel"]);
  await fillGas();
  expect(await standing()).toEqual(["Waiting", "Waiting", "Waiting", "Waiting"]);
  expect((await council.state()).status).toBe("scheduled");
});

test("a hold stops the sending, and lifting it goes on", async () => {
  await council.ask("caro", "canary", { action: "hold", reason: "Wait" });
  await fillGas();
  expect(await standing()).toEqual(["Unset", "Unset", "Unset", "Unset"]);
  expect((await council.state()).status).toBe("held");
  expect(sentence(await council.ask("dev", "canary", { action: "start", reason: "Go" }))).toMatch(/^UP-1 resumes\./);
  await fillGas();
  expect(await standing()).toEqual(["Waiting", "Waiting", "Waiting", "Waiting"]);
});

describe("a cancellation", () => {
  beforeEach(async () => {
    await council.ask("ada", "cancel", { ceremony: "UP-1", reason: "Not today" });
  });

  test("stops the sending for good, and the signatures are put up for rejection", async () => {
    await fillGas();
    expect(await standing()).toEqual(["Unset", "Unset", "Unset", "Unset"]);
    const state = await council.state();
    expect(state.status).toBe("cancelled");
    expect(state.windDown?.transactions.map((one) => one.purpose)).toEqual([
      "reject",
      "reject",
      "reject",
      "reject",
      "reject",
    ]);
    expect((await council.card()).sections[0]).toMatchObject({
      title: "Still executable by anyone",
      lines: expect.arrayContaining(["pilot/upgrade (nonce 0)", "containment/pause-vault (nonce 0)"]),
    });
  });

  test("that somebody ignores, by sending what was signed, is seen, and the operation is put up for cancellation", async () => {
    await fillGas();
    const { world } = council;
    const stranger = keylessAccount("a stranger");
    expect(
      await actAs(
        world,
        stranger,
        world.councilSafe,
        await signedCall(council.store, await council.state(), "pilot/upgrade"),
      ),
    ).toBe(true);
    await council.quorate.settle();
    const state = await council.state();
    expect(state.onChain).toContainEqual(expect.objectContaining({ tx: "pilot/upgrade", state: "mined" }));
    expect(state.windDown?.transactions.map((one) => one.id)).toContain("cancel/pilot/upgrade");
    expect(await council.thread()).toContainEqual(expect.stringMatching(/^pilot\/upgrade is mined in block \d+\.$/));
  });
});

test("a nonce that somebody else takes voids the approval, and says so", async () => {
  const { world } = council;
  const { nonce } = await council.chains.get("eip155:31337").safe(world.councilSafe);
  // Safe keeps its nonce in slot 5: as if another transaction of the council had been mined.
  await world.node.request(
    "anvil_setStorageAt",
    world.councilSafe,
    "0x5",
    `0x${(nonce + 1n).toString(16).padStart(64, "0")}`,
  );
  await tradeOnce(world);
  await council.quorate.settle();
  expect((await council.state()).status).toBe("checked");
  expect(await council.thread()).toContainEqual(
    expect.stringMatching(
      /^The approval is void: the Safe 0xA6c1\S+ is at nonce 1; UP-1 was approved for nonce 0\. Check again\.$/,
    ),
  );
});
