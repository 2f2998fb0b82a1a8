/** What a newcomer does: npm start, open the printed address, and run a ceremony as five people, by hand. */

import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import type { Browser, Locator, Page } from "playwright-core";
import { afterEach, beforeEach, expect, test } from "vitest";
import { launchBrowser } from "./support/browser.ts";

const root = resolve(import.meta.dirname, "..");
const shots = resolve(root, "test-results/screenshots");

let program: ChildProcess;
let browser: Browser;
let page: Page;
let url: string;
let operator: string;

/** The addresses that the program prints: of the console, and of its probes. */
async function printedUrls(child: ChildProcess): Promise<string[]> {
  let printed = "";
  for await (const chunk of child.stdout ?? []) {
    printed += chunk;
    const found = printed.match(/http:\/\/127\.0\.0\.1:\d+/g) ?? [];
    if (found.length === 2) return found;
  }
  throw new Error(`npm start ended without its addresses: ${printed}`);
}

// For every try anew: a ceremony that was begun is not begun again.
beforeEach(async () => {
  mkdirSync(shots, { recursive: true });
  const env = { ...process.env, PORT: "0", OPERATOR_PORT: "0" };
  program = spawn("npm", ["start"], { cwd: root, env, stdio: ["ignore", "pipe", "inherit"], detached: true });
  const [printed, opened] = await Promise.all([printedUrls(program), launchBrowser()]);
  [url = "", operator = ""] = printed;
  browser = opened;
  page = await browser.newPage({ viewport: { width: 1280, height: 860 } });
});

afterEach(async ({ task }) => {
  if (task.result?.state === "fail") {
    await page.screenshot({ path: `${shots}/failed.png` });
    // Where CI keeps no pictures, its output says what was on the screen.
    console.error(await page.locator("body").ariaSnapshot());
  }
  await browser?.close();
  if (program.pid !== undefined) process.kill(-program.pid, "SIGINT");
});

const card = (): Locator => page.locator(`.timeline [data-card="UP-1"]`);
const inCard = (name: string) => card().getByRole("button", { name, exact: true });

async function actAs(name: string): Promise<void> {
  await page.getByRole("radio", { name }).check({ force: true });
}

async function type(command: string): Promise<void> {
  await page.getByRole("combobox").first().fill(command);
  await page.keyboard.press("Escape");
  await page.keyboard.press("Enter");
}

/** Waits until the card's state is this. */
async function cardIs(status: string): Promise<void> {
  await page.locator(`.timeline [data-card="UP-1"][aria-label^="${status}:"]`).waitFor({ timeout: 40_000 });
}

/** Signs whatever the dialog asks for, and closes it. */
async function signAll(name: string): Promise<void> {
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: new RegExp(`with ${name}'s wallet`) }).click();
  await dialog.getByText(/(\d+) of \1 done/).waitFor({ timeout: 40_000 });
  await dialog.getByRole("button", { name: "Close" }).last().click();
}

async function moveTime(label: string): Promise<void> {
  await page.getByRole("button", { name: /UTC/ }).first().click();
  const panel = page.getByRole("region", { name: "Chain time" });
  await panel.getByRole("button", { name: label }).click();
  await panel.getByText(/The chain is at block .+ later/).waitFor({ timeout: 40_000 });
  await page.keyboard.press("Escape");
}

async function operatorSees(): Promise<void> {
  for (const path of ["/livez", "/readyz"]) expect(await (await fetch(operator + path)).text()).toBe("ok\n");
  const metrics = await (await fetch(`${operator}/metrics`)).text();
  const value = (sample: string) =>
    Number(
      metrics
        .split("\n")
        .find((line) => line.startsWith(`quorate_${sample} `))
        ?.split(" ")
        .at(-1),
    );
  const chain = 'chain="eip155:31337"';
  expect(value('ceremonies{status="closed"}')).toBe(1);
  expect(value(`verdicts_total{${chain},verdict="pass"}`)).toBeGreaterThan(100);
  for (const counted of ["rpc_requests_total", "head_number", "block_to_decision_seconds_count"])
    expect(value(`${counted}{${chain}}`), counted).toBeGreaterThan(10);
  expect(value(`head_age_seconds{${chain}}`)).toBeLessThan(60);
}

test("a newcomer runs a whole ceremony through the console as five people, and whoever operates it sees it", async () => {
  await page.goto(url);
  await page.getByRole("button", { name: /As Ada/ }).click();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").getByRole("button", { name: "Propose" }).click();
  await cardIs("drafted");
  await inCard("Check").click();
  await cardIs("in review");
  await inCard("Approve").click();
  await page.getByText(/You cannot approve UP-1/).waitFor();
  await page.screenshot({ path: `${shots}/review.png` });

  for (const name of ["Ben", "Caro", "Dev"]) {
    await actAs(name);
    await inCard("Approve").click();
    await card()
      .getByText(new RegExp(`of 3: .*${name}`))
      .waitFor({ timeout: 40_000 });
    await type("/upgrade sign UP-1");
    await signAll(name);
  }
  await inCard("Schedule").click();
  await page.getByRole("dialog").getByRole("button", { name: "Schedule" }).click();
  await cardIs("scheduled");
  await moveTime("+48 h");
  await cardIs("ready");

  for (const [phase, canary] of [
    ["pilot", "canary 1 of 2"],
    ["main", "canary 2 of 2"],
  ] as const) {
    await actAs("Eve");
    await type("/upgrade execute UP-1");
    await signAll("Eve");
    await cardIs(canary);
    await actAs("Finn");
    await type("/upgrade canary advance UP-1");
    await page
      .getByText(/UP-1 cannot advance yet/)
      .last()
      .waitFor();
    await moveTime("+1 h");
    await page.screenshot({ path: `${shots}/canary-${phase}.png` });
    await type("/upgrade canary advance UP-1");
    await cardIs(phase === "pilot" ? "ready" : "closing");
  }
  for (const name of ["Caro", "Dev"]) {
    await actAs(name);
    // There once the transactions are, which are made from what the chain says.
    await inCard("Sign").click();
    await signAll(name);
  }
  await cardIs("closed");
  await page.screenshot({ path: `${shots}/closed.png` });
  const link = card().getByRole("link", { name: "Open the ceremony page" });
  const [ceremonyPage] = await Promise.all([page.waitForEvent("popup"), link.click()]);
  await ceremonyPage.getByRole("heading", { level: 1, name: /^UP-1 · / }).waitFor();
  expect(await ceremonyPage.getByRole("img", { name: /: \d+ samples?, the newest / }).count()).toBe(13);
  await ceremonyPage.close();
  await page
    .getByText(/\d+ replies/)
    .first()
    .click();
  const thread = page.getByRole("complementary", { name: "Thread" });
  await thread.getByText(/Closed at block \d+: nothing is left that could still run/).waitFor();
  await page.screenshot({ path: `${shots}/thread.png` });
  expect(await thread.getByText(/Refused to Ada: You cannot approve UP-1/).count()).toBe(1);
  await operatorSees();
}, 240_000);
