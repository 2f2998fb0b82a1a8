/** A loopback collector of OTLP over HTTP, as JSON. */

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface Span {
  name: string;
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  status: { code?: number; message?: string };
  attributes: { key: string; value: Record<string, unknown> }[];
  links?: { traceId: string; spanId: string }[];
}

export async function startCollector() {
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      if (request.url === "/v1/traces" && request.headers["content-type"] === "application/json")
        bodies.push(Buffer.concat(chunks).toString());
      response.setHeader("content-type", "application/json").end("{}");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** As they came. */
    text: () => bodies.join(),
    spans: (): Span[] =>
      bodies
        .flatMap((one) => JSON.parse(one).resourceSpans)
        .flatMap((one) => one.scopeSpans)
        .flatMap((one) => one.spans),
    stop: () => new Promise((resolve) => server.close(resolve)),
  };
}
