/**
 * Where a fork gets its state from: a loopback RPC in this process that stands for the chain at one block. anvil asks for
 * one account or slot after another and waits for each; here each is asked of the chain once, those of a moment in one
 * message, and what is foreseen before anvil asks. Nothing is made up: what is not known yet is asked.
 */

import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { numberToHex } from "viem";
import { z } from "zod";
import type { Head } from "../chain-facts.ts";
import { chainNumber } from "../domain/primitives.ts";
import type { Foreseen } from "../fork.ts";
import { foreseenState, type KnownState } from "./fork-foresight.ts";
import type { Rpc, RpcCall } from "./rpc.ts";

export interface ForkCache {
  /** Of a host and port of this machine, with a path that nobody can guess: it may spend the chain's RPC. */
  readonly url: string;
  /** What will be read, as far as the chain can tell, with its values. Never fails: what is not known is asked for later. */
  foresee(foreseen: Foreseen): Promise<KnownState>;
  /** Why the chain did not give something that was asked for. */
  fault(): unknown;
  close(): void;
}

/** What anvil may ask the chain, with the place of the block for those that read state. */
const stateMethods: Readonly<Record<string, number>> = {
  eth_getCode: 1,
  eth_getBalance: 1,
  eth_getTransactionCount: 1,
  eth_getStorageAt: 2,
};
const otherMethods = ["eth_getBlockByNumber", "eth_getBlockByHash"];
/** anvil asks about what it has not mined yet as if the chain could know: transactions of a fork are the fork's own. */
const unknownToTheChain = ["eth_getTransactionReceipt", "eth_getTransactionByHash"];

const message = z.object({
  id: z.union([z.number(), z.string(), z.null()]),
  method: z.string(),
  params: z.array(z.unknown()).default([]),
});
const messages = z.union([z.array(message), message]);
type Message = z.output<typeof message>;

/** `rpc` answers each question once; see {@link import("./pinned-chain.ts").pinnedRpc}. */
export async function startForkCache(rpc: Rpc, block: Head): Promise<ForkCache> {
  const path = `/${randomBytes(16).toString("hex")}`;
  const pin = { blockHash: block.hash };
  let fault: unknown;
  const settled: Readonly<Record<string, unknown>> = {
    eth_chainId: numberToHex(chainNumber(rpc.endpoint.chain)),
    net_version: String(chainNumber(rpc.endpoint.chain)),
    eth_blockNumber: numberToHex(block.number),
    // What is sent on a fork pays nothing.
    eth_gasPrice: "0x0",
    eth_maxPriorityFeePerGas: "0x0",
  };

  async function answer({ id, method, params }: Message) {
    const reply = { jsonrpc: "2.0", id };
    if (unknownToTheChain.includes(method)) return { ...reply, result: null };
    if (method in settled) return { ...reply, result: settled[method] };
    const call = asked({ method, params }, block);
    if (call === undefined)
      return { ...reply, error: { code: -32601, message: `a fork does not need ${method} of its chain` } };
    try {
      const [found] = await rpc.batch([call]);
      if (found?.ok) return { ...reply, result: found.result };
      fault ??= rpcFault(rpc, found, method);
      return { ...reply, error: { code: found?.error.code ?? -32603, message: found?.error.message ?? "no answer" } };
    } catch (error) {
      fault ??= error;
      return { ...reply, error: { code: -32603, message: "the chain could not be asked" } };
    }
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== "POST" || request.url !== path) return void response.writeHead(404).end();
    const read = messages.safeParse(JSON.parse(await textOf(request)));
    if (!read.success) return void response.writeHead(400).end();
    const replies = Array.isArray(read.data) ? await Promise.all(read.data.map(answer)) : await answer(read.data);
    response.setHeader("content-type", "application/json").end(JSON.stringify(replies));
  }

  // Asked before anvil is there to ask: it wants its block in both forms, and waits for each.
  const wanted = [false, true].map((whole) => ({
    method: "eth_getBlockByNumber",
    params: [numberToHex(block.number), whole],
  }));
  rpc.batch(wanted).catch(() => undefined);

  // An anvil that is ended in the middle of its question needs no answer.
  const server = createServer((request, response) => void serve(request, response).catch(() => response.destroy()));
  server.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  server.unref();
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}${path}`,
    fault: () => fault,
    async foresee(foreseen) {
      try {
        return await foreseenState(rpc, foreseen, pin);
      } catch {
        // Only time is lost: anvil asks for it when it needs it, and hears why it cannot have it.
        return {};
      }
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** As the chain is asked: state at the fork's block by its hash, slots in full length. Undefined: not to be passed on. */
function asked({ method, params }: RpcCall, block: Head): RpcCall | undefined {
  const place = stateMethods[method];
  if (place === undefined) return otherMethods.includes(method) ? { method, params } : undefined;
  const slot = params[1];
  const full =
    method === "eth_getStorageAt" && typeof slot === "string" && /^0x[0-9a-fA-F]{1,64}$/.test(slot)
      ? params.with(1, `0x${slot.slice(2).padStart(64, "0")}`)
      : params;
  const isOurs = params[place] === numberToHex(block.number);
  return { method, params: isOurs ? full.with(place, { blockHash: block.hash }) : full };
}

function rpcFault(rpc: Rpc, found: Awaited<ReturnType<Rpc["batch"]>>[number] | undefined, method: string): unknown {
  try {
    rpc.take(found ?? { ok: true, result: undefined }, method, z.never());
    return undefined;
  } catch (error) {
    return error;
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
