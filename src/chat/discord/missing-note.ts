/** Says where all of a ceremony can be read, and where something was cut, how much. */

import type { Drawing } from "./drawn.ts";
import { codeSpan } from "./inert-markdown.ts";

/** Room to be kept free for a note. */
export const noteRoom = 400;

/** `key` is the card's; a link is written out, so that its text is its target. */
export function missingNote(missing: number, key: string, { fullView }: Drawing): string {
  const link = fullView(key);
  const counted = `✂️ Cut to fit: ${missing} ${missing === 1 ? "character is" : "characters are"} missing here.`;
  if (link !== undefined && link.length < noteRoom - 100) return `${counted} In full: ${link}`;
  const ceremony = /^UP-[0-9]+/.exec(key)?.[0];
  return `${counted} ${codeSpan(ceremony === undefined ? "/upgrade list" : `/upgrade show ${ceremony}`)} tells all of it.`;
}

/** A link that is written out, so that its text is its target; empty where there is no page. It takes a note's room at most. */
export function pageNote(key: string, { fullView }: Drawing): string {
  const link = fullView(key);
  return link === undefined || link.length >= noteRoom - 100 ? "" : `**Ceremony page:** ${link}`;
}
