/** The data of a command interaction, from what somebody typed; options are checked against the registered command. */

import type { APIApplicationCommand } from "discord-api-types/v10";
import type { CommandOption } from "../rules/commands.ts";
import type { Channel, World } from "../world.ts";

/** Values by option name: text and choices, numbers, flags; ids for users, roles and channels. */
export type OptionValues = Record<string, string | number | boolean>;

interface How {
  focused?: string;
  forged?: boolean;
}

const numberTypes = [4, 10];

export function commandPayload(
  world: World,
  channel: Channel,
  line: string,
  values: OptionValues,
  how: How,
): Record<string, unknown> {
  const [name = "", ...steps] = line.split(" ");
  const available = [...(world.commands.get("") ?? []), ...(world.commands.get(channel.guildId ?? "-") ?? [])];
  const command = available.find((one) => one.name === name);
  if (command === undefined) {
    if (how.forged !== true)
      throw new Error(
        `There is no command /${name} here; there are ${available.map((one) => `/${one.name}`).join(", ") || "none"}.`,
      );
    return { id: world.snowflake(), name, type: 1, options: typed(values, how) };
  }
  if (how.forged !== true) refuseWhereItIsNot(command, channel);
  let here = command as unknown as CommandOption;
  const levels: CommandOption[] = [];
  for (const step of steps) {
    const next = (here.options ?? []).find((one) => one.name === step && (one.type === 1 || one.type === 2));
    if (next === undefined && how.forged !== true)
      throw new Error(
        `/${name} has no subcommand ${step}; it has ${(here.options ?? []).map((one) => one.name).join(", ")}.`,
      );
    here = next ?? { type: 1, name: step };
    levels.push(here);
  }
  const given = how.forged === true ? typed(values, how) : checked(here, values, how);
  const options = levels.reduceRight<unknown[]>(
    (inner, one) => [{ type: one.type, name: one.name, options: inner }],
    given,
  );
  return {
    id: command.id,
    name: command.name,
    type: command.type,
    options,
    ...(command.guild_id === undefined ? {} : { guild_id: command.guild_id }),
  };
}

function refuseWhereItIsNot(command: APIApplicationCommand, channel: Channel): void {
  const context = channel.guildId === undefined ? 1 : 0;
  if (command.contexts != null && !command.contexts.includes(context))
    throw new Error(`/${command.name} is not offered ${context === 0 ? "in a server" : "in a direct message"}.`);
}

function checked(command: CommandOption, values: OptionValues, { focused }: How): unknown[] {
  const options = command.options ?? [];
  if (options.some((one) => one.type === 1 || one.type === 2)) throw new Error(`${command.name} needs a subcommand.`);
  const unknown = Object.keys(values).find((name) => !options.some((one) => one.name === name));
  if (unknown !== undefined)
    throw new Error(
      `${command.name} has no option ${unknown}; it has ${options.map((one) => one.name).join(", ") || "none"}.`,
    );
  const missing = options.find((one) => one.required === true && one.name !== undefined && !(one.name in values));
  if (missing !== undefined && focused === undefined)
    throw new Error(`${command.name} needs the option ${missing.name}.`);
  return options.flatMap((option) => {
    const { name = "", type } = option;
    const value = name === focused ? (values[name] ?? "") : values[name];
    if (value === undefined) return [];
    if (name === focused && option.autocomplete !== true) throw new Error(`${name} has no autocomplete.`);
    if (focused === undefined) refuseValue(option, value);
    return [{ name, type, value, ...(name === focused ? { focused: true } : {}) }];
  });
}

function refuseValue(option: CommandOption, value: string | number | boolean): void {
  const { name, type = 3, choices } = option;
  const wanted = numberTypes.includes(type) ? "number" : type === 5 ? "boolean" : "string";
  const length = String(value).length;
  if (typeof value !== wanted) throw new Error(`The option ${name} takes a ${wanted}.`);
  if (choices != null && choices.length > 0 && !choices.some((one) => one.value === value))
    throw new Error(`The option ${name} offers ${choices.map((one) => one.value).join(", ")}, not ${value}.`);
  if (type === 3 && (length < (option.min_length ?? 0) || length > (option.max_length ?? 6000)))
    throw new Error(`The option ${name} does not take a text of ${length} characters.`);
}

/** Options as a forger writes them. */
function typed(values: OptionValues, { focused }: How): unknown[] {
  const types = { string: 3, number: 4, boolean: 5 } as const;
  return Object.entries(values).map(([name, value]) => ({
    name,
    value,
    type: types[typeof value as keyof typeof types],
    ...(name === focused ? { focused: true } : {}),
  }));
}
