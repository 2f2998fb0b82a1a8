/** A schedule that the gas key has sent, and that no block has when the ceremony is held or over. */

import { keccak256, numberToHex, parseTransaction } from "viem";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { keylessAccount } from "../../src/embedded/people.ts";
import type { Chain } from "../../src/ports.ts";
import { actAs } from "../embedded/act.ts";
import { type TestCouncil, walk } from "../support/embedded.ts";
import { baseFeeTriples, keepFirstBytes } from "../support/kept-bytes.ts";
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
  // Going back to a snapshot leaves the fee of the block that comes as it was.
  await council.world.node.request("anvil_setNextBlockBaseFeePerGas", numberToHex(10n ** 9n));
});
afterEach(() => council.stop());

const chain = (): Chain => council.chains.get("eip155:31337");
const first = "pilot/upgrade";

async function scheduled(): Promise<void> {
  await council.ask("ada", "schedule", { ceremony: "UP-1" });
  await council.quorate.settle();
}

/** Until everything that failed has been tried again. */
async function later(): Promise<void> {
  for (let round = 0; round < 3; round += 1) {
    await council.advance(65n, 1);
    council.quorate.outbox.wake();
    await council.quorate.settle();
  }
}

const standing = () => operationStates(council);

const minedAs = async (tx: string) => (await council.state()).onChain.find((one) => one.tx === tx);
/** What the bytes after the first one do. */
const asCalls = (sent: readonly `0x${string}`[]) => sent.map((raw) => parseTransaction(raw));

test("is taken back when it is held, so that nothing waits behind it, and is sent anew once the hold is lifted", async () => {
  const { sent } = keepFirstBytes(council, { kept: baseFeeTriples(council) });
  await scheduled();
  await council.ask("caro", "canary", { action: "hold", reason: "Wait" });
  await later();
  const [one, two] = asCalls(sent);
  expect(two).toMatchObject({ nonce: one?.nonce, to: chain().gasAccount.toLowerCase() });
  expect(await chain().receipt(keccak256(sent[1] ?? "0x"))).toMatchObject({ success: true });
  expect(sent).toHaveLength(2);
  expect(await standing()).toEqual(["Unset", "Unset", "Unset", "Unset"]);
  // Nothing of it is out any more, so that it does not have to be looked at every few seconds.
  const waiting = (await council.store.due(2n ** 40n, 50)).find((item) => item.payload.tx === first);
  expect(waiting?.progress).toEqual({});
  await council.ask("dev", "canary", { action: "start", reason: "Go" });
  await later();
  expect(await standing()).toEqual(["Waiting", "Waiting", "Waiting", "Waiting"]);
  expect(asCalls(sent)[2]).toMatchObject({ to: one?.to, data: one?.data, nonce: (one?.nonce ?? 0) + 1 });
});

test("where the hold is lifted before that is mined, it is gone through with, and the schedule sent anew", async () => {
  let isAway = true;
  const { sent } = keepFirstBytes(council, {
    after: async (raw) => {
      if (isAway) return keccak256(raw);
      return chain().broadcast(raw);
    },
  });
  await scheduled();
  await council.ask("caro", "canary", { action: "hold", reason: "Wait" });
  await later();
  await council.ask("dev", "canary", { action: "start", reason: "Go" });
  const before = sent.length;
  isAway = false;
  await later();
  const [one] = asCalls(sent);
  expect(asCalls(sent)[before]).toMatchObject({ to: chain().gasAccount.toLowerCase(), nonce: one?.nonce });
  expect(await standing()).toEqual(["Waiting", "Waiting", "Waiting", "Waiting"]);
});

test("where a block has it before that, it is scheduled, as the log says", async () => {
  const { sent } = keepFirstBytes(council, {
    after: async (raw) => {
      await chain().broadcast(sent[0] ?? "0x");
      return keccak256(raw);
    },
  });
  await scheduled();
  await council.ask("caro", "canary", { action: "hold", reason: "Wait" });
  await later();
  expect(sent).toHaveLength(2);
  expect(await minedAs(first)).toMatchObject({ state: "mined" });
  expect((await standing())[0]).toBe("Waiting");
});

test("is taken back when the ceremony is cancelled, and not sent any more", async () => {
  const { sent } = keepFirstBytes(council, { kept: baseFeeTriples(council) });
  await scheduled();
  await council.ask("ada", "cancel", { ceremony: "UP-1", reason: "Not today" });
  await later();
  const [one, two] = asCalls(sent);
  expect(two).toMatchObject({ nonce: one?.nonce, to: chain().gasAccount.toLowerCase() });
  expect(await standing()).toEqual(["Unset", "Unset", "Unset", "Unset"]);
  expect(await council.store.done("ceremony/UP-1", "broadcast")).toContainEqual(
    expect.objectContaining({ result: { skipped: "UP-1 is cancelled" } }),
  );
});

/** Anybody who has the signatures may send them. */
async function strangerIsFirst(): Promise<void> {
  const { world, store } = council;
  const call = await signedCall(store, await council.state(), first);
  expect(await actAs(world, keylessAccount("a stranger"), world.councilSafe, call)).toBe(true);
}

test("is over when somebody else was first and it did nothing after that", async () => {
  const { sent } = keepFirstBytes(council, {});
  await scheduled();
  await strangerIsFirst();
  await chain().broadcast(sent[0] ?? "0x");
  await vi.waitUntil(() => chain().receipt(keccak256(sent[0] ?? "0x")));
  await later();
  expect(await standing()).toEqual(["Waiting", "Waiting", "Waiting", "Waiting"]);
  expect(council.faults.map(({ fault }) => String(fault)).join()).not.toContain("The Safe refused");
});

test("is taken back when somebody else was first, and neither is told as failed", async () => {
  const { sent } = keepFirstBytes(council, {});
  await scheduled();
  await strangerIsFirst();
  await later();
  const [one, two] = asCalls(sent);
  expect(two).toMatchObject({ nonce: one?.nonce, to: chain().gasAccount.toLowerCase() });
  expect(await standing()).toEqual(["Waiting", "Waiting", "Waiting", "Waiting"]);
  const done = await council.store.done("ceremony/UP-1", "broadcast");
  expect(done.find((item) => item.payload.tx === first)?.result).toMatchObject({ skipped: expect.any(String) });
});

test("is taken back when its Safe's nonce is used by another, and the ceremony does not ask for it any more", async () => {
  const { world } = council;
  const { sent } = keepFirstBytes(council, {});
  await scheduled();
  const { nonce } = await chain().safe(world.councilSafe);
  // Safe keeps its nonce in slot 5: as if another transaction of the council had been mined.
  const word = numberToHex(nonce + 1n, { size: 32 });
  await world.node.request("anvil_setStorageAt", world.councilSafe, "0x5", word);
  await later();
  expect((await council.state()).status).toBe("checked");
  const [one, two] = asCalls(sent);
  expect(two).toMatchObject({ nonce: one?.nonce, to: chain().gasAccount.toLowerCase() });
  expect(await council.store.open()).toBe(0);
});

test("is taken back where only its own look at the Safe finds the nonce used", async () => {
  let isUsed = false;
  const { sent } = keepFirstBytes(council, {
    safe: async (account) => {
      const facts = await chain().safe(account);
      return isUsed ? { ...facts, nonce: facts.nonce + 1n } : facts;
    },
  });
  await scheduled();
  isUsed = true;
  await later();
  const [one, two] = asCalls(sent);
  expect(two).toMatchObject({ nonce: one?.nonce, to: chain().gasAccount.toLowerCase() });
});
