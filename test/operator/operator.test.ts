/** What who operates the program gets to see: probes that tell the truth, and metrics that Prometheus can read. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createInstruments, type Snapshot } from "../../src/operator/instruments.ts";
import { type OperatorServer, startOperatorServer } from "../../src/operator/server.ts";

const instruments = createInstruments();
let obstacles: () => Promise<string[]> = async () => [];
let remarks: string[] = [];
let server: OperatorServer;
beforeAll(async () => {
  server = await startOperatorServer({
    port: 0,
    obstacles: () => obstacles(),
    remarks: () => remarks,
    exposition: () => instruments.exposition(),
  });
});
afterAll(() => server.stop());

const get = async (path: string, method = "GET") => {
  const response = await fetch(`${server.url}${path}`, { method });
  return { status: response.status, type: response.headers.get("content-type"), text: await response.text() };
};

describe("probes", () => {
  test("it lives as long as it answers, whatever is broken around it", async () => {
    obstacles = () => Promise.reject(new Error("The database does not answer."));
    expect(await get("/livez")).toMatchObject({ status: 200, text: "ok\n" });
  });

  test("it is ready when nothing keeps it from watching, and says what does", async () => {
    obstacles = async () => [];
    expect(await get("/readyz")).toMatchObject({ status: 200, text: "ok\n" });
    obstacles = async () => ["The newest block of eip155:1 is 90 s old.", "Slack is not connected."];
    expect(await get("/readyz")).toMatchObject({
      status: 503,
      text: "The newest block of eip155:1 is 90 s old.\nSlack is not connected.\n",
    });
  });

  test("it is ready where blocks are asked for that should be pushed, and says so", async () => {
    obstacles = async () => [];
    remarks = ["The WebSocket was cut. New blocks are asked for every 1000 ms over http."];
    expect(await get("/readyz")).toMatchObject({ status: 200, text: `ok\n${remarks[0]}\n` });
    remarks = [];
  });

  test("it is not ready where that cannot be found out", async () => {
    obstacles = () => Promise.reject(new Error("The database does not answer."));
    expect(await get("/readyz")).toMatchObject({ status: 503, text: "The database does not answer.\n" });
  });

  test("nothing else is there, and nothing is changed from outside", async () => {
    expect((await get("/")).status).toBe(404);
    expect((await get("/metrics", "POST")).status).toBe(405);
  });
});

describe("metrics", () => {
  const now: Snapshot = {
    headAge: { "eip155:1": 4n },
    alerts: { 1: 1 },
    ceremonies: { canary: 2 },
    exits: { ready: 3, broken: 1 },
    platforms: { slack: true, discord: false },
    outboxOpen: 7,
    watchdogAge: undefined,
  };

  test("tell what happened, and what is so at the moment of asking", async () => {
    instruments.head("eip155:1", 123n, 1_700_000_000n);
    instruments.judged("eip155:1", 4, { pass: 9, fail: 1 });
    instruments.requests("eip155:1", 2);
    instruments.paged("slack", "delivered", 8);
    instruments.paged("slack", "failed", 8);
    for (const where of ["outbox post:UP-1:7", "eip155:1", "UP-1"]) instruments.fault(where);
    instruments.now(async () => now);
    const { status, type, text } = await get("/metrics");
    expect({ status, type }).toEqual({ status: 200, type: "text/plain; version=0.0.4; charset=utf-8" });
    for (const line of [
      'quorate_head_number{chain="eip155:1"} 123',
      'quorate_head_age_seconds{chain="eip155:1"} 4',
      'quorate_verdicts_total{chain="eip155:1",verdict="fail"} 1',
      'quorate_block_to_decision_seconds_count{chain="eip155:1"} 1',
      'quorate_rpc_requests_total{chain="eip155:1"} 2',
      'quorate_pages_total{channel="slack",outcome="failed"} 1',
      'quorate_page_seconds_count{channel="slack"} 1',
      'quorate_faults_total{where="outbox"} 1',
      'quorate_faults_total{where="chain"} 1',
      'quorate_faults_total{where="ceremony"} 1',
      'quorate_alerts{severity="1"} 1',
      'quorate_alerts{severity="2"} 0',
      'quorate_exits{state="broken"} 1',
      'quorate_platform_up{platform="discord"} 0',
      "quorate_outbox_open 7",
      "quorate_watchdog_age_seconds -1",
    ])
      expect(text.split("\n")).toContain(line);
    // A scraper that keeps to the format must be able to read every line.
    for (const line of text.trimEnd().split("\n"))
      expect(line).toMatch(
        /^(# (HELP|TYPE) .+|[a-z0-9_]+(\{[a-z_]+="[^"]*"(,[a-z_]+="[^"]*")*\})? [-+0-9.eNaInf]+|)$/i,
      );
  });

  test("what is over is gone, and not at its last value", async () => {
    instruments.now(async () => ({ ...now, ceremonies: {}, alerts: {}, watchdogAge: 61n }));
    const { text } = await get("/metrics");
    expect(text).not.toContain('quorate_ceremonies{status="canary"}');
    expect(text).toContain('quorate_alerts{severity="1"} 0');
    expect(text).toContain("quorate_watchdog_age_seconds 61");
  });
});
