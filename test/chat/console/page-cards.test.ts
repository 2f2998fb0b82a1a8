import { get } from "node:http";
import { describe, expect, it } from "vitest";
import { notice } from "../../../src/view.ts";
import { openConsole } from "./open-console.ts";
import { consolePage } from "./open-page.ts";
import { card, chart, gallery, hostile, hostileCard } from "./sample-cards.ts";

const at = consolePage();
const { say, cardOf, dialog, button } = at;

describe("the ceremony page", () => {
  const pages = {
    path: (key: string) => (key.startsWith("UP-1") ? "/view/UP-1/code" : undefined),
    answer: (request: Request) =>
      new Response(`<h1>${request.method} ${new URL(request.url).pathname}</h1>`, {
        headers: { "Content-Security-Policy": "default-src 'none'; sandbox", "Content-Type": "text/html" },
      }),
  };

  it("opens from the card and from the answer that tells everything, in a window of its own", async () => {
    const console = await openConsole({ pages });
    console.on("show", () => ({ ...notice("neutral", "UP-1: in review."), about: "UP-1" }));
    await at.page.goto(`${console.url}/#ben`);
    await console.show(card());
    await console.show(card({ key: "UP-1/7", audience: { kind: "thread", of: "UP-1" } }));
    await console.show(card({ key: "gas/eip155:31337", title: "Gas runs low" }));
    const link = cardOf("UP-1").getByRole("link", { name: "Open the ceremony page" });
    const [opened] = await Promise.all([at.page.waitForEvent("popup"), link.click()]);
    await opened.getByRole("heading", { name: "GET /view/UP-1/code" }).waitFor();
    expect(await opened.evaluate(() => window.opener)).toBeNull();
    await opened.close();
    await say("/upgrade show UP-1");
    await at.reply().getByRole("link", { name: "Open the ceremony page" }).waitFor();
    await cardOf("gas/eip155:31337").getByText("Gas runs low").waitFor();
    expect(await at.page.getByRole("link", { name: "Open the ceremony page" }).count()).toBe(2);
    await at.page.getByText("1 reply").first().click();
    const reply = at.page.getByRole("complementary", { name: "Thread" }).locator("article").last();
    await reply.waitFor();
    expect(await reply.getByRole("link").count()).toBe(0);
    await at.page.goto("about:blank");
    await console.stop();
  });

  it("stands under its own headers, and only for the console's own address", async () => {
    const console = await openConsole({ pages });
    const answer = await fetch(`${console.url}/view/UP-1/code`);
    expect(answer.headers.get("content-security-policy")).toBe("default-src 'none'; sandbox");
    const port = Number(new URL(console.url).port);
    const foreign = await new Promise<number | undefined>((resolve) => {
      get({ port, path: "/view/UP-1/code", headers: { host: "evil.example" } }, (got) => resolve(got.statusCode));
    });
    expect(foreign).toBe(421);
    await console.stop();
    const without = await openConsole();
    expect((await fetch(`${without.url}/view/UP-1/code`)).status).toBe(404);
    await without.stop();
  });
});

describe("cards", () => {
  it("tell their state by a word and a symbol, a breach as a card of its own", async () => {
    for (const each of gallery) await at.console.show(each);
    const symbols = new Map<string, Set<string | null>>();
    for (const each of gallery.filter((card) => card.audience.kind === "channel")) {
      const status = cardOf(each.key).locator(".card-head .status");
      expect(await status.textContent()).toBe(each.status);
      const symbol = await status.locator("svg path").getAttribute("d");
      symbols.set(each.tone, (symbols.get(each.tone) ?? new Set()).add(symbol));
    }
    const all = [...symbols.values()].flatMap((each) => [...each]);
    expect([symbols.size, all.length, new Set(all).size]).toEqual([5, 5, 5]);
    await cardOf("UP-8/breach-1").getByText("Solvency below 100 %").waitFor();
  });

  it("are edited in place with a glow, and an older revision changes nothing", async () => {
    await at.console.show(card());
    await at.console.show(card({ key: "UP-2", title: "UP-2 · Oracle" }));
    await cardOf("UP-2").waitFor();
    expect(await cardOf("UP-1").locator(".glow").count()).toBe(0);
    await at.console.show(card({ revision: 2, tone: "good", status: "approved", summary: "Signatures are wanted." }));
    await cardOf("UP-1").getByText("Signatures are wanted.").waitFor();
    await at.console.show(card({ revision: 1 }));
    await at.console.show(card({ key: "UP-2", revision: 2, title: "UP-2 · Oracle, edited" }));
    await cardOf("UP-2").getByText("UP-2 · Oracle, edited").waitFor();
    await cardOf("UP-1").getByText("approved", { exact: true }).waitFor();
    expect(await cardOf("UP-1").locator(".glow").count()).toBe(1);
    expect(
      await at.page.locator("[data-card]").evaluateAll((all) => all.map((each) => each.getAttribute("data-card"))),
    ).toEqual(["UP-1", "UP-2"]);
  });

  it("that change out of sight are announced, and a press goes there", async () => {
    await at.console.show(card());
    for (const key of ["UP-2", "UP-3", "UP-4"]) await at.console.show(card({ key, title: key }));
    await cardOf("UP-4").waitFor();
    await expect
      .poll(() => cardOf("UP-1").evaluate((each) => each.getBoundingClientRect().bottom), { timeout: 10_000 })
      .toBeLessThan(0);
    await at.console.show(card({ status: "approved" }));
    await button(/approved · UP-1/).click();
    await expect
      .poll(() => cardOf("UP-1").evaluate((each) => each.getBoundingClientRect().top), { timeout: 10_000 })
      .toBeGreaterThan(40);
    await button(/approved · UP-1/).waitFor({ state: "detached" });
  });

  it("arrive without moving a reader who is further up, and say so", async () => {
    for (const key of ["UP-1", "UP-2", "UP-3"]) await at.console.show(card({ key, title: key }));
    await cardOf("UP-3").waitFor();
    expect(await button("Newer messages").count()).toBe(0);
    await at.page.mouse.move(700, 400);
    await at.page.mouse.wheel(0, -3000);
    await expect
      .poll(() => at.page.locator(".timeline").evaluate((each) => each.scrollTop), { timeout: 10_000 })
      .toBe(0);
    await at.console.show(card({ key: "UP-4", title: "UP-4" }));
    await button("Newer messages").click();
    await expect
      .poll(() => cardOf("UP-4").evaluate((each) => each.getBoundingClientRect().bottom), { timeout: 10_000 })
      .toBeLessThan(800);
  });

  it("are left for the answer to one's own command, to its last line", async () => {
    const sections = ["first", "second", "third", "fourth", "last"].map((nth) => {
      return { title: nth, style: "list" as const, lines: ["one", "two", `three of the ${nth}`] };
    });
    at.console.on("show", () => notice("neutral", "UP-1", { sections }));
    for (const key of ["UP-1", "UP-2", "UP-3"]) await at.console.show(card({ key, title: key }));
    await cardOf("UP-3").waitFor();
    const timeline = at.page.locator(".timeline");
    for (let asked = 1; asked <= 5; asked += 1) {
      await at.page.mouse.move(700, 400);
      await at.page.mouse.wheel(0, -9000);
      await expect.poll(() => timeline.evaluate((each) => each.scrollTop), { timeout: 10_000 }).toBe(0);
      await say("/upgrade show UP-1");
      await expect.poll(() => at.page.getByText("three of the last").count(), { timeout: 10_000 }).toBe(asked);
      const end = await timeline.evaluate((each) => each.getBoundingClientRect().bottom);
      const last = at.page.getByText("three of the last").last();
      await expect
        .poll(() => last.evaluate((each) => each.getBoundingClientRect().bottom), { timeout: 10_000 })
        .toBeLessThan(end);
    }
  });

  it("have a thread beside the channel, which Escape closes", async () => {
    await at.console.show(card());
    await at.console.show(
      card({ key: "t1", audience: { kind: "thread", of: "UP-1" }, title: "11 of 11 gates passed" }),
    );
    await cardOf("UP-1")
      .getByRole("button", { name: /1 reply/ })
      .click();
    const thread = at.page.getByRole("complementary", { name: "Thread" });
    await thread.getByText("11 of 11 gates passed").waitFor();
    await at.console.show(card({ key: "t2", audience: { kind: "thread", of: "UP-1" }, title: "Ben approved" }));
    await thread.getByText("Ben approved").waitFor();
    expect(await cardOf("t2").count()).toBe(0);
    await at.page.keyboard.press("Escape");
    await thread.waitFor({ state: "detached" });
    expect(await at.page.evaluate(() => document.activeElement?.textContent)).toContain("2 replies");
  });

  it("show pictures as images with their words", async () => {
    const alt = "The deviation stays below 0.5 %.";
    await at.console.show(card({ pictures: [{ title: "Deviation", alt, svg: chart() }] }));
    const image = at.page.getByRole("img", { name: alt });
    await image.waitFor();
    await expect
      .poll(() => image.evaluate((each: HTMLImageElement) => each.naturalWidth), { timeout: 10_000 })
      .toBeGreaterThan(0);
    await button("Enlarge: Deviation").click();
    await dialog().getByText(alt).waitFor();
  });
});

describe("text", () => {
  it("is inert, and nothing in it is invisible or reorders what is around it", async () => {
    await at.console.show(hostileCard);
    const shown = cardOf("UP-9");
    await shown.getByText(hostile.markup).first().waitFor();
    expect(await at.page.title()).not.toBe("owned");
    expect(await at.page.locator("#app img, #app script").count()).toBe(0);
    const text = (await shown.textContent()) ?? "";
    expect(text).toContain("pay to U+202Etnatsissa");
    expect(text).toContain("adU+200BminU+2060 and U+3164");
    expect(text).not.toMatch(/[\u200b\u202a-\u202e\u2060\u3164]/);
    expect(text).toContain("👩‍🚀 launches");
    expect(await at.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
    await shown.getByRole("button", { name: "Show all 600 characters" }).click();
    await shown.getByText(hostile.long).waitFor();
  });

  it("tells times in UTC, with the viewer's own beside them", async () => {
    await at.console.show(card({ facts: [{ label: "Ready", value: "at 2026-11-23 14:00:00 UTC, or later" }] }));
    const time = at.page.locator("time", { hasText: "2026-11-23 14:00:00 UTC" });
    expect(await time.getAttribute("datetime")).toBe("2026-11-23T14:00:00.000Z");
    expect(await time.getAttribute("title")).toMatch(/23 Nov 2026.*\(your time\)/);
  });

  it("in fixed width is copied whole", async () => {
    await at.page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await at.console.show(card());
    await button("Copy Package hash").click();
    await button("Copied").waitFor();
    expect(await at.page.evaluate(() => navigator.clipboard.readText())).toBe(
      "0x8f2a55949038a9610f50fb23b5883af3b4ecb3c3bb792cbcefbd1542c692be63",
    );
  });
});

describe("a lost connection", () => {
  it("is said, and everything is there again when the console is", async () => {
    const { port } = new URL(at.console.url);
    await at.console.show(card());
    await cardOf("UP-1").waitFor();
    await at.console.stop();
    await at.page.getByText("The connection to the console is lost.").waitFor();
    await say("status");
    await at.page.getByText("The console did not answer. Is it still running?").waitFor();
    at.console = await openConsole({ port: Number(port) });
    await at.console.show(card({ key: "UP-5", title: "UP-5 · after the restart" }));
    await cardOf("UP-5").waitFor();
    expect(await cardOf("UP-1").count()).toBe(0);
    await expect
      .poll(() => at.page.getByText("The connection to the console is lost.").count(), { timeout: 10_000 })
      .toBe(0);
    at.faults = at.faults.filter((fault) => !fault.includes("ERR_"));
  });
});

describe("a tab that nobody sees", () => {
  const turn = (state: "hidden" | "visible") =>
    at.page.evaluate((value) => {
      Object.defineProperty(document, "visibilityState", { value, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }, state);

  it("lets go of its connection, and has everything when it is seen again", async () => {
    await at.console.show(card());
    await cardOf("UP-1").waitFor();
    const closed = at.page.waitForEvent("requestfailed", (request) => request.url().includes("/api/events"));
    await turn("hidden");
    await closed;
    await at.console.show(card({ key: "UP-2", title: "UP-2" }));
    await turn("visible");
    await cardOf("UP-2").waitFor();
  });
});
