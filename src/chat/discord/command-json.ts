/**
 * The one `/upgrade` command as Discord registers it: a typed subcommand for each of the program's commands, those of a
 * group together below its name. Discord takes 25 entries at each of the two levels.
 */

import {
  ApplicationCommandOptionType,
  ApplicationCommandType,
  ApplicationIntegrationType,
  InteractionContextType,
} from "discord.js";
import type {
  APIApplicationCommandBasicOption,
  APIApplicationCommandSubcommandGroupOption,
  APIApplicationCommandSubcommandOption,
  RESTPostAPIChatInputApplicationCommandsJSONBody,
} from "discord-api-types/v10";
import type { Command, CommandGroup, Option } from "../../command.ts";
import { cut } from "../inert-text.ts";
import { limits } from "./limits.ts";

export const commandName = "upgrade";

type CommandJson = RESTPostAPIChatInputApplicationCommandsJSONBody;

/** Throws a sentence for what Discord would refuse and no cut can mend. */
export function commandJson(all: readonly Command[]): CommandJson {
  const entries = entriesOf(all);
  if (entries.length > limits.subcommands)
    throw new Error(`Discord takes ${limits.subcommands} subcommands, and there are ${entries.length} commands.`);
  const json: CommandJson = {
    type: ApplicationCommandType.ChatInput,
    name: commandName,
    description: "Protocol-upgrade ceremonies: propose, check, sign, delay, execute, watch, contain",
    options: entries,
    contexts: [InteractionContextType.Guild],
    integration_types: [ApplicationIntegrationType.GuildInstall],
  };
  const length = textLength(json);
  if (length > limits.commandText)
    throw new Error(`Discord takes ${limits.commandText} characters in a command, and /upgrade has ${length}.`);
  return json;
}

type Entry = APIApplicationCommandSubcommandOption | APIApplicationCommandSubcommandGroupOption;

const groupWords: Record<CommandGroup, string> = {
  people: "Whose wallet is whose, and who may act",
  alerts: "Alerts: take, silence, try, and who is on call",
};

/** In the order of the commands; a group stands where its first command does. */
function entriesOf(all: readonly Command[]): Entry[] {
  return all.flatMap((command, index): Entry[] => {
    const { group } = command;
    if (group === undefined) return [subcommand(command)];
    const members = all.filter((one) => one.group === group);
    if (all.findIndex((one) => one.group === group) !== index) return [];
    if (members.length > limits.subcommands)
      throw new Error(`Discord takes ${limits.subcommands} subcommands, and there are ${members.length} in ${group}.`);
    return [
      {
        type: ApplicationCommandOptionType.SubcommandGroup,
        name: checkedName(group),
        description: groupWords[group],
        options: members.map(subcommand),
      },
    ];
  });
}

function subcommand({ name, summary, options }: Command): APIApplicationCommandSubcommandOption {
  if (options.length > limits.choices)
    throw new Error(`Discord takes ${limits.choices} options, and /upgrade ${name} has ${options.length}.`);
  const requiredFirst = [...options.filter((one) => one.required), ...options.filter((one) => !one.required)];
  return {
    type: ApplicationCommandOptionType.Subcommand,
    name: checkedName(name),
    description: described(summary, name),
    options: requiredFirst.map(optionJson),
  };
}

function optionJson(option: Option): APIApplicationCommandBasicOption {
  const { name, required } = option;
  const common = { name: checkedName(name), description: described(option.description, name), required };
  const length = { max_length: Math.max(1, Math.min(option.maxLength ?? limits.optionLength, limits.optionLength)) };
  switch (option.type) {
    case "integer":
      return { ...common, type: ApplicationCommandOptionType.Integer };
    case "flag":
      return { ...common, type: ApplicationCommandOptionType.Boolean };
    case "paragraph":
    case "address":
      return { ...common, ...length, type: ApplicationCommandOptionType.String };
    default:
      return fitsAsChoices(option)
        ? { ...common, type: ApplicationCommandOptionType.String, choices: choicesOf(option) }
        : { ...common, ...length, type: ApplicationCommandOptionType.String, autocomplete: true };
  }
}

function fitsAsChoices({ choices }: Option): boolean {
  if (choices === undefined || choices.length === 0 || choices.length > limits.choices) return false;
  return choices.every(({ value }) => value.length > 0 && value.length <= limits.choiceText);
}

function choicesOf({ choices = [] }: Option): { name: string; value: string }[] {
  return choices.map(({ value, label }) => ({ name: cut(label.trim() || value, limits.choiceText), value }));
}

function described(text: string, name: string): string {
  return cut(text.trim() || name, limits.commandDescription);
}

function checkedName(name: string): string {
  if (!/^[a-z0-9_-]{1,32}$/.test(name))
    throw new Error(`Discord takes names of 1 to 32 lower-case letters, digits and hyphens, and "${name}" is none.`);
  return name;
}

interface Named {
  name: string;
  description?: string;
  value?: unknown;
  choices?: readonly Named[] | undefined;
  options?: readonly Named[] | undefined;
}

/** Names, descriptions and values of everything in it, as Discord counts them. */
function textLength({ name, description = "", value = "", choices = [], options = [] }: Named): number {
  const own = name.length + description.length + `${value}`.length;
  return [...choices, ...options].reduce((sum, one) => sum + textLength(one), own);
}

/** Whether what Discord has is what is wanted; what it leaves out or adds by itself does not count. */
export function sameCommands(there: unknown, wanted: readonly CommandJson[]): boolean {
  return Array.isArray(there) && JSON.stringify(there.map(essence)) === JSON.stringify(wanted.map(essence));
}

function essence(from: unknown): unknown {
  const one = (typeof from === "object" && from !== null ? from : {}) as Record<string, unknown>;
  const list = (value: unknown) => (Array.isArray(value) ? value.map(essence) : []);
  return [
    one.type ?? ApplicationCommandType.ChatInput,
    one.name,
    one.description,
    one.value,
    one.required ?? false,
    one.autocomplete ?? false,
    one.max_length,
    list(one.choices),
    list(one.options),
  ];
}
