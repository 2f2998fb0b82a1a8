/** What the gas key has sent, and may not run any more while it waits for its block. */

import { keccak256, numberToHex, parseTransaction } from "viem";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import type { Hex } from "../../src/domain/primitives.ts";
import { tradeOnce } from "../../src/embedded/trade.ts";
import { type Chain, ChainFault } from "../../src/ports.ts";
import { type TestCouncil, wholeText } from "../support/embedded.ts";
import { keepGasCouncil } from "../support/gas-world.ts";
import { baseFeeTriples, keepFirstBytes } from "../support/kept-bytes.ts";
import type { KeptCouncil } from "../support/kept-council.ts";

let kept: KeptCouncil;
let council: TestCouncil;
beforeAll(async () => {
  kept = await keepGasCouncil();
});
afterAll(() => kept?.stop());
beforeEach(async () => {
  council = await kept.anew();
  // Going back to a snapshot leaves the fee of the block that comes as it was.
  await council.world.node.request("anvil_setNextBlockBaseFeePerGas", numberToHex(10n ** 9n));
});
afterEach(() => council.stop());

const chain = (): Chain => council.chains.get("eip155:31337");

async function executed(): Promise<void> {
  await council.ask("eve", "execute", { by: "gas-key" });
  await council.quorate.settle();
}

async function held(): Promise<void> {
  await council.ask("caro", "canary", { action: "hold", reason: "The feed is wrong" });
  await triedAgain();
}

async function lifted(): Promise<void> {
  await council.ask("dev", "canary", { action: "start", reason: "It was another feed" });
  expect((await council.state()).status).not.toBe("held");
}

async function triedAgain(): Promise<void> {
  await council.advance(10n, 1);
  council.quorate.outbox.wake();
  await council.quorate.settle();
}

const failures = async () =>
  (await council.history()).flatMap((one) => (one.type === "executionFailed" ? [one.data] : []));
const ran = async () => (await council.state()).executedLegs.map(({ leg, person, hash }) => ({ leg, person, hash }));

test("is taken back, said once it can never run, and can be asked for again", async () => {
  const { sent } = keepFirstBytes(council, {});
  await executed();
  expect(await council.state()).toMatchObject({ status: "executing", sent: [{ leg: "pilot", person: "eve" }] });
  await held();
  const [first, second] = sent.map((raw) => parseTransaction(raw));
  const { gasAccount } = chain();
  expect(second).toMatchObject({ nonce: first?.nonce, to: gasAccount.toLowerCase() });
  expect([second?.data, second?.value]).toEqual([undefined, undefined]);
  expect(await chain().receipt(keccak256(sent[1] ?? "0x"))).toMatchObject({ success: true, from: gasAccount });
  await expect(chain().broadcast(sent[0] ?? "0x")).rejects.toThrow(/its nonce \d+ was used by another/);
  expect(await failures()).toMatchObject([
    { leg: "pilot", hash: keccak256(sent[0] ?? "0x"), sent: false, replacedBy: keccak256(sent[1] ?? "0x") },
  ]);
  expect(await council.thread()).toContainEqual(
    expect.stringMatching(
      /^Quorate had sent the upgrade of pilot, and stopped it before it ran: nothing changed\. UP-1 is held: /,
    ),
  );
  expect((await council.thread()).join()).not.toContain("did not send");
  expect(await council.state()).toMatchObject({ status: "held", sent: [], executedLegs: [] });
  council.switches.chains = undefined;
  await lifted();
  await council.ask("eve", "execute", { by: "gas-key" });
  await council.quorate.settle();
  expect(await ran()).toMatchObject([{ leg: "pilot", person: "eve" }]);
});

test("where it is mined before that, it has run, as of who asked, and nobody reads that it was not sent", async () => {
  // Whoever looks at the timelock sees nothing of it until the outbox has looked itself.
  let isUnseen = false;
  const { sent } = keepFirstBytes(council, {
    after: async (raw) => {
      isUnseen = true;
      await chain().broadcast(sent[0] ?? "0x");
      await vi.waitUntil(() => chain().receipt(keccak256(sent[0] ?? "0x")));
      return keccak256(raw);
    },
    operation: (...asked) =>
      isUnseen ? Promise.reject(new ChainFault("unreachable", "The node is away.")) : chain().operation(...asked),
    receipt: (hash) => {
      isUnseen = false;
      return chain().receipt(hash);
    },
  });
  await executed();
  await held();
  expect(sent).toHaveLength(2);
  expect(await ran()).toEqual([{ leg: "pilot", person: "eve", hash: keccak256(sent[0] ?? "0x") }]);
  expect(await failures()).toEqual([]);
});

test("what takes it back has its fee raised too, and is gone through with though it might run again by then", async () => {
  let isDear = true;
  const { sent } = keepFirstBytes(council, {
    after: async (raw) => {
      if (!isDear) return chain().broadcast(raw);
      await baseFeeTriples(council)(raw);
      return keccak256(raw);
    },
  });
  await executed();
  await held();
  expect(await failures()).toEqual([]);
  const onTheWay = "The upgrade of pilot has been sent and may still run; Quorate is stopping it.";
  expect(wholeText(await council.ask("caro", "why"))).toContain(onTheWay);
  await lifted();
  isDear = false;
  await triedAgain();
  const [first, second, ...others] = sent.map((raw) => parseTransaction(raw));
  const last = others.at(-1);
  expect(last).toMatchObject({ nonce: first?.nonce, to: second?.to });
  expect(last?.maxFeePerGas).toBeGreaterThan((second?.maxFeePerGas ?? 0n) * 3n);
  expect(await failures()).toMatchObject([{ replacedBy: keccak256(sent.at(-1) ?? "0x") }]);
});

test("whichever of what takes it back is mined, at its first fee or at a later one, it is taken back", async () => {
  const { sent } = keepFirstBytes(council, {
    after: async (raw, nth) => {
      if (nth === 2) await baseFeeTriples(council)(raw);
      return keccak256(raw);
    },
  });
  await executed();
  await held();
  await triedAgain();
  expect(sent).toHaveLength(3);
  await council.world.node.request("anvil_setNextBlockBaseFeePerGas", "0x1");
  await tradeOnce(council.world);
  await chain().broadcast(sent[1] ?? "0x");
  await triedAgain();
  expect(sent).toHaveLength(3);
  expect(await failures()).toMatchObject([{ replacedBy: keccak256(sent[1] ?? "0x") }]);
});

test("what a node finds too little to take it back with is signed anew where fees rise", async () => {
  const { sent } = keepFirstBytes(council, {
    after: async (raw, nth) => {
      if (nth > 2) return chain().broadcast(raw);
      await baseFeeTriples(council)(raw);
      throw new ChainFault("rejected", "The node refused it: replacement transaction underpriced.");
    },
  });
  await executed();
  await held();
  await triedAgain();
  const [, second, third] = sent.map((raw) => parseTransaction(raw));
  expect(third?.to).toBe(second?.to);
  expect(third?.maxFeePerGas).toBeGreaterThan((second?.maxFeePerGas ?? 0n) * 3n);
  expect(await failures()).toMatchObject([{ replacedBy: keccak256(sent[2] ?? "0x") }]);
});

test("where another transaction has its nonce, nothing is sent, and it has failed", async () => {
  const { sent } = keepFirstBytes(council, {});
  await executed();
  const other = await chain().replacement(sent[0] ?? "0x");
  await chain().broadcast(other?.raw ?? "0x");
  await held();
  expect(sent).toHaveLength(1);
  expect(await failures()).toMatchObject([
    { leg: "pilot", reason: "its nonce was used by another transaction of the gas account" },
  ]);
  expect((await council.state()).sent).toEqual([]);
});

test("before it has left, nothing is sent to take it back: it was not sent", async () => {
  let isAway = true;
  const hashes: Hex[] = [];
  const { sent } = keepFirstBytes(council, {
    receipt: async (hash) => {
      hashes.push(hash);
      if (isAway) throw new ChainFault("unreachable", "The node is away.");
      return chain().receipt(hash);
    },
  });
  await executed();
  await council.ask("caro", "canary", { action: "hold", reason: "The feed is wrong" });
  isAway = false;
  await triedAgain();
  expect(hashes.length).toBeGreaterThan(1);
  expect(sent).toEqual([]);
  expect(await failures()).toMatchObject([{ leg: "pilot", sent: false }]);
  expect((await failures())[0]).not.toHaveProperty("replacedBy");
});
