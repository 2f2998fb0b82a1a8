/** Past the bot, straight to the contracts: what the chain itself refuses, whoever asks. */

import { keccak256, stringToBytes } from "viem";
import { signaturesOf, transactionById } from "../../domain/ceremony.ts";
import type { Hex } from "../../domain/primitives.ts";
import { execTransactionData, packSignatures } from "../../domain/safe-signatures.ts";
import { embeddedGasAccount } from "../../embedded/people.ts";
import { endOf, executeBatchData, operationIdOf, operationsOf, type RawOperation, revertOf } from "../raw-chain.ts";
import { CEREMONY } from "../stage.ts";
import { flippedHex } from "./host.ts";
import { ACCEPTED, type Attempt, type Moment, type Row } from "./row.ts";
import { beaconSlots, mappingSlot, minedAt, replaceCode, setSlot, timelockSlots } from "./world.ts";

/** The four operations in the order in which they are scheduled. */
const order = ["pilot upgrade", "pilot rollback", "main upgrade", "main rollback"] as const;

/**
 * An operation as it stands in the timelock. Where the attempt leaves preconditions out, it is the operation that the
 * council would have scheduled without them, as far along as the real one.
 */
async function operation(it: Attempt, name: (typeof order)[number]): Promise<RawOperation> {
  const { url, timelock } = it.subjects;
  const found = (await operationsOf(url, timelock))[order.indexOf(name)];
  if (found === undefined) throw new Error(`The timelock has no ${name}.`);
  if (it.without.length === 0) return found;
  const dropped = it.without.map((signature) => keccak256(stringToBytes(signature)).slice(0, 10));
  const calls = found.calls.filter((call) => !dropped.includes(call.data.slice(0, 10)));
  const other = { ...found, calls, id: operationIdOf({ ...found, calls }) };
  const slot = mappingSlot(other.id, timelockSlots.timestamps);
  await setSlot(it.stage.running.world.node, it.stage.running.world.timelock, slot, found.scheduled.time + found.delay);
  return other;
}

type Batch = Pick<RawOperation, "calls" | "predecessor" | "salt">;

function past(
  at: Moment,
  name: (typeof order)[number],
  field: string,
  layer: string,
  more: { change?: (batch: Batch) => Partial<Batch>; from?: Hex; tamper?: Row["tamper"] } = {},
): Row {
  return {
    ...{ at, step: `timelock: ${name}`, field, layer },
    ...(more.tamper === undefined ? {} : { tamper: more.tamper }),
    async attempt(it) {
      const { url, timelock, executor } = it.subjects;
      const standing = await operation(it, name);
      const data = executeBatchData({ ...standing, ...more.change?.(standing) });
      return (await revertOf(url, more.from ?? executor, timelock, data)) ?? ACCEPTED;
    },
  };
}

const firstCall = (batch: Batch, change: (call: Batch["calls"][number]) => Partial<Batch["calls"][number]>) => ({
  calls: batch.calls.map((call, index) => (index === 0 ? { ...call, ...change(call) } : call)),
});

const unknown = "TimelockUnexpectedOperationState";

async function late(it: Attempt, name: (typeof order)[number]): Promise<void> {
  const standing = (await operationsOf(it.subjects.url, it.subjects.timelock))[order.indexOf(name)];
  await minedAt(it.stage.running.world, ((standing && endOf(standing)) ?? 0n) + 1n);
}

const world = ({ stage }: Attempt) => stage.running.world;

const batches: Row[] = [
  past("scheduled", "pilot upgrade", "early, before the delay is over", unknown),
  past("ready", "pilot upgrade", "a byte of a call", unknown, {
    change: (batch) => firstCall(batch, ({ data }) => ({ data: flippedHex(data) })),
  }),
  past("ready", "pilot upgrade", "a call's target", unknown, {
    change: (batch) => firstCall(batch, ({ to }) => ({ to: flippedHex(to.toLowerCase() as Hex) })),
  }),
  past("ready", "pilot upgrade", "a call's value", unknown, {
    change: (batch) => firstCall(batch, () => ({ value: 1n })),
  }),
  past("ready", "pilot upgrade", "a precondition dropped", unknown, {
    change: ({ calls }) => ({ calls: calls.slice(1) }),
  }),
  past("ready", "pilot upgrade", "salt", unknown, { change: ({ salt }) => ({ salt: flippedHex(salt) }) }),
  past("ready", "pilot upgrade", "predecessor", unknown, {
    change: ({ predecessor }) => ({ predecessor: flippedHex(predecessor) }),
  }),
  past("ready", "pilot upgrade", "sender: the bot's gas key", "AccessControlUnauthorizedAccount", {
    from: embeddedGasAccount.address,
  }),
  past("ready", "main upgrade", "order: main before pilot", "TimelockUnexecutedPredecessor"),
  past("ready", "pilot rollback", "order: rollback before upgrade", "TimelockUnexecutedPredecessor"),
  past("ready", "pilot upgrade", "late, after the window", "TooLate", { tamper: (it) => late(it, "pilot upgrade") }),
  past("ready", "pilot upgrade", "new implementation: code", "WrongCode", {
    tamper: (it) =>
      replaceCode(world(it).node, world(it).implementations.poolV2, world(it).implementations.poolV2Leaky),
  }),
  past("ready", "pilot upgrade", "beacon upgraded behind the council's back", "WrongAnswer", {
    tamper: (it) =>
      setSlot(world(it).node, world(it).pilotBeacon, beaconSlots.implementation, world(it).implementations.poolV2Leaky),
  }),
  past("canary", "pilot rollback", "late, after its own end", "TooLate", {
    tamper: (it) => late(it, "pilot rollback"),
  }),
  past("canary", "pilot rollback", "old implementation: code", "WrongCode", {
    tamper: (it) =>
      replaceCode(world(it).node, world(it).implementations.poolV1, world(it).implementations.poolV2Leaky),
  }),
  past("canary", "pilot upgrade", "a second time", unknown),
];

/** Anybody may hand signed transactions to the Safe: it takes them whole and fully signed, or not at all. */
function toSafe(field: string, layer: string, change: { data?: boolean; signatures?: number }): Row {
  return {
    ...{ at: "signed", step: "Safe", field, layer },
    async attempt(it) {
      const state = await it.branch.quorate.ledger.load(CEREMONY);
      const tx = state && transactionById(state, "pilot/upgrade");
      if (state === undefined || tx === undefined) throw new Error("There is no pilot/upgrade.");
      const given = await Promise.all(
        signaturesOf(state, tx.id)
          .slice(0, change.signatures)
          .map(async ({ owner, signature }) => {
            const bytes = await it.branch.store.blob(signature);
            return { owner, signature: `0x${Buffer.from(bytes ?? []).toString("hex")}` as Hex };
          }),
      );
      const sent = { ...tx.tx, ...(change.data ? { data: flippedHex(tx.tx.data) } : {}) };
      const data = execTransactionData(sent, packSignatures(given));
      return (await revertOf(it.subjects.url, it.subjects.executor, tx.tx.safe, data)) ?? ACCEPTED;
    },
  };
}

const safes: Row[] = [
  toSafe("one signature too few", "GS020", { signatures: 2 }),
  toSafe("a byte of what was signed", "GS026", { data: true }),
];

export const timelockRows: readonly Row[] = [...batches, ...safes];
