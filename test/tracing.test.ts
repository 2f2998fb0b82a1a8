/** Spans as a collector gets them: one trace a ceremony, children below their parents, refusals no errors. */

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Refused, refusal } from "../src/domain/refusal.ts";
import { startTracing, type Tracing, traced } from "../src/tracing.ts";

interface Span {
  name: string;
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  status: { code?: number; message?: string };
  attributes: { key: string; value: Record<string, unknown> }[];
}

const bodies: string[] = [];
let collector: Server;
let tracing: Tracing;
beforeAll(async () => {
  collector = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      if (request.url === "/v1/traces" && request.headers["content-type"] === "application/json")
        bodies.push(Buffer.concat(chunks).toString());
      response.setHeader("content-type", "application/json").end("{}");
    });
  });
  await new Promise<void>((resolve) => collector.listen(0, "127.0.0.1", resolve));
  tracing = await startTracing(`http://127.0.0.1:${(collector.address() as AddressInfo).port}/`, "Harbour");
});
afterAll(() => new Promise((resolve) => collector.close(resolve)));

test("a ceremony's spans are one trace, nested as they ran, with what failed told apart from what was refused", async () => {
  await traced("command check", { ceremony: "UP-1", person: "ada" }, () =>
    traced("gate simulation", { ceremony: "UP-1" }, async () => undefined),
  );
  await expect(
    traced("command approve", { ceremony: "UP-1" }, async () =>
      Promise.reject(new Refused(refusal("separation/author", "You wrote it."))),
    ),
  ).rejects.toThrow("You wrote it.");
  await expect(
    traced("outbox broadcast", { ceremony: "UP-2" }, async () => Promise.reject(new TypeError("key 0xsecret"))),
  ).rejects.toThrow();
  await traced("command help", {}, async () => undefined);
  await tracing.stop();

  const resources = bodies.flatMap((one) => JSON.parse(one).resourceSpans);
  const spans: Span[] = resources.flatMap((one) => one.scopeSpans).flatMap((one) => one.spans);
  const of = (name: string) => {
    const found = spans.find((one) => one.name === name);
    if (found === undefined) throw new Error(`The collector got no ${name}.`);
    return found;
  };
  const [check, gate, approve, broadcast, help] = [
    of("command check"),
    of("gate simulation"),
    of("command approve"),
    of("outbox broadcast"),
    of("command help"),
  ];
  expect(new Set([check, gate, approve].map((one) => one.traceId)).size).toBe(1);
  expect(gate.parentSpanId).toBe(check.spanId);
  expect(approve.parentSpanId).toBe(check.parentSpanId);
  expect(broadcast.traceId).not.toBe(check.traceId);
  expect(help.traceId).not.toBe(check.traceId);
  expect(check.attributes).toContainEqual({ key: "quorate.ceremony", value: { stringValue: "UP-1" } });
  expect(approve.status.code ?? 0).toBe(0);
  expect(approve.attributes).toContainEqual({ key: "quorate.refused", value: { boolValue: true } });
  expect(broadcast.status).toEqual({ code: 2, message: "TypeError" });
  expect(bodies.join()).not.toContain("secret");
});

test("afterwards, and without a collector, everything runs as ever", async () => {
  expect(await traced("command help", {}, async () => 7)).toBe(7);
});
