import { randomBytes } from "node:crypto";
import { request } from "node:http";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { FullView } from "../../src/web/full-view.ts";
import { startWeb, type Web } from "../../src/web/server.ts";
import { viewPath } from "../../src/web/view-link.ts";

const secret = randomBytes(32);
const hostile = `<img src=x onerror="alert(1)">&'`;
const view: FullView = {
  card: {
    kind: "card",
    key: "UP-1",
    revision: 7,
    audience: { kind: "channel" },
    tone: "progress",
    status: "in review",
    title: `UP-1 · ${hostile}`,
    summary: "Three approvals are wanted.",
    facts: [{ label: "Package hash", value: "0xabc", code: true }],
    sections: [],
    pictures: [],
    actions: [],
    footer: "log #7",
    mentions: [],
  },
  sections: [
    { title: "Why", style: "plain", lines: [`${"long ".repeat(2000)}END`, hostile] },
    { title: "Signers", style: "list", lines: Array.from({ length: 200 }, (_, index) => `signer ${index}`) },
  ],
  history: [{ at: "2026-01-01 00:00 UTC", text: `Ada proposed "${hostile}".` }],
};

let web: Web;
const faults: unknown[] = [];
const slack: string[] = [];
beforeEach(async () => {
  faults.length = 0;
  web = await startWeb({
    port: 0,
    secret,
    read: async (ceremony) => {
      if (ceremony === "UP-9") throw new Error("the database is gone");
      return ceremony === "UP-1" ? view : undefined;
    },
    signing: undefined,
    slack: (incoming, response) => {
      slack.push(incoming.url ?? "");
      response.end("slack");
    },
    onFault: (_where, fault) => void faults.push(fault),
  });
});
afterEach(() => web.stop());

const open = (path: string) => fetch(`${web.url}${path}`);

test("the link shows all that was cut, as text", async () => {
  const answer = await open(viewPath(secret, "UP-1"));
  const html = await answer.text();
  expect(answer.status).toBe(200);
  expect(html).toContain("END");
  expect(html).toContain("<li>signer 199</li>");
  expect(html).not.toContain("<img");
  expect(html).toContain("&lt;img src=x onerror=&quot;alert(1)&quot;&gt;&amp;&#39;");
  expect(html).not.toContain("<script");
});

test("nobody can make up a link, and a wrong one does not tell whether the ceremony exists", async () => {
  const right = viewPath(secret, "UP-1");
  const others = [right.slice(0, -1), `${right}x`, right.replace("UP-1", "UP-2"), viewPath(randomBytes(32), "UP-1")];
  const pages = await Promise.all(
    [...others, viewPath(secret, "UP-3")].map(async (path) => {
      const answer = await open(path);
      return `${answer.status} ${await answer.text()}`;
    }),
  );
  expect(pages[0]).toMatch(/^404 /);
  expect(new Set(pages).size).toBe(1);
});

test("no script, no frame, no cache, no index, on every answer", async () => {
  for (const path of [viewPath(secret, "UP-1"), "/", "/view/UP-1/x"]) {
    const { headers } = await open(path);
    expect(headers.get("content-security-policy")).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
    expect(headers.get("content-security-policy")).not.toMatch(/unsafe|script-src/);
    expect(headers.get("referrer-policy")).toBe("no-referrer");
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("x-robots-tag")).toContain("noindex");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
  }
});

test("a fault is a sentence for the reader and a cause for the operator", async () => {
  const answer = await open(viewPath(secret, "UP-9"));
  expect(answer.status).toBe(500);
  expect(await answer.text()).not.toContain("database");
  expect(faults).toHaveLength(1);
});

test("Slack's requests reach Slack's listener as they came, and nothing else does", async () => {
  slack.length = 0;
  const answers = await Promise.all([open("/slack/events?x=1"), open("/slack/eventsx"), open("/slack")]);
  expect(await answers[0]?.text()).toBe("slack");
  expect(answers.map((one) => one.status)).toEqual([200, 404, 404]);
  expect(slack).toEqual(["/slack/events?x=1"]);
});

test("a path that means something else is nothing", async () => {
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const { port } = new URL(web.url);
    request({ port, host: "127.0.0.1", path: "/view/..%2f..%2fUP-1/%00" }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    })
      .on("error", reject)
      .end();
  });
  expect(status).toBe(404);
});

test("a port that is taken is named", async () => {
  const port = Number(new URL(web.url).port);
  const other = startWeb({
    port,
    secret,
    read: async () => undefined,
    signing: undefined,
    slack: undefined,
    onFault: () => undefined,
  });
  await expect(other).rejects.toThrow(`Port ${port} is in use: set another PORT.`);
});
