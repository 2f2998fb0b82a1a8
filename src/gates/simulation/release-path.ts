/** The way a package takes on the chain, and every way that must be shut: only this batch, this executor, this window. */

import type { SimulationStep, StepReport } from "../../chain-facts.ts";
import type { Finding } from "../../domain/events.ts";
import type { Address, Hex } from "../../domain/primitives.ts";
import { type Leg, phaseOfLeg, type ReleasePackage } from "../../domain/release-package.ts";
import { executeBatchData, scheduleBatchData, type TimelockBatch } from "../../domain/timelock.ts";
import { type Anchor, rollbackBatch, timelockOf, upgradeBatch } from "../../domain/transactions.ts";
import type { Fork, TracedCall } from "../../fork.ts";
import { findings } from "../gate.ts";
import { stranger } from "./strangers.ts";

const { refuse } = findings("simulation");

export interface Path {
  leg: Leg;
  timelock: Address;
  /** Seconds. */
  delay: bigint;
  executor: Address;
  /** Block timestamps in seconds between which the phase may run. */
  window: { notBefore: bigint; notAfter: bigint };
  upgrade: TimelockBatch;
  rollback: TimelockBatch;
  /** Wei that the batch sends along. */
  value: bigint;
}

export function pathOf(pkg: ReleasePackage, leg: Leg, anchor: Anchor, executor: Address): Path {
  const { timelock, delay } = timelockOf(leg);
  const phase = pkg.phases[phaseOfLeg(pkg, leg.id)];
  if (phase === undefined) throw new RangeError(`The leg ${leg.id} belongs to no phase.`);
  return {
    ...{ leg, timelock, delay, executor, window: phase.window },
    upgrade: upgradeBatch(pkg, leg, anchor),
    rollback: rollbackBatch(pkg, leg, anchor),
    value: leg.calls.reduce((sum, call) => sum + call.value, 0n),
  };
}

/** What is scheduled before the upgrade runs: a presigned rollback is not. */
export function schedules(path: Path): SimulationStep[] {
  const upgrade = scheduling(path, "upgrade");
  return isPresigned(path) ? [upgrade] : [upgrade, scheduling(path, "rollback")];
}

export const isPresigned = ({ leg }: Path) => leg.rollback.mode === "presigned";

function scheduling(path: Path, what: "upgrade" | "rollback"): SimulationStep {
  const { leg, timelock, delay } = path;
  const data = scheduleBatchData(path[what], delay);
  return { name: `${leg.id}: schedule ${what}`, from: leg.authority.safe, to: timelock, value: 0n, data, after: 0n };
}

/** Every rollback, the last leg's first; those that are presigned are scheduled only now, and wait their delay. */
export function undoing(paths: readonly Path[]): SimulationStep[] {
  const late = paths.filter(isPresigned);
  const wait = late.map((one) => one.delay).reduce((a, b) => (a > b ? a : b), 0n);
  const undo = [...paths].reverse().map((path, index) => undone(path, index === 0 ? wait : 0n));
  return [...late.map((path) => scheduling(path, "rollback")), ...undo];
}

/** `after`: seconds that pass before it. */
export function execution({ leg, timelock, executor, upgrade, value }: Path, after: bigint): SimulationStep {
  return { name: `${leg.id}: execute`, from: executor, to: timelock, value, data: executeBatchData(upgrade), after };
}

function undone({ leg, timelock, executor, rollback }: Path, after: bigint): SimulationStep {
  return {
    ...{ name: `${leg.id}: roll back`, from: executor, to: timelock, value: 0n },
    ...{ data: executeBatchData(rollback), after },
  };
}

/** What the run will make the chain read: what the timelock is told, and what it and the Safes tell contracts then. */
export function foreseen(pkg: ReleasePackage, paths: readonly Path[]): TracedCall[] {
  const told = paths.flatMap((path) => [
    ...schedules(path),
    ...[path.upgrade, changedByte(path.upgrade), otherSalt(path.upgrade)].map((upgrade) =>
      execution({ ...path, upgrade }, 0n),
    ),
    undone(path, 0n),
  ]);
  const inside = paths.flatMap(({ leg, timelock }) =>
    [...leg.calls, ...leg.rollback.calls].map(({ to, value, data }) => ({ from: timelock, to, value, data })),
  );
  const chains = paths.map(({ leg }) => leg.chain);
  const containing = pkg.containment
    .filter((one) => chains.includes(one.chain))
    .flatMap(({ safe, calls }) => calls.map(({ to, value, data }) => ({ from: safe, to, value, data })));
  return [...told.map(({ from, to, value, data }) => ({ from, to, value, data })), ...inside, ...containing];
}

interface Shut {
  code: string;
  /** Behind "…, although": why it must not work. */
  who: string;
  from: Address;
  data: Hex;
  /** Block time at which it is tried; the fork's own where left out. */
  time?: bigint;
}

/** While the operation waits: nobody gets it through before its delay is over. */
export async function judgeEarly(fork: Fork, path: Path): Promise<Finding[]> {
  return judgeShut(fork, path, [
    { code: "early", who: "its delay is not over", from: path.executor, data: executeBatchData(path.upgrade) },
  ]);
}

/** Once it is ready. `time`: a block time in the window. */
export async function judgeStrangersPath(fork: Fork, path: Path, time: bigint): Promise<Finding[]> {
  const { upgrade, executor, window } = path;
  return judgeShut(fork, path, [
    { code: "stranger", who: "they are no executor", from: stranger, data: executeBatchData(upgrade), time },
    {
      code: "changed-byte",
      who: "a byte of it is another than was approved",
      from: executor,
      data: executeBatchData(changedByte(upgrade)),
      time,
    },
    {
      code: "other-salt",
      who: "its salt is another than was approved",
      from: executor,
      data: executeBatchData(otherSalt(upgrade)),
      time,
    },
    {
      code: "late",
      who: "its window is over",
      from: executor,
      data: executeBatchData(upgrade),
      time: window.notAfter + 1n,
    },
  ]);
}

async function judgeShut(fork: Fork, { leg, timelock, value }: Path, list: readonly Shut[]): Promise<Finding[]> {
  const open = await fork.goThrough(
    list.map(({ from, data, time }) => ({
      ...{ from, to: timelock, data, value },
      environment: time === undefined ? {} : { time },
    })),
  );
  return list.flatMap(({ code, who, from }, index) =>
    open[index] === true
      ? [
          refuse(code, `The upgrade of ${leg.id} went through in the simulation although ${who}.`, {
            evidence: `executeBatch on ${timelock} from ${from}`,
            fix: "Look at the timelock's roles and delay, and at the preconditions at the head of the batch.",
          }),
        ]
      : [],
  );
}

function changedByte(batch: TimelockBatch): TimelockBatch {
  const last = batch.calls.at(-1);
  return last === undefined
    ? batch
    : { ...batch, calls: [...batch.calls.slice(0, -1), { ...last, data: flipped(last.data) }] };
}

const otherSalt = (batch: TimelockBatch): TimelockBatch => ({ ...batch, salt: flipped(batch.salt) });

const flipped = (bytes: Hex): Hex => `${bytes.slice(0, -1)}${bytes.endsWith("0") ? "1" : "0"}` as Hex;

/** The first step that failed. */
export const failed = (steps: readonly StepReport[]) => steps.find((step) => !step.success);
