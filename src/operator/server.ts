/** For who operates the program, on a port of its own that is nobody else's business: probes and metrics. */

import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface OperatorParts {
  /** The loopback where not given: whoever reads metrics learns how the council works. */
  host?: string | undefined;
  /** 0: any free one. */
  port: number;
  /** What keeps it from working, each in a sentence; empty where all is well. */
  obstacles(): Promise<string[]>;
  /** What is not as it was set up, and keeps it from nothing; each in sentences. */
  remarks?(): string[];
  exposition(): Promise<{ type: string; text: string }>;
}

export interface OperatorServer {
  url: string;
  stop(): Promise<void>;
}

/**
 * `/livez`: the process turns; restart it where it does not answer. `/readyz`: it can watch and page; 503 with the
 * reasons where it cannot. `/metrics`: for Prometheus. Throws where the port is taken.
 */
export async function startOperatorServer({
  host = "127.0.0.1",
  port,
  ...parts
}: OperatorParts): Promise<OperatorServer> {
  async function answer(method: string, path: string, response: ServerResponse): Promise<void> {
    if (method !== "GET" && method !== "HEAD") return end(response, 405, "Only GET.");
    if (path === "/livez") return end(response, 200, "ok");
    if (path === "/readyz") {
      const obstacles = await parts.obstacles();
      const said = obstacles.length === 0 ? ["ok", ...(parts.remarks?.() ?? [])] : obstacles;
      return end(response, obstacles.length === 0 ? 200 : 503, said.join("\n"));
    }
    if (path !== "/metrics") return end(response, 404, "Here are /livez, /readyz and /metrics.");
    const { type, text } = await parts.exposition();
    return end(response, 200, text, type);
  }
  const server = createServer({ requestTimeout: 10_000 }, (request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://operator.invalid");
    answer(request.method ?? "", pathname, response).catch((fault: unknown) => {
      end(response, 503, fault instanceof Error ? fault.message : "It could not be found out.");
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  const { port: taken } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${taken}`,
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

function end(response: ServerResponse, status: number, text: string, type = "text/plain; charset=utf-8"): void {
  response.writeHead(status, { "content-type": type, "cache-control": "no-store" }).end(`${text.trimEnd()}\n`);
}
