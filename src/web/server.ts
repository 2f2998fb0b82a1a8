/** The program's own web server: ceremony pages, the signing page, and Slack's requests where Slack comes by HTTP. */

import { createServer, type RequestListener, type Server } from "node:http";
import { type AddressInfo, isIPv6 } from "node:net";
import { getRequestListener } from "@hono/node-server";
import type { Hono } from "hono";
import { type CeremonyRoutesParts, ceremonyRoutes } from "./ceremony-page/routes.ts";
import { type LinkingParts, linkingRoutes } from "./linking-routes.ts";
import { type SigningParts, signingRoutes } from "./signing-routes.ts";

export interface WebParts extends CeremonyRoutesParts {
  /** An IP address; the loopback where not given, for a reverse proxy that brings the public address and TLS. */
  host?: string | undefined;
  /** 0: any free one. */
  port: number;
  /** The signing page and what it asks for; undefined where there is none. */
  signing: SigningParts | undefined;
  /** Takes what wallets sign to be linked, by the same page. */
  linking?: LinkingParts | undefined;
  /** Takes `/slack/events`. */
  slack: RequestListener | undefined;
  /** Milliseconds in which a request must have come in whole; 20 seconds where not given. */
  patience?: number;
}

export interface Web {
  /** Such as `http://127.0.0.1:4663`. */
  url: string;
  stop(): Promise<void>;
}

/** Throws a sentence where the port is taken, or the address is not this machine's. */
export async function startWeb(parts: WebParts): Promise<Web> {
  const { host = "127.0.0.1", port, slack, patience = 20_000 } = parts;
  const pages = getRequestListener(routes(parts).fetch);
  const limits = {
    // Headers and body together.
    requestTimeout: patience,
    // How often the one above is looked after.
    connectionsCheckingInterval: Math.ceil(patience / 4),
    maxHeaderSize: 16 * 1024,
  };
  const server = createServer(limits, (request, response) => {
    const listener = request.url?.split("?")[0] === "/slack/events" ? slack : undefined;
    void (listener ?? pages)(request, response);
  });
  await listening(server, port, host);
  const address = server.address() as AddressInfo;
  return {
    url: `http://${isIPv6(host) ? `[${host}]` : host}:${address.port}`,
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

function listening(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") return reject(new Error(`Port ${port} is in use: set another PORT.`));
      if (error.code === "EADDRNOTAVAIL")
        return reject(new Error(`${host} is no address of this machine: set another QUORATE_HOST.`));
      reject(error);
    });
    server.listen(port, host, resolve);
  });
}

function routes(parts: WebParts): Hono {
  const app = ceremonyRoutes(parts);
  if (parts.linking !== undefined) app.route("/", linkingRoutes(parts.linking));
  if (parts.signing !== undefined) app.route("/", signingRoutes(parts.signing));
  return app;
}
