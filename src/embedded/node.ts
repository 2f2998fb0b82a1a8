/** JSON-RPC to the embedded anvil: many requests in one message, any error thrown. */

import type { Hex } from "../domain/primitives.ts";

interface Request {
  method: string;
  params: readonly unknown[];
}

export interface EmbeddedNode {
  readonly url: string;
  request(method: string, ...params: readonly unknown[]): Promise<unknown>;
  /** Answers in the order of the requests; the node may work on them in any order. */
  requests(batch: readonly Request[]): Promise<unknown[]>;
}

/** A transaction without a signature: anvil sends it as it is, for accounts it impersonates. */
export interface UnsignedTransaction {
  from: Hex;
  to?: Hex;
  data: Hex;
  gas: Hex;
  maxFeePerGas: Hex;
  maxPriorityFeePerGas: Hex;
  nonce?: Hex;
}

/** Opens nothing: the first request connects. Errors name the method and carry the node's own words. */
export function connectNode(url: string): EmbeddedNode {
  async function requests(batch: readonly Request[]): Promise<unknown[]> {
    if (batch.length === 0) return [];
    const body = JSON.stringify(batch.map((request, id) => ({ jsonrpc: "2.0", id, ...request })));
    const response = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body });
    const answers = (await response.json()) as { id: number; result?: unknown; error?: { message: string } }[];
    const results: unknown[] = [];
    for (const { id, result, error } of answers) {
      if (error) throw new Error(`The embedded chain refused ${batch[id]?.method}: ${error.message}`);
      results[id] = result;
    }
    return results;
  }
  return { url, requests, request: async (method, ...params) => (await requests([{ method, params }]))[0] };
}

export function hex(value: bigint | number): Hex {
  return `0x${value.toString(16)}`;
}
