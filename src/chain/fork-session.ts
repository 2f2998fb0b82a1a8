/** What can be done on a fork: see the port in src/fork.ts. Everything goes to a node on this machine. */

import { encodeFunctionData, numberToHex, parseAbi } from "viem";
import { z } from "zod";
import type { Receipt, SimulationStep, StepReport } from "../chain-facts.ts";
import { type Address, emptyCodeHash, type Hex, zeroHash } from "../domain/primitives.ts";
import type { Attempt, Environment, Fork, TracedCall } from "../fork.ts";
import { anything, type OpenFork } from "./fork.ts";
import { findReceipt } from "./gas.ts";
import artefact from "./prober/artefacts/Prober.json" with { type: "json" };
import { runningCode } from "./proxies.ts";
import { balanceOf, latestHead, readCodeHash, readMany, storageRead } from "./reads.ts";
import { hexBytes, hexWord, type Rpc } from "./rpc.ts";
import { failureReason, storageChanges, traceMany } from "./trace.ts";

/** The most that one transaction may use since Osaka (EIP-7825). */
const transactionGas = 16_777_216n;

const proberAbi = parseAbi(["function attempts((address to, bytes data)[] tries) returns (bytes verdicts)"]);
const proberCode = artefact.runtimeBytecode as Hex;
/** Tries in one call. Calls run beside each other: state that they need is fetched together. */
const together = 20;

export function forkSession({ rpc, block }: OpenFork): Fork {
  return {
    chain: rpc.endpoint.chain,
    block,
    head: () => latestHead(rpc),
    send: (step, watch = []) => send(rpc, step, watch),
    trace: (calls, environment = {}) => traceMany(rpc, calls.map(asMessage), overrides(environment)),
    read: (calls) =>
      readMany(
        rpc,
        calls.map(({ to, data, from }) => ({
          method: "eth_call",
          params: [{ to, data, ...(from === undefined ? {} : { from }) }, "latest"],
        })),
      ),
    async storage(slots) {
      const words = await readMany(
        rpc,
        slots.map(({ account, slot }) => storageRead(account, slot, "latest")),
      );
      return words.map((word) => word ?? zeroHash);
    },
    async code(accounts) {
      const calls = accounts.map((account) => ({ method: "eth_getCode", params: [account, "latest"] }));
      return (await rpc.batch(calls)).map((answer) => rpc.take(answer, "eth_getCode", hexBytes));
    },
    attempts: (from, calls) => attempts(rpc, from, calls),
    async write(words) {
      const calls = words.map(({ account, slot, word }) => ({
        method: "anvil_setStorageAt",
        params: [account, slot, word],
      }));
      for (const answer of await rpc.batch(calls)) rpc.take(answer, "anvil_setStorageAt", anything);
    },
    async wait(seconds) {
      const { timestamp } = await latestHead(rpc);
      await rpc.request("evm_setNextBlockTimestamp", [numberToHex(timestamp + seconds)], anything);
      await rpc.request("evm_mine", [], anything);
    },
    running: (accounts) => runningCode(rpc, accounts, "latest"),
    aside: (run) => aside(rpc, run),
  };
}

async function send(rpc: Rpc, step: SimulationStep, watch: readonly Address[]): Promise<StepReport> {
  const [obstacle, parent] = await Promise.all([whyNotSent(rpc, step), latestHead(rpc)]);
  if (obstacle !== undefined) return notSent(step.name, obstacle, await runningCode(rpc, watch, "latest"));
  // Left alone, anvil may give the first block of a fork its parent's timestamp.
  const time = parent.timestamp + (step.after > 1n ? step.after : 1n);
  await rpc.request("evm_setNextBlockTimestamp", [numberToHex(time)], anything);
  await rpc.request("anvil_setNextBlockBaseFeePerGas", ["0x0"], anything);
  const { from, to, data } = step;
  const gas = numberToHex(transactionGas);
  const transaction = { from, to, data, value: numberToHex(step.value), gas, gasPrice: "0x0" };
  const hash = await rpc.request("eth_sendTransaction", [transaction], hexWord);
  const { success, gasUsed, logs } = await minedReceipt(rpc, hash);
  const [reason, storage, implementations] = await Promise.all([
    success ? "" : failureReason(rpc, hash),
    storageChanges(rpc, hash),
    runningCode(rpc, watch, "latest"),
  ]);
  return { name: step.name, success, reason, gasUsed, events: logs, storage, implementations };
}

/** What would make the transaction a success that did nothing, or one that no node takes. */
async function whyNotSent(rpc: Rpc, step: SimulationStep): Promise<string | undefined> {
  if (step.value > 0n && (await balanceOf(rpc, step.from)) < step.value)
    return `${step.from} has less than the ${step.value} wei that the step sends`;
  if (step.data === "0x") return undefined;
  const code = await readCodeHash(rpc, step.to, "latest");
  return code === zeroHash || code === emptyCodeHash
    ? `${step.to} has no code, so the call would do nothing`
    : undefined;
}

function notSent(name: string, reason: string, implementations: StepReport["implementations"]): StepReport {
  return { name, success: false, reason, gasUsed: 0n, events: [], storage: [], implementations };
}

/** anvil mines at once, but may answer a moment before: 2 seconds are far more than that. */
async function minedReceipt(rpc: Rpc, hash: Hex): Promise<Receipt> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const receipt = await findReceipt(rpc, hash);
    if (receipt) return receipt;
    await new Promise((resolve) => setTimeout(resolve, Math.min(10, attempt)));
  }
  throw new Error("a step's transaction was not mined");
}

function asMessage({ from, to, data, value = 0n, gasPrice = 0n }: TracedCall) {
  return {
    from,
    to,
    data,
    value: numberToHex(value),
    gas: numberToHex(transactionGas),
    gasPrice: numberToHex(gasPrice),
  };
}

function overrides({ coinbase, baseFee, time, number, prevRandao, gasLimit }: Environment): Record<string, string> {
  const set = {
    coinbase,
    baseFee: baseFee === undefined ? undefined : numberToHex(baseFee),
    time: time === undefined ? undefined : numberToHex(time),
    number: number === undefined ? undefined : numberToHex(number),
    random: prevRandao,
    gasLimit: gasLimit === undefined ? undefined : numberToHex(gasLimit),
  };
  return Object.fromEntries(
    Object.entries(set).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

/** The prober takes the sender's place, so that every call comes from the sender itself; see Prober.sol. */
async function attempts(rpc: Rpc, from: Address, calls: readonly { to: Address; data: Hex }[]): Promise<Attempt[]> {
  const state = { [from]: { code: proberCode } };
  const parts = Array.from({ length: Math.ceil(calls.length / together) }, (_, index) =>
    calls.slice(index * together, (index + 1) * together),
  );
  const answers = await rpc.batch(
    parts.map((part) => {
      const data = encodeFunctionData({ abi: proberAbi, args: [part] });
      // 3 million gas each is more than any sane call takes.
      const call = { from, to: from, data, gas: numberToHex(4_000_000n * BigInt(part.length)), gasPrice: "0x0" };
      return { method: "eth_call", params: [call, "latest", state] };
    }),
  );
  return parts.flatMap((part, index) => {
    const answer = rpc.take(answers[index] ?? { ok: true, result: undefined }, "eth_call", hexBytes);
    const length = Number(BigInt(`0x${answer.slice(66, 130)}`));
    const bytes = answer.slice(130, 130 + length * 2).match(/../g) ?? [];
    if (bytes.length !== part.length) throw new Error("the prober did not answer for every call");
    return bytes.map((byte) => (byte === "01" ? "only reads" : byte === "02" ? "changes state" : "fails"));
  });
}

async function aside<T>(rpc: Rpc, run: () => Promise<T>): Promise<T> {
  const snapshot = await rpc.request("evm_snapshot", [], z.string());
  try {
    return await run();
  } finally {
    if (!(await rpc.request("evm_revert", [snapshot], z.boolean())))
      // biome-ignore lint/correctness/noUnsafeFinally: a state that was not put back makes everything after it wrong.
      throw new Error("the state of the fork could not be put back");
  }
}
