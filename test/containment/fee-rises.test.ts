/** A breach is when everybody wants into the next block: a containment that the gas key offered too little for goes on. */

import { numberToHex, parseTransaction } from "viem";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { keylessAccount } from "../../src/embedded/people.ts";
import { actAs } from "../embedded/act.ts";
import { type TestCouncil, walk } from "../support/embedded.ts";
import { baseFeeTriples, keepFirstBytes } from "../support/kept-bytes.ts";
import { type KeptCouncil, keepCouncil } from "../support/kept-council.ts";
import { signedCall } from "../support/signed-call.ts";

let kept: KeptCouncil;
let council: TestCouncil;
beforeAll(async () => {
  kept = await keepCouncil({}, (first) => walk(first, "canary"));
});
afterAll(() => kept?.stop());
beforeEach(async () => {
  council = await kept.anew();
  // Going back to a snapshot leaves the fee of the block that comes as it was.
  await council.world.node.request("anvil_setNextBlockBaseFeePerGas", numberToHex(10n ** 9n));
});
afterEach(() => council.stop());

test("what was made ready beforehand is sent again at a higher fee, and the council reads that it worked", async () => {
  const { sent } = keepFirstBytes(council, { kept: baseFeeTriples(council) });
  await council.as("caro", "contain", { ceremony: "UP-1", containment: "pause-pilot", reason: "It leaks." });
  await council.quorate.settle();
  expect(sent).toHaveLength(1);
  expect((await council.state()).containment?.confirmed).toBe(false);
  await council.advance(5n, 1);
  council.quorate.outbox.wake();
  await council.quorate.settle();
  const [first, second] = sent.map((raw) => parseTransaction(raw));
  expect(second).toMatchObject({ nonce: first?.nonce, to: first?.to, data: first?.data });
  expect(second?.maxFeePerGas).toBeGreaterThan((first?.maxFeePerGas ?? 0n) * 4n);
  expect((await council.state()).containment?.confirmed).toBe(true);
  expect((await council.card()).status).toBe("contained");
});

test.each(["waits for its block", "was mined after it, and did nothing"])(
  "one that somebody else sends is contained, not failed, where ours %s",
  async (ours) => {
    const { sent } = keepFirstBytes(council, {});
    await council.as("caro", "contain", { ceremony: "UP-1", containment: "pause-pilot", reason: "It leaks." });
    await council.quorate.settle();
    const { world, store } = council;
    const call = await signedCall(store, await council.state(), "containment/pause-pilot");
    expect(await actAs(world, keylessAccount("a stranger"), world.guardianSafe, call)).toBe(true);
    const chain = council.chains.get("eip155:31337");
    if (ours.startsWith("was mined")) await chain.broadcast(sent[0] ?? "0x");
    for (let round = 0; round < 2; round += 1) {
      await council.advance(5n, 1);
      council.quorate.outbox.wake();
      await council.quorate.settle();
    }
    expect((await council.state()).containment?.confirmed).toBe(true);
    expect((await council.history()).map((one) => one.type)).not.toContain("containmentFailed");
    const [first, second] = sent.map((raw) => parseTransaction(raw));
    if (ours.startsWith("was mined")) expect(sent).toHaveLength(1);
    else expect(second).toMatchObject({ nonce: first?.nonce, to: chain.gasAccount.toLowerCase() });
  },
);

test("one whose nonce the guardian Safe has used otherwise fails at once, and what was sent of it holds up nothing", async () => {
  const { sent } = keepFirstBytes(council, {});
  await council.as("caro", "contain", { ceremony: "UP-1", containment: "pause-pilot", reason: "It leaks." });
  await council.quorate.settle();
  const { world } = council;
  const chain = council.chains.get("eip155:31337");
  const { nonce } = await chain.safe(world.guardianSafe);
  const next = numberToHex(nonce + 1n, { size: 32 });
  await world.node.request("anvil_setStorageAt", world.guardianSafe, "0x5", next);
  for (let round = 0; round < 2; round += 1) {
    await council.advance(5n, 1);
    council.quorate.outbox.wake();
    await council.quorate.settle();
  }
  expect((await council.history()).filter((one) => one.type === "containmentFailed")).toHaveLength(1);
  const [first, second] = sent.map((raw) => parseTransaction(raw));
  expect(second).toMatchObject({ nonce: first?.nonce, to: chain.gasAccount.toLowerCase() });
});
