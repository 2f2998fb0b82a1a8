/** An execution that the gas key signed, and whose fee blocks do not take any more. */

import { keccak256, numberToHex, parseTransaction } from "viem";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import type { Hex } from "../../src/domain/primitives.ts";
import { tradeOnce } from "../../src/embedded/trade.ts";
import { type Chain, ChainFault } from "../../src/ports.ts";
import type { TestCouncil } from "../support/embedded.ts";
import { keepGasCouncil } from "../support/gas-world.ts";
import { baseFeeTriples, keepFirstBytes } from "../support/kept-bytes.ts";
import type { KeptCouncil } from "../support/kept-council.ts";

let kept: KeptCouncil;
let council: TestCouncil;
let sent: Hex[];
beforeAll(async () => {
  kept = await keepGasCouncil();
});
afterAll(() => kept?.stop());
beforeEach(async () => {
  council = await kept.anew();
});
afterEach(() => council.stop());

const chain = (): Chain => council.chains.get("eip155:31337");

function keepsTheFirst(after: (raw: Hex, nth: number) => Promise<Hex>, more: Partial<Chain> = {}): void {
  ({ sent } = keepFirstBytes(council, { kept: baseFeeTriples(council), after, ...more }));
}

async function executed(): Promise<void> {
  await council.ask("eve", "execute", { by: "gas-key" });
  await council.quorate.settle();
}

async function triedAgain(): Promise<void> {
  await council.advance(10n, 1);
  council.quorate.outbox.wake();
  await council.quorate.settle();
}

const failures = async () =>
  (await council.history()).flatMap((one) => (one.type === "executionFailed" ? [one.data.reason] : []));

test("it is raised at the same nonce, also where a node found that too little, and is recorded as of who asked", async () => {
  keepsTheFirst(async (raw, nth) => {
    if (nth === 2) throw new ChainFault("rejected", "The node refused it: replacement transaction underpriced.");
    return chain().broadcast(raw);
  });
  await executed();
  expect((await council.state()).sent).toMatchObject([{ leg: "pilot", person: "eve", byGasKey: true }]);
  await triedAgain();
  await triedAgain();
  const [first, , third] = sent.map((raw) => parseTransaction(raw));
  expect(third).toMatchObject({ nonce: first?.nonce, to: first?.to, data: first?.data });
  expect(third?.maxPriorityFeePerGas).toBeGreaterThan(first?.maxPriorityFeePerGas ?? 0n);
  expect(sent[2]).not.toBe(sent[1]);
  expect(sent).toHaveLength(3);
  const state = await council.state();
  expect(state).toMatchObject({ status: "canary", sent: [] });
  expect(state.executedLegs).toMatchObject([{ leg: "pilot", person: "eve", hash: keccak256(sent[2] ?? "0x") }]);
  expect(await council.thread()).toContainEqual(
    expect.stringMatching(/^The upgrade of pilot ran in block \d+, sent by the gas key for Eve\.$/),
  );
  expect(await failures()).toEqual([]);
});

test("where what was sent first is mined all the same, it is the execution, and nothing more is sent", async () => {
  keepsTheFirst(async (raw) => {
    await council.world.node.request("anvil_setNextBlockBaseFeePerGas", "0x1");
    await tradeOnce(council.world);
    await chain().broadcast(sent[0] ?? "0x");
    return keccak256(raw);
  });
  await executed();
  await triedAgain();
  const state = await council.state();
  expect(state.executedLegs).toMatchObject([{ leg: "pilot", person: "eve", hash: keccak256(sent[0] ?? "0x") }]);
  expect(sent).toHaveLength(2);
  expect(await failures()).toEqual([]);
  expect(council.faults.filter(({ fault }) => String(fault).includes("not mined yet"))).toHaveLength(1);
});

test("where the gas account cannot pay for more, what was signed is sent on", async () => {
  keepsTheFirst(async (raw) => {
    await council.world.node.request("anvil_setNextBlockBaseFeePerGas", "0x1");
    await tradeOnce(council.world);
    return chain().broadcast(raw);
  });
  const full = await chain().balance(chain().gasAccount);
  const holds = (wei: bigint) => council.world.node.request("anvil_setBalance", chain().gasAccount, numberToHex(wei));
  await executed();
  const { gas = 0n, maxFeePerGas = 0n } = parseTransaction(sent[0] ?? "0x");
  await holds(gas * maxFeePerGas);
  await triedAgain();
  await holds(full);
  expect(sent).toEqual([sent[0], sent[0]]);
  expect((await council.state()).executedLegs).toMatchObject([{ leg: "pilot", person: "eve" }]);
});

test("where it was mined at its first fee just before it was to be sent once more, nobody is told that it failed", async () => {
  // Whoever looks at the timelock sees nothing of it until the outbox has looked itself.
  let isUnseen = false;
  const operation: Chain["operation"] = (...asked) =>
    isUnseen ? Promise.reject(new ChainFault("unreachable", "The node is away.")) : chain().operation(...asked);
  const receipt: Chain["receipt"] = (hash) => {
    isUnseen = false;
    return chain().receipt(hash);
  };
  const then = async (raw: Hex, nth: number) => {
    if (nth === 2) {
      await council.world.node.request("anvil_setNextBlockBaseFeePerGas", "0x1");
      await tradeOnce(council.world);
      return keccak256(raw);
    }
    isUnseen = true;
    await chain().broadcast(sent[0] ?? "0x");
    await vi.waitUntil(() => chain().receipt(keccak256(sent[0] ?? "0x")));
    throw new ChainFault("rejected", "The node refused the transaction: its nonce was used by another.");
  };
  keepsTheFirst(then, { operation, receipt });
  await executed();
  await triedAgain();
  await triedAgain();
  expect(sent).toHaveLength(3);
  expect(await failures()).toEqual([]);
  expect((await council.state()).executedLegs).toMatchObject([{ leg: "pilot", hash: keccak256(sent[0] ?? "0x") }]);
});

test.each(["while it is waited for", "later"])(
  "where it only reverts, %s, whoever asked is told as of any execution",
  async (when) => {
    const [phase] = (await council.state()).package.phases;
    const reverts = async () => {
      await tradeOnce(council.world, (phase?.window.notAfter ?? 0n) + 1n);
      await chain().broadcast(sent[1] ?? "0x");
    };
    keepsTheFirst(async (raw) => {
      if (when !== "later") await reverts();
      return keccak256(raw);
    });
    await executed();
    await triedAgain();
    if (when === "later") {
      await reverts();
      await triedAgain();
    }
    expect(sent).toHaveLength(2);
    expect(await failures()).toEqual(["the transaction reverted: the timelock or a precondition refused it"]);
    expect((await council.state()).sent).toEqual([]);
  },
);
