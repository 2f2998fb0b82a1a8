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
import type { Address, Hex } from "../domain/primitives.ts";
import type { TracedCall } from "../fork.ts";
import { hexAddress, hexWord, type Rpc, type RpcCall } from "./rpc.ts";

export interface ForkCache {
  /** Of a host and port of this machine, with a path that nobody can guess: it may spend the chain's RPC. */
  readonly url: string;
  /** Asks for what calls will read, as far as the chain can tell. Never fails: what is not known is asked for later. */
  foresee(calls: readonly TracedCall[]): Promise<void>;
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
const otherMethods = [
  "eth_chainId",
  "net_version",
  "eth_blockNumber",
  "eth_gasPrice",
  "eth_maxPriorityFeePerGas",
  "eth_feeHistory",
  "eth_getBlockByNumber",
  "eth_getBlockByHash",
];
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

  async function answer({ id, method, params }: Message) {
    const reply = { jsonrpc: "2.0", id };
    if (unknownToTheChain.includes(method)) return { ...reply, result: null };
    const call = asked({ method, params }, block);
    if (call === undefined)
      return { ...reply, error: { code: -32601, message: `a fork does not need ${method} of its chain` } };
    try {
      const [found] = await rpc.batch([call]);
      if (found?.ok) return { ...reply, result: found.result };
      // Prices and such are nice to have; without state a fork is none.
      if (method in stateMethods) fault ??= rpcFault(rpc, found, method);
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

  // An anvil that is ended in the middle of its question needs no answer.
  const server = createServer((request, response) => void serve(request, response).catch(() => response.destroy()));
  server.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  server.unref();
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}${path}`,
    fault: () => fault,
    async foresee(calls) {
      try {
        const accounts = calls.flatMap(({ from, to }) => [from, to]);
        const [lists] = await Promise.all([accessLists(rpc, calls, pin), rpc.batch(accountReads(accounts, pin))]);
        const named = lists.map((one) => one.address);
        const slots = lists.flatMap(({ address, storageKeys }) => storageKeys.map((slot) => ({ address, slot })));
        await rpc.batch([
          ...accountReads(named, pin),
          ...slots.map(({ address, slot }) => ({ method: "eth_getStorageAt", params: [address, slot, pin] })),
        ]);
      } catch {
        // Only time is lost: anvil asks for it when it needs it, and hears why it cannot have it.
        return;
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

function accountReads(accounts: readonly Address[], pin: { blockHash: Hex }): RpcCall[] {
  return [...new Set(accounts)].flatMap((account) =>
    ["eth_getBalance", "eth_getTransactionCount", "eth_getCode"].map((method) => ({ method, params: [account, pin] })),
  );
}

const accessList = z.object({
  accessList: z.array(z.object({ address: hexAddress, storageKeys: z.array(hexWord) })),
});

/** What calls read at the block; nothing where the node does not say. One that reverts says what it read until then. */
async function accessLists(rpc: Rpc, calls: readonly TracedCall[], pin: { blockHash: Hex }) {
  const answers = await rpc.batch(
    calls.map(({ from, to, data, value = 0n }) => ({
      method: "eth_createAccessList",
      params: [{ from, to, data, value: numberToHex(value) }, pin],
    })),
  );
  return answers.flatMap((one) => {
    const form = accessList.safeParse(one.ok ? one.result : undefined);
    return form.success ? form.data.accessList : [];
  });
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
