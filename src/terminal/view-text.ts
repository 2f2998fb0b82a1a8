/** Views as plain text for a terminal. Colour is only ever added to a symbol that comes with a word. */

import { type Card, type Fact, headlineOf, type Section, type Tone, type View } from "../view.ts";
import { inertLine } from "./inert-line.ts";

const symbols: Record<Tone, string> = { neutral: "-", progress: ">", good: "✓", warning: "!", bad: "✗" };
/** SGR colours: https://www.ecma-international.org/publications-and-standards/standards/ecma-48/ */
const colours: Record<Tone, number> = { neutral: 90, progress: 36, good: 32, warning: 33, bad: 31 };

export interface TextStyle {
  /** True only where the output is a terminal. */
  colour: boolean;
}

/** The tone as a symbol; the caller always puts a word beside it. */
export function symbol(tone: Tone, { colour }: TextStyle): string {
  return colour ? `\u001b[${colours[tone]}m${symbols[tone]}\u001b[0m` : symbols[tone];
}

/** A view in full, without its buttons: a terminal has the commands themselves. */
export function viewText(view: View, style: TextStyle): string {
  switch (view.kind) {
    case "card":
      return [cardHeadline(view, style), ...indented(cardLines(view))].join("\n");
    case "notice":
      return [
        `${symbol(view.tone, style)} ${inertLine(view.text)}`,
        ...indented([...factLines(view.facts), ...view.sections.flatMap(sectionLines), ...pictureLines(view)]),
      ].join("\n");
    case "form":
      return [
        `${symbol("neutral", style)} ${inertLine(view.title)}: /upgrade ${view.command} also needs`,
        ...indented(view.fields.map((field) => `${field.name}: ${inertLine(field.label)}. ${inertLine(field.hint)}`)),
      ].join("\n");
    case "wallet":
      return [
        `${symbol("progress", style)} ${inertLine(view.title)}`,
        ...indented([
          inertLine(view.summary),
          ...(view.link === undefined ? [] : [`Open your private link: ${inertLine(view.link)}`]),
          ...(view.message === undefined
            ? []
            : [`${inertLine(view.message.purpose)}:`, ...indented(view.message.text.split("\n").map(inertLine))]),
          ...view.items.flatMap((item) => [
            `${inertLine(item.purpose)}: ${item.kind === "signature" ? item.hashes.safeTxHash : item.operationId}`,
            ...indented(item.sentences.map(inertLine)),
          ]),
        ]),
      ].join("\n");
  }
}

/** A card's first line: state, what it is about. */
export function cardHeadline(card: Card, style: TextStyle): string {
  return `${symbol(card.tone, style)} ${inertLine(headlineOf(card, "  "))}`;
}

/** A thread message in one line. */
export function noteText(card: Card, style: TextStyle): string {
  return `${symbol(card.tone, style)} ${inertLine(card.title)}`;
}

/** Everything below a card's headline; a line that was shown before is the same text again. */
export function cardLines(card: Card): string[] {
  return [
    ...(card.summary === "" ? [] : [inertLine(card.summary)]),
    ...factLines(card.facts),
    ...card.sections.flatMap(sectionLines),
    ...pictureLines(card),
    inertLine(card.footer),
  ];
}

function factLines(facts: readonly Fact[]): string[] {
  const width = Math.max(0, ...facts.map((one) => one.label.length));
  return facts.map((one) => `${inertLine(one.label).padEnd(width)}  ${inertLine(one.value)}`);
}

function sectionLines(section: Section): string[] {
  const mark = section.style === "list" ? "- " : "";
  return [
    `${inertLine(section.title)}:`,
    ...section.lines.map((line) => `  ${mark}${line.split("\n").map(inertLine).join("\n    ")}`),
  ];
}

function pictureLines({ pictures }: Pick<Card, "pictures">): string[] {
  return pictures.map((one) => `[picture: ${inertLine(one.title)}]`);
}

export function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}
