/** Events and other servers: what they say of a metric, and that what could not be read is never an absence. */

import { describe, expect, it } from "vitest";
import { httpAddress, judgeHttp } from "../../../src/domain/watch/http-reading.ts";
import { eventTopic, type FoundLog, judgeEvent } from "../../../src/domain/watch/log-reading.ts";
import type { EventSource, HttpSource } from "../../../src/domain/watch/sources.ts";
import { addressOf, hashOf } from "../../support/sample-council.ts";
import { metricWith } from "./sample-metric.ts";

describe("an event", () => {
  const source = (must: EventSource["must"], within = 10): object => ({
    kind: "event",
    address: addressOf("vault"),
    signature: "event Paused(address account)",
    within,
    must,
  });
  const yesOrNo = { pass: { is: "=", value: 1 }, fail: { is: "=", value: 0 }, unit: "none" };
  const log = (blockNumber: bigint, change: Partial<FoundLog> = {}): FoundLog => ({
    address: addressOf("vault"),
    // keccak256("Paused(address)"), as every node reports OpenZeppelin's Pausable.
    topics: ["0x62e78cea01bee320cd4e420270b5ea74000d11b0c9f74754ebdbfc544b05a258"],
    blockNumber,
    transactionHash: hashOf("it"),
    ...change,
  });
  const verdict = (must: EventSource["must"], logs: FoundLog[] | null, from = 0n) => {
    const metric = metricWith({ ...yesOrNo, read: source(must) });
    return judgeEvent(metric, metric.read as EventSource, logs && { from, to: 100n, logs });
  };

  it("that must not occur fails while it is among the last blocks, and passes when it is not", () => {
    expect(verdict("not occur", []).verdict).toBe("pass");
    expect(verdict("not occur", [log(91n)])).toEqual({
      verdict: "fail",
      value: 0n,
      reason: `1 time, last in block 91 by ${hashOf("it")}`,
    });
    expect(verdict("not occur", [log(90n)]).verdict).toBe("pass");
    expect(verdict("not occur", [log(101n)]).verdict).toBe("pass");
  });

  it("that must occur fails only once it has had all its blocks", () => {
    expect(verdict("occur", [log(91n)]).verdict).toBe("pass");
    expect(verdict("occur", [], 91n).verdict).toBe("fail");
    expect(verdict("occur", [], 92n)).toMatchObject({ verdict: "inconclusive", value: null });
    expect(verdict("occur", [log(95n)], 92n).verdict).toBe("pass");
  });

  it("from before the execution is not the upgrade's", () => {
    expect(verdict("not occur", [log(94n)], 95n).verdict).toBe("pass");
    expect(verdict("not occur", [log(95n)], 95n).verdict).toBe("fail");
  });

  it("of another contract or another kind is another one", () => {
    expect(verdict("not occur", [log(95n, { address: addressOf("router") })]).verdict).toBe("pass");
    expect(verdict("not occur", [log(95n, { topics: [hashOf("Unpaused(address)")] })]).verdict).toBe("pass");
  });

  it("is an error where the logs could not be read, whichever way it must be", () => {
    for (const must of ["occur", "not occur"] as const) expect(verdict(must, null).verdict).toBe("error");
  });

  it("is found by its topic", () => {
    expect(eventTopic(source("occur") as EventSource)).toBe(log(0n).topics[0]);
  });
});

describe("another server", () => {
  const json = (pointer: string, decimals = 0): HttpSource => ({
    kind: "http",
    url: "https://x.org/v",
    pointer,
    decimals,
  });
  const metric = metricWith({ read: { kind: "http", url: "https://x.org/v", pointer: "/v" } });
  const read = (source: HttpSource, body: string, status = 200, at = 1_000n) =>
    judgeHttp(metric, source, { status, body, at }, 1_000n);
  const prometheus = (result: unknown, resultType = "vector") =>
    JSON.stringify({ status: "success", data: { resultType, result } });
  const query: HttpSource = { kind: "http", url: "https://p.org/", query: "sum(up) > 0" };

  it("keeps every digit of a long number, a decimal and an exponent", () => {
    expect(read(json("/v"), '{"v":123456789012345678901234567890}').value).toBe(123456789012345678901234567890n);
    expect(read(json("/v", 4), '{"v":0.98}').value).toBe(9_800n);
    expect(read(json("/v", 18), '{"v":"1.000000000000000001"}').value).toBe(1_000_000_000_000_000_001n);
    expect(read(json("/v"), '{"v":1.5e+3}').value).toBe(1_500n);
    expect(read(json("/v", 2), '{"v":-0.999}').value).toBe(-99n);
    expect(read(json("/v"), '{"v":true}').value).toBe(1n);
  });

  it("is pointed into as RFC 6901 says, and only at what it sent", () => {
    expect(read(json("/a~1b/1/~0"), '{"a/b":[0,{"~":10000}]}')).toMatchObject({ verdict: "pass", value: 10_000n });
    expect(read(json(""), "10000").verdict).toBe("pass");
    for (const pointer of ["/length", "/0/constructor", "/v/toString"])
      expect(read(json(pointer), '["10000"]').verdict, pointer).toBe("error");
  });

  it.each([
    ["no JSON", "10000 <"],
    ["nothing there", "{}"],
    ["a text", '{"v":"many"}'],
    ["NaN", '{"v":"NaN"}'],
    ["a group", '{"v":{}}'],
    ["null", '{"v":null}'],
  ])("is an error with %s", (_what, body) => {
    expect(read(json("/v"), body)).toMatchObject({ verdict: "error", value: null });
  });

  it("is an error where it refuses or is silent", () => {
    expect(read(json("/v"), '{"v":10000}', 503)).toMatchObject({
      verdict: "error",
      reason: expect.stringContaining("503"),
    });
    expect(judgeHttp(metric, json("/v"), "no answer came", 1_000n)).toEqual({
      ...{ verdict: "error", value: null, reason: "no answer came" },
    });
  });

  it("is stale by when it was asked, where it does not say itself when it looked", () => {
    expect(read(json("/v"), '{"v":10000}', 200, 940n).verdict).toBe("pass");
    expect(read(json("/v"), '{"v":10000}', 200, 939n)).toMatchObject({
      verdict: "stale",
      reason: "it was taken 61 s ago",
    });
  });

  it("says nothing that no chain could hold, however it is written", () => {
    const most = (1n << 255n) - 1n;
    expect(read(json("/v"), `{"v":${most}}`).value).toBe(most);
    expect(read(json("/v"), `{"v":-${most + 1n}}`).value).toBe(-most - 1n);
    for (const huge of [`${most + 1n}`, `-${most + 2n}`, "1e30000", "1e999", '"1e77"'])
      expect(read(json("/v"), `{"v":${huge}}`), huge).toMatchObject({ verdict: "error", value: null });
    expect(read(json("/v"), '{"v":1e30}').value).toBe(10n ** 30n);
    expect(read(json("/v"), `{"v":${"[".repeat(100_000)}${"]".repeat(100_000)}}`).verdict).toBe("error");
  });

  it("that is Prometheus gives one value, which is stale by its own time", () => {
    expect(read(query, prometheus([{ metric: {}, value: [990.781, "10000"] }]))).toMatchObject({ verdict: "pass" });
    expect(read(query, prometheus([940.5, "10000"], "scalar"))).toMatchObject({ verdict: "pass", value: 10_000n });
    expect(read(query, prometheus([{ metric: {}, value: [939.9, "10000"] }]))).toMatchObject({ verdict: "stale" });
    for (const result of [[], [{ value: [990, "1"] }, { value: [990, "2"] }], [{ value: [990, "NaN"] }]])
      expect(read(query, prometheus(result))).toMatchObject({ verdict: "error", value: null });
    expect(read(query, '{"status":"error"}').verdict).toBe("error");
  });

  it("is asked at policy's own address", () => {
    expect(httpAddress(query)).toBe("https://p.org/api/v1/query?query=sum(up)%20%3E%200");
    expect(httpAddress(json("/v"))).toBe("https://x.org/v");
  });

  it("is configured by a pointer or a query, and not by an address that carries a password", () => {
    const wrong = (read: object) => () => metricWith({ read: { kind: "http", url: "https://x.org", ...read } });
    expect(wrong({})).toThrow(/say either pointer or query/);
    expect(wrong({ pointer: "/v", query: "up" })).toThrow(/say either pointer or query/);
    expect(wrong({ pointer: "v" })).toThrow(/JSON pointer/);
    expect(wrong({ url: "https://me:secret@x.org", pointer: "/v" })).toThrow(/without a name, a password/);
  });
});
