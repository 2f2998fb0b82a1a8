/** A small server that speaks exactly what the signing page asks for, and lies where a test wants it to. */

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { PageFile } from "../../../src/web/page-file.ts";

export interface Reply {
  status: number;
  body: unknown;
}

export interface HandedIn {
  token: string;
  tx: string;
  safeTxHash: `0x${string}`;
  signature: `0x${string}`;
}

export interface SigningServer {
  url: string;
  /** What the page is served as; another test may serve another. */
  brief(token: string): Promise<Reply> | Reply;
  signature(body: HandedIn): Promise<Reply> | Reply;
  ready(token: string): Promise<Reply> | Reply;
  sent(body: { token: string; leg: string; hash: `0x${string}` }): Promise<Reply> | Reply;
  /** Every path that was asked for. */
  asked: string[];
  handedIn: HandedIn[];
  stop(): Promise<void>;
}

export async function startSigningServer({ html, csp }: PageFile): Promise<SigningServer> {
  const asked: string[] = [];
  const handedIn: HandedIn[] = [];
  const answer = async (request: IncomingMessage): Promise<Reply> => {
    asked.push(`${request.method} ${request.url}`);
    // As the real server demands: the page's own origin, JSON, POST.
    if (request.method !== "POST" || request.headers.origin !== it.url)
      return { status: 403, body: { error: "Only the signing page itself may ask this." } };
    if (request.headers["content-type"] !== "application/json")
      return { status: 415, body: { error: "Only JSON is taken here." } };
    const body = JSON.parse(await textOf(request));
    if (request.url === "/api/brief") return it.brief(body.token);
    if (request.url === "/api/ready") return it.ready(body.token);
    if (request.url === "/api/sent") return it.sent(body);
    handedIn.push(body);
    return it.signature(body);
  };
  const server = createServer((request, response) => {
    if (request.method === "GET" && request.url === "/sign") return page(response);
    if (!request.url?.startsWith("/api/")) {
      asked.push(`${request.method} ${request.url}`);
      response.writeHead(404).end();
      return;
    }
    void answer(request).then(({ status, body }) => {
      response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" });
      response.end(JSON.stringify(body));
    });
  });
  const page = (response: ServerResponse) => {
    response.writeHead(200, {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": csp,
      "referrer-policy": "no-referrer",
      "cross-origin-opener-policy": "same-origin",
      "x-content-type-options": "nosniff",
    });
    response.end(html);
  };
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const it: SigningServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    brief: () => ({ status: 403, body: { error: "This link is not known here." } }),
    signature: () => ({ status: 200, body: { taken: true } }),
    ready: () => ({ status: 200, body: { ready: true } }),
    sent: () => ({ status: 200, body: { looked: true } }),
    asked,
    handedIn,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return it;
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}
