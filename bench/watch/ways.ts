/**
 * The ways from a head to a decision that are compared: the Evaluator's two, one bare multicall, and viem's. All of them ask
 * of a block by its hash.
 */

import {
  type Abi,
  createPublicClient,
  encodeFunctionData,
  type Hex,
  multicall3Abi,
  type PublicClient,
  parseAbi,
  webSocket,
} from "viem";
import { evaluator } from "../../src/chain/evaluate.ts";
import { deployments, pieceCodes } from "../../src/chain/evaluator/evaluator.ts";
import type { Rpc } from "../../src/chain/rpc.ts";
import { judge, type Metric } from "../../src/domain/metrics.ts";
import { compile } from "../../src/domain/watch/catalogue.ts";
import { type Reading, readingsOf } from "../../src/domain/watch/sources.ts";
import { callOf, combined } from "../../src/domain/watch/values.ts";
import { type BenchChain, multicallAddress } from "./world.ts";

export interface Head {
  hash: Hex;
  number: bigint;
  timestamp: bigint;
}

/** Decides at a head, and says how many invariants fail; the bare call decides nothing and says undefined. */
export interface Way {
  decide(head: Head): Promise<number | undefined>;
  /** What goes up for one head, where it was counted. */
  up?(): { requests: number; bytes: number };
  close(): Promise<void>;
}

export const names = {
  deployed: "Evaluator, catalogue deployed",
  sent: "Evaluator, catalogue sent",
  bare: "one bare multicall, nothing decided",
  viemMulticallAtOnce: "viem multicall, one batch",
  viemMulticall: "viem multicall",
  viemEach: "viem, each by itself",
} as const;
export type Name = keyof typeof names;

export async function openWay(name: Name, chain: BenchChain): Promise<Way> {
  switch (name) {
    case "deployed":
      return evaluatorWay(chain, true);
    case "sent":
      return evaluatorWay(chain, false);
    case "bare":
      return bareWay(chain);
    case "viemMulticallAtOnce":
      return viemWay(chain, (client, head) => multicall(client, chain.metrics, head, 0));
    case "viemMulticall":
      return viemWay(chain, (client, head) => multicall(client, chain.metrics, head));
    case "viemEach":
      return viemWay(chain, (client, head) => each(client, chain.metrics, head));
  }
}

async function evaluatorWay(chain: BenchChain, deployed: boolean): Promise<Way> {
  const catalogue = compile(chain.metrics, new Map());
  if (deployed) {
    const code = catalogue.entries.map((entry) => entry.code.slice(2)).join("");
    await chain.deploy(deployments(pieceCodes(`0x${code}`)).map(({ data }) => data));
  }
  const counted = { requests: 0, bytes: 0 };
  const counting = (rpc: Rpc): Rpc => ({
    ...rpc,
    batch(calls) {
      counted.requests += 1;
      counted.bytes += JSON.stringify(calls).length;
      return rpc.batch(calls);
    },
  });
  const { evaluate } = evaluator(chain.rpc, { deployed, beside: chain.beside });
  const once = evaluator(counting(chain.rpc), { deployed, beside: counting(chain.beside) });
  await once.evaluate(catalogue, { blockHash: (await chain.nextHead()).hash });
  return {
    async decide({ hash }) {
      const { verdicts } = await evaluate(catalogue, { blockHash: hash });
      return verdicts.filter((one) => one === "fail").length;
    },
    up: () => counted,
    close: async () => undefined,
  };
}

function bareWay({ metrics, endpoint }: BenchChain): Way {
  const calls = metrics.flatMap(({ read }) => readingsOf(read).flatMap((reading) => callOf(reading) ?? []));
  const args = [calls.map(({ to, data }) => ({ target: to, allowFailure: true, callData: data }))] as const;
  const data = encodeFunctionData({ abi: multicall3Abi, functionName: "aggregate3", args });
  let id = 1_000_000;
  return {
    async decide({ hash }) {
      id += 1;
      const params = [{ to: multicallAddress, data, gas: "0x3b9aca00" }, { blockHash: hash }];
      const answer = await endpoint.send({ jsonrpc: "2.0", id, method: "eth_call", params }, 60_000);
      if (typeof (answer as { result?: unknown }).result !== "string")
        throw new Error(`The multicall failed: ${JSON.stringify(answer).slice(0, 300)}`);
      return undefined;
    },
    up: () => ({ requests: 1, bytes: data.length }),
    close: async () => undefined,
  };
}

async function viemWay(
  { anvil, metrics }: BenchChain,
  read: (client: PublicClient, head: Head) => Promise<(bigint | null)[]>,
): Promise<Way> {
  const client: PublicClient = createPublicClient({
    transport: webSocket(anvil.wsUrl, { timeout: 60_000, reconnect: false }),
  });
  return {
    async decide(head) {
      const values = await read(client, head);
      let next = 0;
      const verdicts = metrics.map((one) => {
        const own = readingsOf(one.read).map(() => values[next++] ?? null);
        return judge(one, combined(one.read, own, head.timestamp), undefined);
      });
      return verdicts.filter((one) => one === "fail").length;
    },
    async close() {
      (await client.transport.getRpcClient?.())?.close();
    },
  };
}

/** Parsed once, as a program that reads the same on every block would have them. */
const contracts = new WeakMap<readonly Metric[], ReturnType<typeof contractOf>[]>();

function contractsOf(metrics: readonly Metric[]) {
  const known = contracts.get(metrics) ?? metrics.flatMap(({ read }) => readingsOf(read).map(contractOf));
  contracts.set(metrics, known);
  return known;
}

function contractOf(reading: Reading) {
  if (reading.kind !== "call") throw new Error("Only calls are read here.");
  const abi = parseAbi([reading.signature]) as Abi;
  const functionName = /function (\w+)/.exec(reading.signature)?.[1] ?? "";
  return { address: reading.to, abi, functionName, args: reading.args };
}

async function each(client: PublicClient, metrics: readonly Metric[], { hash }: Head): Promise<(bigint | null)[]> {
  const read = contractsOf(metrics).map((one) => client.readContract({ ...one, blockHash: hash }));
  return (await Promise.all(read)).map(numberIn);
}

async function multicall(client: PublicClient, metrics: readonly Metric[], { hash }: Head, batchSize?: number) {
  const size = batchSize === undefined ? {} : { batchSize };
  const options = { allowFailure: false, multicallAddress, blockHash: hash, ...size } as const;
  return (await client.multicall({ contracts: contractsOf(metrics), ...options })).map(numberIn);
}

function numberIn(result: unknown): bigint | null {
  if (typeof result === "boolean") return result ? 1n : 0n;
  return typeof result === "bigint" || typeof result === "string" ? BigInt(result) : null;
}
