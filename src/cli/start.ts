/** `quorate start`, which is also `npm start`. */

import { commands } from "../../commands/index.ts";
import { createCeremonyPages } from "../ceremony-pages.ts";
import { startConsole } from "../chat/console/console.ts";
import { openChatPlatforms, signingPage } from "../chat-platforms.ts";
import { answer, settled } from "../command.ts";
import { duration } from "../domain/duration.ts";
import { type EmbeddedQuorate, startEmbedded } from "../embedded-mode.ts";
import { type Environment, readEnvironment } from "../env.ts";
import { environmentSecrets } from "../environment-secrets.ts";
import { createLog, type Log, logFault } from "../log.ts";
import { createOperatorDesk } from "../operator-desk.ts";
import { openPagers } from "../pagers.ts";
import type { ChatPlatform } from "../ports.ts";
import { suggestions } from "../suggestions.ts";
import { notice } from "../view.ts";
import { ceremonyRoutes } from "../web/ceremony-page/routes.ts";
import { pageAddress } from "../web/view-link.ts";
import { openConfigured } from "./configured.ts";
import { CliFault } from "./fault.ts";
import { type Closing, showOperator } from "./operator.ts";

/** Runs until it is told to stop: on the chains of the environment, or with none on a chain of its own. */
export async function start(): Promise<void> {
  const environment = readEnvironment();
  const log = createLog(environment.logLevel, environmentSecrets(environment));
  await (Object.keys(environment.rpc).length > 0 ? startConfigured(environment, log) : startOwnChain(environment, log));
}

/** The council's chains, with the council's chat. */
async function startConfigured({ slack, discord }: Environment, log: Log): Promise<void> {
  if (slack === undefined && discord === undefined)
    throw new CliFault(
      2,
      "With RPC_… set the council talks in Slack or Discord, and neither is configured: set SLACK_BOT_TOKEN or DISCORD_BOT_TOKEN (docs/slack.md, docs/discord.md), drive ceremonies with quorate upgrade, or unset RPC_… for the embedded mode.",
    );
  const stopped = untilStopped();
  const session = await openConfigured({ chat: true, stays: true, onFault: logFault(log) });
  const { chains, policy } = session;
  process.stdout.write(
    `Quorate watches ${chains.ids.join(", ")} for ${policy.council.name}.${talksIn({ slack, discord })}\n`,
  );
  await stopped;
  await session.close();
}

/** The embedded chain with its console, and with Slack and Discord where they are configured. */
async function startOwnChain(environment: Environment, log: Log): Promise<void> {
  const stopped = untilStopped();
  const platforms: ChatPlatform[] = [];
  const report = untilOver(log, stopped);
  const desk = createOperatorDesk(report);
  const { onFault } = desk;
  const clock = { now: () => BigInt(Math.floor(Date.now() / 1000)) };
  const { deadmanUrl } = environment;
  const running = await startEmbedded({
    policies: environment.policies,
    platforms,
    signingPage: signingPage(environment.publicUrl),
    pagers: openPagers(environment, clock),
    // Whoever tries it out alone is not to wait for heartbeats.
    watchdog: deadmanUrl === undefined ? undefined : { clock, deadmanUrl },
    wrap: ({ store, chains }) => ({ store: desk.store(store), chains }),
    ...{ sent: desk.sent, onFault },
  });
  const { policy, store, world } = running;
  const chat = await openChatPlatforms({ environment, policy, store, clock: world.time, onFault });
  // The usual port, or any free one where something else has it.
  const port = needsPort(environment) ? 0 : environment.port;
  const web = await consoleOf(running, port, report).catch(() => consoleOf(running, 0, report));
  platforms.push({ name: "console", show: (card) => web.show(card) }, ...chat.adapters);
  let seen: Closing | undefined;
  const stop = async () => {
    await seen?.stop();
    await web.stop();
    await chat.stop();
    await running.stop();
  };
  try {
    await chat.start(running.quorate);
  } catch (fault) {
    await stop();
    throw fault;
  }
  process.stdout.write(
    `Quorate runs on a chain of its own, with a sample council of ${policy.people.length}.${talksIn(environment)}\nOpen ${web.url} and propose an upgrade as Ada. Ctrl+C stops it, and nothing is kept.\n`,
  );
  seen = await showOperator(environment, desk, { ...running, clock: world.time });
  await stopped;
  await stop();
}

/** PORT is Slack's, or the public pages', where they have a use for it. */
function needsPort({ slack, publicUrl }: Environment): boolean {
  return slack?.signingSecret !== undefined || publicUrl !== undefined;
}

function talksIn({ slack, discord }: Pick<Environment, "slack" | "discord">): string {
  const names = [slack === undefined ? "" : "Slack", discord === undefined ? "" : "Discord"].filter(
    (one) => one !== "",
  );
  return names.length === 0 ? "" : ` It talks in ${names.join(" and ")}.`;
}

type Report = (where: string, fault: unknown) => void;

/** What is in hand while the chain is taken away fails, and whoever stopped it need not read of that. */
function untilOver(log: Log, stopped: Promise<void>): Report {
  const report = logFault(log);
  let isOver = false;
  void stopped.then(() => {
    isOver = true;
  });
  return (where, fault) => (isOver ? log.debug({ where, err: fault }, "It was stopped.") : report(where, fault));
}

async function consoleOf(running: EmbeddedQuorate, port: number, report: Report) {
  const { policy, quorate, store, world } = running;
  const secret = await store.secret("view links");
  const pages = ceremonyRoutes({
    secret,
    pages: createCeremonyPages({ quorate, policy, store, clock: world.time }),
    now: () => world.time.now(),
    onFault: report,
  });
  const chain = running.chains.get(`eip155:${world.chainId}`);
  return startConsole({
    port,
    chain: { id: chain.id, startedByUs: true },
    council: policy.council.name,
    people: policy.people.flatMap((one) => {
      const account = one.accounts.find((name) => name.startsWith("console:"));
      return account === undefined ? [] : [{ id: one.id, name: one.name, account, title: one.roles.join(", ") }];
    }),
    commands,
    dispatch: quorate.dispatch,
    complete: (_account, _command, option) => suggestions(option, { policy, services: quorate.services, commands }),
    async sign(account, ceremony, item) {
      if (item.kind === "message")
        return settled(
          await running.signMessage(account, item),
          () => "Signed with the spare wallet. Now two admins confirm: see the newest card.",
        );
      const outcome = await running.sign(account, ceremony, item);
      if (item.kind === "signature") return answer(outcome, policy, `Signed: ${item.purpose}.`);
      // What is wanted next depends on what the chain makes of it.
      return outcome.ok
        ? notice("good", `Sent: ${item.purpose}. It counts once it is mined.`)
        : answer(outcome, policy, "");
    },
    time: {
      async read() {
        const head = await chain.head();
        return { chainTime: head.timestamp, block: head.number };
      },
      async advance(seconds, progress) {
        progress("Mining the blocks in between, with trades in each…");
        await running.advance(seconds);
        const head = await chain.head();
        return notice("good", `The chain is at block ${head.number}, ${duration(BigInt(seconds))} later.`);
      },
    },
    pages: { path: (key) => pageAddress(secret, "", key), answer: (request) => pages.fetch(request) },
    report: (fault) => report("console", fault),
  });
}

function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
  });
}
