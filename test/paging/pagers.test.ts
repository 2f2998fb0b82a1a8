/** PagerDuty and the signed webhook, against receivers that refuse what the real ones refuse. */

import { createHmac } from "node:crypto";
import { afterEach, describe, expect, test } from "vitest";
import { type Pager, PagerFault, type PagerMessage } from "../../src/pager-port.ts";
import { createPagerDuty } from "../../src/paging/pagerduty.ts";
import { createSignedWebhook, webhookSignature } from "../../src/paging/signed-webhook.ts";
import { routingKey, startPagerDuty, startWebhook, webhookSecret } from "../support/pagers.ts";

const ended: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ended.splice(0)) await end();
});

const message = (more: Partial<PagerMessage> = {}): PagerMessage => ({
  ...{ action: "trigger", dedupKey: "quorate/0xabc/1", alert: "alert-1", severity: 1, at: 1_800_000_000n, test: false },
  summary: "SEV1 BREACH · Vault solvency 9,871 bps (< 10,000) · Ethereum",
  source: "eip155:1",
  component: "protocol",
  details: { block: "19,000,000" },
  ...more,
});

const faultOf = async (sending: Promise<unknown>): Promise<PagerFault> => {
  const fault = await sending.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  if (!(fault instanceof PagerFault)) throw new Error(`It was no PagerFault but ${String(fault)}.`);
  return fault;
};

describe("PagerDuty", () => {
  const open = async (timeoutMs = 30_000) => {
    const service = await startPagerDuty();
    ended.push(service.stop);
    return { service, pager: createPagerDuty({ routingKey, url: service.url, timeoutMs }) };
  };

  test("takes what is triggered, acknowledged and resolved, and rings once an incident", async () => {
    const { service, pager } = await open();
    await pager.send(message(), "1");
    await pager.send(message(), "1");
    expect(service.rings).toHaveLength(1);
    await pager.send(message({ action: "acknowledge" }), "2");
    expect(service.incidents).toMatchObject([{ state: "acknowledged", severity: "critical" }]);
    await pager.send(message({ action: "resolve" }), "3");
    expect(service.incidents).toMatchObject([{ state: "resolved" }]);
    expect(service.refused).toEqual([]);
  });

  test("takes the longest there is, cut where PagerDuty would refuse it, and never half a character", async () => {
    const { service, pager } = await open();
    await pager.send(message({ summary: "🔥".repeat(800), dedupKey: "k".repeat(300) }), "1");
    expect(service.refused).toEqual([]);
    const [incident] = service.incidents;
    expect(incident?.summary.length).toBeLessThanOrEqual(1024);
    expect(incident?.summary.isWellFormed()).toBe(true);
    expect(incident?.dedupKey).toHaveLength(255);
  });

  test("is told of a test as of one", async () => {
    const { service, pager } = await open();
    await pager.send(message({ test: true, severity: 1 }), "1");
    expect(service.incidents[0]?.severity).toBe("info");
  });

  test("that refuses for good is not asked again, and the sentence carries no key", async () => {
    const { service } = await open();
    const pager = createPagerDuty({ routingKey: "X".repeat(32), url: service.url });
    const fault = await faultOf(pager.send(message(), "1"));
    expect(fault.isFinal).toBe(true);
    expect(fault.message).toMatch(/^PagerDuty answered 400: .*Invalid routing key/);
    expect(fault.message).not.toContain("XXX");
  });

  test("that is busy, broken or away is asked again", async () => {
    const { service, pager } = await open(300);
    service.misbehave({ kind: "status", status: 429, retryAfter: "7" });
    expect(await faultOf(pager.send(message(), "1"))).toMatchObject({ isFinal: false, retryAfter: 7n });
    service.misbehave({ kind: "status", status: 503 });
    expect((await faultOf(pager.send(message(), "1"))).isFinal).toBe(false);
    service.misbehave({ kind: "silent" });
    expect((await faultOf(pager.send(message(), "1"))).message).toBe("PagerDuty did not answer.");
    service.misbehave({ kind: "none" });
    await pager.send(message(), "1");
    expect(service.rings).toHaveLength(1);
  });
});

describe("the signed webhook", () => {
  const NOW = 1_800_000_000;
  const open = async (at = NOW) => {
    const receiver = await startWebhook(() => NOW);
    ended.push(receiver.stop);
    const clock = { now: () => BigInt(at) };
    const pager: Pager = createSignedWebhook({
      url: `${receiver.url}/hook`,
      secret: webhookSecret,
      clock,
      timeoutMs: 30_000,
    });
    return { receiver, pager };
  };

  test("is verified by its timestamp and body, and holds all that a receiver needs", async () => {
    const { receiver, pager } = await open();
    await pager.send(message(), "pager:alert-1:5");
    expect(receiver.refused).toEqual([]);
    expect(receiver.messages).toMatchObject([
      { action: "trigger", alert: "alert-1", delivery: "pager:alert-1:5", at: "1800000000" },
    ]);
  });

  test("that is tried again is known by its delivery, and taken once", async () => {
    const { receiver, pager } = await open();
    await pager.send(message(), "one");
    await pager.send(message(), "one");
    expect(receiver.messages).toHaveLength(1);
    expect(receiver.repeated).toEqual(["one"]);
  });

  test.each([NOW - 301, NOW + 301])("of another time than now is refused: %i", async (at) => {
    const { receiver, pager } = await open(at);
    const fault = await faultOf(pager.send(message(), "one"));
    expect(receiver.refused).toEqual(["timestamp"]);
    // A clock that is off can be set right: it is tried again.
    expect(fault.isFinal).toBe(false);
  });

  test("whose secret is another is refused", async () => {
    const { receiver } = await open();
    const pager = createSignedWebhook({ url: receiver.url, secret: "x".repeat(32), clock: { now: () => BigInt(NOW) } });
    await faultOf(pager.send(message(), "one"));
    expect(receiver.refused).toEqual(["signature"]);
  });

  test("covers the timestamp: another one with the same body has another signature", () => {
    const signed = webhookSignature(webhookSecret, "1800000000", "{}");
    expect(signed).toBe(createHmac("sha256", webhookSecret).update("1800000000.{}").digest("hex"));
    expect(webhookSignature(webhookSecret, "1800000001", "{}")).not.toBe(signed);
  });

  test("follows no redirect, and reads no endless answer to its end", async () => {
    const { receiver, pager } = await open();
    receiver.misbehave({ kind: "status", status: 302 });
    expect((await faultOf(pager.send(message(), "one"))).isFinal).toBe(false);
    receiver.misbehave({ kind: "status", status: 422 });
    expect((await faultOf(pager.send(message(), "one"))).isFinal).toBe(true);
  });
});
