/** A council on a real chain with a ceremony to sign, its briefs, and the page in a real browser. */

import type { Browser, Page } from "playwright-core";
import { toJson } from "../../../src/domain/canonical.ts";
import type { CeremonyState } from "../../../src/domain/ceremony.ts";
import { personById } from "../../../src/domain/policy.ts";
import { signable } from "../../../src/domain/signing.ts";
import { embeddedPeople } from "../../../src/embedded/people.ts";
import type { SigningBrief } from "../../../src/web/brief.ts";
import { type PageFile, pageFile } from "../../../src/web/page-file.ts";
import { launchBrowser } from "../../support/browser.ts";
import { type Somebody, startCouncil, type TestCouncil, walk } from "../../support/embedded.ts";
import { type SigningServer, startSigningServer } from "./signing-server.ts";
import { plugIn, type TestWallet } from "./test-wallet.ts";

export interface Stage {
  council: TestCouncil;
  state: CeremonyState;
  file: PageFile;
  server: SigningServer;
  browser: Browser;
  /** What the real server would give this person. */
  brief(person: Somebody): SigningBrief;
  /** Opens the page as this person, with their wallet plugged in. */
  open(person: Somebody, options?: VisitOptions): Promise<PageVisit>;
  stop(): Promise<void>;
}

export interface VisitOptions {
  width?: number;
  scheme?: "light" | "dark";
  wallet?: "announced" | "old";
  /** Set before the page's own script runs. */
  before?(page: Page, wallet: TestWallet): Promise<void>;
}

export interface PageVisit {
  page: Page;
  wallet: TestWallet;
  /** What the browser complained about. */
  faults: string[];
  close(): Promise<void>;
}

/** `prepare` changes the chain before anything is proposed. */
export async function startStage(prepare?: (council: TestCouncil) => Promise<unknown>): Promise<Stage> {
  const [council, file, browser] = await Promise.all([startCouncil(), pageFile(), launchBrowser()]);
  await prepare?.(council);
  const state = await walk(council, "approved");
  const server = await startSigningServer(file);
  return {
    council,
    state,
    file,
    server,
    browser,
    brief: (person) => briefOf(council, state, person),
    open: (person, options) => openPage(browser, server, council, person, options),
    async stop() {
      await browser.close();
      await server.stop();
      await council.stop();
    },
  };
}

function briefOf(council: TestCouncil, state: CeremonyState, id: Somebody): SigningBrief {
  const { review, check } = state;
  const person = personById(council.policy, id);
  if (review === undefined || check === undefined || person === undefined) throw new Error("There is no review.");
  return {
    schema: "quorate/signing/1",
    ceremony: state.id,
    revision: state.revision,
    package: toJson(state.package),
    auditHead: review.auditHead,
    evidenceHash: check.evidenceHash,
    authorityPolicyHash: review.policyHash,
    safes: review.safes.map(({ chain, address, version, nonce, nested }) => ({
      ...{ chain, address, version, nested },
      nonce: String(nonce),
    })),
    digest: review.digest,
    stated: { findings: [], overrides: [] },
    asked: signable(state, person, council.policy).map((tx) => tx.id),
    person: { id: person.id, name: person.name, wallets: [...person.wallets] },
  };
}

export async function openPage(
  browser: Browser,
  server: SigningServer,
  council: TestCouncil,
  person: Somebody,
  { width = 1100, scheme = "light", wallet: how = "announced", before }: VisitOptions = {},
  token = `link-of-${person}`,
): Promise<PageVisit> {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: scheme });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
  const wallet = await plugIn(page, council.world.url, embeddedPeople[person].privateKey, how);
  await before?.(page, wallet);
  await page.goto(`${server.url}/sign#${token}`);
  return { page, wallet, faults, close: () => context.close() };
}

/** Serves everybody their own brief, and hands signatures to the real intake. */
export function serveEverybody({ server, council, brief }: Stage): void {
  const personOf = (token: string) => token.replace("link-of-", "") as Somebody;
  server.brief = (token) => ({ status: 200, body: brief(personOf(token)) });
  server.signature = async ({ token, safeTxHash, signature }) => {
    const { intake } = council.quorate;
    const outcome = await intake.signature(`console:${personOf(token)}`, "UP-1", safeTxHash, signature);
    return outcome.ok
      ? { status: 200, body: { taken: true } }
      : { status: 409, body: { error: outcome.refusal.sentence } };
  };
}

/** Presses the wallet's button and waits until everything was compared. */
export async function connect({ page }: PageVisit): Promise<void> {
  await page
    .getByRole("button", { name: /^Connect / })
    .first()
    .click();
  await page
    .getByText(/comparisons agree\.|Do not (sign|send)\.|Not verified\. (Sign|Send)ing stays off/)
    .first()
    .waitFor();
}
