/** `quorate upgrade COMMAND`: what is typed in chat after /upgrade, from a terminal, on chains that others started. */

import { randomUUID } from "node:crypto";
import { commands } from "../../commands/index.ts";
import { parseTextCommand } from "../chat/text-command.ts";
import { quote } from "../chat/tokens.ts";
import type { Invocation } from "../command.ts";
import { CliFault } from "./fault.ts";
import { type ActorFlags, once, requireTerminalAccount } from "./one-shot.ts";

/** Runs one command as the person of the account. */
export async function upgrade(words: string[], { account, json }: Partial<ActorFlags>): Promise<void> {
  if (account === undefined)
    throw new CliFault(2, "Say who acts: --account and an account of policy that starts with cli:, such as cli:ben.");
  const invocation = invocationOf(words, account);
  await once({ account, ...(json === undefined ? {} : { json }) }, ({ quorate }) =>
    quorate.dispatch(invocation, (text) => process.stderr.write(`${text}\n`)),
  );
}

/** Reads words as chat reads a line. Throws {@link CliFault} 2 where they are no command. */
export function invocationOf(words: readonly string[], account: string): Invocation {
  requireTerminalAccount(account);
  const read = parseTextCommand(words.map(asTyped).join(" "), commands);
  if (read.kind === "empty") throw new CliFault(2, "Name a command, such as list or help.");
  if (read.kind === "unclear") throw new CliFault(2, read.sentence);
  return { command: read.command, options: read.options, account, deliveryId: randomUUID() };
}

/** The shell has taken the quotes away; the reader of chat lines needs them back. */
function asTyped(text: string): string {
  const [, name = "", value] = /^((?:--)?[a-z][a-z0-9_-]*)=([\s\S]*)$/i.exec(text) ?? [];
  if (value !== undefined) return `${name}=${quote(value)}`;
  return /^--[a-z][a-z0-9_-]*$/i.test(text) ? text : quote(text);
}
