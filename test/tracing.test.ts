/** Spans as a collector gets them: one trace a ceremony, children below their parents, refusals no errors. */

import { afterAll, beforeAll, expect, test } from "vitest";
import { Refused, refusal } from "../src/domain/refusal.ts";
import { startTracing, type Tracing, traced } from "../src/tracing.ts";
import { startCollector } from "./support/span-collector.ts";

let collector: Awaited<ReturnType<typeof startCollector>>;
let tracing: Tracing;
beforeAll(async () => {
  collector = await startCollector();
  tracing = await startTracing(`${collector.url}/`, "Harbour");
});
afterAll(() => collector.stop());

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
  await traced("command propose", {}, () =>
    traced("decide propose", { ceremony: "UP-1" }, () =>
      traced("effect card", {}, async () => ({ ok: false, why: "0xsecret" })),
    ),
  );
  await tracing.stop();

  const spans = collector.spans();
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
  // Begun before anybody knew of which ceremony it is: the ceremony's part is in its own trace, and says where it comes from.
  const [propose, decide, effect] = [of("command propose"), of("decide propose"), of("effect card")];
  expect(propose.traceId).not.toBe(check.traceId);
  expect(decide).toMatchObject({ traceId: check.traceId, parentSpanId: check.parentSpanId });
  expect(decide.links).toMatchObject([{ traceId: propose.traceId, spanId: propose.spanId }]);
  expect(effect).toMatchObject({ traceId: check.traceId, parentSpanId: decide.spanId });
  expect(effect.attributes).toContainEqual({ key: "quorate.refused", value: { boolValue: true } });
  expect(approve.status.code ?? 0).toBe(0);
  expect(approve.attributes).toContainEqual({ key: "quorate.refused", value: { boolValue: true } });
  expect(broadcast.status).toEqual({ code: 2, message: "TypeError" });
  expect(collector.text()).not.toContain("secret");
});

test("afterwards, and without a collector, everything runs as ever", async () => {
  expect(await traced("command help", {}, async () => 7)).toBe(7);
});
