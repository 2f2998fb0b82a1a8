/** Links as `/upgrade` gives them in a real ceremony, behind the page in a real browser: every answer is the real desk's. */

import type { Browser } from "playwright-core";
import type { SigningDesk } from "../../../src/signing-desk.ts";
import { pageFile } from "../../../src/web/page-file.ts";
import { launchBrowser } from "../../support/browser.ts";
import { type Somebody, sentence, startCouncil, type TestCouncil } from "../../support/embedded.ts";
import { type Reply, type SigningServer, startSigningServer } from "./signing-server.ts";
import { connect, openPage, type PageVisit, type VisitOptions } from "./stage.ts";

export interface LinkedStage {
  council: TestCouncil;
  desk: SigningDesk;
  server: SigningServer;
  /** Answers as the real desk does; a test that lied puts it back by this. */
  serveTruth(): void;
  /** The token of the link that a command answers with. */
  token(person: Somebody, command: string, options?: Record<string, string>): Promise<string>;
  open(person: Somebody, token: string, options?: VisitOptions): Promise<PageVisit>;
  /** Opened and connected. */
  connected(person: Somebody, token: string, options?: VisitOptions): Promise<PageVisit>;
  stop(): Promise<void>;
}

export async function startLinkedStage(): Promise<LinkedStage> {
  const signingPage = "https://quorate.example.org/sign";
  const [council, file, browser] = await Promise.all([startCouncil({ signingPage }), pageFile(), launchBrowser()]);
  const server = await startSigningServer(file);
  const { desk } = council.quorate;
  if (desk === undefined) throw new Error("There is no desk.");
  const stage = stageOf(council, desk, server, browser);
  stage.serveTruth();
  return stage;
}

function stageOf(council: TestCouncil, desk: SigningDesk, server: SigningServer, browser: Browser): LinkedStage {
  const visits: PageVisit[] = [];
  const it: LinkedStage = {
    ...{ council, desk, server },
    serveTruth() {
      server.brief = (token) => replyOf(() => desk.brief(token));
      server.ready = (token) => replyOf(() => desk.ready(token).then(() => ({ ready: true })));
      server.sent = ({ token, leg }) => replyOf(() => desk.sent(token, leg).then(() => ({ looked: true })));
      server.signature = ({ token, safeTxHash, signature }) =>
        replyOf(async () => {
          const outcome = await desk.signature(token, safeTxHash, signature);
          if (!outcome.ok) throw new Error(outcome.refusal.sentence);
          return { taken: true };
        });
    },
    async token(person, command, options = { ceremony: "UP-1" }) {
      const view = await council.ask(person, command, options);
      if (view.kind !== "wallet" || view.link === undefined) throw new Error(`No link: ${sentence(view)}`);
      return view.link.split("#")[1] ?? "";
    },
    async open(person, token, options) {
      const visit = await openPage(browser, server, council, person, options, token);
      visits.push(visit);
      return visit;
    },
    async connected(person, token, options) {
      const visit = await it.open(person, token, options);
      await connect(visit);
      return visit;
    },
    async stop() {
      for (const visit of visits) await visit.close();
      await browser.close();
      await server.stop();
      await council.stop();
    },
  };
  return it;
}

async function replyOf(work: () => Promise<unknown>): Promise<Reply> {
  try {
    return { status: 200, body: await work() };
  } catch (fault) {
    return { status: 403, body: { error: (fault as Error).message } };
  }
}
