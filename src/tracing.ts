/** One trace a ceremony: every command, decision and effect of it is a span below one root, over all restarts. */

import { AsyncLocalStorage } from "node:async_hooks";
import {
  type Attributes,
  type Context,
  type Link,
  ROOT_CONTEXT,
  SpanStatusCode,
  TraceFlags,
  trace,
} from "@opentelemetry/api";
import { keccak256, stringToBytes } from "viem";
import { Refused } from "./domain/refusal.ts";

const current = new AsyncLocalStorage<Context>();
/** Other councils that send to the same place have an UP-1 as well. Undefined: nothing is traced. */
let council: string | undefined;

/** Whether spans are made: what only a span needs is not looked up elsewhere. */
export const isTracing = (): boolean => council !== undefined;

/**
 * Runs `run` as the span `name`, below the one it is called in; of a ceremony it is in the ceremony's trace wherever it is
 * called, and linked to that one. Without {@link startTracing} it costs nothing. A refusal, thrown or answered with
 * `ok: false`, is no error; anything else that is thrown is recorded and thrown on. `attributes` carry names, never secrets
 * or texts.
 */
export function traced<T>(
  name: string,
  { ceremony, ...attributes }: Attributes & { ceremony?: string | undefined },
  run: () => Promise<T>,
): Promise<T> {
  if (council === undefined) return run();
  const { parent, links } = placeOf(current.getStore(), ceremony);
  const given = ceremony === undefined ? attributes : { ...attributes, "quorate.ceremony": ceremony };
  const span = trace.getTracer("quorate").startSpan(name, { attributes: given, links }, parent);
  return current.run(trace.setSpan(parent, span), async () => {
    try {
      const result = await run();
      if (isNo(result)) span.setAttribute("quorate.refused", true);
      return result;
    } catch (fault) {
      if (fault instanceof Refused) span.setAttribute("quorate.refused", true);
      else span.setStatus({ code: SpanStatusCode.ERROR, message: fault instanceof Error ? fault.name : "fault" });
      throw fault;
    } finally {
      span.end();
    }
  });
}

function placeOf(caller: Context | undefined, ceremony: string | undefined): { parent: Context; links: Link[] } {
  const root = ceremony === undefined ? undefined : rootOf(ceremony);
  const from = caller && trace.getSpanContext(caller);
  if (root === undefined || from?.traceId === trace.getSpanContext(root)?.traceId)
    return { parent: caller ?? root ?? ROOT_CONTEXT, links: [] };
  return { parent: root, links: from === undefined ? [] : [{ context: from }] };
}

const isNo = (result: unknown) =>
  typeof result === "object" && result !== null && "ok" in result && result.ok === false;

/** Ids of W3C Trace Context: 16 and 8 bytes, not all zero; the same for a ceremony whenever they are computed. */
function rootOf(ceremony: string): Context {
  const digest = keccak256(stringToBytes(`quorate/trace/${council}/${ceremony}`)).slice(2);
  const ids = { traceId: digest.slice(0, 32), spanId: digest.slice(32, 48) };
  return trace.setSpanContext(ROOT_CONTEXT, { ...ids, traceFlags: TraceFlags.SAMPLED, isRemote: true });
}

export interface Tracing {
  /** Sends what is left. */
  stop(): Promise<void>;
}

/** Sends spans by OTLP over HTTP as JSON to `endpoint`, such as `http://127.0.0.1:4318`. */
export async function startTracing(endpoint: string, name: string): Promise<Tracing> {
  const [{ BasicTracerProvider, BatchSpanProcessor }, { OTLPTraceExporter }, { resourceFromAttributes }] =
    await Promise.all([
      import("@opentelemetry/sdk-trace-base"),
      import("@opentelemetry/exporter-trace-otlp-http"),
      import("@opentelemetry/resources"),
    ]);
  council = name;
  const exporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/$/, "")}/v1/traces` });
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ "service.name": "quorate", "quorate.council": name }),
    spanProcessors: [new BatchSpanProcessor(exporter)],
  });
  trace.setGlobalTracerProvider(provider);
  return {
    async stop() {
      trace.disable();
      council = undefined;
      await provider.shutdown();
    },
  };
}
