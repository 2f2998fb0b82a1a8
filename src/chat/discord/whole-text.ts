/** A private answer in full as a plain text file, for what does not fit into a message. */

import type { Fact, Section } from "../../view.ts";
import { inertLines } from "../inert-text.ts";

export const wholeName = "answer.txt";

export function wholeText(text: string, facts: readonly Fact[], sections: readonly Section[]): string {
  const parts = [
    text,
    ...facts.map(({ label, value }) => `${label}: ${value}`),
    ...sections.map(({ title, lines }) => [`\n${title}`, ...lines].join("\n")),
  ];
  return `${inertLines(parts.join("\n"))}\n`;
}
