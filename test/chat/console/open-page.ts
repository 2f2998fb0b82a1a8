/** The console's real page in a real browser, a fresh console for each test. */

import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";
import { launchBrowser } from "../../support/browser.ts";
import { openConsole, type Scripted } from "./open-console.ts";

export interface ConsolePage {
  console: Scripted;
  page: Page;
  /** What the browser complained about; a test fails with any. */
  faults: string[];
  /** The text field for commands. */
  line(): Locator;
  say(text: string): Promise<void>;
  /** The newest private answer. */
  reply(): Locator;
  cardOf(key: string): Locator;
  dialog(): Locator;
  button(name: string | RegExp): Locator;
}

/** Opens the page as Ben before each test of the file that calls this. */
export function consolePage(): ConsolePage {
  let browser: Browser;
  const at = {
    faults: [] as string[],
    line: () => at.page.getByRole("combobox"),
    async say(text: string) {
      await at.line().fill(text);
      await at.line().press("Enter");
    },
    reply: () => at.page.getByRole("article", { name: "Private answer" }).last(),
    cardOf: (key: string) => at.page.locator(`.timeline [data-card="${key}"]`),
    dialog: () => at.page.getByRole("dialog"),
    button: (name: string | RegExp) => at.page.getByRole("button", { name, exact: typeof name === "string" }),
  } as ConsolePage;
  beforeAll(async () => {
    browser = await launchBrowser();
    at.page = await browser.newPage();
    at.page.setDefaultTimeout(20_000);
    at.page.on("pageerror", (error) => at.faults.push(String(error)));
    at.page.on("console", (message) => message.type() === "error" && at.faults.push(message.text()));
  });
  afterAll(() => browser?.close());
  beforeEach(async () => {
    at.console = await openConsole();
    await at.page.setViewportSize({ width: 1280, height: 800 });
    await at.page.goto(`${at.console.url}/#ben`);
  });
  afterEach(async () => {
    await at.page.goto("about:blank");
    await at.console.stop();
    expect(at.faults.splice(0)).toEqual([]);
  });
  return at;
}
