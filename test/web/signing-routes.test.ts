import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Refused, refusal } from "../../src/domain/refusal.ts";
import type { SigningBrief } from "../../src/web/brief.ts";
import { startWeb, type Web } from "../../src/web/server.ts";
import { noPages } from "./no-pages.ts";

const origin = "https://quorate.example.org";
const brief = { schema: "quorate/signing/1", ceremony: "UP-1" } as SigningBrief;
const hash = `0x${"ab".repeat(32)}`;
const signature = `0x${"cd".repeat(65)}`;

let web: Web;
let now = 1000n;
const asked: string[] = [];
const faults: unknown[] = [];
beforeEach(async () => {
  asked.length = 0;
  faults.length = 0;
  now = 1000n;
  web = await startWeb({
    port: 0,
    secret: randomBytes(32),
    pages: noPages,
    now: () => now,
    signing: {
      page: { html: "<!doctype html><title>Sign</title>", csp: "default-src 'none'; frame-ancestors 'none'" },
      origin,
      async brief(token) {
        asked.push(`brief ${token}`);
        if (token === "broken") throw new Error("the database is gone");
        if (token !== "good") throw new Refused(refusal("link/unknown", "This link is not known here."));
        return brief;
      },
      async signature(token, safeTxHash, given) {
        asked.push(`signature ${token} ${safeTxHash} ${given}`);
        return token === "good" ? { ok: true } : { ok: false, sentence: "That wallet is not yours." };
      },
      async ready(token) {
        asked.push(`ready ${token}`);
        if (token !== "good") throw new Refused(refusal("link/sending-time", "The 15 minutes are over."));
      },
      async sent(token) {
        asked.push(`sent ${token}`);
        if (token !== "good") throw new Refused(refusal("link/unknown", "This link is not known here."));
      },
      now: () => now,
    },
    slack: undefined,
    onFault: (_where, fault) => void faults.push(fault),
  });
});
afterEach(() => web.stop());

async function post(path: string, body: unknown, headers: Record<string, string> = {}) {
  const answer = await fetch(`${web.url}/api/${path}`, {
    method: "POST",
    headers: { origin, "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  return { status: answer.status, body: await answer.json(), headers: answer.headers };
}

test("the page comes under its own policy, and opening it asks nothing and uses nothing up", async () => {
  expect((await fetch(`${web.url}/sign`, { method: "HEAD" })).status).toBe(200);
  for (const agent of ["Mozilla/5.0", "Slackbot-LinkExpanding 1.0", "Discordbot/2.0"]) {
    const answer = await fetch(`${web.url}/sign`, { headers: { "user-agent": agent } });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-security-policy")).toBe("default-src 'none'; frame-ancestors 'none'");
    expect(answer.headers.get("referrer-policy")).toBe("no-referrer");
    expect(answer.headers.get("cross-origin-opener-policy")).toBe("same-origin");
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
    expect(answer.headers.get("cache-control")).toBe("no-store");
  }
  expect(asked).toEqual([]);
});

test("a brief and a signature pass through as they came", async () => {
  expect(await post("brief", { token: "good" })).toMatchObject({ status: 200, body: brief });
  const given = { token: "good", tx: "pilot/upgrade", safeTxHash: hash, signature };
  expect(await post("signature", given)).toMatchObject({ status: 200, body: { taken: true } });
  expect(asked).toEqual(["brief good", `signature good ${hash} ${signature}`]);
});

test("whether the executor's wallet may be asked, and that it sent something, pass through too", async () => {
  expect(await post("ready", { token: "good" })).toMatchObject({ status: 200, body: { ready: true } });
  const told = { token: "good", leg: "pilot", hash };
  expect(await post("sent", told)).toMatchObject({ status: 200, body: { looked: true } });
  expect(asked).toEqual(["ready good", "sent good"]);
  expect(await post("ready", { token: "old" })).toMatchObject({
    status: 403,
    body: { error: "The 15 minutes are over." },
  });
  expect((await post("sent", { ...told, token: "old" })).status).toBe(403);
});

test("a no is a sentence for the signer, and a fault is not told", async () => {
  expect(await post("brief", { token: "old" })).toMatchObject({
    status: 403,
    body: { error: "This link is not known here." },
  });
  const given = { token: "other", tx: "pilot/upgrade", safeTxHash: hash, signature };
  expect(await post("signature", given)).toMatchObject({ status: 409, body: { error: "That wallet is not yours." } });
  const answer = await fetch(`${web.url}/api/brief`, {
    method: "POST",
    headers: { origin, "content-type": "application/json" },
    body: '{"token":"broken"}',
  });
  expect(answer.status).toBe(500);
  expect(await answer.text()).not.toContain("database");
  expect(faults).toHaveLength(1);
});

describe("nobody but the page itself gets as far as the program", () => {
  test.each<[string, number, () => ReturnType<typeof post>]>([
    ["another site", 403, () => post("brief", { token: "good" }, { origin: "https://evil.example" })],
    ["a page without an origin", 403, () => post("brief", { token: "good" }, { origin: "null" })],
    ["a form", 415, () => post("brief", "token=good", { "content-type": "application/x-www-form-urlencoded" })],
    ["text that is JSON", 415, () => post("brief", { token: "good" }, { "content-type": "text/plain" })],
    ["what is too long", 413, () => post("brief", { token: "x".repeat(20_000) })],
    ["what is no JSON", 400, () => post("brief", "{")],
    ["more than is asked for", 400, () => post("brief", { token: "good", more: true })],
    [
      "a signature that is none",
      400,
      () => post("signature", { token: "good", tx: "x", safeTxHash: hash, signature: "0xzz" }),
    ],
    ["a hash that is none", 400, () => post("sent", { token: "good", leg: "pilot", hash: "0xzz" })],
    ["a leg that is a path", 400, () => post("sent", { token: "good", leg: "../x", hash })],
    ["another site that sends", 403, () => post("sent", { token: "good", leg: "pilot", hash }, { origin: "null" })],
  ])("%s", async (_who, status, act) => {
    const { status: found, body } = await act();
    expect(found).toBe(status);
    expect((body as { error: string }).error).toMatch(/^[A-Z].*\.$/);
    expect(asked).toEqual([]);
  });

  test.each(["brief", "signature", "ready", "sent"])("a reading request for %s", async (what) => {
    for (const method of ["GET", "HEAD"]) {
      const answer = await fetch(`${web.url}/api/${what}`, { method, headers: { origin } });
      expect(answer.status).toBe(405);
    }
    expect(asked).toEqual([]);
  });
});

test.each([
  ["brief", {}],
  ["ready", {}],
  ["sent", { leg: "pilot", hash }],
])("who tries links by %s is slowed down, and whoever has a good one is not", async (what, more) => {
  const statuses: number[] = [];
  for (let attempt = 0; attempt < 125; attempt += 1)
    statuses.push((await post(what, { token: "guess", ...more })).status);
  expect(statuses.slice(0, 120).every((one) => one === 403)).toBe(true);
  expect(statuses.slice(120)).toEqual([429, 429, 429, 429, 429]);
  expect((await post(what, { token: "good", ...more })).status).toBe(200);
  now += 60n;
  expect((await post(what, { token: "guess", ...more })).status).toBe(403);
});
