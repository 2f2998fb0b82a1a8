/** Keeps other web pages and other machines out: the console listens on loopback, where any page in the browser can knock. */

import type { Context, MiddlewareHandler, Next } from "hono";
import { bodyLimit } from "hono/body-limit";

/** The largest request: a form with two long texts. */
const largestBody = 64 * 1024;

const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src data: blob:",
  "connect-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

const headers: Record<string, string> = {
  "Content-Security-Policy": policy,
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Cache-Control": "no-store",
};

/** Headers on every answer, and no answer for a Host that is not ours (DNS rebinding). */
export function onlyOurHost(port: () => number): MiddlewareHandler {
  return async (context, next) => {
    for (const [name, value] of Object.entries(headers)) context.header(name, value);
    if (!hosts(port()).includes(context.req.header("host") ?? "")) {
      return refuse(context, 421, "This address is not the console's: open the address it printed when it started.");
    }
    await next();
  };
}

/** For whatever reads people's messages or changes something: only the console's own page. */
export function onlyOurPage(port: () => number): MiddlewareHandler {
  return async (context, next) => {
    const origin = context.req.header("origin");
    // A browser leaves Origin out of a same-origin GET, and then says so in a header that no page can set (Fetch Metadata).
    const ours =
      origin === undefined
        ? context.req.method === "GET" && context.req.header("sec-fetch-site") === "same-origin"
        : hosts(port()).some((host) => origin === `http://${host}`);
    if (!ours) return refuse(context, 403, "Only the console's own page may do this: the request came from elsewhere.");
    await next();
  };
}

/** A form of another site can send text without asking first, but not JSON. */
export async function onlyJson(context: Context, next: Next): Promise<Response | undefined> {
  const type = context.req.header("content-type") ?? "";
  if (!/^application\/json(;|$)/i.test(type)) return refuse(context, 415, "The console takes JSON only.");
  await next();
}

export const onlySmallBodies: MiddlewareHandler = bodyLimit({
  maxSize: largestBody,
  onError: (context) => refuse(context, 413, "That is too long for one message: 64 KiB is the most."),
});

/** An answer with one sentence. */
export function refuse(context: Context, status: 400 | 403 | 404 | 409 | 413 | 415 | 421, sentence: string): Response {
  return context.json({ error: sentence }, status);
}

function hosts(port: number): string[] {
  return [`127.0.0.1:${port}`, `localhost:${port}`];
}
