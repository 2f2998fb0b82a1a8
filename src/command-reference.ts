/** docs/commands.md, made from the same definitions as every platform's own form of a command. */

import { type Command, type Option, usage } from "./command.ts";

/** The whole file as Markdown. */
export function commandReference(commands: readonly Command[]): string {
  return `${[
    "# Commands",
    "Made by `npm run -s quorate -- commands --write` from the definitions in `commands/`; a test keeps it true.",
    'In Slack and in the console a command is one line: values by name (`reason="too early"`) or by position. In Discord each is a subcommand of `/upgrade` with fields. Read commands answer anybody of the council; the others say who usually has a use for them. Who may is decided at the moment it runs.',
    ...commands.flatMap(section),
  ].join("\n\n")}\n`;
}

function section(command: Command): string[] {
  const { name, summary, example, effect, roles, options } = command;
  const who = roles.length === 0 ? "everybody" : roles.map((one) => `${one}s`).join(", ");
  const facts = [`- For: ${who}`, `- ${effect === "read" ? "Reads only" : "Changes something, and is recorded"}`];
  return [
    `## ${name}`,
    `${summary}.`,
    ["```text", usage(command), example, "```"].join("\n"),
    [...facts, ...options.map(line)].join("\n"),
  ];
}

function line({ name, description, required, choices, maxLength }: Option): string {
  const notes = [
    required ? "needed" : "",
    choices === undefined ? "" : choices.map((one) => one.value).join(", "),
    maxLength === undefined ? "" : `at most ${maxLength} characters`,
  ].filter((one) => one !== "");
  return `- \`${name}\`: ${description}${notes.length > 0 ? ` (${notes.join("; ")})` : ""}`;
}
