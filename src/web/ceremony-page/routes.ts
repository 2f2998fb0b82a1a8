/** The ceremony page and its two files below one address, for whoever has the code; for everybody else there is nothing. */

import { type Context, Hono } from "hono";
import { type FailureLimit, failureLimit } from "../failure-limit.ts";
import { pageHeaders } from "../page-headers.ts";
import { isViewCode } from "../view-link.ts";
import { noticePage } from "./page.ts";
import { contentSecurityPolicy } from "./style.ts";

/** What the page is asked for; undefined where there is no such ceremony or file. */
export interface CeremonyPages {
  /** The whole page as HTML, inert. `code` is the last part of its address, `live` whether it reloads itself. */
  html(ceremony: string, code: string, live: boolean): Promise<string | undefined>;
  /** Bytes whose keccak256 is the package hash. */
  packageFile(ceremony: string): Promise<Uint8Array | undefined>;
  /** Bytes whose keccak256 is the evidence hash. */
  evidenceFile(ceremony: string): Promise<Uint8Array | undefined>;
}

export interface CeremonyRoutesParts {
  /** 32 bytes that the codes are made with. */
  secret: Uint8Array;
  pages: CeremonyPages;
  /** Wall time in seconds, for the limit on codes that are no good. */
  now(): bigint;
  onFault(where: string, fault: unknown): void;
}

const headers = { ...pageHeaders, "Content-Security-Policy": contentSecurityPolicy };

type File = "packageFile" | "evidenceFile";

/** `/view/CEREMONY/CODE`, with `/package.json` and `/evidence.json` below it. No cookie is set or read. */
export function ceremonyRoutes({ secret, pages, now, onFault }: CeremonyRoutesParts): Hono {
  const app = new Hono();
  const failures = failureLimit(now);
  app.use(async (context, next) => {
    for (const [name, value] of Object.entries(headers)) context.header(name, value);
    await next();
  });
  app.use("/view/*", async (context, next) => {
    if (context.req.method === "GET" || context.req.method === "HEAD") return await next();
    context.header("Allow", "GET, HEAD");
    return notice(context, 405, "This is only for reading.", "Open the address in a browser.");
  });
  const guarded = (context: Context) => {
    const { ceremony = "", code = "" } = context.req.param() as Record<string, string>;
    return isViewCode(secret, ceremony, code) ? { ceremony, code } : undefined;
  };
  app.get("/view/:ceremony/:code", async (context) => {
    const asked = guarded(context);
    if (asked === undefined) return unknown(context, failures);
    const live = context.req.query("live") !== undefined;
    const page = await pages.html(asked.ceremony, asked.code, live);
    return page === undefined ? nothing(context) : context.html(page);
  });
  const file = (name: string, method: File) =>
    app.get(`/view/:ceremony/:code/${name}.json`, async (context) => {
      const asked = guarded(context);
      if (asked === undefined) return unknown(context, failures);
      const bytes = await pages[method](asked.ceremony);
      if (bytes === undefined) return nothing(context);
      context.header("Content-Disposition", `attachment; filename="${asked.ceremony}-${name}.json"`);
      return context.body(new Uint8Array(bytes), 200, { "Content-Type": "application/json" });
    });
  file("package", "packageFile");
  file("evidence", "evidenceFile");
  app.notFound(nothing);
  app.onError((fault, context) => {
    onFault("web", fault);
    return notice(
      context,
      500,
      "This page could not be made.",
      "Try again; whoever operates Quorate finds the cause in the log.",
    );
  });
  return app;
}

/** Without the right code nobody learns which ceremonies there are, nor by trying many. */
function unknown(context: Context, failures: FailureLimit): Promise<Response> {
  if (failures.another()) return nothing(context);
  return notice(context, 429, "Too many addresses that are no good were tried here.", "Try again in a minute.");
}

function nothing(context: Context): Promise<Response> {
  return notice(context, 404, "There is nothing here.", "Open the link from the newest card in chat.");
}

async function notice(context: Context, status: 404 | 405 | 429 | 500, title: string, sentence: string) {
  return context.html(await noticePage(title, sentence), status);
}
