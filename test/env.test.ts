import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { readEnvironment } from "../src/env.ts";

const key = `0x${"Ab".repeat(32)}`;

test("with nothing set it is the embedded mode: own policies, no RPC, no key", () => {
  const found = readEnvironment({});
  expect(found).toMatchObject({ dataDir: ".quorate", databaseUrl: undefined, rpc: {}, gasKey: undefined });
  expect(found).toMatchObject({ host: "127.0.0.1", port: 4663, logLevel: "info" });
  expect(existsSync(join(found.policies, "council.yaml"))).toBe(true);
});

test("what is set is taken, and what is set to nothing is not", () => {
  const found = readEnvironment({
    QUORATE_POLICIES: "elsewhere",
    QUORATE_DATA: "/data",
    DATABASE_URL: "postgres://127.0.0.1/quorate",
    RPC_1: "https://one.example",
    RPC_11155111: "https://two.example",
    RPC_10: "",
    GAS_KEY: key,
    SAFE_API_KEY: "word",
    QUORATE_HOST: "::",
    PORT: "0",
    LOG_LEVEL: "warn",
  });
  expect(found).toEqual({
    policies: "elsewhere",
    builds: "elsewhere/builds",
    dataDir: "/data",
    databaseUrl: "postgres://127.0.0.1/quorate",
    rpc: { "eip155:1": "https://one.example", "eip155:11155111": "https://two.example" },
    gasKey: key.toLowerCase(),
    safeApiKey: "word",
    host: "::",
    port: 0,
    logLevel: "warn",
    slack: undefined,
    discord: undefined,
    publicUrl: undefined,
    pagerDuty: undefined,
    alertWebhook: undefined,
    deadmanUrl: undefined,
    operator: undefined,
    otlpEndpoint: undefined,
  });
});

test("what pages besides chat is whole or named, and no secret is shown", () => {
  const routingKey = "R".repeat(32);
  const found = readEnvironment({
    PAGERDUTY_ROUTING_KEY: routingKey,
    ALERT_WEBHOOK_URL: "https://hooks.example/alerts",
    ALERT_WEBHOOK_SECRET: "s".repeat(32),
    DEADMAN_URL: "https://ping.example/abc?create=1",
  });
  expect(found).toMatchObject({
    pagerDuty: { routingKey, url: "https://events.pagerduty.com" },
    alertWebhook: { url: "https://hooks.example/alerts", secret: "s".repeat(32) },
    deadmanUrl: "https://ping.example/abc?create=1",
  });
  const wrong: [Record<string, string>, RegExp][] = [
    [{ PAGERDUTY_ROUTING_KEY: "short" }, /^PAGERDUTY_ROUTING_KEY is not usable: (?!.*short)/],
    [{ PAGERDUTY_URL: "https://events.eu.pagerduty.com" }, /PAGERDUTY_ROUTING_KEY is missing/],
    [{ ALERT_WEBHOOK_SECRET: "s".repeat(32) }, /ALERT_WEBHOOK_URL is missing/],
    [{ ALERT_WEBHOOK_URL: "https://hooks.example" }, /ALERT_WEBHOOK_SECRET is missing/],
    [
      { ALERT_WEBHOOK_URL: "http://hooks.example", ALERT_WEBHOOK_SECRET: "s".repeat(32) },
      /ALERT_WEBHOOK_URL is not usable: it is an https address/,
    ],
    [
      { ALERT_WEBHOOK_URL: "https://hooks.example", ALERT_WEBHOOK_SECRET: "hunter2" },
      /^ALERT_WEBHOOK_SECRET is not usable: (?!.*hunter2)/,
    ],
    [{ DEADMAN_URL: "ftp://ping.example" }, /^DEADMAN_URL is not usable/],
  ];
  for (const [set, sentence] of wrong) expect(() => readEnvironment(set)).toThrow(sentence);
});

test("probes and metrics are for this machine unless somebody says otherwise, and half of it is named", () => {
  expect(readEnvironment({ OPERATOR_PORT: "9464" }).operator).toEqual({ host: "127.0.0.1", port: 9464 });
  expect(readEnvironment({ OPERATOR_PORT: "0", OPERATOR_HOST: "::1" }).operator).toEqual({ host: "::1", port: 0 });
  const otlpEndpoint = "http://127.0.0.1:4318";
  expect(readEnvironment({ OTEL_EXPORTER_OTLP_ENDPOINT: otlpEndpoint }).otlpEndpoint).toBe(otlpEndpoint);
  const wrong: [Record<string, string>, RegExp][] = [
    [{ OPERATOR_HOST: "127.0.0.1" }, /^OPERATOR_HOST is set and OPERATOR_PORT is not/],
    [{ OPERATOR_PORT: "9464", OPERATOR_HOST: "everywhere" }, /^OPERATOR_HOST is not usable: it is an IP address/],
    [{ OPERATOR_PORT: "94640" }, /^OPERATOR_PORT is not usable: a port is/],
    [{ OPERATOR_PORT: "x" }, /^OPERATOR_PORT is not usable: a port is/],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: "127.0.0.1:4318" }, /^OTEL_EXPORTER_OTLP_ENDPOINT is not usable/],
    [
      { OTEL_EXPORTER_OTLP_ENDPOINT: "http://me:hunter2@otel" },
      /^OTEL_EXPORTER_OTLP_ENDPOINT is not usable: (?!.*hunter2)/,
    ],
  ];
  for (const [set, sentence] of wrong) expect(() => readEnvironment(set)).toThrow(sentence);
});

test("a chain's number is kept to the last digit", () => {
  expect(Object.keys(readEnvironment({ RPC_123456789012345678: "https://one.example" }).rpc)).toEqual([
    "eip155:123456789012345678",
  ]);
});

test.each([
  [{ PORT: "80a" }, "PORT is not usable: a port is a number from 0 to 65535. See .env.example."],
  [{ PORT: "70000" }, "PORT is not usable: a port is a number from 0 to 65535. See .env.example."],
  [
    { QUORATE_HOST: "quorate.example.org" },
    "QUORATE_HOST is not usable: it is an IP address of this machine, such as 127.0.0.1. See .env.example.",
  ],
  [
    { LOG_LEVEL: "loud" },
    "LOG_LEVEL is not usable: it is one of trace, debug, info, warn, error, silent. See .env.example.",
  ],
  [{ RPC_mainnet: "x" }, "RPC_mainnet is not usable: after RPC_ comes the number of a chain, such as RPC_1."],
  [{ RPC_01: "x" }, "RPC_01 is not usable: after RPC_ comes the number of a chain, such as RPC_1."],
  [{ RPC_: "x" }, "RPC_ is not usable: after RPC_ comes the number of a chain, such as RPC_1."],
])("%j is named", (environment, sentence) => {
  expect(() => readEnvironment(environment)).toThrow(sentence);
});

test("a key that is none is named and not shown", () => {
  const secret = "0xdeadbeef";
  expect(() => readEnvironment({ GAS_KEY: secret })).toThrow(
    "GAS_KEY is not usable: a private key is 0x and 64 hexadecimal digits.",
  );
});

test("a .env file of the working folder counts, and what is set in the process outranks it", () => {
  const before = process.cwd();
  const folder = mkdtempSync(join(tmpdir(), "quorate-env-"));
  try {
    writeFileSync(join(folder, ".env"), "PORT=4701\nLOG_LEVEL=error\n");
    vi.stubEnv("LOG_LEVEL", "debug");
    process.chdir(folder);
    expect(readEnvironment()).toMatchObject({ port: 4701, logLevel: "debug" });
  } finally {
    process.chdir(before);
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  }
});
