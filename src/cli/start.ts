/** `quorate start`, which is also `npm start`. */

import { commands } from "../../commands/index.ts";
import { startConsole } from "../chat/console/console.ts";
import { answer } from "../command.ts";
import type { Policy } from "../domain/policy.ts";
import { type EmbeddedQuorate, startEmbedded } from "../embedded-mode.ts";
import { readEnvironment } from "../env.ts";
import { createLog, type Log, logFault } from "../log.ts";
import type { ChatPlatform } from "../ports.ts";
import { notice } from "../view.ts";
import { CliFault } from "./fault.ts";

/** Runs until it is told to stop. */
export async function start(): Promise<void> {
  const environment = readEnvironment();
  if (Object.keys(environment.rpc).length > 0)
    throw new CliFault(
      2,
      "The console and its sample people belong to a chain that the program starts itself. With RPC_… set, drive ceremonies with quorate upgrade; unset it for the embedded mode.",
    );
  const log = createLog(environment.logLevel);
  const platforms: ChatPlatform[] = [];
  const running = await startEmbedded({
    policies: environment.policies,
    platforms,
    onFault: (where, fault) =>
      process.stderr.write(`${where}: ${fault instanceof Error ? fault.message : String(fault)}\n`),
  });
  // The usual port, or any free one where something else has it.
  const web = await consoleOf(running, environment.port, log).catch(() => consoleOf(running, 0, log));
  platforms.push({ name: "console", show: (card) => web.show(card) });
  process.stdout.write(
    `Quorate runs on a chain of its own, with a sample council of ${running.policy.people.length}.\nOpen ${web.url} and propose an upgrade as Ada. Ctrl+C stops it, and nothing is kept.\n`,
  );
  await untilStopped();
  await web.stop();
  await running.stop();
}

function consoleOf(running: EmbeddedQuorate, port: number, log: Log) {
  const { policy, quorate, world } = running;
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
    complete: async (_account, _command, option) => suggestions(policy, quorate.services.list, option),
    async sign(account, ceremony, item) {
      const outcome = await running.sign(account, ceremony, item);
      return answer(outcome, policy, item.kind === "signature" ? `Signed: ${item.purpose}.` : `Sent: ${item.purpose}.`);
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
        return notice("good", `The chain is at block ${head.number}, ${seconds} seconds later.`);
      },
    },
    report: (fault) => logFault(log)("console", fault),
  });
}

/** Values for options that the chat cannot know by itself. */
async function suggestions(
  policy: Policy,
  list: () => Promise<{ id: string; package: { title: string } }[]>,
  option: string,
) {
  switch (option) {
    case "ceremony":
    case "revises":
      return (await list()).map((one) => ({ value: one.id, label: one.package.title }));
    case "target":
      return policy.targets.map((one) => ({ value: one.id, label: one.title }));
    case "release":
      return policy.targets.flatMap((one) =>
        one.releases.map((release) => ({ value: release.id, label: release.title })),
      );
    case "containment":
      return policy.targets.flatMap((one) => one.containment.map((item) => ({ value: item.id, label: item.action })));
    case "command":
      return commands.map((one) => ({ value: one.name, label: one.summary }));
    default:
      return [];
  }
}

function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
  });
}
