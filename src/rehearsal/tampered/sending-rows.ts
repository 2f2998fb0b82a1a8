/** The executor's transaction and the bot's own broadcasts, changed on their way. */

import { parseTransaction, serializeTransaction } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import type { Outcome } from "../../command.ts";
import { signaturesOf } from "../../domain/ceremony.ts";
import { personById } from "../../domain/policy.ts";
import type { Hex } from "../../domain/primitives.ts";
import { embeddedGasAccount, embeddedPeople, type PersonName } from "../../embedded/people.ts";
import { localWallet } from "../../embedded/wallet.ts";
import type { Chain } from "../../ports.ts";
import type { TransactionItem } from "../../view.ts";
import { executeBatchData, operationsOf } from "../raw-chain.ts";
import { CEREMONY } from "../stage.ts";
import { addBlob, flipped, flippedHex, rewriteBlob, rewriteLog, rewriteOutbox } from "./host.ts";
import { type Attempt, type Row, refusing, stopping } from "./row.ts";
import { by } from "./tries.ts";

/** Eve is named, and her wallet has not signed yet. */
async function named(it: Attempt): Promise<void> {
  const outcome = await it.branch.quorate.services.execute(by("eve"), CEREMONY);
  if (!outcome.ok) throw new Error(outcome.refusal.sentence);
}

async function itemFor(it: Attempt, person: PersonName): Promise<TransactionItem> {
  const { quorate } = it.branch;
  const found = personById(it.stage.running.policy, person);
  const state = await quorate.ledger.load(CEREMONY);
  const [item] = found === undefined || state === undefined ? [] : quorate.services.executorItems(state, found);
  if (item === undefined) throw new Error("There is nothing for the executor to send.");
  return item;
}

type Call = TransactionItem["call"];

function send(
  field: string,
  layer: string,
  change: (call: Call, it: Attempt) => Partial<Call> | Promise<Partial<Call>>,
  people: { signs: PersonName; hands: PersonName } = { signs: "eve", hands: "eve" },
): Row {
  return {
    ...{ at: "ready", step: "send", field, layer, prepare: named },
    async attempt(it) {
      const item = await itemFor(it, "eve");
      const call = { ...item.call, ...(await change(item.call, it)) };
      const raw = await localWallet(people.signs, it.stage.running.world.url).signTransaction({ ...item, call });
      return refusing(() => it.branch.quorate.intake.transaction(`console:${people.hands}`, CEREMONY, raw));
    },
  };
}

async function batchOf(it: Attempt, index: number): Promise<Hex> {
  const operation = (await operationsOf(it.subjects.url, it.subjects.timelock))[index];
  if (operation === undefined) throw new Error("The timelock has no such operation.");
  return executeBatchData(operation);
}

/** A transaction that the executor's wallet did sign, with a byte of the bytes changed afterwards. */
const afterwards: Row = {
  ...send("transaction: a byte changed after signing", "integrity/executor-wallet", () => ({})),
  async attempt(it) {
    const raw = await localWallet("eve", it.stage.running.world.url).signTransaction(await itemFor(it, "eve"));
    const { r, s, yParity, ...tx } = parseTransaction(raw) as never as {
      r: Hex;
      s: Hex;
      yParity: number;
      gas: bigint;
      type: "eip1559";
      chainId: number;
    };
    const changed = serializeTransaction({ ...tx, gas: tx.gas + 1n }, { r, s, yParity });
    return refusing(() => it.branch.quorate.intake.transaction("console:eve", CEREMONY, changed));
  },
};

const byGasKey: Row = {
  ...send("transaction: signed by the bot's gas key", "integrity/executor-wallet", () => ({})),
  async attempt(it) {
    const { call } = await itemFor(it, "eve");
    const account = privateKeyToAccount(embeddedGasAccount.privateKey);
    const { to, value, data } = call;
    const fees = { maxFeePerGas: 10n ** 11n, maxPriorityFeePerGas: 10n ** 9n };
    const raw = await account.signTransaction({
      ...{ type: "eip1559", chainId: it.stage.running.world.chainId, nonce: 0, gas: 8_000_000n, to, value, data },
      ...fees,
    });
    return refusing(() => it.branch.quorate.intake.transaction("console:eve", CEREMONY, raw));
  },
};

const sends: Row[] = [
  send("transaction: chain", "integrity/executor-calldata", () => ({ chain: "eip155:31338" })),
  send("transaction: to", "integrity/executor-calldata", (_call, it) => ({ to: it.stage.running.world.councilSafe })),
  send("transaction: value", "integrity/executor-calldata", () => ({ value: 1n })),
  send("transaction: a byte of the calldata", "integrity/executor-calldata", ({ data }) => ({
    data: flippedHex(data),
  })),
  send("transaction: the main leg's batch", "integrity/executor-calldata", async (_call, it) => ({
    data: await batchOf(it, 2),
  })),
  send("transaction: the rollback's batch", "integrity/executor-calldata", async (_call, it) => ({
    data: await batchOf(it, 1),
  })),
  send("transaction: by another executor's wallet", "integrity/executor-wallet", () => ({}), {
    signs: "gus",
    hands: "eve",
  }),
  send("transaction: by a wallet without the role", "integrity/executor-wallet", () => ({}), {
    signs: "caro",
    hands: "eve",
  }),
  send("transaction: handed in by another executor", "send/executor", () => ({}), { signs: "gus", hands: "gus" }),
  send("transaction: handed in by an approver", "role", () => ({}), { signs: "ben", hands: "ben" }),
  afterwards,
  byGasKey,
];

const scheduling = (it: Attempt): Promise<Outcome> => it.branch.quorate.services.schedule(by("ben"), CEREMONY);

async function firstSignature(it: Attempt): Promise<Hex> {
  const state = await it.branch.quorate.ledger.load(CEREMONY);
  const [given] = state === undefined ? [] : signaturesOf(state, "pilot/upgrade");
  if (given === undefined) throw new Error("Nobody has signed pilot/upgrade.");
  return given.signature;
}

function broadcast(field: string, layer: string, more: Pick<Row, "tamper" | "chain">): Row {
  return {
    ...{ at: "signed", step: "broadcast", field, layer, leads: ["scheduleRequested"], ...more },
    attempt: (it) => stopping(it, () => scheduling(it)),
  };
}

const broadcasts: Row[] = [
  broadcast("a signature's bytes", "store/content-hash", {
    tamper: async (it) => rewriteBlob(it.branch.database, await firstSignature(it), flipped),
  }),
  broadcast("a signature replaced, log re-hashed", "Safe checkSignatures", {
    async tamper(it) {
      const old = await firstSignature(it);
      const other = addBlob(
        it.branch.database,
        Uint8Array.from({ length: 65 }, (_, index) => (index === 64 ? 27 : 7)),
      );
      const change = (data: Record<string, unknown>) => (data.signature === old ? { ...data, signature: other } : data);
      rewriteLog(
        it.branch.database,
        (events) => {
          for (const one of events) one.data = change(one.data);
        },
        true,
      );
    },
  }),
  broadcast("the call that the gas key signs", "Safe execTransaction", {
    chain: (real: Chain) => ({
      signWithGasKey: ({ to, data }) => real.signWithGasKey({ to, data: nonceByteChanged(data) }),
    }),
  }),
  broadcast("the raw transaction on its way", "node", {
    chain: (real: Chain) => ({ broadcast: (raw) => real.broadcast(flippedHex(raw)) }),
  }),
];

/** A byte of `to`, the first argument of execTransaction: the signatures are over another. */
function nonceByteChanged(data: Hex): Hex {
  const end = 10 + 64;
  return `${flippedHex(data.slice(0, end) as Hex)}${data.slice(end)}` as Hex;
}

/** The node cannot be reached while the executor's transaction is taken: it waits in the store. */
const line = { isDown: false };
const overLine: NonNullable<Row["chain"]> = (real) => ({
  async broadcast(raw) {
    if (line.isDown) throw new Error("The node is away for a moment.");
    return real.broadcast(raw);
  },
});

async function taken(it: Attempt): Promise<void> {
  line.isDown = true;
  await named(it);
  const raw = await localWallet("eve", it.stage.running.world.url).signTransaction(await itemFor(it, "eve"));
  const outcome = await it.branch.quorate.intake.transaction("console:eve", CEREMONY, raw);
  if (!outcome.ok) throw new Error(outcome.refusal.sentence);
  await it.branch.quorate.outbox.settled();
}

function relay(field: string, layer: string, tamper: (it: Attempt, raw: Hex) => void | Promise<void>): Row {
  return {
    ...{ at: "ready", step: "relay", field, layer, chain: overLine, prepare: taken },
    async tamper(it) {
      const state = await it.branch.quorate.ledger.load(CEREMONY);
      await tamper(it, state?.sent[0]?.raw ?? "0x");
      rewriteOutbox(it.branch.database, "relay", (payload) => payload);
    },
    attempt: (it) =>
      stopping(it, async () => {
        line.isDown = false;
        it.branch.quorate.outbox.wake();
        const state = await it.branch.quorate.ledger.load(CEREMONY);
        if (state === undefined) throw new Error("There is no ceremony.");
        return { ok: true, state, head: state.head, events: [] };
      }),
  };
}

const relays: Row[] = [
  relay("the stored transaction's bytes", "store/content-hash", (it, raw) =>
    rewriteBlob(it.branch.database, raw, flipped),
  ),
  relay("another stored transaction in its place", "effect/executor-transaction", async (it) => {
    const item = await itemFor(it, "eve");
    const call = { ...item.call, to: embeddedPeople.gus.address };
    const raw = await localWallet("eve", it.stage.running.world.url).signTransaction({ ...item, call });
    const other = addBlob(it.branch.database, Uint8Array.from(Buffer.from(raw.slice(2), "hex")));
    rewriteOutbox(it.branch.database, "relay", (payload) => ({ ...payload, raw: other }));
  }),
];

export const sendingRows: readonly Row[] = [...sends, ...broadcasts, ...relays];
