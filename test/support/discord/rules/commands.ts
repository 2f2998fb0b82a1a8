/** Application commands and autocomplete: what Discord refuses though the published schema admits it. */

import type { Problem } from "../errors.ts";
import type { Rule } from "../rules.ts";

export interface CommandOption {
  type?: number;
  name?: string;
  description?: string | null;
  required?: boolean | null;
  autocomplete?: boolean | null;
  min_length?: number | null;
  max_length?: number | null;
  choices?: { name?: string; value?: string | number }[] | null;
  options?: CommandOption[] | null;
}

const namePattern = /^[-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}$/u;

interface PlacedOption {
  option: CommandOption;
  path: (string | number)[];
}

const options = (list: CommandOption[] | null | undefined, path: (string | number)[] = []): PlacedOption[] =>
  (list ?? []).flatMap((option, index) => {
    const here = [...path, "options", index];
    return [{ option, path: here }, ...options(option.options, here)];
  });
const inside = (body: Record<string, unknown>): PlacedOption[] => options((body as CommandOption).options);
const withItself = (body: Record<string, unknown>): PlacedOption[] => [
  { option: body as CommandOption, path: [] },
  ...inside(body),
];
const isGroup = (option: CommandOption) => option.type === 1 || option.type === 2;

/** One application command, wherever it was sent. */
export const commandRules: readonly Rule[] = [
  {
    says: "names of commands and options are in lower case, without spaces",
    check: (body) =>
      withItself(body)
        .filter(
          ({ option: { name }, path }) =>
            name !== undefined && (path.length > 0 || isChatInput(body)) && !validName(name),
        )
        .map(({ path }) => ({
          path: [...path, "name"],
          code: "APPLICATION_COMMAND_INVALID_NAME",
          message: "Command name is invalid",
        })),
  },
  {
    says: "a chat input command has a description",
    check: (body) =>
      isChatInput(body) &&
      (body as CommandOption).name !== undefined &&
      ((body as CommandOption).description ?? "") === ""
        ? [{ path: ["description"], code: "BASE_TYPE_REQUIRED", message: "This field is required" }]
        : [],
  },
  {
    says: "required options come first",
    check: (body) =>
      withItself(body).flatMap(({ option, path }) => {
        const list = option.options ?? [];
        const firstOptional = list.findIndex((one) => one.required !== true && !isGroup(one));
        const late = list.findIndex(
          (one, index) => firstOptional >= 0 && index > firstOptional && one.required === true,
        );
        return late < 0
          ? []
          : [
              {
                path: [...path, "options", late],
                code: "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
                message: "Required options must be placed before non-required options",
              },
            ];
      }),
  },
  {
    says: "option names are distinct, and subcommands stand alone",
    check: (body) =>
      withItself(body).flatMap(({ option, path }) => {
        const list = option.options ?? [];
        const names = list.map((one) => one.name);
        const repeated = names.findIndex((name, index) => names.indexOf(name) !== index);
        return [
          ...(repeated < 0
            ? []
            : [
                {
                  path: [...path, "options", repeated],
                  code: "APPLICATION_COMMAND_OPTIONS_NAME_INVALID",
                  message: "Option name already exists in this options list",
                },
              ]),
          ...(list.some(isGroup) && !list.every(isGroup)
            ? [
                {
                  path: [...path, "options"],
                  code: "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID",
                  message: "Sub-command and sub-command group option types are mutually exclusive to all other types",
                },
              ]
            : []),
        ];
      }),
  },
  {
    says: "an option has either choices or autocomplete, and its lengths are in order",
    check: (body) =>
      inside(body).flatMap(({ option, path }) => [
        ...(option.autocomplete === true && (option.choices ?? []).length > 0
          ? [
              {
                path,
                code: "APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE_AND_CHOICES",
                message: "An option may have either choices or autocomplete, not both.",
              },
            ]
          : []),
        ...((option.min_length ?? 0) > (option.max_length ?? 6000)
          ? [
              {
                path: [...path, "max_length"],
                code: "BASE_TYPE_MIN_MAX",
                message: "The greatest length is below the least.",
              },
            ]
          : []),
        ...choiceProblems(option.choices, path),
      ]),
  },
  {
    says: "a command has at most 8000 characters in names, descriptions and values",
    check: (body) =>
      characters(body as CommandOption) > 8000
        ? [{ path: [], code: "APPLICATION_COMMAND_TOO_LARGE", message: "Command exceeds maximum size (8000)" }]
        : [],
  },
];

/** What autocomplete answers with. */
export const choiceRules: readonly Rule[] = [
  {
    says: "values of choices have at most 100 characters, and names are distinct",
    check: (body) => choiceProblems((body as CommandOption).choices, []),
  },
];

/** A list of commands that is to replace what is registered. */
export function commandListProblems(list: unknown[]): Problem[] {
  const names = (list as { name?: string; type?: number }[]).map((one) => `${one.type ?? 1} ${one.name}`);
  const repeated = names.findIndex((name, index) => names.indexOf(name) !== index);
  return [
    ...(list.length > 100
      ? [{ path: [], code: "BASE_TYPE_BAD_LENGTH", message: "Must be between 0 and 100 in length." }]
      : []),
    ...(repeated < 0
      ? []
      : [
          {
            path: [repeated],
            code: "APPLICATION_COMMANDS_DUPLICATE_NAME",
            message: "Application command names must be unique",
          },
        ]),
  ];
}

function isChatInput(body: Record<string, unknown>): boolean {
  return (body.type ?? 1) === 1;
}

function validName(name: string): boolean {
  return namePattern.test(name) && name === name.toLowerCase();
}

function choiceProblems(choices: CommandOption["choices"], path: (string | number)[]): Problem[] {
  const names = (choices ?? []).map((one) => one.name);
  return (choices ?? []).flatMap(({ name, value }, index) => [
    ...(typeof value === "string" && (value.length > 100 || value.length < 1)
      ? [
          {
            path: [...path, "choices", index, "value"],
            code: "BASE_TYPE_BAD_LENGTH",
            message: "Must be between 1 and 100 in length.",
          },
        ]
      : []),
    ...(names.indexOf(name) === index
      ? []
      : [
          {
            path: [...path, "choices", index],
            code: "APPLICATION_COMMAND_OPTIONS_CHOICE_NAME_EXISTS",
            message: "Option choice name already exists",
          },
        ]),
  ]);
}

function characters(option: CommandOption): number {
  const choices = (option.choices ?? []).reduce(
    (sum, one) => sum + (one.name ?? "").length + String(one.value ?? "").length,
    0,
  );
  const nested = (option.options ?? []).reduce((sum, one) => sum + characters(one), 0);
  return (option.name ?? "").length + (option.description ?? "").length + choices + nested;
}
