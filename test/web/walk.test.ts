/**
 * One ceremony as its people live it: the link in the chat's answer, the page in a browser, a wallet, and the chain; from
 * the first signature to the changed implementation, through the program's own web server.
 */

import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { createPublicClient, http, parseAbi } from "viem";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type CeremonyState, schedules, signaturesOf } from "../../src/domain/ceremony.ts";
import { proxyChanges } from "../../src/domain/release-package.ts";
import { embeddedPeople } from "../../src/embedded/people.ts";
import type { WalletRequest } from "../../src/view.ts";
import { launchBrowser } from "../support/browser.ts";
import { type Somebody, sentence, walk } from "../support/embedded.ts";
import { type PublicCouncil, startPublicCouncil } from "../support/public-council.ts";
import { plugIn, type TestWallet } from "./page/test-wallet.ts";

const shots = resolve(import.meta.dirname, "../../test-results/screenshots");

let council: PublicCouncil;
let browser: Browser;
beforeAll(async () => {
  mkdirSync(shots, { recursive: true });
  [council, browser] = await Promise.all([startPublicCouncil(), launchBrowser()]);
  await walk(council, "in review");
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await council?.stop();
});

interface Visit {
  context: BrowserContext;
  page: Page;
  wallet: TestWallet;
  faults: string[];
  /** The answer in chat. */
  asked: WalletRequest;
}

/** Asks in chat, and opens the link of one's own answer in a browser of one's own. */
async function follow(person: Somebody, command: string, width = 1100): Promise<Visit> {
  const asked = await council.ask(person, command, { ceremony: "UP-1" });
  if (asked.kind !== "wallet" || asked.link === undefined) throw new Error(`${person}: ${sentence(asked)}`);
  expect(asked.link).toMatch(new RegExp(`^${council.publicUrl}/sign#[A-Za-z0-9_-]{43}$`));
  const context = await browser.newContext({ viewport: { width, height: 844 }, hasTouch: width < 600 });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
  const wallet = await plugIn(page, council.world.url, embeddedPeople[person].privateKey);
  await page.goto(asked.link);
  await page.getByRole("button", { name: "Connect Test wallet" }).click();
  await page.getByText(/All \d+ comparisons agree\./).waitFor();
  return { context, page, wallet, faults, asked };
}

const spelled = (text: string) => `0x${text.replace(/\s/g, "").toLowerCase()}`;

/** Compares each transaction with the chat's answer, and signs it. */
async function signAll({ page, asked }: Visit): Promise<void> {
  const items = page.locator(".item");
  expect(await items.count()).toBe(asked.items.length);
  for (const [at, item] of asked.items.entries()) {
    if (item.kind !== "signature") throw new Error("Only signatures were asked for.");
    const block = items.nth(at);
    for (const [label, hash] of [
      ["safeTxHash", item.hashes.safeTxHash],
      ["Domain hash", item.hashes.domainHash],
      ["Message hash", item.hashes.messageHash],
    ] as const) {
      const shown = await block.locator(".hash", { hasText: label }).first().locator("code").textContent();
      expect(spelled(shown ?? ""), `${label} of ${item.purpose}`).toBe(hash);
    }
    await block.getByRole("button", { name: `Sign ${at + 1}`, exact: true }).click();
    await block.getByText("Signed and handed in.").waitFor();
  }
  await page.getByText("Everything asked of you is signed.").waitFor();
}

/** How many of its signatures each transaction has. */
const given = (state: CeremonyState) =>
  Object.fromEntries((state.review?.transactions ?? []).map(({ id }) => [id, signaturesOf(state, id).length]));

async function leave({ context, faults }: Visit): Promise<void> {
  expect(faults).toEqual([]);
  await context.close();
}

const release = ["pilot/upgrade", "pilot/rollback", "main/upgrade", "main/rollback"];
/** What the card in the channel says by now. */
const cardSays = async (label: string) => (await council.card()).facts.find((one) => one.label === label)?.value;

test("Ben signs upgrade and rollback with a Ledger beside him, and the card moves", async () => {
  const visit = await follow("ben", "sign");
  await visit.page.getByRole("radio", { name: "Ledger" }).check();
  // What a signer holds the device against: the pictures are those of docs/signers.md.
  await visit.page.setViewportSize({ width: 900, height: 790 });
  await visit.page
    .locator(".item h4", { hasText: "Before and after" })
    .first()
    .evaluate((one) => scrollTo(0, scrollY + one.getBoundingClientRect().top - 12));
  await visit.page.screenshot({ path: resolve(shots, "signing-page.png") });
  expect(visit.asked.items).toHaveLength(release.length);
  await signAll(visit);
  await council.quorate.settle();
  const state = await council.state();
  expect(given(state)).toMatchObject(Object.fromEntries(release.map((id) => [id, 1])));
  expect(state.status).toBe("in review");
  expect(await cardSays("Approvals")).toBe("1 of 3: Ben");
  await leave(visit);
});

test("Caro signs those and the containments with a Trezor, in one visit", async () => {
  const visit = await follow("caro", "sign");
  await visit.page.getByRole("radio", { name: "Trezor" }).check();
  await signAll(visit);
  await council.quorate.settle();
  const state = await council.state();
  const guarded = Object.entries(given(state)).filter(([id]) => id.startsWith("containment/"));
  expect(guarded.length).toBeGreaterThan(0);
  expect(guarded.every(([, count]) => count === 1)).toBe(true);
  expect(given(state)).toMatchObject(Object.fromEntries(release.map((id) => [id, 2])));
  expect(await cardSays("Approvals")).toBe("2 of 3: Ben, Caro");
  await leave(visit);
});

test("Dev signs on a phone with a Keystone: nothing to scroll sideways, everything in a thumb's reach", async () => {
  const width = 390;
  const visit = await follow("dev", "sign", width);
  const { page } = visit;
  await page.getByRole("radio", { name: "Keystone" }).check();
  await page.evaluate(() => scrollTo(0, 0));
  await page.screenshot({ path: resolve(shots, "signing-phone.png") });
  await phoneHolds(page, width);
  await signAll(visit);
  await phoneHolds(page, width);
  await council.quorate.settle();
  const state = await council.state();
  expect(Object.values(given(state)).every((count) => count >= 2)).toBe(true);
  expect(given(state)).toMatchObject(Object.fromEntries(release.map((id) => [id, 3])));
  expect(state.status).toBe("signing");
  expect(await cardSays("Approvals")).toBe("3 of 3: Ben, Caro, Dev");
  expect(await cardSays("Fully signed")).toBe("6 of 6 transactions");
  await leave(visit);
});

/** With everything unfolded: no sideways scrolling, and what is operated is reachable and 44 pixels high. */
async function phoneHolds(page: Page, width: number): Promise<void> {
  const found = await page.evaluate(() => {
    const closed = [...document.querySelectorAll("details")].filter((one) => !one.open);
    for (const one of closed) one.open = true;
    const operated = [...document.querySelectorAll<HTMLElement>("button, summary, a, textarea, label.choice")];
    const small = operated.flatMap((one) => {
      const { width: wide, height, left, right } = one.getBoundingClientRect();
      const reachable = left >= 0 && right <= innerWidth && wide >= 44 && height >= 43.5;
      return reachable ? [] : [`${one.tagName}.${one.className} ${one.textContent?.slice(0, 30)}: ${wide}x${height}`];
    });
    const scrolls = document.documentElement.scrollWidth;
    for (const one of closed) one.open = false;
    return { small, scrolls, operated: operated.length };
  });
  expect(found.small).toEqual([]);
  expect(found.scrolls).toBe(width);
  expect(found.operated).toBeGreaterThan(10);
}

const safeAbi = parseAbi(["function nonce() view returns (uint256)"]);

test("with three signatures each the schedule goes out: the operations stand in the timelock, and the nonces are used", async () => {
  const state = await council.state();
  const safe = state.package.legs[0]?.authority.safe;
  if (safe === undefined) throw new Error("The package has no leg.");
  const client = createPublicClient({ transport: http(council.world.url) });
  const nonce = () => client.readContract({ address: safe, abi: safeAbi, functionName: "nonce" });
  const before = await nonce();
  await council.as("ada", "schedule", { ceremony: "UP-1" });
  await council.quorate.settle();
  expect((await council.state()).status).toBe("scheduled");
  expect(await nonce()).toBe(before + BigInt(release.length));
  for (const tx of schedules(state)) {
    const leg = state.package.legs.find((one) => one.id === tx.subject);
    if (leg?.authority.kind !== "safe+timelock" || tx.operationId === undefined) throw new Error("No timelock.");
    const { state: where } = await council.chains.get(leg.chain).operation(leg.authority.timelock, tx.operationId);
    expect(where).toBe("Waiting");
  }
});

test("after the delay Eve executes from her link, and the contract runs the new code", async () => {
  const [leg] = (await council.state()).package.legs;
  const [change] = leg === undefined ? [] : proxyChanges(leg);
  if (leg === undefined || change === undefined) throw new Error("The package changes nothing.");
  const implementation = async () => (await council.chains.get(leg.chain).proxy(change.proxy)).implementation;
  expect(await implementation()).toBe(change.fromImplementation);
  await council.advance(172_900n);
  expect((await council.state()).status).toBe("ready");
  const visit = await follow("eve", "execute");
  const { page, wallet, asked } = visit;
  await page.screenshot({ path: resolve(shots, "executing-page.png") });
  await page.setViewportSize({ width: 390, height: 844 });
  await phoneHolds(page, 390);
  await page.screenshot({ path: resolve(shots, "executing-phone.png") });
  await page.getByRole("button", { name: "Send 1", exact: true }).click();
  await page.getByText("Everything that you were to send has run.").first().waitFor();
  // One transaction, and the one that the answer in chat shows.
  const [sent, ...more] = wallet.sendRequests().map(({ params: [call] }) => call as { to: string; data: string });
  const [item] = asked.items;
  if (item?.kind !== "transaction") throw new Error("The answer in chat shows no transaction.");
  expect(more).toEqual([]);
  expect(sent).toMatchObject({ to: item.call.to, data: item.call.data });
  await leave(visit);
  await council.quorate.settle();
  expect(await implementation()).toBe(change.toImplementation);
  const state = await council.state();
  expect(state.status).toBe("canary");
  expect(state.executedLegs).toMatchObject([{ leg: leg.id, purpose: "upgrade", person: "eve" }]);
});
