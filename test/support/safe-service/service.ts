/** A loopback Transaction Service for the unmodified api-kit: as strict as the real one, and it misbehaves on command. */

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import type { Address, ChainId, Hex } from "../../../src/domain/primitives.ts";
import type { SafeTx } from "../../../src/domain/safe-tx.ts";
import {
  type Confirmation,
  checksummed,
  confirmedBy,
  delegatedBy,
  type OnChainSafe,
  proposedBy,
  Refusal,
} from "./rules.ts";

/** `down` cuts connections, `slow` never answers, `huge` sends more than anybody wants, `elsewhere` redirects, and `other chain`
 * derives every hash for another chain. `slow to confirm` never answers a confirmation of what is there, and `forbids` says
 * 403 where a sender is neither owner nor delegate. */
export type ServiceFault =
  | { kind: "none" | "down" | "slow" | "huge" | "html" | "not a list" | "elsewhere" | "other chain" }
  | { kind: "slow to confirm" | "forbids" }
  | { kind: "status"; status: number }
  /** So many requests a second, and 429 with Retry-After beyond. */
  | { kind: "limit"; perSecond: number; retryAfter: string };

export interface StoredTransaction {
  tx: SafeTx;
  safeTxHash: Hex;
  origin: string;
  proposer: Address;
  proposedByDelegate: Address | null;
  confirmations: Confirmation[];
}

export interface LoopbackService {
  /** For chains.yaml, with `/api`. */
  readonly url: string;
  readonly transactions: StoredTransaction[];
  /** Whom it takes proposals from besides owners. */
  readonly delegates: Address[];
  /** `GET /v2/safes/…`, in order, whatever was answered. */
  readonly requests: string[];
  /** Requests that wait for an answer which does not come. */
  unanswered(): number;
  /** What was refused, and why: api-kit and its caller are to blame for each. */
  readonly refused: string[];
  misbehave(fault: ServiceFault): void;
  /** Puts something there that no rule lets in, as a service that lies would have it. */
  plant(transaction: StoredTransaction): void;
  stop(): Promise<void>;
}

export interface LoopbackOptions {
  chain: ChainId;
  /** Asked for at every request that names a Safe. */
  safe(address: Address): Promise<OnChainSafe>;
  apiKey?: string;
  /** The most transactions on a page, whatever is asked for: the real one has 200. */
  pageLimit?: number;
}

export async function startLoopbackService(options: LoopbackOptions): Promise<LoopbackService> {
  let fault: ServiceFault = { kind: "none" };
  let second: { at: number; count: number } = { at: 0, count: 0 };
  const transactions: StoredTransaction[] = [];
  const delegates: Address[] = [];
  const requests: string[] = [];
  const unanswered = new Set<ServerResponse>();
  const refused: string[] = [];
  const chain = () => (fault.kind === "other chain" ? "eip155:1" : options.chain);
  const isForbidding = () => fault.kind === "forbids";
  const app = routes(options, { chain, isForbidding, transactions, delegates, refused });
  const isSlow = (url = "") =>
    fault.kind === "slow" ||
    (fault.kind === "slow to confirm" && transactions.some((one) => url.endsWith(`/${one.safeTxHash}/confirmations/`)));
  const listener = getRequestListener(app.fetch);

  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url?.replace(/^\/api/, "")}`);
    if (fault.kind === "down") return void request.socket.destroy();
    if (isSlow(request.url)) {
      unanswered.add(response);
      return void response.on("close", () => unanswered.delete(response));
    }
    if (fault.kind === "status") return void response.writeHead(fault.status).end();
    if (fault.kind === "limit") {
      const at = Math.floor(Date.now() / 1000);
      second = { at, count: second.at === at ? second.count + 1 : 1 };
      if (second.count > fault.perSecond) {
        response.writeHead(429, { "retry-after": fault.retryAfter, "content-type": "application/json" });
        return void response.end('{"detail":"Request was throttled."}');
      }
    }
    if (!garbage(fault.kind, request, response)) void listener(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`,
    ...{ transactions, delegates, requests, refused },
    unanswered: () => unanswered.size,
    misbehave(next) {
      fault = next;
    },
    plant: (transaction) => void transactions.push(transaction),
    async stop() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function garbage(kind: ServiceFault["kind"], { url }: IncomingMessage, response: ServerResponse): boolean {
  if (kind === "html") response.end("<!doctype html><html><body>502 Bad Gateway</body></html>");
  else if (kind === "not a list") response.end('{"hello":"world"}');
  else if (kind === "elsewhere" && url?.startsWith("/elsewhere")) response.end('{"count":0,"results":[]}');
  else if (kind === "elsewhere") response.writeHead(302, { location: "/elsewhere" }).end();
  else if (kind === "huge") {
    const chunk = Buffer.alloc(1 << 20, " ");
    const more = () => {
      while (!response.destroyed) if (!response.write(chunk)) return void response.once("drain", more);
    };
    more();
  } else return false;
  return true;
}

interface Inside extends Pick<LoopbackService, "transactions" | "delegates"> {
  chain(): ChainId;
  isForbidding(): boolean;
  refused: string[];
}

function routes(
  { safe, apiKey, pageLimit = 200 }: LoopbackOptions,
  { chain, isForbidding, transactions, delegates, refused }: Inside,
): Hono {
  const app = new Hono().basePath("/api");
  const find = (hash: string) => {
    const found = transactions.find((one) => one.safeTxHash === hash);
    if (found === undefined) throw new Refusal(404, { detail: "No MultisigTransaction matches the given query." });
    return found;
  };
  app.use(async (context, next) => {
    if (apiKey !== undefined && context.req.header("authorization") !== `Bearer ${apiKey}`)
      throw new Refusal(401, { message: "Unauthorized" });
    await next();
  });
  app.get("/v2/safes/:safe/multisig-transactions/", async (context) => {
    const address = checksummed(context.req.param("safe"));
    const { executed, nonce__gte, ordering = "-nonce", limit = "100", offset = "0", ...unknown } = context.req.query();
    const isRight = /^-?(nonce|created|modified)$/.test(ordering) && /^(true|false)$/.test(executed ?? "false");
    if (Object.keys(unknown).length > 0 || !isRight) throw new Refusal(400, { detail: "Ordering field is not valid" });
    const { nonce } = await safe(address);
    const all = transactions
      .filter(({ tx }) => tx.safe === address && tx.nonce >= BigInt(nonce__gte ?? 0))
      .filter(({ tx }) => executed === undefined || executed === `${tx.nonce < nonce}`)
      .sort((a, b) => Number(a.tx.nonce - b.tx.nonce) * (ordering.startsWith("-") ? -1 : 1));
    const from = Number(offset);
    const to = from + Math.min(Number(limit), pageLimit);
    const more = new URL(context.req.url);
    more.searchParams.set("offset", `${to}`);
    const next = to < all.length ? more.href : null;
    return context.json({ count: all.length, next, previous: null, results: all.slice(from, to).map(rowOf) });
  });
  app.post("/v2/safes/:safe/multisig-transactions/", async (context) => {
    const address = checksummed(context.req.param("safe"));
    const made = await proposedBy(await context.req.json(), chain(), address, await safe(address), delegates);
    const { tx, safeTxHash, origin, sender, confirmation } = made;
    const proposedByDelegate = confirmation === undefined ? sender : null;
    const known = transactions.find((one) => one.safeTxHash === safeTxHash);
    const stored = known ?? { tx, safeTxHash, origin, proposer: sender, proposedByDelegate, confirmations: [] };
    if (known === undefined) transactions.push(stored);
    if (confirmation !== undefined) add(stored, confirmation);
    return context.body(null, 201);
  });
  app.get("/v2/multisig-transactions/:hash/", (context) => context.json(rowOf(find(context.req.param("hash")))));
  app.post("/v1/multisig-transactions/:hash/confirmations/", async (context) => {
    const stored = find(context.req.param("hash"));
    const { owners, nonce } = await safe(stored.tx.safe);
    if (stored.tx.nonce < nonce)
      throw new Refusal(400, {
        nonFieldErrors: [`Transaction with safe-tx-hash=${stored.safeTxHash} was already executed`],
      });
    add(stored, await confirmedBy(await context.req.json(), stored.safeTxHash, owners));
    return context.json({ signature: stored.confirmations.at(-1)?.signature }, 201);
  });
  app.post("/v2/delegates/", async (context) => {
    const body = await context.req.json();
    delegates.push(await delegatedBy(body, chain()));
    return context.json(body, 201);
  });
  app.onError((error, context) => {
    const { status: usual, body } = error instanceof Refusal ? error : new Refusal(500, { detail: error.message });
    const status = isForbidding() && /not an owner or delegate/.test(error.message) ? 403 : usual;
    refused.push(`${context.req.method} ${context.req.path}: ${status} ${JSON.stringify(body)}`);
    return context.json(body, status as 400);
  });
  app.notFound((context) => {
    refused.push(`${context.req.method} ${context.req.path}: 404`);
    return context.json({ detail: "Not found." }, 404);
  });
  return app;
}

/** The first signature of an owner wins. */
function add({ confirmations }: StoredTransaction, one: Confirmation): void {
  if (!confirmations.some((other) => other.owner === one.owner)) confirmations.push(one);
}

const day = "2026-11-21T20:00:00Z";

/** SafeMultisigTransactionResponse: numbers as strings, no data as null. */
function rowOf({
  tx,
  safeTxHash,
  origin,
  proposer,
  proposedByDelegate,
  confirmations,
}: StoredTransaction): Record<string, unknown> {
  const { safe, to, value, data, operation, safeTxGas, baseGas, gasPrice, gasToken, refundReceiver, nonce } = tx;
  const amounts = { value, safeTxGas, baseGas, gasPrice, nonce };
  return {
    ...{
      safe,
      to,
      data: data === "0x" ? null : data,
      operation,
      gasToken,
      refundReceiver,
      safeTxHash,
      origin,
      proposer,
    },
    ...Object.fromEntries(Object.entries(amounts).map(([name, amount]) => [name, `${amount}`])),
    ...{ executionDate: null, submissionDate: day, modified: day, blockNumber: null, transactionHash: null },
    ...{ executor: null, proposedByDelegate, isExecuted: false, isSuccessful: null, ethGasPrice: null },
    ...{ maxFeePerGas: null, maxPriorityFeePerGas: null, gasUsed: null, fee: null, dataDecoded: null },
    ...{ confirmationsRequired: 3, trusted: true, signatures: null },
    confirmations: confirmations.map((one) => ({
      ...{ owner: one.owner, submissionDate: day, transactionHash: null },
      ...{ signature: one.signature, signatureType: one.signatureType },
    })),
  };
}
