/** What can be done on a fork: see the port in src/fork.ts. Everything goes to a node on this machine. */

import { numberToHex } from "viem";
import { z } from "zod";
import type { Row, Tried } from "../domain/exits/trial.ts";
import { type Hex, zeroAddress, zeroHash } from "../domain/primitives.ts";
import type { Environment, Fork, TracedCall } from "../fork.ts";
import { ChainFault } from "../ports.ts";
import { evaluator } from "./evaluate.ts";
import { anything, type OpenFork } from "./fork.ts";
import { play } from "./fork-play.ts";
import { type StepMemory, send, transactionGas } from "./fork-send.ts";
import { answerProbes, answersIn, attemptProbes, attemptsIn, type Probe } from "./probes.ts";
import { keyOfCall, runningCode } from "./proxies.ts";
import { latestHead, readMany, storageRead } from "./reads.ts";
import { hexBytes, isRevert, type Rpc } from "./rpc.ts";
import { framesOf, rich, traceMany, writtenBy } from "./trace.ts";
import { tryOuts } from "./try-out.ts";

export function forkSession({ rpc, block }: OpenFork): Fork {
  const memory: StepMemory = { head: block, coded: new Set(), likely: new Map() };
  return {
    chain: rpc.endpoint.chain,
    block,
    head: async () => memory.head,
    send: (step, watch = []) => send(rpc, step, watch, memory),
    play: (steps, watch, reads = []) => play(rpc, steps, watch, reads, memory),
    trace: (calls) => traceMany(rpc, calls.map(asTraced)),
    written: (calls) => writtenBy(rpc, calls.map(asTraced)),
    called: (calls) => framesOf(rpc, calls.map(asTraced)),
    goThrough: (calls) => goThrough(rpc, calls),
    async read(calls, environment = {}) {
      return answersIn(await probed(rpc, answerProbes(zeroAddress, calls), environment), calls.length);
    },
    async evaluate(catalogue) {
      const { hash } = await latestHead(rpc);
      return evaluator(rpc).evaluate(catalogue, { blockHash: hash }, "all");
    },
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
    async attempts(from, calls, environment = {}) {
      return attemptsIn(await probed(rpc, attemptProbes(from, calls), environment), calls.length);
    },
    async write(words) {
      const calls = words.map(({ account, slot, word }) => ({
        method: "anvil_setStorageAt",
        params: [account, slot, word],
      }));
      for (const answer of await rpc.batch(calls)) rpc.take(answer, "anvil_setStorageAt", anything);
    },
    tryOut: (rows) => triedIn(rpc, rows),
    async fund(account, amount, tokens) {
      await rpc.request("anvil_setBalance", [account, numberToHex(amount)], anything);
      const answers = await rpc.batch(
        tokens.map((token) => ({ method: "anvil_dealERC20", params: [account, token, numberToHex(amount)] })),
      );
      return tokens.filter((_token, index) => answers[index]?.ok !== true);
    },
    async place(account, code) {
      await rpc.request("anvil_setCode", [account, code], anything);
    },
    running: (accounts) =>
      runningCode(rpc, accounts, "latest", (call) => void memory.likely.set(keyOfCall(call), call)),
    aside: (run) => aside(rpc, memory, run),
  };
}

/** Half as many at a time where they take more gas together than one call is given. */
async function triedIn(rpc: Rpc, rows: readonly Row[]): Promise<(Tried | undefined)[]> {
  const { hash } = await latestHead(rpc);
  try {
    const [tried = []] = await tryOuts(rpc).tryOut([{ rows }], { blockHash: hash });
    return tried;
  } catch (fault) {
    if (rows.length < 2) return [undefined];
    if (!(fault instanceof ChainFault)) throw fault;
    const middle = Math.ceil(rows.length / 2);
    return [...(await triedIn(rpc, rows.slice(0, middle))), ...(await triedIn(rpc, rows.slice(middle)))];
  }
}

const asTraced = (one: TracedCall) => ({
  message: asMessage(one),
  blockOverrides: overrides(one.environment ?? {}),
});

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

async function goThrough(rpc: Rpc, calls: readonly TracedCall[]): Promise<boolean[]> {
  const method = "eth_call";
  const asked = calls.map((one) => ({
    method,
    params: [asMessage(one), "latest", rich(one.from), overrides(one.environment ?? {})],
  }));
  return (await rpc.batch(asked)).map((answer) => {
    if (!answer.ok && isRevert(answer.error)) return false;
    rpc.take(answer, method, hexBytes);
    return true;
  });
}

async function probed(rpc: Rpc, probes: readonly Probe[], environment: Environment): Promise<Hex[]> {
  const block = overrides(environment);
  const calls = probes.map(({ call, state }) => ({ method: "eth_call", params: [call, "latest", state, block] }));
  return (await rpc.batch(calls)).map((answer) => rpc.take(answer, "eth_call", hexBytes));
}

async function aside<T>(rpc: Rpc, memory: StepMemory, run: () => Promise<T>): Promise<T> {
  const { head, coded } = memory;
  memory.coded = new Set(coded);
  const snapshot = await rpc.request("evm_snapshot", [], z.string());
  try {
    return await run();
  } finally {
    if (!(await rpc.request("evm_revert", [snapshot], z.boolean())))
      // biome-ignore lint/correctness/noUnsafeFinally: a state that was not put back makes everything after it wrong.
      throw new Error("the state of the fork could not be put back");
    memory.head = head;
    memory.coded = coded;
  }
}
