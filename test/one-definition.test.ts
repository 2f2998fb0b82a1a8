import { readFileSync } from "node:fs";
import { ApplicationCommandOptionType } from "discord-api-types/v10";
import { describe, expect, test } from "vitest";
import { commands } from "../commands/index.ts";
import { commandJson } from "../src/chat/discord/command-json.ts";
import { parseTextCommand } from "../src/chat/text-command.ts";
import { type Option, usage } from "../src/command.ts";
import { commandReference } from "../src/command-reference.ts";
import { ruleProblems } from "./support/discord/rules.ts";
import { samplePolicy } from "./support/sample-policy.ts";

const discord = commandJson(commands);

test("docs/commands.md is what the definitions say", () => {
  const file = readFileSync(new URL("../docs/commands.md", import.meta.url), "utf8");
  expect(file, "run: npm run -s quorate -- commands --write").toBe(commandReference(commands));
});

test("Discord's command breaks none of Discord's rules", () => {
  expect(ruleProblems("command", { ...discord })).toEqual([]);
});

describe.each(commands.map((one) => [one.name, one] as const))("%s is the same everywhere", (name, command) => {
  const { group } = command;
  const top = discord.options ?? [];
  const below = top.find((one) => one.name === group && one.type === ApplicationCommandOptionType.SubcommandGroup);
  const places = group === undefined ? top : below !== undefined && "options" in below ? (below.options ?? []) : [];
  const subcommand = (places as readonly Field[]).find((one) => one.name === name);
  const fields = subcommand !== undefined && "options" in subcommand ? (subcommand.options ?? []) : [];

  test("in Discord: name, words, every option with its type, choices, length and need", () => {
    expect(subcommand?.type).toBe(ApplicationCommandOptionType.Subcommand);
    expect(subcommand?.description).toBe(command.summary);
    expect(new Set(fields.map((one) => one.name))).toEqual(new Set(command.options.map((one) => one.name)));
    for (const option of command.options)
      expectSame(
        option,
        fields.find((one) => one.name === option.name),
      );
  });

  test("in Slack and the console: its usage can be typed, and a slip is understood", () => {
    for (const { name: option } of command.options) expect(usage(command)).toContain(`${option}=`);
    const line = usage(command).replace(/\[|\]/g, "");
    expect(parseTextCommand(line, commands)).toMatchObject({ kind: "command", command: name });
    const slip = `${name.slice(0, -1)}${name.at(-1)}x`;
    const read = parseTextCommand(slip, commands);
    expect(read).toMatchObject({ kind: "unclear", sentence: expect.stringContaining(`Did you mean ${name}?`) });
  });

  test("in help", async () => {
    const policy = await samplePolicy();
    const [person] = policy.people;
    if (person === undefined) throw new Error("The sample council is empty.");
    const help = commands.find((one) => one.name === "help");
    const call = { person, account: "console:ada", deliveryId: "1", policy, services: {} as never };
    const view = await help?.run({ ...call, options: { command: name }, progress: () => undefined });
    const text = JSON.stringify(view);
    for (const words of [command.summary, JSON.stringify(usage(command)).slice(1, -1)]) expect(text).toContain(words);
    for (const option of command.options) expect(text).toContain(JSON.stringify(option.description).slice(1, -1));
  });
});

type Field = NonNullable<ReturnType<typeof commandJson>["options"]>[number];

function expectSame(option: Option, field: Field | undefined): void {
  const { Integer, Boolean: Flag, String: Text } = ApplicationCommandOptionType;
  expect(field).toMatchObject({
    type: option.type === "integer" ? Integer : option.type === "flag" ? Flag : Text,
    description: option.description,
    required: option.required,
  });
  if (option.choices !== undefined)
    expect(field).toMatchObject({ choices: option.choices.map(({ value }) => ({ value })) });
  if (option.maxLength !== undefined) expect(field).toMatchObject({ max_length: option.maxLength });
}
