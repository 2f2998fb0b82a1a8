/** The same parts from a terminal. Each command is a file in cli/, loaded only when it is used. */

import { Command, CommanderError, Option } from "commander";
import { CliFault } from "./cli/fault.ts";
import { addTerminalCommands } from "./cli/terminal-commands.ts";
import { Refused } from "./domain/refusal.ts";

const program = new Command("quorate")
  .description("Protocol-upgrade ceremonies: propose, check, sign, delay, execute, watch, contain.")
  .exitOverride()
  .configureOutput({ outputError: () => undefined });

program
  .command("start")
  .description("Start the bot; with nothing configured, an embedded chain with a sample council and a console")
  .action(async () => (await import("./cli/start.ts")).start());

addTerminalCommands(program);

program
  .command("rehearse [name]")
  .description(
    "Play one whole ceremony on a chain of its own, without hands, and prove how it ended; without a name, list them",
  )
  .addOption(new Option("--scenario <name>").hideHelp())
  .option("--json", "end with one line of JSON: scenario, ok, states, events, seconds, auditHead")
  .action(async (name, flags) => (await import("./cli/rehearse.ts")).rehearse(name, flags));

async function main(): Promise<number> {
  try {
    await program.parseAsync();
    return 0;
  } catch (fault) {
    return report(fault);
  }
}

function report(fault: unknown): number {
  if (fault instanceof CommanderError) {
    if (fault.exitCode === 0) return 0;
    // Without a command commander has printed the help already.
    if (fault.code === "commander.help") return 2;
    process.stderr.write(`${fault.message.replace(/^error: /, "")}. Type quorate --help to see what there is.\n`);
    return 2;
  }
  process.stderr.write(`${fault instanceof Error ? fault.message : String(fault)}\n`);
  if (fault instanceof Refused) return 1;
  return fault instanceof CliFault ? fault.exitCode : 2;
}

const code = await main();
if (code !== 0) process.exitCode = code;
