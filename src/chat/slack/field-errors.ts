/** What is wrong with a form's fields, known from the command's options alone, before the form closes. */

import type { Command, Option } from "../../command.ts";

/** One sentence a field. `required` are the form's own; fields that are no option are dispatch's to refuse. */
export function fieldErrors(
  command: Pick<Command, "options"> | undefined,
  values: Record<string, string>,
  required: readonly string[],
): Record<string, string> {
  const problems = Object.entries(values).map(([name, value]) => {
    const text = value.trim();
    if (text === "")
      return [name, required.includes(name) ? "This is needed: blanks are not enough." : undefined] as const;
    const option = command?.options.find((one) => one.name === name);
    return [name, option === undefined ? undefined : problemOf(option, text)] as const;
  });
  return Object.fromEntries(problems.flatMap(([name, problem]) => (problem === undefined ? [] : [[name, problem]])));
}

function problemOf(option: Option, value: string): string | undefined {
  if (option.maxLength !== undefined && value.length > option.maxLength)
    return `This has ${value.length} characters, and ${option.maxLength} is the limit.`;
  if (option.choices !== undefined && !option.choices.some((one) => one.value === value))
    return `This is one of ${option.choices.map((one) => one.value).join(", ")}.`;
  if (option.type === "ceremony" && !/^up-[1-9][0-9]{0,5}$/i.test(value))
    return "This is a ceremony's id, such as UP-1.";
  return undefined;
}
