/** Accounts on a real anvil that answer whatever a test wants, and an RPC that counts what goes up. */

import { concat, getAddress, type Hex, keccak256, size, toHex } from "viem";
import { startAnvil } from "../../src/chain/anvil.ts";
import { type EvaluateOptions, evaluator } from "../../src/chain/evaluate.ts";
import { httpEndpoint } from "../../src/chain/http-endpoint.ts";
import { createRpc, hexWord, type RpcCall } from "../../src/chain/rpc.ts";
import type { Address, ChainId } from "../../src/domain/primitives.ts";

export const chain: ChainId = "eip155:31950";

/** Code that answers these bytes to every call, or reverts with them. */
export function answering(bytes: Hex, how: "return" | "revert" = "return"): Hex {
  const length = toHex(size(bytes), { size: 2 });
  return concat(["0x61", length, "0x600e60003961", length, "0x6000", how === "return" ? "0xf3" : "0xfd", bytes]);
}

/** JUMPDEST, and back to it. */
export const loopingForEver: Hex = "0x5b600056";
/** Answers half a megabyte of zeros, which costs most of a million gas. */
export const bomb: Hex = "0x620800006000f3";

export function account(name: string): Address {
  return getAddress(`0x${keccak256(toHex(name)).slice(26)}`);
}

export async function startEvaluatorWorld() {
  const anvil = await startAnvil({ chainId: 31950 });
  const endpoint = httpEndpoint({ chain, url: new URL(anvil.url) });
  const sent: string[] = [];
  const counting = {
    ...endpoint,
    send: (message: unknown, timeoutMs: number) => {
      sent.push(JSON.stringify(message));
      return endpoint.send(message, timeoutMs);
    },
  };
  const rpc = createRpc(counting, 30_000);

  async function all(calls: readonly RpcCall[]): Promise<unknown[]> {
    const answers = await rpc.batch(calls);
    return answers.map((answer) => {
      if (!answer.ok) throw new Error(answer.error.message);
      return answer.result;
    });
  }

  return {
    anvil,
    rpc,
    /** Every message that went up since `forget`. */
    sent: () => sent.filter((message) => !message.includes("eth_chainId")),
    forget: () => void sent.splice(0),
    all,
    setCodes: (codes: ReadonlyMap<Address, Hex>) =>
      all([...codes].map(([to, code]) => ({ method: "anvil_setCode", params: [to, code] }))),
    /** Hash of a new block. */
    async mine(): Promise<Hex> {
      await all([{ method: "evm_mine", params: [] }]);
      const [block] = await all([{ method: "eth_getBlockByNumber", params: ["latest", false] }]);
      return hexWord.parse((block as { hash: unknown }).hash);
    },
    evaluator: (options?: EvaluateOptions) => evaluator(rpc, options),
    stop: () => anvil.stop(),
  };
}
export type EvaluatorWorld = Awaited<ReturnType<typeof startEvaluatorWorld>>;
