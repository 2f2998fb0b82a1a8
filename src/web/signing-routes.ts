/** The signing page and what it asks of the server: what there is to do, to take a signature, and to look at the chain. */

import { type Context, Hono, type MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { z } from "zod";
import { bytes, bytes32, type Hex, slug } from "../domain/primitives.ts";
import type { Brief } from "./brief.ts";
import { type FailureLimit, failureLimit } from "./failure-limit.ts";
import type { LinkingBrief } from "./linking-brief.ts";
import { pageHeaders } from "./page-headers.ts";

export interface SigningParts {
  /** One file; `csp` is the Content-Security-Policy under which it runs. */
  page: { html: string; csp: string };
  /** Origin under which people open the page, such as `https://quorate.example.org`. */
  origin: string;
  /** Rejects with an error whose message is a sentence for the signer, and a `refusal`, where the link is no good. */
  brief(token: string): Promise<Brief | LinkingBrief>;
  /** As {@link brief}; a refused signature comes back as its sentence. */
  signature(token: string, safeTxHash: Hex, signature: Hex): Promise<{ ok: true } | { ok: false; sentence: string }>;
  /** As {@link brief}: whether the executor's wallet may be asked now. */
  ready(token: string): Promise<void>;
  /** As {@link brief}: has the chain looked at, because the executor's wallet says that it sent something. */
  sent(token: string, leg: string): Promise<void>;
  now(): bigint;
}

const token = z.string().min(1).max(200);
const tokenBody = z.strictObject({ token });
const sentBody = z.strictObject({ token, leg: slug, hash: bytes32 });
const signatureBody = z.strictObject({ token, tx: z.string().max(120), safeTxHash: bytes32, signature: bytes });

export function signingRoutes(parts: SigningParts): Hono {
  const app = new Hono();
  const failures = failureLimit(parts.now);
  app.get("/sign", (context) => {
    setHeaders(context, parts.page.csp);
    return context.html(parts.page.html);
  });
  hardened(app, "/api/*", parts.origin);
  app.post("/api/brief", (context) =>
    answered(context, tokenBody, failures, async (body) => context.json(await parts.brief(body.token))),
  );
  app.post("/api/signature", (context) =>
    answered(context, signatureBody, failures, async ({ token: given, safeTxHash, signature }) => {
      const outcome = await parts.signature(given, safeTxHash, signature);
      return outcome.ok ? context.json({ taken: true }) : refuse(context, 409, outcome.sentence);
    }),
  );
  app.post("/api/ready", (context) =>
    answered(context, tokenBody, failures, async (body) => {
      await parts.ready(body.token);
      return context.json({ ready: true });
    }),
  );
  // The hash is the page's own word: it is understood, and not believed. What was sent is read from the chain.
  app.post("/api/sent", (context) =>
    answered(context, sentBody, failures, async (body) => {
      await parts.sent(body.token, body.leg);
      return context.json({ looked: true });
    }),
  );
  return app;
}

/** Bytes: the 8 kB that a smart account may sign with, as digits, and what comes with them. */
const longest = 18 * 1024;

/** What every path takes that a private link is handed to: only our own page's JSON, and little of it. */
export function hardened(app: Hono, path: string, origin: string): void {
  app.use(path, onlyOurPage(origin));
  app.use(path, bodyLimit({ maxSize: longest, onError: (context) => refuse(context, 413, "That is too long.") }));
}

/** Same origin and JSON, or nothing: another site's form or script gets no further. */
function onlyOurPage(origin: string): MiddlewareHandler {
  return async (context, next) => {
    setHeaders(context, "default-src 'none'; frame-ancestors 'none'");
    if (context.req.method !== "POST") return refuse(context, 405, "This is asked for by POST.");
    if (context.req.header("origin") !== origin)
      return refuse(context, 403, "Only the signing page itself may ask this.");
    if (!/^application\/json(?:;|$)/i.test(context.req.header("content-type") ?? ""))
      return refuse(context, 415, "Only JSON is taken here.");
    await next();
  };
}

/** Parses, acts, and turns a link that is no good into its sentence; too many of those are not looked at any more. */
export async function answered<T extends z.ZodType>(
  context: Context,
  shape: T,
  failures: FailureLimit,
  act: (body: z.output<T>) => Promise<Response>,
): Promise<Response> {
  const parsed = shape.safeParse(await context.req.json().catch(() => undefined));
  if (!parsed.success) return refuse(context, 400, "This request is not understood.");
  try {
    return await act(parsed.data);
  } catch (fault) {
    if (!(fault instanceof Error && "refusal" in fault)) throw fault;
    // A link that is good is never held up by those who try others.
    return failures.another()
      ? refuse(context, 403, fault.message)
      : refuse(context, 429, "Too many links that are no good were tried here. Try again in a minute.");
  }
}

function setHeaders(context: Context, policy: string): void {
  context.header("Content-Security-Policy", policy);
  for (const [name, value] of Object.entries(pageHeaders)) context.header(name, value);
}

export function refuse(context: Context, status: 400 | 403 | 405 | 409 | 413 | 415 | 429, sentence: string): Response {
  return context.json({ error: sentence }, status);
}
