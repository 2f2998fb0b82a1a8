/** Reads a typed line such as `/upgrade approve UP-1 reason="looks right"` as a command with options. Slack's and the console's. */

import type { Option } from "../command.ts";
import { type Token, tokenize } from "./tokens.ts";

/** What the reader must know of a command. */
export interface CommandShape {
  name: string;
  options: readonly Option[];
}

export type TextCommand =
  | { kind: "command"; command: string; options: Record<string, string> }
  /** Nothing was typed after `/upgrade`: show help. */
  | { kind: "empty" }
  /** A sentence for the person, and the line they may have meant. */
  | { kind: "unclear"; sentence: string; suggestion: string | undefined };

/** The slash command that every command is under. */
export const slash = "/upgrade";

/**
 * Reads one line. Values may be written `name=value`, `--name value` or by position: positions are filled with the
 * required options in their order, then with the others; what is left over joins a text that comes last. Required
 * options may be missing: the command asks for them in a form. Never throws.
 */
export function parseTextCommand(line: string, commands: readonly CommandShape[]): TextCommand {
  const tokens = tokenize(line);
  const open = tokens.find((token) => !token.closed);
  if (open) return unclear(`A quote is opened before “${short(open.text)}” and never closed.`);
  if (tokens[0]?.text.toLowerCase() === slash) tokens.shift();
  const [first, ...words] = tokens;
  if (!first) return { kind: "empty" };
  const name = first.text.toLowerCase();
  const command = commands.find((candidate) => candidate.name === name);
  if (!command) return unknownCommand(line, first, commands);
  return readOptions(line, command, words);
}

function unknownCommand(line: string, token: Token, commands: readonly CommandShape[]): TextCommand {
  const names = commands.map((command) => command.name);
  const word = token.text.toLowerCase();
  const near = commandWith(word, commands) ?? nearest(word, names) ?? commandAbout(word, commands);
  if (!near) return unclear(`There is no command “${short(token.text)}”. Type ${slash} help to see what there is.`);
  return unclear(`There is no command “${short(token.text)}”. Did you mean ${near}?`, replaced(line, token, near));
}

/** People type what they want to do: `hold` is what canary does, and no command by itself. */
function commandWith(action: string, commands: readonly CommandShape[]): string | undefined {
  for (const command of commands) {
    const choices = command.options.find((one) => one.name === "action")?.choices ?? [];
    const does = choiceCalled(choices, action);
    if (does !== undefined) return `${command.name} ${does}`;
  }
  return undefined;
}

/** The value of the choice that a word says: its own, or one of its label's, as "resume" of "Start or resume". */
function choiceCalled(choices: readonly { value: string; label: string }[], word: string): string | undefined {
  const said = word.toLowerCase();
  return choices.find(({ value, label }) => value === said || label.toLowerCase().split(" or ").includes(said))?.value;
}

/** People name what they want to see: `incidents` is what settle lists. */
function commandAbout(word: string, commands: readonly CommandShape[]): string | undefined {
  const thing = word.replace(/s$/, "");
  return commands.find((command) => command.options.some((one) => one.name === thing))?.name;
}

function readOptions(line: string, command: CommandShape, words: Token[]): TextCommand {
  const given = new Map<string, string>();
  const loose: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at];
    if (!word) break;
    const named = namedValue(word);
    if (!named) {
      loose.push(word.text);
      continue;
    }
    const option = command.options.find((candidate) => candidate.name === named.name.toLowerCase());
    if (!option) return unknownOption(line, command, word, named);
    if (given.has(option.name)) return unclear(`The option ${option.name} is given twice.`);
    const next = words[at + 1];
    if (named.value !== undefined) given.set(option.name, named.value);
    else if (option.type === "flag") given.set(option.name, "true");
    else if (next && !namedValue(next)) {
      given.set(option.name, next.text);
      at++;
    } else return unclear(`The option ${option.name} has no value: write ${option.name}=VALUE.`);
  }
  return place(command, given, loose);
}

/** `name=value`, `--name=value` and `--name`; a word that begins with a quote is a value whatever it says. */
function namedValue(word: Token): { name: string; value: string | undefined; dashed: boolean } | undefined {
  const match = /^(--)?([a-z][a-z0-9_-]*)(?:=([\s\S]*))?$/i.exec(word.text);
  if (!match || word.quotedAt === 0) return undefined;
  const [, dashes, name = "", value] = match;
  if (!dashes && value === undefined) return undefined;
  return { name, value, dashed: dashes !== undefined };
}

function unknownOption(
  line: string,
  command: CommandShape,
  word: Token,
  named: { name: string; value: string | undefined; dashed: boolean },
): TextCommand {
  const names = command.options.map((option) => option.name);
  const sentence = `${command.name} has no option “${short(named.name)}”.`;
  const near = nearest(named.name.toLowerCase(), names);
  if (near) {
    const start = word.start + (named.dashed ? 2 : 0);
    return unclear(
      `${sentence} Did you mean ${near}?`,
      line.slice(0, start) + near + line.slice(start + named.name.length),
    );
  }
  const list = names.length === 0 ? "It takes none." : `It takes ${names.join(", ")}.`;
  return unclear(`${sentence} ${list}`);
}

/** Options that a value without a name may fill, in that order. */
export function positions(command: CommandShape, given: ReadonlySet<string>): Option[] {
  const free = command.options.filter((option) => option.type !== "flag" && !given.has(option.name));
  return [...free.filter((option) => option.required), ...free.filter((option) => !option.required)];
}

function place(command: CommandShape, given: Map<string, string>, loose: string[]): TextCommand {
  const slots = inOrderOf(loose, positions(command, new Set(given.keys())));
  const surplus = loose[slots.length];
  const last = slots.at(-1);
  if (surplus !== undefined && last?.type !== "text" && last?.type !== "paragraph") {
    return unclear(`${command.name} does not know what to do with “${short(surplus)}”.`);
  }
  slots.forEach((slot, at) => {
    const values = at === slots.length - 1 ? loose.slice(at) : loose.slice(at, at + 1);
    if (values.length > 0) given.set(slot.name, values.join(" "));
  });
  for (const { name, choices = [] } of command.options) {
    const word = given.get(name);
    if (word !== undefined) given.set(name, choiceCalled(choices, word) ?? word);
  }
  return { kind: "command", command: command.name, options: Object.fromEntries(given) };
}

/** `/upgrade canary UP-1 hold`: the name of a ceremony is none of the choices that stand before it, and comes first then. */
function inOrderOf([first = ""]: readonly string[], slots: Option[]): Option[] {
  const [choice, ceremony, ...rest] = slots;
  const isSwapped = choice?.type === "choice" && !choice.required && ceremony?.type === "ceremony";
  return isSwapped && /^[a-z]+-\d+$/i.test(first) ? [ceremony, choice, ...rest] : slots;
}

function unclear(sentence: string, suggestion?: string): TextCommand {
  return { kind: "unclear", sentence, suggestion };
}

function replaced(line: string, token: Token, text: string): string {
  return line.slice(0, token.start) + text + line.slice(token.end);
}

function short(text: string): string {
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}

/** The one candidate that a hurried person may have meant: it starts alike, or is at most two slips away. */
function nearest(typed: string, candidates: string[]): string | undefined {
  const starting = candidates.filter((candidate) => typed.length > 1 && candidate.startsWith(typed));
  if (starting.length === 1) return starting[0];
  const slips = candidates
    .map((candidate) => ({ candidate, distance: distance(typed.slice(0, 40), candidate) }))
    .filter((each) => each.distance <= Math.min(2, Math.floor(each.candidate.length / 2)))
    .sort((a, b) => a.distance - b.distance);
  return slips[0]?.candidate;
}

/** Edit distance where swapping two neighbours is one slip (optimal string alignment). */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + cost);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) best = Math.min(best, (before[j - 2] ?? 0) + 1);
      next.push(best);
    }
    before = row;
    row = next;
  }
  return row[b.length] ?? 0;
}
