/** The program's own web server on 127.0.0.1: full views, and Slack's requests where Slack comes by HTTP. */

import { createHash } from "node:crypto";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { type Context, Hono } from "hono";
import { type FullView, fullViewPage, page, style } from "./full-view.ts";
import { type SigningParts, signingRoutes } from "./signing-routes.ts";
import { isViewCode } from "./view-link.ts";

export interface WebParts {
  /** 0: any free one. The host is always 127.0.0.1: a reverse proxy brings the public address and TLS. */
  port: number;
  secret: Uint8Array;
  /** Undefined where there is no such ceremony. */
  read(ceremony: string): Promise<FullView | undefined>;
  /** The signing page and what it asks for; undefined where there is none. */
  signing: SigningParts | undefined;
  /** Takes `/slack/events`. */
  slack: RequestListener | undefined;
  onFault(where: string, fault: unknown): void;
}

export interface Web {
  /** Such as `http://127.0.0.1:4663`. */
  url: string;
  stop(): Promise<void>;
}

const headers: Record<string, string> = {
  "Content-Security-Policy": [
    "default-src 'none'",
    `style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; "),
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "X-Robots-Tag": "noindex, nofollow",
  "Cache-Control": "no-store",
};

/** Throws a sentence where the port is taken. */
export async function startWeb(parts: WebParts): Promise<Web> {
  const pages = getRequestListener(routes(parts).fetch);
  const server = createServer((request, response) => {
    const slack = request.url?.split("?")[0] === "/slack/events" ? parts.slack : undefined;
    void (slack ?? pages)(request, response);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      reject(error.code === "EADDRINUSE" ? new Error(`Port ${parts.port} is in use: set another PORT.`) : error),
    );
    server.listen(parts.port, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

function routes({ secret, read, signing, onFault }: WebParts): Hono {
  const app = new Hono();
  if (signing !== undefined) app.route("/", signingRoutes(signing));
  app.use(async (context, next) => {
    for (const [name, value] of Object.entries(headers)) context.header(name, value);
    await next();
  });
  app.get("/view/:ceremony/:code", async (context) => {
    const { ceremony, code } = context.req.param();
    // Without the right code nobody learns which ceremonies there are.
    const view = isViewCode(secret, ceremony, code) ? await read(ceremony) : undefined;
    return view === undefined ? nothing(context) : context.html(fullViewPage(view));
  });
  app.notFound(nothing);
  app.onError((fault, context) => {
    onFault("web", fault);
    const sentence = "<h1>This page could not be made.</h1><p>Try again; the operator finds the cause in the log.</p>";
    return context.html(page("Quorate", sentence), 500);
  });
  return app;
}

function nothing(context: Context): Response | Promise<Response> {
  const sentence = "<h1>There is nothing here.</h1><p>Open the link from the newest card in chat.</p>";
  return context.html(page("Quorate", sentence), 404);
}
