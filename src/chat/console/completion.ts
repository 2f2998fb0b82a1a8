/** What may come next in a line being typed: commands, then option names and values. Pure; values come from the caller. */

import type { Option } from "../../command.ts";
import { type CommandShape, positions, slash } from "../text-command.ts";
import { quote, type Token, tokenize } from "../tokens.ts";

export interface CompletableCommand extends CommandShape {
  summary: string;
}

export interface Suggestion {
  /** Replaces the line from `from` to `to`. */
  insert: string;
  label: string;
  detail: string;
}

export interface Completion {
  from: number;
  to: number;
  suggestions: Suggestion[];
}

/** Values for an option, asked of whoever knows them. */
export type Values = (command: string, option: string, typed: string) => Promise<{ value: string; label: string }[]>;

const most = 12;

/** Suggestions for the word that ends at `caret`. */
export async function complete(
  line: string,
  caret: number,
  commands: readonly CompletableCommand[],
  values: Values,
): Promise<Completion> {
  const tokens = tokenize(line.slice(0, caret));
  const slashed = tokens[0]?.text.startsWith("/") === true;
  const current = tokens.at(-1);
  const word = current && current.end === caret && !(current.closed && current.quotedAt !== undefined) ? current : null;
  const from = word ? word.start : caret;
  const result = (suggestions: Suggestion[], start = from): Completion => ({
    from: start,
    to: caret,
    suggestions: suggestions.slice(0, most),
  });

  if (slashed && word === tokens[0]) {
    const fits = slash.startsWith(word.text.toLowerCase());
    return result(
      fits ? commandNames("", commands).map((each) => ({ ...each, insert: `${slash} ${each.insert}` })) : [],
    );
  }
  if (slashed) tokens.shift();
  const before = word ? tokens.slice(0, -1) : tokens;
  const [name, ...words] = before;
  if (!name) return result(commandNames(word?.text ?? "", commands));
  const command = commands.find((candidate) => candidate.name === name.text.toLowerCase());
  if (!command) return result([]);
  return optionSuggestions(command, words, word, caret, values, result);
}

function commandNames(typed: string, commands: readonly CompletableCommand[]): Suggestion[] {
  const wanted = typed.toLowerCase();
  const starting = commands.filter((command) => command.name.startsWith(wanted));
  const containing = commands.filter((command) => !starting.includes(command) && command.name.includes(wanted));
  return [...starting, ...(wanted.length > 1 ? containing : [])].map((command) => ({
    insert: `${command.name}${command.options.length > 0 ? " " : ""}`,
    label: command.name,
    detail: command.summary,
  }));
}

async function optionSuggestions(
  command: CompletableCommand,
  words: Token[],
  word: Token | null,
  caret: number,
  values: Values,
  result: (suggestions: Suggestion[], start?: number) => Completion,
): Promise<Completion> {
  const typed = word?.text ?? "";
  const named = word?.quotedAt === 0 ? null : /^(?:--)?([a-z][a-z0-9_-]*)=([\s\S]*)$/i.exec(typed);
  const find = (name: string | undefined) => command.options.find((option) => option.name === name?.toLowerCase());
  if (named) {
    const option = find(named[1]);
    if (!option) return result([]);
    const start = (word?.start ?? caret) + typed.length - (named[2] ?? "").length;
    return result(await valuesOf(command, option, named[2] ?? "", values), start);
  }
  const dashed = /^--([a-z0-9_-]+)$/i.exec(words.at(-1)?.text ?? "");
  const pending = find(dashed?.[1]);
  if (pending && pending.type !== "flag") return result(await valuesOf(command, pending, typed, values));

  const given = new Set(words.flatMap((each) => optionNamed(each) ?? []));
  const loose = words.filter((each, at) => !optionNamed(each) && !takesNext(words[at - 1], find)).length;
  const slot = positions(command, given)[loose];
  const next = slot && !typed.startsWith("--") ? await valuesOf(command, slot, typed, values) : [];
  return result([...next, ...optionNames(command, given, loose, typed)]);
}

function optionNamed(word: Token): string | undefined {
  if (word.quotedAt === 0) return undefined;
  const match = /^(?:--([a-z][a-z0-9_-]*)|([a-z][a-z0-9_-]*)=)/i.exec(word.text);
  return (match?.[1] ?? match?.[2])?.toLowerCase();
}

function takesNext(word: Token | undefined, find: (name: string | undefined) => Option | undefined): boolean {
  const match = word && word.quotedAt !== 0 ? /^--([a-z][a-z0-9_-]*)$/i.exec(word.text) : null;
  const option = match ? find(match[1]) : undefined;
  return option !== undefined && option.type !== "flag";
}

function optionNames(command: CommandShape, given: Set<string>, loose: number, typed: string): Suggestion[] {
  const wanted = typed.replace(/^--/, "").toLowerCase();
  const filled = new Set(positions(command, given).slice(0, loose));
  return command.options
    .filter((option) => !given.has(option.name) && !filled.has(option) && option.name.startsWith(wanted))
    .map((option) => ({
      insert: option.type === "flag" ? `--${option.name} ` : `${option.name}=`,
      label: option.type === "flag" ? `--${option.name}` : `${option.name}=`,
      detail: option.required ? option.description : `${option.description} (optional)`,
    }));
}

async function valuesOf(command: CommandShape, option: Option, typed: string, values: Values): Promise<Suggestion[]> {
  const wanted = typed.toLowerCase();
  if (option.type === "text" || option.type === "paragraph") return [];
  const known =
    option.choices ??
    (option.type === "flag" ? [{ value: "true", label: "yes" }] : await values(command.name, option.name, typed));
  return known
    .filter((each) => each.value.toLowerCase().includes(wanted) || each.label.toLowerCase().includes(wanted))
    .map((each) => ({
      insert: `${quote(each.value)} `,
      label: each.value,
      detail: each.label === each.value ? option.description : each.label,
    }));
}
