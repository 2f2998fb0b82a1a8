/** Whatever people and chains write is text: it runs nothing, hides nothing, turns nothing around and breaks no line. */

import { randomBytes } from "node:crypto";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createCeremonyPages } from "../../../src/ceremony-pages.ts";
import type { CeremonyState } from "../../../src/domain/ceremony.ts";
import type { LoggedEvent } from "../../../src/domain/events.ts";
import type { Person } from "../../../src/domain/policy.ts";
import { Refused, refusal } from "../../../src/domain/refusal.ts";
import type { Store } from "../../../src/ports.ts";
import { startWeb, type Web } from "../../../src/web/server.ts";
import { viewPath } from "../../../src/web/view-link.ts";
import { launchBrowser } from "../../support/browser.ts";
import { startCouncil, type TestCouncil, walk } from "../../support/embedded.ts";
import { part } from "./reading.ts";

const markup = `</bdi></h1><img src=x onerror="globalThis.ran=1"><script>globalThis.ran=1</script><style>*{display:none}</style>`;
const attribute = `" onmouseover="globalThis.ran=1" style="position:fixed;inset:0`;
const link = `<a href="https://evil.example">Sign here</a> javascript:globalThis.ran=1`;
const order = "\u202eetorrub\u2066\u200b\u200d\ufeff\u{e0041}\u3164\u0000\u001b[31m";
const hebrew = "שדרוג 123";
const piled = `Z${"\u0301".repeat(60)}`;
const evil = [markup, attribute, link, order, hebrew, piled, "&#x202e;&lt;b&gt;", "--><!--"].join(" ");

let council: TestCouncil;
let browser: Browser;
let web: Web;
const secret = randomBytes(32);
const faults: unknown[] = [];
beforeAll(async () => {
  [council, browser] = await Promise.all([startCouncil(), launchBrowser()]);
  const state = hostile(await walk(council, "in review"));
  const history = await council.history();
  const { quorate, store, world } = council;
  const services = {
    ...quorate.services,
    async find(id: string | undefined) {
      if (id === "UP-2") throw new Refused(refusal("integrity/log", `The log of UP-2 has been tampered with: ${evil}`));
      return state;
    },
    history: async () => [...history, ...written(history)],
  };
  const policy = { ...council.policy, people: [...council.policy.people, ...signers] };
  web = await startWeb({
    port: 0,
    secret,
    pages: createCeremonyPages({
      quorate: {
        ...quorate,
        services,
        ledger: { ...quorate.ledger, now: async () => Promise.reject(new Error("down")) },
      },
      ...{ policy, store: withoutBlobs(store), clock: world.time },
    }),
    now: () => world.time.now(),
    signing: undefined,
    slack: undefined,
    onFault: (_where, fault) => void faults.push(fault),
  });
}, 60_000);
afterAll(async () => {
  await Promise.all([browser?.close(), web?.stop(), council?.stop()]);
  expect(faults).toEqual([]);
});

/** The store, where everything that was kept beside the log is damaged. */
function withoutBlobs(store: Store): Store {
  return new Proxy(store, {
    get(target, name) {
      if (name === "blob") return () => Promise.reject(new Error("damaged"));
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

const signers: Person[] = Array.from({ length: 200 }, (_, at) => ({
  ...{ id: `signer-${at}`, name: `Signer ${at} ${at % 50 === 0 ? evil : ""}`.slice(0, 400), organisation: "" },
  ...{ accounts: [], links: [], roles: [], frozen: false },
  wallets: [`0x${String(at).padStart(40, "0")}` as const],
}));

function hostile(state: CeremonyState): CeremonyState {
  const [first] = state.review?.transactions ?? [];
  if (first === undefined) throw new Error("There is nothing to sign.");
  return {
    ...state,
    package: {
      ...state.package,
      title: evil,
      rationale: `${"long ".repeat(2000)}${"x".repeat(3000)}\n\n${evil} END`,
      audits: [{ name: evil, url: "javascript:globalThis.ran=1", hash: first.safeTxHash }],
      legs: state.package.legs.map((leg) => ({
        ...leg,
        calls: leg.calls.map((call) => ({ ...call, purpose: evil, data: `0x${"ab".repeat(20_000)}` as const })),
      })),
      containment: state.package.containment.map((one) => ({ ...one, action: evil })),
    },
    check: state.check && {
      ...state.check,
      findings: [
        { code: "x", gate: "x", severity: "flag", message: evil, evidence: evil, fix: evil },
        ...state.check.findings,
      ],
    },
    review: state.review && {
      ...state.review,
      safes: state.review.safes.map((one) => ({
        ...one,
        threshold: 150,
        owners: signers.flatMap(({ wallets }) => wallets),
      })),
    },
    denials: [{ person: "ben", account: "console:ben", digest: first.safeTxHash, at: 1n, reason: evil }],
    signatures: signers.map((one) => ({
      ...{ tx: first.id, safeTxHash: first.safeTxHash, person: one.id, signature: first.safeTxHash },
      owner: one.wallets[0] ?? "0x",
      ...{ via: [], contract: false },
    })),
  };
}

function written(history: readonly LoggedEvent[]): LoggedEvent[] {
  const last = history.at(-1);
  if (last === undefined) throw new Error("The log is empty.");
  const by = { person: "ben", account: `slack:${evil}` };
  const { hash, at } = last;
  return [
    { type: "denied", data: { digest: hash, by, reason: evil }, seq: last.seq + 1, at, hash },
    { type: "held", data: { by, reason: evil }, seq: last.seq + 2, at, hash },
  ];
}

const address = (ceremony: string) => `${web.url}${viewPath(secret, ceremony)}`;

test.each(["UP-1", "UP-2"])("%s runs nothing, loads nothing and gains no element", async (ceremony) => {
  const page = await browser.newPage({ viewport: { width: 360, height: 780 } });
  const complaints: string[] = [];
  page.on("console", (message) => complaints.push(message.text()));
  const requests: string[] = [];
  page.on("request", (request) => requests.push(request.url()));
  await page.goto(address(ceremony));
  await page.evaluate(() => {
    for (const details of document.querySelectorAll("details")) details.open = true;
  });
  const found = await page.evaluate(() => ({
    ran: "ran" in globalThis,
    foreign: document.querySelectorAll("img, script, iframe, form, [style], [onerror], [onmouseover], body style")
      .length,
    links: [...document.querySelectorAll("a")]
      .map((one) => one.getAttribute("href") ?? "")
      .filter((one) => /:/.test(one)),
    wide: document.documentElement.scrollWidth,
    headings: document.querySelectorAll("h1").length,
  }));
  expect(found).toEqual({ ran: false, foreign: 0, links: [], wide: 360, headings: 1 });
  expect(complaints).toEqual([]);
  expect(requests).toEqual([address(ceremony)]);
  await page.close();
});

test("what cannot be seen is written out, and nothing invisible is left in the document", async () => {
  for (const ceremony of ["UP-1", "UP-2"]) {
    const html = await (await fetch(address(ceremony))).text();
    expect(html.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}\u3164]/u);
    expect(html).not.toMatch(/\p{M}{4}/u);
    expect(html).toContain("\\u{202e}etorrub\\u{2066}\\u{200b}");
    expect(html).toContain("&amp;#x202e;&amp;lt;b&amp;gt;");
  }
});

test("text that runs from right to left keeps to itself", async () => {
  const html = await (await fetch(address("UP-1"))).text();
  const bare = html.replace(
    /<(bdi)>[\s\S]*?<\/bdi>|<title>[\s\S]*?<\/title>|<div class="written" dir="auto">[\s\S]*?<\/div>/g,
    "",
  );
  expect(html).toContain("שדרוג");
  expect(bare).not.toContain("שדרוג");
});

test("nothing is cut: 13,000 characters of reason, 20,000 bytes of calldata and 200 signers are all there", async () => {
  const html = await (await fetch(address("UP-1"))).text();
  expect(part(html, "package")).toMatch(/long x{3000} .* END/);
  expect(html).toContain("ab".repeat(20_000));
  const signatures = part(html, "signatures");
  for (const at of [0, 99, 199]) expect(signatures).toContain(`Signer ${at} `);
  expect(signatures).toContain("200 of 150 signatures");
});

test("a chain that does not answer and evidence that is not there are said, and take nothing else along", async () => {
  const html = await (await fetch(address("UP-1"))).text();
  expect(part(html, "wanted")).toMatch(/Time on Embedded could not be read; this program's own clock stands in/);
  expect(part(html, "wanted")).toMatch(/Window of pilot Opens in /);
  expect(part(html, "verify")).toContain("The evidence of the check is not kept here, or not as it was written");
  expect((await fetch(`${address("UP-1")}/evidence.json`)).status).toBe(404);
});

test("a log that was tampered with is said to be, and nothing of it is shown", async () => {
  const answer = await fetch(address("UP-2"));
  expect(answer.status).toBe(200);
  const html = await answer.text();
  expect(html).toContain("UP-2 cannot be shown.");
  expect(html).toContain("The log of UP-2 has been tampered with");
  expect(html).not.toContain("<section");
});
