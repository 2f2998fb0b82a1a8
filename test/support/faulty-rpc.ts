/** A loopback RPC in front of a real one that misbehaves on command, and counts what it was asked. */

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";

/** How it misbehaves. `down` refuses connections; `slow` takes requests and never answers, over WebSockets too; `http alone` refuses those. */
export type Fault =
  | { kind: "none" | "down" | "slow" | "http alone" }
  | { kind: "wrong chain"; id: number }
  | { kind: "garbage"; body: "html" | "truncated" | "empty" | "huge" | "not rpc" | "other id" }
  /** Answers this method with another result than the real one, everywhere or where `about` is in the parameters; it may keep its proofs to itself. */
  | { kind: "lie"; method: string; result: unknown; about?: string; withoutProofs?: boolean }
  | { kind: "status"; status: number; body?: string; times?: number }
  /** Answers these methods with an error. */
  | { kind: "refuse"; methods: string[]; message: string }
  /** Refuses logs over more than so many blocks, as public providers do. */
  | { kind: "short logs"; blocks: number }
  /** Passes everything on to another RPC (http), as after a change of the name's address. */
  | { kind: "elsewhere"; upstream: string }
  /** Answers as a node that is this many blocks behind. */
  | { kind: "lag"; blocks: number };

interface Message {
  id: number;
  method: string;
  params?: unknown[];
}
interface Reply {
  id: number;
  result?: unknown;
  error?: { code: number; message: string };
}

export interface FaultyRpc {
  readonly url: string;
  readonly port: number;
  /** Methods asked for, in order, whatever was answered. */
  readonly asked: string[];
  /** How many HTTP messages came; a batch is one. */
  readonly messages: () => number;
  misbehave(fault: Fault): Promise<void>;
  /** Cuts every open connection, WebSockets too; new ones are taken. */
  cut(): void;
  stop(): Promise<void>;
}

/** Stands before the RPC at `usual` (http). WebSockets are passed through as they are. */
export async function startFaultyRpc(usual: string): Promise<FaultyRpc> {
  let fault: Fault = { kind: "none" };
  let upstream = usual;
  let messages = 0;
  let port = 0;
  const asked: string[] = [];
  const open = new Set<Duplex>();

  const server = createServer(async (request, response) => {
    const text = await bodyOf(request);
    const list = ([] as Message[]).concat(JSON.parse(text));
    messages += 1;
    asked.push(...list.map((message) => message.method));
    if (fault.kind === "slow") return;
    if (fault.kind === "garbage") return garbage(response, fault.body, list);
    if (fault.kind === "status" && (fault.times ?? 1) > 0) {
      if (fault.times !== undefined) fault.times -= 1;
      response.writeHead(fault.status).end(fault.body ?? "");
      return;
    }
    const replies = await Promise.all(list.map((message) => answer(upstream, message, fault)));
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(text.startsWith("[") ? replies : replies[0]));
  });
  server.on("connection", (socket) => {
    open.add(socket);
    socket.on("close", () => open.delete(socket));
  });
  const tunnels = new Set<Socket>();
  server.on("upgrade", (request, socket) => {
    if (fault.kind === "http alone") socket.destroy();
    else if (fault.kind !== "slow") tunnels.add(passThrough(upstream, request, socket));
  });
  const listen = () =>
    new Promise<void>((resolve) => {
      server.listen(port, "127.0.0.1", () => resolve());
    });
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      for (const socket of open) socket.destroy();
    });
  await listen();
  port = (server.address() as AddressInfo).port;

  return {
    url: `http://127.0.0.1:${port}`,
    port,
    asked,
    messages: () => messages,
    async misbehave(next) {
      fault = next;
      upstream = next.kind === "elsewhere" ? next.upstream : usual;
      if (next.kind === "http alone") for (const tunnel of tunnels) tunnel.destroy();
      if (next.kind === "slow") for (const tunnel of tunnels) tunnel.unpipe().pause();
      if (next.kind === "down" && server.listening) await close();
      if (next.kind !== "down" && !server.listening) await listen();
    },
    cut() {
      for (const socket of open) socket.destroy();
    },
    async stop() {
      if (server.listening) await close();
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

async function ask(upstream: string, message: Message): Promise<Reply> {
  const headers = { "content-type": "application/json" };
  const response = await fetch(upstream, {
    method: "POST",
    headers,
    body: JSON.stringify({ jsonrpc: "2.0", ...message }),
  });
  return (await response.json()) as Reply;
}

async function answer(upstream: string, message: Message, fault: Fault): Promise<Reply> {
  if (fault.kind === "wrong chain" && message.method === "eth_chainId")
    return { id: message.id, result: `0x${fault.id.toString(16)}` };
  if (fault.kind === "lie" && fault.withoutProofs && message.method === "eth_getProof")
    return { id: message.id, error: { code: -32601, message: "the method eth_getProof does not exist" } };
  if (fault.kind === "lie" && message.method === fault.method && isAbout(message, fault.about ?? ""))
    return { id: message.id, result: fault.result };
  if (fault.kind === "refuse" && fault.methods.includes(message.method))
    return { id: message.id, error: { code: -32000, message: fault.message } };
  if (fault.kind === "short logs" && message.method === "eth_getLogs") {
    const [{ fromBlock, toBlock }] = message.params as [{ fromBlock: string; toBlock: string }];
    if (Number(toBlock) - Number(fromBlock) >= fault.blocks)
      return { id: message.id, error: { code: -32005, message: `exceed maximum block range: ${fault.blocks}` } };
  }
  return fault.kind === "lag" ? answerFromThePast(upstream, message, fault.blocks) : ask(upstream, message);
}

function isAbout({ params }: Message, about: string): boolean {
  return JSON.stringify(params).toLowerCase().includes(about.toLowerCase());
}

/** `latest` is an older block, and newer ones are unknown. */
async function answerFromThePast(upstream: string, message: Message, blocks: number): Promise<Reply> {
  const newest = Number((await ask(upstream, { id: 0, method: "eth_blockNumber", params: [] })).result);
  if (message.method === "eth_getBlockByHash") {
    const reply = await ask(upstream, message);
    const found = reply.result as { number: string } | null;
    return found && Number(found.number) > newest - blocks ? { id: message.id, result: null } : reply;
  }
  const params: unknown[] = [];
  for (const param of message.params ?? []) {
    const hash = typeof param === "object" && param !== null && "blockHash" in param ? param.blockHash : undefined;
    const block = hash && (await ask(upstream, { id: 0, method: "eth_getBlockByHash", params: [hash, false] })).result;
    if (block && Number((block as { number: string }).number) > newest - blocks)
      return { id: message.id, error: { code: -32000, message: "header not found" } };
    params.push(param === "latest" ? `0x${Math.max(0, newest - blocks).toString(16)}` : param);
  }
  return ask(upstream, { ...message, params });
}

function garbage(response: ServerResponse, body: (Fault & { kind: "garbage" })["body"], list: Message[]): void {
  const id = list[0]?.id ?? 0;
  switch (body) {
    case "html":
      return void response.end("<!doctype html><html><body>502 Bad Gateway</body></html>");
    case "truncated":
      return void response.end(`{"jsonrpc":"2.0","id":${id},"result":"0x7c`);
    case "empty":
      return void response.end();
    case "not rpc":
      return void response.end('{"hello":"world"}');
    case "other id":
      return void response.end(JSON.stringify({ jsonrpc: "2.0", id: id + 1000, result: "0x1" }));
    case "huge": {
      const chunk = Buffer.alloc(1 << 20, " ");
      let written = 0;
      const more = () => {
        while (written < 80 && !response.destroyed) {
          written += 1;
          if (!response.write(chunk)) return void response.once("drain", more);
        }
        response.end();
      };
      more();
    }
  }
}

function passThrough(upstream: string, request: IncomingMessage, socket: Duplex): Socket {
  const behind = connect(Number(new URL(upstream).port), "127.0.0.1", () => {
    const headers = request.rawHeaders.flatMap((text, index, all) => (index % 2 ? [] : [`${text}: ${all[index + 1]}`]));
    behind.write(`GET / HTTP/1.1\r\n${headers.join("\r\n")}\r\n\r\n`);
    behind.pipe(socket).pipe(behind);
  });
  for (const side of [behind, socket]) side.on("error", () => undefined);
  socket.on("close", () => behind.destroy());
  behind.on("close", () => socket.destroy());
  return behind;
}
