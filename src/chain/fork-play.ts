/** Steps on top of a fork's newest state, one after another: traced as calls, so that nothing has to be put back. */

import { numberToHex } from "viem";
import type { SimulationStep, StepReport } from "../chain-facts.ts";
import type { Address, Hex } from "../domain/primitives.ts";
import type { PlainCall, Played } from "../fork.ts";
import { notSent, obstacleTo, runningLikely, type StepMemory, transactionGas } from "./fork-send.ts";
import { runningSlots } from "./proxies.ts";
import { callRead, readMany } from "./reads.ts";
import type { Rpc, RpcCall } from "./rpc.ts";
import { type Left, traceWhole } from "./trace.ts";

/** What the steps before left, as calls are told of it, by account in small letters: spellings differ. */
type Pretended = Readonly<Record<string, PretendedAccount>>;
const keyOf = (account: string) => account.toLowerCase();
interface PretendedAccount {
  balance?: Hex;
  nonce?: Hex;
  code?: Hex;
  stateDiff?: Record<Hex, Hex>;
}

/** Where a step is played. */
interface Scene {
  state: Pretended;
  /** Of its block. */
  time: bigint;
  number: bigint;
}

/** Ends after the first that fails; `reads` are asked of what is there then. */
export async function play(
  rpc: Rpc,
  steps: readonly SimulationStep[],
  watch: readonly Address[],
  reads: readonly PlainCall[],
  memory: StepMemory,
): Promise<Played> {
  const slots = runningSlots(watch, "latest");
  const words = await readMany(rpc, slots);
  const reports: Promise<StepReport>[] = [];
  const coded = new Set(memory.coded);
  let state: Pretended = {};
  let { timestamp: time, number } = memory.head;
  for (const step of steps) {
    time += step.after > 1n ? step.after : 1n;
    number += 1n;
    const done = await played(rpc, step, { state, time, number }, coded);
    state = joined(state, done.left);
    // Which code runs now is asked while the next step is played, and waited for below: where that fails, by nobody.
    const report = withRunning(pretending(rpc, state), done, watch, pretendedWords(slots, words, state), memory);
    report.catch(() => undefined);
    reports.push(report);
    if (!done.success) break;
  }
  const asked = readMany(
    pretending(rpc, state),
    reads.map(({ to, data }) => callRead(to, data, "latest")),
  );
  const [all, answers] = await Promise.all([Promise.all(reports), asked]);
  return { steps: all, answers };
}

type Done = Omit<StepReport, "implementations"> & { left: readonly Left[] };

async function played(rpc: Rpc, step: SimulationStep, scene: Scene, coded: Set<Address>): Promise<Done> {
  const { name, from, to, data, value } = step;
  const { state, time, number } = scene;
  const balance = state[keyOf(from)]?.balance;
  const obstacle = await obstacleTo(pretending(rpc, state), step, coded, balance && BigInt(balance));
  if (obstacle !== undefined) return { ...notSent(name, obstacle), left: [] };
  const gas = numberToHex(transactionGas);
  const message = { from, to, data, value: numberToHex(value), gas, gasPrice: "0x0" };
  const blockOverrides = { time: numberToHex(time), number: numberToHex(number), baseFee: "0x0" };
  const traced = await traceWhole(rpc, { message, blockOverrides, stateOverrides: state });
  const { success, reason, gasUsed, events, storage, left } = traced;
  return { name, success, reason, gasUsed, events, storage, left };
}

async function withRunning(
  rpc: Rpc,
  { left: _left, ...done }: Done,
  watch: readonly Address[],
  words: readonly (Hex | null)[],
  memory: StepMemory,
): Promise<StepReport> {
  return { ...done, implementations: await runningLikely(rpc, watch, words, memory) };
}

function joined(state: Pretended, left: readonly Left[]): Pretended {
  const after: Record<string, PretendedAccount> = { ...state };
  for (const { address, balance, nonce, code, storage } of left) {
    const key = keyOf(address);
    const before = after[key];
    after[key] = {
      ...before,
      ...(balance === undefined ? {} : { balance: numberToHex(balance) }),
      ...(nonce === undefined ? {} : { nonce: numberToHex(nonce) }),
      ...(code === undefined ? {} : { code }),
      ...(Object.keys(storage).length === 0 ? {} : { stateDiff: { ...before?.stateDiff, ...storage } }),
    };
  }
  return after;
}

/** The chain's words, but those that steps wrote since. */
function pretendedWords(slots: readonly RpcCall[], words: readonly (Hex | null)[], state: Pretended): (Hex | null)[] {
  return slots.map(({ params: [account, slot] }, index) => {
    const written = state[keyOf(String(account))]?.stateDiff?.[slot as Hex];
    return written ?? words[index] ?? null;
  });
}

/** The same fork, on which calls find what was left. */
function pretending(rpc: Rpc, state: Pretended): Rpc {
  const batch: Rpc["batch"] = (calls) =>
    rpc.batch(calls.map((one) => (one.method === "eth_call" ? { ...one, params: [...one.params, state] } : one)));
  return { ...rpc, batch };
}
