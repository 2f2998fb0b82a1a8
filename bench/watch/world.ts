/** A chain with a proxy for every invariant, so that every read is a cold one, and the invariants over them. */

import { type Address, concat, getAddress, type Hex, keccak256, pad, toFunctionSelector, toHex } from "viem";
import { type Anvil, startAnvil } from "../../src/chain/anvil.ts";
import { deterministicDeployer } from "../../src/chain/preconditions/preconditions.ts";
import { createRpc, type Rpc, type RpcCall } from "../../src/chain/rpc.ts";
import { type WsEndpoint, wsEndpoint } from "../../src/chain/ws-endpoint.ts";
import { type Metric, metric } from "../../src/domain/metrics.ts";
import type { ChainId } from "../../src/domain/primitives.ts";

export interface BenchChain {
  anvil: Anvil;
  id: ChainId;
  endpoint: WsEndpoint;
  rpc: Rpc;
  /** Over a connection of its own. */
  beside: Rpc;
  metrics: Metric[];
  /** Sends each to the deterministic deployer. */
  deploy(data: readonly Hex[]): Promise<void>;
  /** Mines a block, and resolves once its head was pushed. */
  nextHead(): Promise<{ hash: Hex; number: bigint; timestamp: bigint }>;
  stop(): Promise<void>;
}

export const multicallAddress: Address = "0xcA11bde05977b3631167028862bE2a173976CA11";

const implementation: Address = "0x00000000000000000000000000000000000A0001";
/** ERC-1967. */
const implementationSlot: Hex = "0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc";
/** CALLDATACOPY all, DELEGATECALL what the slot says, return what it returns. */
const proxyCode: Hex = `0x36600080376000803660007f${implementationSlot.slice(2)}545af43d6000803e3d6000f3`;
/** Answers the slot that has the selector's number. */
const implementationCode: Hex = "0x60003560e01c5460005260206000f3";

const assets = "function totalAssets(address) view returns (uint256)";
const supply = "function totalSupply() view returns (uint256)";
const updated = "function updatedAt() view returns (uint256)";
const owner = "function owner() view returns (address)";
const role = "function hasRole(bytes32, address) view returns (bool)";

const timelock: Address = "0x00000000000000000000000000000000000b0001";
const slotOf = (signature: string) => pad(toFunctionSelector(signature), { size: 32 });
const proxy = (nth: number) => getAddress(`0x${keccak256(toHex(nth)).slice(26)}`);
const word = (value: bigint) => toHex(value, { size: 32 });

/** A node of its own is not held to one thread, as those of tests are, which are many: anvil's own default. */
const asManyAsCores = 0;

/** All of them pass but one in a hundred. */
export async function startBenchChain(count: number, chainId = 31_960): Promise<BenchChain> {
  const anvil = await startAnvil({ chainId, timestamp: 1_700_000_000n, threads: asManyAsCores });
  const id: ChainId = `eip155:${chainId}`;
  const endpoint = wsEndpoint({ chain: id, url: new URL(anvil.wsUrl) });
  const rpc = createRpc(endpoint, 60_000);
  const second = wsEndpoint({ chain: id, url: new URL(anvil.wsUrl) });
  const from = proxy(-1 >>> 0);
  await all(rpc, [
    { method: "anvil_setCode", params: [implementation, implementationCode] },
    { method: "anvil_setCode", params: [multicallAddress, await multicallCode(rpc)] },
    { method: "anvil_setBalance", params: [from, toHex(10n ** 24n)] },
    // Large multicalls take more gas than a block has, and name none.
    { method: "evm_setBlockGasLimit", params: [toHex(1_000_000_000)] },
    { method: "anvil_impersonateAccount", params: [from] },
    ...Array.from({ length: count }, (_none, nth) => proxyCalls(nth)).flat(),
  ]);
  const heads = headQueue(endpoint);
  heads.subscription = String((await all(rpc, [{ method: "eth_subscribe", params: ["newHeads"] }]))[0]);
  const nextHead = async () => {
    const next = heads.next();
    await all(rpc, [{ method: "evm_mine", params: [] }]);
    return next;
  };
  return {
    ...{ anvil, id, endpoint, rpc, beside: createRpc(second, 60_000), nextHead },
    metrics: Array.from({ length: count }, (_none, nth) => invariant(id, nth)),
    async deploy(list) {
      for (const data of list) {
        const transaction = { from, to: deterministicDeployer, data };
        const next = heads.next();
        await all(rpc, [{ method: "eth_sendTransaction", params: [transaction] }]);
        await next;
      }
    },
    async stop() {
      endpoint.close();
      second.close();
      await anvil.stop();
    },
  };
}

async function all(rpc: Rpc, calls: readonly RpcCall[]): Promise<unknown[]> {
  const results: unknown[] = [];
  for (let from = 0; from < calls.length; from += 2_000)
    for (const answer of await rpc.batch(calls.slice(from, from + 2_000))) {
      if (!answer.ok) throw new Error(answer.error.message);
      results.push(answer.result);
    }
  return results;
}

function proxyCalls(nth: number): RpcCall[] {
  const to = proxy(nth);
  const slots: [Hex, bigint][] = [
    [implementationSlot, BigInt(implementation)],
    [slotOf(assets), 10n ** 21n + (nth % 100 === 0 ? -1n : BigInt(nth))],
    [slotOf(supply), 10n ** 21n],
    [slotOf(updated), 1_700_000_000n],
    [slotOf(owner), BigInt(timelock)],
    [slotOf(role), 1n],
  ];
  const used = slots.filter(([slot]) => slot === implementationSlot || signaturesOf(nth).map(slotOf).includes(slot));
  return [
    { method: "anvil_setCode", params: [to, proxyCode] },
    ...used.map(([slot, value]) => ({ method: "anvil_setStorageAt", params: [to, slot, word(value)] })),
  ];
}

function signaturesOf(nth: number): string[] {
  return [[assets], [assets], [assets], [assets, supply], [assets], [assets], [updated], [owner], [role], [assets]][
    nth % 10
  ] as string[];
}

/** Of ten: six amounts, a ratio of two, an age, an owner and a role. */
function invariant(chain: ChainId, nth: number): Metric {
  const call = (signature: string, args: string[] = []) => ({ kind: "call", to: proxy(nth), signature, args });
  const rest = { class: "asset", chain, severity: 1, containment: "pause", owner: "ada", unit: "none" };
  const metricOf = (read: unknown, pass: unknown, fail: unknown) =>
    metric.parse({ id: `m${nth}`, title: `Invariant ${nth}`, ...rest, read, pass, fail });
  const isSo = [
    { is: "=", value: 1 },
    { is: "=", value: 0 },
  ] as const;
  const atLeast = (value: string) =>
    [
      { is: ">=", value },
      { is: "<", value },
    ] as const;
  const held = call(assets, [proxy(nth + 1)]);
  switch (nth % 10) {
    case 3:
      return metricOf({ kind: "ratioBps", numerator: held, denominator: call(supply) }, ...atLeast("10000"));
    case 6:
      return metricOf({ kind: "age", of: call(updated) }, { is: "<=", value: 3_600 }, { is: ">", value: 86_400 });
    case 7:
      return metricOf({ kind: "addressIs", of: call(owner), equals: timelock }, ...isSo);
    case 8:
      return metricOf(call(role, [word(0n), timelock]), ...isSo);
    default:
      return metricOf(held, ...atLeast(String(10n ** 21n)));
  }
}

/** viem brings Multicall3's creation code for calls where it is not deployed, and does not export it. */
async function multicallCode(rpc: Rpc): Promise<unknown> {
  const file = new URL("./constants/contracts.js", import.meta.resolve("viem"));
  const { multicall3Bytecode } = (await import(file.href)) as { multicall3Bytecode: Hex };
  const [code] = await all(rpc, [{ method: "eth_call", params: [{ data: concat([multicall3Bytecode]) }, "latest"] }]);
  return code;
}

function headQueue(endpoint: WsEndpoint) {
  const waiting: ((head: { hash: Hex; number: bigint; timestamp: bigint }) => void)[] = [];
  const queue = {
    subscription: "",
    next: () => new Promise<{ hash: Hex; number: bigint; timestamp: bigint }>((resolve) => waiting.push(resolve)),
  };
  endpoint.onNotice((subscription, payload) => {
    if (subscription !== queue.subscription) return;
    const { hash, number, timestamp } = payload as { hash: Hex; number: Hex; timestamp: Hex };
    waiting.shift()?.({ hash, number: BigInt(number), timestamp: BigInt(timestamp) });
  });
  return queue;
}
