/** A node between the bot and its chain, on loopback, that passes everything on until it is told to mislead. */

import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { Hex } from "./raw-rpc.ts";

/** By account: the code, and the storage by slot, that calls are made to find there. */
export type OtherState = Record<Hex, { code?: Hex; stateDiff?: Record<Hex, Hex> }>;

export interface Relay {
  readonly url: string;
  /** Every block after the present one is kept back: the newest block there is stays the newest. */
  freezes(): Promise<void>;
  /** Answers calls as if the chain's state were another. */
  pretends(state: OtherState): void;
  /** Passes everything on again. */
  recovers(): void;
  close(): Promise<void>;
}

interface Request {
  jsonrpc?: "2.0";
  id: unknown;
  method: string;
  params?: unknown[];
}
/** What becomes of a request: another one is passed on, or it is answered here. */
type Fate = { ask: Request } | { answer: Record<string, unknown> };

const honest = (request: Request): Fate => ({ ask: request });

/** `upstream` is asked for at every message: the node may not run yet when the relay is opened. */
export async function openRelay(upstream: () => string): Promise<Relay> {
  let bearing = honest;

  async function send(requests: readonly Request[]): Promise<Record<string, unknown>[]> {
    if (requests.length === 0) return [];
    const headers = { "content-type": "application/json" };
    const response = await fetch(upstream(), { method: "POST", headers, body: JSON.stringify(requests) });
    return (await response.json()) as Record<string, unknown>[];
  }

  async function answer(text: string): Promise<string> {
    const message: Request | Request[] = JSON.parse(text);
    const asked = Array.isArray(message) ? message : [message];
    const fates = asked.map((request) => bearing({ ...request, params: request.params ?? [] }));
    const passed = await send(fates.flatMap((fate) => ("ask" in fate ? [fate.ask] : [])));
    const byId = new Map(passed.map((one) => [one.id, one]));
    const answers = fates.map((fate) => ("ask" in fate ? byId.get(fate.ask.id) : { jsonrpc: "2.0", ...fate.answer }));
    return JSON.stringify(Array.isArray(message) ? answers : answers[0]);
  }

  const server = createServer((request, response) => {
    read(request)
      .then(answer)
      .then(
        (body) => response.setHeader("content-type", "application/json").end(body),
        () => response.destroy(),
      );
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", resolve);
  await promise;
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}`,
    async freezes() {
      const [newest] = await send([{ jsonrpc: "2.0", id: 1, method: "eth_blockNumber", params: [] }]);
      bearing = frozenAt(BigInt(String(newest?.result)));
    },
    pretends(state) {
      bearing = (request) => {
        if (request.method !== "eth_call") return { ask: request };
        const [call, block, overrides = {}] = request.params ?? [];
        return { ask: { ...request, params: [call, block, { ...(overrides as object), ...state }] } };
      };
    },
    recovers() {
      bearing = honest;
    },
    close() {
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      server.closeAllConnections();
      return closed.promise;
    },
  };
}

/** The newest block, wherever a request names it, is that one; a later one is not there. */
function frozenAt(newest: bigint): (request: Request) => Fate {
  const tag = `0x${newest.toString(16)}`;
  return (request) => {
    const { id, method, params = [] } = request;
    if (method === "eth_blockNumber") return { answer: { id, result: tag } };
    const [block] = params;
    if (method === "eth_getBlockByNumber" && typeof block === "string" && /^0x/.test(block) && BigInt(block) > newest)
      return { answer: { id, result: null } };
    return { ask: { ...request, params: params.map((one) => (one === "latest" || one === "pending" ? tag : one)) } };
  };
}

async function read(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString("utf8");
}
