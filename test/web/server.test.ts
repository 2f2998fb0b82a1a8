/** The HTTP surface: who gets what, under which headers, and what is refused before it costs anything. */

import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { request } from "node:http";
import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { CeremonyPages } from "../../src/web/ceremony-page/routes.ts";
import { startWeb, type Web, type WebParts } from "../../src/web/server.ts";
import { viewPath } from "../../src/web/view-link.ts";
import { noPages } from "./no-pages.ts";

const secret = randomBytes(32);
const bytes = new TextEncoder().encode('{"schema":"quorate/package/1"}');
const pages: CeremonyPages = {
  async html(ceremony, code, live) {
    if (ceremony === "UP-9") throw new Error("the database is gone");
    return ceremony === "UP-1" ? `<h1>UP-1</h1><a href="${code}">again</a>${live ? "live" : ""}` : undefined;
  },
  packageFile: async (ceremony) => (ceremony === "UP-1" ? bytes : undefined),
  evidenceFile: async () => undefined,
};

let web: Web;
let now = 1000n;
const faults: unknown[] = [];
const slack: string[] = [];
const parts: WebParts = {
  port: 0,
  secret,
  pages,
  now: () => now,
  signing: undefined,
  slack: (incoming, response) => {
    slack.push(incoming.url ?? "");
    incoming.resume().on("end", () => response.end("slack"));
  },
  onFault: (_where, fault) => void faults.push(fault),
};
beforeEach(async () => {
  faults.length = 0;
  slack.length = 0;
  now = 1000n;
  web = await startWeb(parts);
});
afterEach(() => web.stop());

const open = (path: string, init?: RequestInit) => fetch(`${web.url}${path}`, init);
const link = viewPath(secret, "UP-1");

/** As `request` sends it, without the tidying that fetch does to paths and headers. */
function raw(path: string, headers: Record<string, string> = {}, method = "GET") {
  return new Promise<{ status: number | undefined; headers: Record<string, unknown>; body: string }>(
    (resolve, reject) => {
      const { port } = new URL(web.url);
      request({ port, host: "127.0.0.1", path, headers, method }, async (answer) => {
        let body = "";
        for await (const chunk of answer) body += chunk;
        resolve({ status: answer.statusCode, headers: answer.headers, body });
      })
        .on("error", reject)
        .end();
    },
  );
}

test("the link opens the page; that it may reload itself is part of the address", async () => {
  const answer = await open(link);
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-type")).toMatch(/^text\/html; charset=utf-8/i);
  expect(await answer.text()).toBe(`<h1>UP-1</h1><a href="${link.split("/").at(-1)}">again</a>`);
  expect(await (await open(`${link}?live`)).text()).toContain("live");
});

test("a file below the link is the bytes as they are, to be kept and not to be shown", async () => {
  const answer = await open(`${link}/package.json`);
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-type")).toBe("application/json");
  expect(answer.headers.get("content-disposition")).toBe('attachment; filename="UP-1-package.json"');
  expect(new Uint8Array(await answer.arrayBuffer())).toEqual(bytes);
  expect((await open(`${link}/evidence.json`)).status).toBe(404);
  expect((await open(`${link}/signatures.json`)).status).toBe(404);
  expect((await open(`${link.slice(0, -1)}/package.json`)).status).toBe(404);
});

test("nobody can make up a link, and a wrong one does not tell whether the ceremony exists", async () => {
  const others = [link.slice(0, -1), `${link}x`, link.replace("UP-1", "UP-2"), viewPath(randomBytes(32), "UP-1")];
  const answers = await Promise.all(
    [...others, viewPath(secret, "UP-3")].map(async (path) => {
      const answer = await open(path);
      return `${answer.status} ${await answer.text()}`;
    }),
  );
  expect(answers[0]).toMatch(/^404 /);
  expect(new Set(answers).size).toBe(1);
});

test("who tries codes is slowed down, and whoever has a good link is not", async () => {
  const statuses: number[] = [];
  for (let attempt = 0; attempt < 123; attempt += 1) statuses.push((await open("/view/UP-1/guess")).status);
  expect(statuses.slice(0, 120).every((one) => one === 404)).toBe(true);
  expect(statuses.slice(120)).toEqual([429, 429, 429]);
  expect((await open(link)).status).toBe(200);
  expect((await open(`${link}/package.json`)).status).toBe(200);
  now += 60n;
  expect((await open("/view/UP-1/guess")).status).toBe(404);
});

test("no script, no frame, no cache, no index and no cookie, on every answer", async () => {
  for (const path of [link, `${link}/package.json`, "/", "/view/UP-1/x", viewPath(secret, "UP-9")]) {
    const { headers } = await open(path);
    const policy = headers.get("content-security-policy");
    expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-[^']+'; frame-ancestors 'none'/);
    expect(policy).not.toMatch(/unsafe|script-src|https?:|data:/);
    expect(headers.get("referrer-policy")).toBe("no-referrer");
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("x-robots-tag")).toContain("noindex");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("cross-origin-opener-policy")).toBe("same-origin");
    expect(headers.get("set-cookie")).toBeNull();
    expect(headers.get("access-control-allow-origin")).toBeNull();
  }
});

test("a fault is a sentence for the reader and a cause for the operator", async () => {
  const answer = await open(viewPath(secret, "UP-9"));
  expect(answer.status).toBe(500);
  expect(await answer.text()).not.toContain("database");
  expect(faults).toHaveLength(1);
});

describe("it is only for reading", () => {
  test("HEAD tells the same without a body", async () => {
    const [head, got] = await Promise.all([open(link, { method: "HEAD" }), open(link)]);
    expect(head.status).toBe(200);
    expect(await head.text()).toBe("");
    expect(head.headers.get("content-security-policy")).toBe(got.headers.get("content-security-policy"));
  });

  test.each(["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"])("%s is refused", async (method) => {
    const answer = await raw(link, { "content-length": "0" }, method);
    expect(answer.status).toBe(405);
    expect(answer.headers.allow).toBe("GET, HEAD");
    expect(answer.body).not.toContain("UP-1");
  });

  test("elsewhere there is nothing, by any method", async () => {
    for (const [path, method] of [
      ["/", "POST"],
      ["/api/brief", "POST"],
      ["/sign", "GET"],
      ["/view", "GET"],
    ] as const)
      expect((await open(path, { method })).status).toBe(404);
  });
});

describe("a request that means something else", () => {
  test.each([
    "/view/..%2f..%2fUP-1/%00",
    "/view/../../etc/passwd",
    "/view/UP-1/../UP-1",
    "/view/%2e%2e/%2e%2e/package.json",
    "//evil.example/view",
    "/view/UP-1\\..\\x/y",
    `/view/UP-1/${"x".repeat(8_000)}`,
    "/view/%ff%fe/%c0%ae",
  ])("%s is nothing", async (path) => {
    const answer = await raw(path);
    expect([400, 404]).toContain(answer.status);
    expect(answer.headers.location).toBeUndefined();
    expect(faults).toEqual([]);
  });

  test("whoever it says it is for, links stay our own", async () => {
    for (const host of ["evil.example", "evil.example:80", "[::1]"]) {
      const answer = await raw(link, { host, "x-forwarded-host": host });
      expect(answer.status).toBe(200);
      expect(answer.body).not.toContain(host);
      expect(answer.headers.location).toBeUndefined();
    }
  });

  test("headers without end are refused", async () => {
    expect((await raw(link, { "x-long": "x".repeat(20_000) })).status).toBe(431);
  });
});

describe("whoever is slow does not hold a connection for ever", () => {
  test.each([
    ["headers", "GET / HTTP/1.1\r\nHost: here\r\n"],
    ["a body", "POST /slack/events HTTP/1.1\r\nHost: here\r\nContent-Length: 100\r\n\r\nhalf"],
    ["nothing at all", ""],
  ])("with %s", async (_what, beginning) => {
    await web.stop();
    web = await startWeb({ ...parts, patience: 300 });
    const socket = connect(Number(new URL(web.url).port), "127.0.0.1");
    let answer = "";
    socket.on("data", (chunk) => {
      answer += chunk;
    });
    socket.write(beginning);
    await once(socket, "close");
    if (answer !== "") expect(answer).toMatch(/^HTTP\/1\.1 408 /);
  });
});

test("Slack's requests reach Slack's listener as they came, and nothing else does", async () => {
  const answers = await Promise.all([open("/slack/events?x=1"), open("/slack/eventsx"), open("/slack")]);
  expect(await answers[0]?.text()).toBe("slack");
  expect(answers.map((one) => one.status)).toEqual([200, 404, 404]);
  expect(slack).toEqual(["/slack/events?x=1"]);
});

describe("where it listens", () => {
  test("on the loopback alone, unless it is told otherwise", async () => {
    const outside = Object.values(networkInterfaces())
      .flatMap((list) => list ?? [])
      .filter((one) => !one.internal && one.family === "IPv4");
    const { port, hostname } = new URL(web.url);
    expect(hostname).toBe("127.0.0.1");
    for (const { address } of outside)
      await expect(fetch(`http://${address}:${port}/`)).rejects.toMatchObject({ cause: { code: "ECONNREFUSED" } });
  });

  test("on the address that it is given, in either notation", async () => {
    const loopbacks = Object.values(networkInterfaces()).flatMap((list) => (list ?? []).filter((one) => one.internal));
    expect(loopbacks.length).toBeGreaterThan(0);
    for (const { address } of loopbacks) {
      const other = await startWeb({ ...parts, host: address });
      expect(new URL(other.url).hostname.replace(/[[\]]/g, "")).toBe(address);
      expect((await fetch(`${other.url}${link}`)).status).toBe(200);
      await other.stop();
    }
  });

  test("a port that is taken, and an address that is not this machine's, are named", async () => {
    const port = Number(new URL(web.url).port);
    await expect(startWeb({ ...parts, pages: noPages, port })).rejects.toThrow(
      `Port ${port} is in use: set another PORT.`,
    );
    await expect(startWeb({ ...parts, pages: noPages, host: "192.0.2.1" })).rejects.toThrow(
      "192.0.2.1 is no address of this machine: set another QUORATE_HOST.",
    );
  });
});
