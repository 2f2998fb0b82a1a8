/** The rehearsal's place to talk: every card as text, as it happens. */

import type { ChatPlatform } from "../ports.ts";
import { cardHeadline, cardLines, indented, noteText, type TextStyle, viewText } from "../terminal/view-text.ts";
import type { Card, View } from "../view.ts";

export interface Printer extends ChatPlatform {
  /** Prints a line of the script itself. */
  say(text: string): void;
  heading(text: string): void;
  /** What a person typed, and what came back privately. */
  typed(person: string, line: string): void;
  replied(view: View): void;
  /** Statuses a ceremony's card went through, in order. */
  readonly statuses: readonly string[];
  /** Every card that called somebody, as it was shown. */
  readonly pages: readonly string[];
  /** Another that has shown nothing yet, and writes to the same place. */
  again(): Printer;
}

/**
 * A ceremony's card is printed when its status changes, and then only the lines that are new; notes of the thread are a
 * line each; pages are printed in full.
 */
export function createPrinter(write: (line: string) => void, style: TextStyle): Printer {
  const shown = new Map<string, { status: string; lines: readonly string[] }>();
  const statuses: string[] = [];
  const pages: string[] = [];

  function showPage(card: Card): void {
    const text = viewText(card, style);
    pages.push(text);
    write(`\n${text}\n  Paged: ${card.mentions.join(", ")}\n`);
  }

  function showState(card: Card): void {
    const before = shown.get(card.key);
    if (before?.status === card.status) return;
    const lines = cardLines(card);
    shown.set(card.key, { status: card.status, lines });
    statuses.push(card.status);
    write("");
    write(cardHeadline(card, style));
    for (const line of indented(lines.filter((one) => !before?.lines.includes(one)))) write(line);
  }

  return {
    name: "terminal",
    statuses,
    pages,
    again: () => createPrinter(write, style),
    async show(card) {
      if (card.audience.kind === "thread") write(`    ${noteText(card, style)}`);
      else if (card.mentions.length > 0) showPage(card);
      else showState(card);
    },
    say: (text) => write(`  ${text}`),
    heading: (text) => write(`\n== ${text}`),
    typed: (person, line) => write(`\n${person}: ${line}`),
    replied(view) {
      const [first = "", ...rest] = viewText(view, style).split("\n");
      write(`  ${first}`);
      if (view.kind === "notice") for (const line of rest) write(`  ${line}`);
    },
  };
}
