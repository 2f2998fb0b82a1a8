/** The page by keyboard, for those who hear it, on a phone, and in light and dark. */

import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { poorContrasts, structure } from "../../support/page-checks.ts";
import { connect, type PageVisit, type Stage, serveEverybody, startStage } from "./stage.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
  serveEverybody(stage);
  stage.server.signature = () => ({ status: 200, body: { taken: true } });
});
afterAll(() => stage?.stop());

const openAll = (page: Page) =>
  page.evaluate(() => {
    for (const details of document.querySelectorAll("details")) details.open = true;
  });

/** The page in each state that a signer meets. */
const states: [string, (visit: PageVisit) => Promise<void>][] = [
  ["before a wallet", async ({ page }) => page.getByRole("button", { name: "Connect Test wallet" }).waitFor()],
  ["after comparing", connect],
  [
    "with a signature and a fault",
    async (visit) => {
      await connect(visit);
      await visit.page.getByRole("button", { name: "Sign 1" }).click();
      await visit.page.getByText("Signed and handed in.").first().waitFor();
      visit.wallet.instead = ({ method }) =>
        method === "eth_signTypedData_v4" ? { error: { code: 4001, message: "" } } : undefined;
      await visit.page.getByRole("button", { name: "Sign 2" }).click();
      await visit.page.getByRole("button", { name: "Try again: sign 2" }).waitFor();
    },
  ],
  [
    "with a difference",
    async (visit) => {
      visit.wallet.instead = ({ method }) => (method === "eth_getCode" ? { result: "0x60" } : undefined);
      await connect(visit);
    },
  ],
  [
    "with something unread, on another chain",
    async (visit) => {
      visit.wallet.chainId = 1;
      await visit.page.getByRole("button", { name: "Connect Test wallet" }).click();
      await visit.page.getByText("Your wallet is on another chain.").waitFor();
    },
  ],
];

describe.each(states)("%s", (_name, reach) => {
  test("a phone of 360 pixels has nothing to scroll sideways", async () => {
    const visit = await stage.open("caro", { width: 360 });
    await reach(visit);
    await openAll(visit.page);
    const wide = await visit.page.evaluate(() =>
      [...document.querySelectorAll("body *")]
        .filter((one) => !one.classList.contains("unseen") && one.getBoundingClientRect().right > innerWidth)
        .map((one) => `${one.tagName}.${one.className}`),
    );
    expect(wide).toEqual([]);
    expect(await visit.page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
    // A hash wraps between its groups of four, never inside one.
    const groups = await visit.page.locator(".groups span").evaluateAll((all) => all.map((one) => one.clientHeight));
    expect(groups.length).toBeGreaterThan(60);
    expect(Math.max(...groups)).toBeLessThan(32);
    await visit.close();
  });

  test.each(["light", "dark"] as const)("every text has the contrast of AA in %s", async (scheme) => {
    const visit = await stage.open("caro", { scheme });
    await reach(visit);
    await openAll(visit.page);
    expect(await visit.page.evaluate(poorContrasts)).toEqual([]);
    await visit.close();
  });

  test("headings are in order, everything that is operated has a name, and nothing is named twice", async () => {
    const visit = await stage.open("caro");
    await reach(visit);
    await openAll(visit.page);
    const { levels, nameless, repeated, dangling } = await visit.page.evaluate(structure);
    expect(levels[0]).toBe(1);
    expect(levels.filter((level) => level === 1)).toHaveLength(1);
    for (const [at, level] of levels.entries()) expect(level - (levels[at - 1] ?? 0)).toBeLessThanOrEqual(1);
    expect({ nameless, repeated, dangling }).toEqual({ nameless: [], repeated: [], dangling: [] });
    expect(await visit.page.locator("html").getAttribute("lang")).toBe("en");
    await visit.close();
  });
});

test("everything is signed with the keyboard alone, and the focus goes where the news is", async () => {
  const visit = await stage.open("ben");
  const { page } = visit;
  await page.getByRole("button", { name: "Connect Test wallet" }).waitFor();
  expect(await focused(page)).toContain("H1");
  await tabTo(page, "Connect Test wallet");
  await page.keyboard.press("Enter");
  await page.getByText(/All \d+ comparisons agree\./).waitFor();
  await expect.poll(() => focused(page)).toContain("verdict");
  await tabTo(page, "Ledger");
  await page.keyboard.press("ArrowRight");
  expect(await page.getByRole("radio", { name: "Trezor" }).isChecked()).toBe(true);
  expect(await page.getByText("A Trezor with a large screen").isVisible()).toBe(true);
  const count = await page.locator(".item").count();
  for (let at = 1; at <= count; at++) {
    await tabTo(page, `Sign ${at}`);
    await page.keyboard.press("Enter");
    await page
      .locator(".item")
      .nth(at - 1)
      .getByText("Signed and handed in.")
      .waitFor();
    if (at < count) await expect.poll(() => focused(page)).toContain(`item-${at + 1}`);
  }
  await expect.poll(() => focused(page)).toContain("verdict");
  await page.getByText("Everything asked of you is signed.").waitFor();
  expect(await page.getByRole("status").first().textContent()).toBe(`${count} signed.`);
  await visit.close();
});

test("what happens is said to those who hear the page", async () => {
  const visit = await stage.open("ben");
  await visit.page.getByRole("button", { name: "Connect Test wallet" }).waitFor();
  await visit.page.evaluate(() => {
    const heard: string[] = [];
    Object.assign(globalThis, { heard });
    const status = document.querySelector("[role=status]");
    if (status)
      new MutationObserver(() => heard.push(status.textContent ?? "")).observe(status, {
        characterData: true,
        childList: true,
        subtree: true,
      });
  });
  await connect(visit);
  await visit.page.getByRole("button", { name: "Sign 1" }).click();
  await visit.page.getByText("Signed and handed in.").first().waitFor();
  await expect
    .poll(() => visit.page.evaluate(() => (globalThis as unknown as { heard: string[] }).heard))
    .toEqual(
      expect.arrayContaining([
        "Connecting to the wallet.",
        "Reading the chain through your wallet.",
        "All comparisons agree. You can compare and sign.",
        "Look at your wallet: it asks you to sign.",
        "1 signed.",
      ]),
    );
  await visit.close();
});

const focused = (page: Page) =>
  page.evaluate(() => {
    const { tagName = "", id = "", className = "" } = document.activeElement ?? {};
    return `${tagName} ${id} ${className}`;
  });

/** Presses Tab until the element with this name has the focus; each stop is after the one before, and visibly focused. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let presses = 0; presses < 60; presses++) {
    await page.keyboard.press("Tab");
    const stop = await page.evaluate(() => {
      const here = globalThis as unknown as { lastStop: Element | undefined };
      const now = document.activeElement;
      if (now === null || now === document.body) return { name: "", onward: true, seen: true };
      const before = here.lastStop;
      here.lastStop = now;
      const follows = 4;
      const onward = before === undefined || before === now || (before.compareDocumentPosition(now) & follows) !== 0;
      const seen = [now, now.closest("label")].some(
        (one) => one !== null && getComputedStyle(one).outlineStyle !== "none",
      );
      const label = now instanceof HTMLInputElement ? now.labels?.[0]?.textContent : now.textContent;
      return { name: (label ?? "").trim(), onward, seen };
    });
    expect(stop, "the order or the visibility of the focus").toMatchObject({ seen: true });
    if (stop.name === name) return;
  }
  throw new Error(`Tab never reaches ${name}.`);
}
