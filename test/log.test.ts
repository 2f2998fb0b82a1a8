/** The operator's log has no key, token or signature in it, by whichever name or in whichever sentence they come. */

import { expect, test } from "vitest";
import { readEnvironment } from "../src/env.ts";
import { environmentSecrets } from "../src/environment-secrets.ts";
import { createLog, logFault } from "../src/log.ts";

const gasKey = `0x${"5e".repeat(32)}`;
const set = {
  GAS_KEY: gasKey,
  RPC_1: "https://rpc.example/v3/4f1c0badc0de77 https://me:hunter22hunter@other.example/?apikey=9b8a7c6d5e",
  DATABASE_URL: "postgres://quorate:p%40ss-word-99@db.example:5432/quorate",
  SAFE_API_KEY: "eyJhbGciOi.safe.key",
  PAGERDUTY_ROUTING_KEY: "R".repeat(32),
  ALERT_WEBHOOK_URL: "https://hooks.example/services/T0/B0/x9y8z7w6v5",
  ALERT_WEBHOOK_SECRET: "s".repeat(40),
  SEAL_KEY: "6f".repeat(32),
  DEADMAN_URL: "https://hc-ping.example/7b1e5a52-0f1f-4b3a",
};
const words = [
  ...[
    gasKey,
    gasKey.slice(2),
    "4f1c0badc0de77",
    "hunter22hunter",
    "apikey=9b8a7c6d5e",
    "p%40ss-word-99",
    "p@ss-word-99",
  ],
  ...["eyJhbGciOi.safe.key", "R".repeat(32), "x9y8z7w6v5", "s".repeat(40), "7b1e5a52-0f1f-4b3a", "6f".repeat(32)],
];

function logged(write: (log: ReturnType<typeof createLog>) => void): string {
  const lines: string[] = [];
  write(createLog("trace", environmentSecrets(readEnvironment(set)), (line) => lines.push(line)));
  return lines.join("");
}

test("what the environment keeps secret is cut out of every sentence, and what is around it stays", () => {
  for (const word of words) {
    const text = logged((log) => {
      const cause = Object.assign(new Error(`connect to ${word} failed`), { config: { deep: { headers: [word] } } });
      logFault(log)("rpc", new Error(`It said "${word}" of block 7.`, { cause }));
      log.info({ a: { b: { c: { d: word } } } }, "deep");
    });
    expect(text, word).not.toContain(word);
    expect(text).toContain("of block 7.");
    for (const line of text.trim().split("\n")) expect(() => JSON.parse(line)).not.toThrow();
  }
});

test("hosts, hashes and addresses are what an operator looks for", () => {
  const hash = `0x${"ab".repeat(32)}`;
  const text = logged((log) => log.warn(`rpc.example and db.example: ${hash} of 0x${"cd".repeat(20)}`));
  expect(text).toContain(`rpc.example and db.example: ${hash} of 0x${"cd".repeat(20)}`);
});

test("a signature is cut out by its name and by its length", () => {
  const signature = `0x${"1b".repeat(65)}`;
  const text = logged((log) => {
    log.warn({ signature, one: { raw: "0x02f8" }, two: { three: { privateKey: "short" } } }, `collected ${signature}.`);
  });
  expect(text).not.toContain("1b1b1b1b");
  expect(text).not.toContain("0x02f8");
  expect(text).not.toContain("short");
  expect(text).toContain("collected [65 bytes].");
});

test("what fails every second is written once a minute, with how often it came, and hides nothing else", () => {
  let now = 0;
  const text = logged((log) => {
    const fault = logFault(log, () => now);
    for (; now < 130_000; now += 1000) {
      fault("eip155:1", new Error("It cannot be reached."));
      if (now === 5000) fault("outbox", new Error("It cannot be reached."));
    }
  });
  const lines = text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { where: string; again?: number });
  expect(lines.map(({ where, again }) => [where, again])).toEqual([
    ["eip155:1", undefined],
    ["outbox", undefined],
    ["eip155:1", 59],
    ["eip155:1", 59],
  ]);
});
