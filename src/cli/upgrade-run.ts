/** `quorate upgrade run`: the bot without chat. It watches, sends what is signed, and prints every card, until stopped. */

import { createInterface } from "node:readline";
import { tokenize } from "../chat/tokens.ts";
import { viewText } from "../terminal/view-text.ts";
import { watchGasLevel } from "../watch/gas-level.ts";
import { type Configured, openConfigured } from "./configured.ts";
import { CliFault } from "./fault.ts";
import { answerText, isRefusal } from "./one-shot.ts";
import { invocationOf } from "./upgrade.ts";

/**
 * A data folder belongs to one process, so while this one runs commands are typed here: `cli:ben approve UP-1`. Ends on
 * SIGINT and SIGTERM.
 */
export async function runUpgrades(): Promise<void> {
  const stopped = untilStopped();
  const session = await openConfigured({
    show: (card) => say(`${viewText(card, { colour: false })}\n`),
    stays: true,
    onFault: (where, fault) => complain(where, fault),
  });
  const { chains, policy } = session;
  const gas = watchGasLevel({ chains, policy, low: (sentence) => complain("gas", sentence), onFault: complain });
  const lines = createInterface({ input: process.stdin });
  lines.on("line", (line) => void typed(session, line).catch((fault: unknown) => complain("command", fault)));
  say(
    `Quorate watches ${chains.ids.join(", ")} for ${policy.council.name}. Type ACCOUNT COMMAND, such as cli:ben list; Ctrl+C stops it.`,
  );
  await stopped;
  lines.close();
  gas.stop();
  await session.close();
}

async function typed({ quorate }: Configured, line: string): Promise<void> {
  const [account = "", ...words] = tokenize(line).map((token) => token.text);
  if (account === "") return;
  const view = await quorate.dispatch(invocationOf(words, account), say);
  if (isRefusal(view)) throw new CliFault(1, answerText(view, account));
  say(answerText(view, account));
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function complain(where: string, fault: unknown): void {
  process.stderr.write(`${where}: ${fault instanceof Error ? fault.message : String(fault)}\n`);
}

function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
  });
}
