/** What the chain does without the bot being asked is seen, recorded, and said. */

import { encodeFunctionData, parseAbi } from "viem";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Address, Hex } from "../../src/domain/primitives.ts";
import { tradeOnce } from "../../src/embedded/trade.ts";
import { localWallet } from "../../src/embedded/wallet.ts";
import type { Chains } from "../../src/ports.ts";
import { actAs } from "../embedded/act.ts";
import { sentence, type TestCouncil, walk, wholeText } from "../support/embedded.ts";
import { type KeptCouncil, keepCouncil } from "../support/kept-council.ts";

let kept: KeptCouncil;
let council: TestCouncil;
beforeAll(async () => {
  kept = await keepCouncil({}, (first) => walk(first, "scheduled"));
});
afterAll(() => kept?.stop());
beforeEach(async () => {
  council = await kept.anew();
});
afterEach(() => council.stop());

const timelockAbi = parseAbi(["function cancel(bytes32 id)"]);

/** The guardian Safe cancels an operation in the timelock, and nobody tells the bot. */
async function cancelOutside(tx: string): Promise<void> {
  const { world } = council;
  const operation = (await council.state()).review?.transactions.find((one) => one.id === tx)?.operationId;
  if (operation === undefined) throw new Error(`There is no operation ${tx}.`);
  const data = encodeFunctionData({ abi: timelockAbi, functionName: "cancel", args: [operation] });
  expect(await actAs(world, world.guardianSafe, world.timelock, data)).toBe(true);
}

/** Eve's wallet sends what is due straight to the chain. */
async function sendOutside(): Promise<Hex> {
  const eve = council.policy.people.find((one) => one.id === "eve");
  const [item] = eve === undefined ? [] : council.quorate.services.executorItems(await council.state(), eve);
  if (item === undefined) throw new Error("Nothing is due.");
  const raw = await localWallet("eve", council.world.url).signTransaction(item);
  return (await council.world.node.request("eth_sendRawTransaction", raw)) as Hex;
}

describe("an execution that the bot was not asked for", () => {
  test("is recorded with its sender, block and transaction, and the canary starts there", async () => {
    await walk(council, "ready", "scheduled");
    await sendOutside();
    await tradeOnce(council.world);
    await council.quorate.settle();
    const state = await council.state();
    expect(state.status).toBe("canary");
    const [executed] = state.executedLegs;
    const receipt = await council.chains.get("eip155:31337").receipt(executed?.hash ?? "0x");
    expect(receipt).toMatchObject({ success: true, from: "0xe427586C79dcE5B9fedA14314B51384Cec4351Dc" });
    expect(state.phases[0]?.executedAt?.number).toBe(receipt?.block.number);
    expect(executed?.person).toBe("eve");
    expect(await council.thread()).toContain(
      `The upgrade of pilot ran in block ${receipt?.block.number}, sent by Eve.`,
    );
  });

  test("is dated by its own block, however late it is noticed", async () => {
    await walk(council, "ready", "scheduled");
    const hash = await sendOutside();
    for (let block = 0; block < 5; block += 1) await tradeOnce(council.world);
    await council.quorate.settle();
    const { block } = (await council.chains.get("eip155:31337").receipt(hash)) ?? {};
    expect((await council.state()).phases[0]?.executedAt?.number).toBe(block?.number);
  });
});

describe("an executor's transaction that reverts", () => {
  test("brings the ceremony back to ready, and the thread says so", async () => {
    await walk(council, "ready", "scheduled");
    // Between the bot's checks and the block somebody takes the old implementation away: the batch reverts as a whole.
    const view = await council.ask("eve", "execute", { ceremony: "UP-1" });
    if (view.kind !== "wallet") throw new Error(sentence(view));
    const item = view.items[0];
    if (item?.kind !== "transaction") throw new Error("Nothing is due.");
    await council.world.node.request("anvil_setCode", council.world.implementations.poolV2, "0x00");
    const raw = await localWallet("eve", council.world.url).signTransaction(item);
    council.switches.chains = seesOldCode();
    const outcome = await council.quorate.intake.transaction("console:eve", "UP-1", raw);
    council.switches.chains = undefined;
    expect(outcome.ok).toBe(true);
    await council.quorate.settle();
    expect((await council.state()).status).toBe("ready");
    expect(await council.thread()).toContain(
      "The upgrade of pilot failed on the chain: the transaction reverted: the timelock or a precondition refused it",
    );
    expect((await council.card()).actions.map((one) => one.command)).toContain("execute");
    expect(await council.store.open()).toBe(0);
  });

  /** The bot's own reads are from the moment before: this is the race that only the chain can settle. */
  const seesOldCode = (): Chains => ({
    ids: council.chains.ids,
    get(id) {
      const chain = council.chains.get(id);
      return { ...chain, codeHash: async (account) => oldCode.get(account) ?? chain.codeHash(account) };
    },
  });
  const oldCode = new Map<Address, Hex>();
  beforeEach(async () => {
    oldCode.clear();
    const account = council.world.implementations.poolV2;
    oldCode.set(account, await council.chains.get("eip155:31337").codeHash(account));
  });
});

describe("an operation that a canceller takes out of the timelock", () => {
  test("ends a scheduled ceremony at once, and the rest of it is put up for cancellation", async () => {
    await cancelOutside("pilot/upgrade");
    await council.quorate.settle();
    // It was done beside the ceremony, so that this is held at once. That the operation is gone is believed after two
    // minutes: a node that lags behind, or a reorganisation, would look the same.
    expect((await council.state()).status).toBe("held");
    await council.advance(150n, 1);
    const state = await council.state();
    expect(state.status).toBe("cancelled");
    expect(await council.thread()).toEqual(
      expect.arrayContaining([
        expect.stringMatching(
          /^pilot\/upgrade is gone from the timelock at block \d+: a canceller took it out, and nobody had asked for that here\.$/,
        ),
        "Quorate cancelled: the operation pilot/upgrade was cancelled in the timelock by somebody who may, and not through UP-1",
      ]),
    );
    expect(state.windDown?.transactions.map((one) => one.id)).toEqual(
      expect.arrayContaining(["cancel/pilot/rollback", "cancel/main/upgrade", "cancel/main/rollback"]),
    );
    const card = await council.card();
    expect(card.sections[0]).toMatchObject({ title: "Still executable by anyone" });
    expect(card.sections[0]?.lines).toContain("pilot/rollback (in the timelock)");
    expect(card.sections[0]?.lines.filter((line) => line.startsWith("pilot/upgrade"))).toEqual([]);
  });

  test("ends a ready ceremony too, also where only the rollback is gone: nothing runs without its way back", async () => {
    await walk(council, "ready", "scheduled");
    await cancelOutside("main/rollback");
    await council.quorate.settle();
    expect((await council.state()).status).toBe("cancelled");
    expect(sentence(await council.ask("eve", "execute", { ceremony: "UP-1" }))).toMatch(
      /^UP-1 is cancelled, and executing is possible only/,
    );
    // What has ended waits for nothing.
    const why = await council.ask("eve", "why", { ceremony: "UP-1" });
    expect(why.kind === "notice" && why.sections.map((one) => one.title)).toContain("What is left");
    expect(wholeText(why)).not.toContain("It waits for");
  });

  test("during a canary holds the ceremony, and people decide", async () => {
    await walk(council, "canary", "scheduled");
    await cancelOutside("pilot/rollback");
    await council.quorate.settle();
    expect((await council.state()).status).toBe("held");
    const why = await council.ask("caro", "why");
    expect(why.kind === "notice" && why.sections[0]?.title).toBe("It waits for");
    expect(wholeText(why)).toContain(
      "Held by Quorate: the operation pilot/rollback was cancelled in the timelock by somebody who may, and not through UP-1.",
    );
  });
});
