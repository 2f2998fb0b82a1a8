/** Linking a wallet from end to end: asked for in chat, signed on the page in a browser, taken by the program behind it. */

import type { Browser } from "playwright-core";
import { hexToString } from "viem";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Hex } from "../../../src/domain/primitives.ts";
import { embeddedPeople, spareWallet } from "../../../src/embedded/people.ts";
import { launchBrowser } from "../../support/browser.ts";
import { type Somebody, sentence } from "../../support/embedded.ts";
import { poorContrasts, structure } from "../../support/page-checks.ts";
import { type PublicCouncil, startPublicCouncil } from "../../support/public-council.ts";
import { plugIn } from "./test-wallet.ts";

let council: PublicCouncil;
let browser: Browser;
beforeAll(async () => {
  [council, browser] = await Promise.all([startPublicCouncil(), launchBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await council?.stop();
});
/** Nobody's pending link stands in the way of the next test. */
beforeEach(async () => {
  for (const { id, status } of council.people.state().links)
    if (status === "open" || status === "proved")
      await council.ask("ada", "link", { deny: id, reason: "the next test" });
});

const keyOf = (person: Somebody): Hex => spareWallet(person)?.privateKey ?? "0x";

async function linkOf(person: Somebody): Promise<string> {
  const view = await council.ask(person, "link");
  if (view.kind !== "wallet" || view.link === undefined) throw new Error(`No link: ${sentence(view)}`);
  return view.link;
}

async function open(
  person: Somebody,
  { url = "", key = keyOf(person), width = 1100, scheme = "light" as "light" | "dark" } = {},
) {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: scheme });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
  const wallet = await plugIn(page, council.world.url, key);
  await page.goto(url === "" ? await linkOf(person) : url);
  return { page, wallet, faults, close: () => context.close() };
}

type Visit = Awaited<ReturnType<typeof open>>;
const connect = ({ page }: Visit) => page.getByRole("button", { name: "Connect Test wallet" }).click();
const sign = ({ page }: Visit) => page.getByRole("button", { name: "Sign", exact: true });
const newest = () => council.people.state().links.at(-1);

describe("a wallet on the page", () => {
  test("signs exactly the text that is shown, and the program takes it", async () => {
    const visit = await open("ben");
    await visit.page.getByRole("heading", { name: "Link a wallet to Ben" }).waitFor();
    await connect(visit);
    const shown = (await visit.page.locator("pre.text").textContent()) ?? "";
    expect(shown).toContain(
      `The chat account console:ben is mine. I am ben in the council "Harbour security council".`,
    );
    expect(shown).toContain(spareWallet("ben")?.address);
    await sign(visit).click();
    await visit.page.getByText("Signed and handed in.").waitFor();
    const [asked, ...more] = visit.wallet.signRequests();
    expect(more).toEqual([]);
    expect(asked?.method).toBe("personal_sign");
    expect(hexToString(asked?.params[0] as Hex)).toBe(shown);
    expect(newest()).toMatchObject({ status: "proved", wallet: spareWallet("ben")?.address });
    expect(visit.faults).toEqual([]);
    await visit.close();
  });

  test("that is somebody else's is not asked to sign", async () => {
    const visit = await open("ben", { key: embeddedPeople.caro.privateKey });
    await connect(visit);
    await visit.page.getByText(/belongs to Caro: it cannot be linked to Ben/).waitFor();
    expect(await sign(visit).count()).toBe(0);
    await visit.close();
  });

  test("that becomes another account or chain on the way stops it, and nothing is taken", async () => {
    const visit = await open("ben");
    await connect(visit);
    await sign(visit).waitFor();
    await visit.wallet.switchTo(visit.page, { privateKey: keyOf("caro") });
    await visit.page
      .getByText(/The wallet switched from the account .* Nothing was linked: connect it again/)
      .waitFor();
    expect(await sign(visit).count()).toBe(0);
    await connect(visit);
    visit.wallet.instead = async ({ method }) => {
      if (method === "personal_sign") visit.wallet.chainId = 1;
      return undefined;
    };
    await sign(visit).click();
    await visit.page.getByText(/The signature that was under way was thrown away/).waitFor();
    expect(newest()?.status).toBe("open");
    await visit.close();
  });

  test("that signs another text is refused by the program in a sentence, and can be asked again", async () => {
    const visit = await open("ben");
    await connect(visit);
    visit.wallet.instead = ({ method }) =>
      method === "personal_sign" ? { result: `0x${"11".repeat(64)}1b` } : undefined;
    await sign(visit).click();
    await visit.page.getByText(/Sign the text exactly as it stands|belongs to no key at all/).waitFor();
    expect(newest()?.status).toBe("open");
    visit.wallet.instead = () => undefined;
    await sign(visit).click();
    await visit.page.getByText("Signed and handed in.").waitFor();
    await visit.close();
  });

  test("that declines leaves everything as it was", async () => {
    const visit = await open("ben");
    await connect(visit);
    visit.wallet.instead = ({ method }) =>
      method === "personal_sign" ? { error: { code: 4001, message: "" } } : undefined;
    await sign(visit).click();
    await visit.page.getByText("You declined in the wallet.").waitFor();
    expect(newest()?.status).toBe("open");
    await visit.close();
  });
});

describe("the page", () => {
  test("refuses a text that is for another page, without asking any wallet", async () => {
    const url = await linkOf("ben");
    const visit = await open("ben", { url: "about:blank" });
    await visit.page.route("**/api/brief", async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, json: { ...(await response.json()), domain: "evil.example.org" } });
    });
    await visit.page.goto(url);
    await visit.page.getByText(/The text is for evil\.example\.org, and this page came from/).waitFor();
    expect(await visit.page.getByRole("button", { name: /Connect/ }).count()).toBe(0);
    await visit.close();
  });

  test("shows nothing to sign once a link was used, and says how to go on", async () => {
    const url = await linkOf("ben");
    const first = await open("ben", { url });
    await connect(first);
    await sign(first).click();
    await first.page.getByText("Signed and handed in.").waitFor();
    await first.close();
    const second = await open("ben", { url });
    await second.page.getByText(/This link is proved: it can be used once.* Say \/upgrade link in chat/).waitFor();
    await second.close();
  });

  test.each(["light", "dark"] as const)("is read on a phone and by contrast in the %s", async (scheme) => {
    const visit = await open("ben", { width: 360, scheme });
    await connect(visit);
    await sign(visit).waitFor();
    const wide = await visit.page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(wide).toBe(0);
    expect(await visit.page.evaluate(poorContrasts)).toEqual([]);
    await visit.close();
  });

  test("has one main heading and names for its parts, and can be used by keyboard", async () => {
    const visit = await open("ben");
    await visit.page.getByRole("heading", { name: "Link a wallet to Ben" }).waitFor();
    const found = await visit.page.evaluate(structure);
    expect(found).toMatchObject({ nameless: [], repeated: [], dangling: [] });
    expect(found.levels.filter((one) => one === 1)).toEqual([1]);
    await visit.page.getByRole("button", { name: "Connect Test wallet" }).focus();
    await visit.page.keyboard.press("Enter");
    await sign(visit).focus();
    await visit.page.keyboard.press("Enter");
    await visit.page.getByText("Signed and handed in.").waitFor();
    await visit.close();
  });
});
