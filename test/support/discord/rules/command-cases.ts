/** What Discord refuses in an application command and in autocomplete, limit by limit. */

import { type Case, type Json, many, x } from "./case.ts";

export const command = (more: Json = {}) => ({ name: "upgrade", description: "Runs an upgrade.", ...more });
const option = (more: Json = {}) =>
  command({ options: [{ type: 3, name: "ceremony", description: "Which", ...more }] });
const named = (...names: string[]) => names.map((name) => ({ type: 3, name, description: "d" }));

export const commandCases: readonly Case[] = [
  { what: "upper case", bad: command({ name: "Upgrade" }), good: command(), at: "name" },
  { what: "spaces", bad: command({ name: "up grade" }), good: command({ name: "up-grade" }), at: "name" },
  { what: "long names", bad: command({ name: x(33) }), good: command({ name: x(32) }), at: "name" },
  { what: "empty names", bad: command({ name: "" }), good: command({ name: "x" }), at: "name" },
  { what: "no description", bad: { name: "upgrade" }, good: command(), at: "description" },
  {
    what: "long descriptions",
    bad: command({ description: x(101) }),
    good: command({ description: x(100) }),
    at: "description",
  },
  {
    what: "count of options",
    bad: command({ options: named(...many(26, (n) => `o${n}`)) }),
    good: command({ options: named(...many(25, (n) => `o${n}`)) }),
    at: "options",
  },
  { what: "names of options", bad: option({ name: "Lane" }), good: option({ name: "lane" }), at: "options.0.name" },
  {
    what: "descriptions of options",
    bad: option({ description: "" }),
    good: option({ description: "d" }),
    at: "options.0.description",
  },
  {
    what: "options that are there twice",
    bad: command({ options: named("a", "a") }),
    good: command({ options: named("a", "b") }),
    at: "options.1",
  },
  {
    what: "required options that come late",
    bad: command({ options: [...named("a"), { type: 3, name: "b", description: "d", required: true }] }),
    good: command({ options: [{ type: 3, name: "b", description: "d", required: true }, ...named("a")] }),
    at: "options.1",
  },
  {
    what: "subcommands among options",
    bad: command({ options: [...named("a"), { type: 1, name: "b", description: "d" }] }),
    good: command({ options: [{ type: 1, name: "b", description: "d", options: named("a") }] }),
    at: "options",
  },
  {
    what: "count of choices",
    bad: option({ choices: many(26, (n) => ({ name: `n${n}`, value: `${n}` })) }),
    good: option({ choices: many(25, (n) => ({ name: `n${n}`, value: `${n}` })) }),
    at: "options.0.choices",
  },
  {
    what: "values of choices",
    bad: option({ choices: [{ name: "n", value: x(101) }] }),
    good: option({ choices: [{ name: "n", value: x(100) }] }),
    at: "options.0.choices.0.value",
  },
  {
    what: "choices and autocomplete together",
    bad: option({ autocomplete: true, choices: [{ name: "n", value: "v" }] }),
    good: option({ autocomplete: true }),
    at: "options.0",
  },
  {
    what: "lengths out of order",
    bad: option({ min_length: 5, max_length: 4 }),
    good: option({ min_length: 4, max_length: 5 }),
    at: "options.0.max_length",
  },
  {
    what: "characters in all",
    bad: large(25, 200),
    good: large(10, 100),
    at: "",
  },
];

/** A command whose choices have so many characters. */
function large(optionCount: number, characters: number): Json {
  const choices = (name: string) =>
    many(2, (n) => ({ name: `${name}${n}${x(80)}`, value: `${n}${x(characters / 2 - 1)}` }));
  return command({
    options: many(optionCount, (n) => ({ type: 3, name: `o${n}`, description: "d", choices: choices(`${n}.`) })),
  });
}

export const choiceCases: readonly Case[] = [
  {
    what: "count of choices",
    bad: { choices: many(26, (n) => ({ name: `n${n}`, value: "v" })) },
    good: { choices: many(25, (n) => ({ name: `n${n}`, value: "v" })) },
    at: "choices",
  },
  {
    what: "names",
    bad: { choices: [{ name: x(101), value: "v" }] },
    good: { choices: [{ name: x(100), value: "v" }] },
    at: "choices.0.name",
  },
  {
    what: "values",
    bad: { choices: [{ name: "n", value: x(101) }] },
    good: { choices: [{ name: "n", value: x(100) }] },
    at: "choices.0.value",
  },
];
