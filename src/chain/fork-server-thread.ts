/** The thread in which forks are answered: anvil asks for one thing after another, and each would wait for whatever gates do. */

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { parentPort } from "node:worker_threads";
import type { KnownState } from "./fork-foresight.ts";

export interface ForkQuestion {
  method: string;
  params: unknown[];
}
export type ForkReply = { result: unknown } | { error: { code: number; message: string } };

/** What the other side sends. A fork is called by the path at which it is asked. */
export type Told =
  | { kind: "open"; path: string; block: string; settled: Record<string, unknown> }
  | { kind: "learn"; path: string; state: KnownState }
  | { kind: "block"; path: string; whole: boolean; block: unknown }
  | { kind: "reply"; id: number; reply: ForkReply }
  | { kind: "close"; path: string };
/** `ask`: what is not known here. */
export type Said =
  | { kind: "listening"; port: number }
  | { kind: "ask"; id: number; path: string; question: ForkQuestion };

interface Known {
  /** Number of its block, as anvil writes it. */
  block: string;
  settled: Record<string, unknown>;
  accounts: Map<string, KnownState[keyof KnownState]>;
  blocks: Map<boolean, unknown>;
  /** Settles once a whole account was told, or too late was asked for: see {@link headStart}. */
  whole: PromiseWithResolvers<void>;
}

/** Milliseconds that the parts of the first account wait for the question for all of it: what is answered first, anvil asks ever after. */
const headStart = 20;

const forks = new Map<string, Known>();
const open = new Map<number, (reply: ForkReply) => void>();
let lastId = 0;
const say = (said: Said) => parentPort?.postMessage(said);

function told(message: Told): void {
  if (message.kind === "reply") {
    open.get(message.id)?.(message.reply);
    open.delete(message.id);
  } else if (message.kind === "open") {
    const { path, block, settled } = message;
    forks.set(path, { block, settled, accounts: new Map(), blocks: new Map(), whole: Promise.withResolvers() });
  } else if (message.kind === "close") forks.delete(message.path);
  else if (message.kind === "block") forks.get(message.path)?.blocks.set(message.whole, message.block);
  else
    for (const [address, account] of Object.entries(message.state))
      forks.get(message.path)?.accounts.set(address.toLowerCase(), account as KnownState[keyof KnownState]);
}

async function replyTo(path: string, fork: Known, question: ForkQuestion): Promise<ForkReply> {
  const { method } = question;
  if (method === "eth_getBalance" || method === "eth_getTransactionCount" || method === "eth_getCode") {
    setTimeout(fork.whole.resolve, headStart);
    await fork.whole.promise;
  }
  const result = known(fork, question);
  if (result !== undefined) return { result };
  lastId += 1;
  const id = lastId;
  return new Promise((resolve) => {
    open.set(id, resolve);
    say({ kind: "ask", id, path, question });
  });
}

function known({ block, settled, accounts, blocks }: Known, { method, params }: ForkQuestion): unknown {
  if (method in settled) return settled[method];
  if (method === "eth_getBlockByNumber" && params[0] === block) return blocks.get(params[1] === true);
  const account = accounts.get(String(params[0]).toLowerCase());
  if (account === undefined || params.at(-1) !== block) return undefined;
  const { balance, code, storage } = account;
  const nonce = `0x${account.nonce.toString(16)}`;
  switch (method) {
    case "eth_getAccountInfo":
      return { balance, nonce, code };
    case "eth_getBalance":
      return balance;
    case "eth_getTransactionCount":
      return nonce;
    case "eth_getCode":
      return code;
    case "eth_getStorageAt":
      return storage[`0x${String(params[1]).slice(2).toLowerCase().padStart(64, "0")}`];
    default:
      return undefined;
  }
}

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = request.url ?? "";
  const fork = forks.get(path);
  if (request.method !== "POST" || fork === undefined) return void response.writeHead(404).end();
  const read: unknown = JSON.parse(await textOf(request));
  const list = (Array.isArray(read) ? read : [read]) as { id: unknown; method?: unknown; params?: unknown }[];
  const replies = await Promise.all(
    list.map(async ({ id, method, params }) => {
      const question = { method: String(method), params: Array.isArray(params) ? params : [] };
      return { jsonrpc: "2.0", id, ...(await replyTo(path, fork, question)) };
    }),
  );
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify(Array.isArray(read) ? replies : replies[0]));
  if (list.some((one) => one.method === "eth_getAccountInfo")) response.once("finish", fork.whole.resolve);
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

parentPort?.on("message", told);
// An anvil that is ended in the middle of its question needs no answer.
const server = createServer((request, response) => void serve(request, response).catch(() => response.destroy()));
server.listen(0, "127.0.0.1", () => say({ kind: "listening", port: (server.address() as AddressInfo).port }));
