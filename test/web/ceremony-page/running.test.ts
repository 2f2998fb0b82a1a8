/** The page under the canary and to the end, as text and in a browser: charts, files, phone, keyboard, dark and light. */

import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { nextSteps } from "../../../src/domain/why.ts";
import { launchBrowser } from "../../support/browser.ts";
import { type Somebody, walk } from "../../support/embedded.ts";
import { poorContrasts, structure } from "../../support/page-checks.ts";
import { everythingSent, privateTexts } from "./private.ts";
import { part, textOf } from "./reading.ts";
import { type Stage, startStage } from "./stage.ts";

let stage: Stage;
let browser: Browser;
beforeAll(async () => {
  [stage, browser] = await Promise.all([startStage(), launchBrowser()]);
  await walk(stage.council, "canary");
  await stage.council.advance(300n, 10);
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await stage?.stop();
  expect(stage.faults).toEqual([]);
});

const read = async (id: string) => part(await stage.page(), id);

interface Visit {
  page: Page;
  /** What the browser complained about: a refused style is an error there. */
  complaints: string[];
  requests: string[];
}

async function visit(work: (visit: Visit) => Promise<void>, options: BrowserContextOptions = {}, query = "") {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (request) => requests.push(request.url()));
  await page.goto(`${stage.address()}${query}`);
  await work({ page, complaints, requests });
  await context.close();
}

const openAll = (page: Page) =>
  page.evaluate(() => {
    for (const details of document.querySelectorAll("details")) details.open = true;
  });

describe("under the canary", () => {
  test("each metric is told in words beside its chart, with its bounds and how many samples passed", async () => {
    const html = await stage.page();
    const canary = part(html, "canary");
    expect(canary).toMatch(
      /^Canary Phase pilot ▸ Measuring Kind of phase canary Measured from block \d+ Clean blocks in a row \d+ of 20/,
    );
    expect(canary).toMatch(
      /Pilot pool solvency ✓ All \d+ passed Must be at least 10,000 bps \(dashed\); fails when below 10,000 bps: SEV1/,
    );
    const labels = [...html.matchAll(/<div class="chart" role="img" aria-label="([^"]*)">/g)].map(([, label]) => label);
    expect(labels).toHaveLength(5);
    expect(labels[0]).toMatch(
      /^Pilot pool solvency: \d+ samples, the newest 10,000 bps at block \d+\. It must be at least 10,000 bps; none failed\. What happened: executed at block \d+\.$/,
    );
  });

  test("the way says what was done when and by whom, what is now and what is to come", async () => {
    const html = await stage.page();
    const way = part(html, "timeline");
    expect(way).toMatch(/✓ Drafted 20\S+ \S+ UTC, by Ada ✓ Checked 20\S+ \S+ UTC, by Ada ✓ Review opened/);
    expect(way).toMatch(/✓ Approved by the quorum 20\S+ \S+ UTC, by Ben, Caro, Dev/);
    expect(way).toMatch(/✓ Signed by the Safes 20\S+ \S+ UTC, by Ben, Caro, Dev/);
    expect(way).toMatch(/✓ Phase pilot: executed 20\S+ \S+ UTC, by Eve ▸ Phase pilot: canary passed waited for now/);
    expect(way).toMatch(/○ Phase main: ready to come .* ○ Closed to come$/);
    expect(html.match(/aria-current="step"/g)).toHaveLength(1);
  });

  test("what stands in the timelock and what ran is told per transaction, and when the rollback dies", async () => {
    const signatures = await read("signatures");
    expect(signatures).toMatch(/pilot\/upgrade ✓ 3 of 3 signatures ✓ Executed/);
    expect(signatures).toMatch(/pilot\/rollback ✓ 3 of 3 signatures ▸ Stands in the timelock/);
    expect(signatures).toMatch(/containment\/pause-pilot ✓ \d of 2 signatures • Not on the chain/);
    expect(await read("wanted")).toMatch(/Rollback dies by itself 20\S+ \S+ UTC \(in \d+ d/);
  });

  test("what is private is not there: the executor's raw transaction as little as the signatures", async () => {
    const sent = await everythingSent(stage);
    for (const text of await privateTexts(stage)) expect(sent).not.toContain(text);
  });

  test("a hold is told with its reason, at the place where it stopped", async () => {
    await stage.council.as("caro", "canary", { action: "hold", reason: "Odd fees" });
    await stage.council.quorate.settle();
    const html = await stage.page();
    expect(part(html, "guarding")).toContain("On hold by Caro: Odd fees");
    expect(part(html, "timeline")).toMatch(
      /! Held stopped, 20\S+ \S+ UTC, by Caro ○ Phase pilot: canary passed to come/,
    );
    await stage.council.as("dev", "canary", { action: "start", reason: "Explained" });
    await stage.council.quorate.settle();
    expect(await stage.page()).not.toContain('id="guarding"');
  });
});

describe("in a browser", () => {
  test("its policy refuses nothing of it, it runs nothing, asks nobody, and the charts are there to be seen", async () => {
    await visit(async ({ page, complaints, requests }) => {
      const charts = page.getByRole("img");
      // Five of the canary, and the one of who can do what.
      expect(await charts.count()).toBe(6);
      for (const chart of await charts.all()) {
        await chart.scrollIntoViewIfNeeded();
        const box = await chart.boundingBox();
        expect(box?.width).toBeGreaterThan(280);
        expect(box?.height).toBeGreaterThan(100);
      }
      const drawn = await page.evaluate(() =>
        [...document.querySelectorAll(".chart svg")].map((svg) => ({
          line: getComputedStyle(svg.querySelector("path.ink-line") ?? svg).stroke,
          dashes: svg.querySelectorAll("path.ink-bound[stroke-dasharray]").length,
          shared: [...svg.querySelectorAll("[id]")].filter(
            (one) => document.querySelectorAll(`[id="${one.id}"]`).length > 1,
          ).length,
        })),
      );
      for (const chart of drawn) expect(chart).toEqual({ line: "rgb(74, 67, 214)", dashes: 1, shared: 0 });
      expect(complaints).toEqual([]);
      expect(requests).toEqual([stage.address()]);
      expect(await page.evaluate(() => document.querySelectorAll("script, [style], img, iframe, form").length)).toBe(0);
      expect(await page.context().cookies()).toEqual([]);
    });
  });

  test("a phone of 360 pixels has nothing to scroll sideways, with everything unfolded", async () => {
    await visit(
      async ({ page }) => {
        await openAll(page);
        const wide = await page.evaluate(() =>
          [...document.querySelectorAll("body *:not(.skip)")]
            .filter((one) => one.getBoundingClientRect().right > innerWidth)
            .map((one) => `${one.tagName}.${one.className}`),
        );
        expect(wide).toEqual([]);
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
      },
      { viewport: { width: 360, height: 780 } },
    );
  });

  test("a table's states are one line each on a desk, and its heads beside their cells unbroken on a phone", async () => {
    await visit(async ({ page }) => {
      const pills = await page.evaluate(() =>
        [...document.querySelectorAll<HTMLElement>("td .pill")].map(
          (one) => one.clientHeight / Number.parseFloat(getComputedStyle(one).fontSize),
        ),
      );
      expect(pills.length).toBeGreaterThan(0);
      expect(Math.max(...pills)).toBeLessThan(2);
    });
    await visit(
      async ({ page }) => {
        const broken = await page.evaluate(() =>
          [...document.querySelectorAll<HTMLElement>("td[data-head]:not(:empty)")].flatMap((cell) => {
            const head = document.createElement("span");
            head.textContent = cell.dataset.head ?? "";
            head.style.cssText = "position: absolute; white-space: nowrap";
            const room = Number.parseFloat(getComputedStyle(cell).gridTemplateColumns);
            cell.append(head);
            const needed = head.offsetWidth;
            head.remove();
            return needed <= room ? [] : [`${cell.dataset.head}: ${needed} of ${room}`];
          }),
        );
        expect(broken).toEqual([]);
      },
      { viewport: { width: 390, height: 780 } },
    );
  });

  test.each(["light", "dark"] as const)("every text has the contrast of AA in %s", async (colorScheme) => {
    await visit(
      async ({ page }) => {
        await openAll(page);
        expect(await page.evaluate(poorContrasts)).toEqual([]);
      },
      { colorScheme },
    );
  });

  test("headings are in order, parts and tables have names, and whatever is operated too", async () => {
    await visit(async ({ page }) => {
      await openAll(page);
      const { levels, nameless, repeated, dangling } = await page.evaluate(structure);
      expect(levels[0]).toBe(1);
      expect(levels.filter((level) => level === 1)).toHaveLength(1);
      for (const [at, level] of levels.entries()) expect(level - (levels[at - 1] ?? 0)).toBeLessThanOrEqual(1);
      expect({ nameless, repeated, dangling }).toEqual({ nameless: [], repeated: [], dangling: [] });
      for (const role of ["banner", "main", "contentinfo"] as const) expect(await page.getByRole(role).count()).toBe(1);
      expect(await page.getByRole("navigation").count()).toBe(2);
      const tables = await page.locator("table").count();
      expect(await page.locator("table > caption").count()).toBe(tables);
      expect(await page.locator("th:not([scope])").count()).toBe(0);
      expect(await page.locator("html").getAttribute("lang")).toBe("en");
    });
  });

  test("the first stop of the keyboard leads past everything to the content, and every part has its link", async () => {
    await visit(async ({ page }) => {
      await page.keyboard.press("Tab");
      const skip = page.getByRole("link", { name: "Skip to the content" });
      expect(await skip.evaluate((one) => one === document.activeElement && one.getBoundingClientRect().top >= 0)).toBe(
        true,
      );
      await page.keyboard.press("Enter");
      await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe("main");
      const links = await page.getByRole("navigation", { name: "On this page" }).getByRole("link").all();
      for (const link of links) {
        const target = (await link.getAttribute("href"))?.slice(1) ?? "";
        expect(await page.locator(`section[id="${target}"]`).count()).toBe(1);
      }
      expect(links).toHaveLength(await page.locator("main section").count());
    });
  });

  test("the files are kept under the ceremony's name", async () => {
    await visit(async ({ page }) => {
      for (const [name, file] of [
        ["Download the release package", "UP-1-package.json"],
        ["Download the evidence", "UP-1-evidence.json"],
      ] as const) {
        const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name }).click()]);
        expect(download.suggestedFilename()).toBe(file);
      }
    });
  });

  test("it reloads itself only for whoever asked for it, in place, and says how to stop", async () => {
    await visit(async ({ page }) => {
      expect(await page.locator("meta[http-equiv]").count()).toBe(0);
      await page.getByRole("link", { name: "Keep it up to date" }).click();
      await page.getByText("It reloads itself every 30 seconds.").waitFor();
      expect(await page.locator('meta[http-equiv="refresh"]').getAttribute("content")).toBe("30");
      await page.evaluate(() => scrollTo(0, 1500));
      await page.reload();
      await expect.poll(() => page.evaluate(() => scrollY)).toBe(1500);
      await page.getByRole("link", { name: "Stop" }).click();
      await page.getByRole("link", { name: "Keep it up to date" }).waitFor();
      expect(page.url()).toBe(stage.address());
    });
  });

  test("on paper everything is unfolded, and what only helps on a screen is gone", async () => {
    await visit(async ({ page }) => {
      await page.emulateMedia({ media: "print" });
      const bytes = page.getByLabel("Calldata").first();
      expect((await bytes.boundingBox())?.height).toBeGreaterThan(10);
      expect(await page.getByRole("navigation", { name: "On this page" }).isVisible()).toBe(false);
    });
  });
});

test("closed, nothing waits any more: no reload is offered, and the way is whole", async () => {
  const { council } = stage;
  await council.advance(700n, 24);
  await council.as("ben", "canary", { action: "advance" });
  await council.quorate.settle();
  await council.as("eve", "execute", { ceremony: "UP-1" });
  await council.advance(2000n, 34);
  await council.as("ben", "canary", { action: "advance" });
  await council.quorate.settle();
  const [step] = nextSteps(await council.state(), council.policy);
  expect(part(await stage.page(), "wanted")).toContain("in chat: /upgrade sign UP-1");
  for (const who of step?.who.slice(0, 2) ?? []) await council.as(who as Somebody, "sign", { ceremony: "UP-1" });
  await council.quorate.settle();
  expect((await council.state()).status).toBe("closed");
  const html = await stage.page();
  expect(part(html, "top")).toContain("✓ closed Everything is done");
  expect(part(html, "top")).not.toContain("Keep it up to date");
  expect(textOf(/<ol>[\s\S]*?<\/ol>/.exec(html)?.[0] ?? "")).not.toMatch(/to come|not reached|waited for/);
  expect(part(html, "canary")).toMatch(/Phase pilot ✓ Passed .*Phase main ✓ Passed/);
  expect(part(html, "signatures")).toMatch(/What makes the rest unusable cancel\/pilot\/rollback/);
  expect(html).not.toContain("http-equiv");
  expect(await (await fetch(`${stage.address()}?live`)).text()).not.toContain("http-equiv");
}, 120_000);
