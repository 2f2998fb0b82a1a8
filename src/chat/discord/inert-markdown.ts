/** Foreign text that Discord shows as it is: no markup, no link, no mention, no emoji comes out of it. */

import { inertLines, inertText } from "../inert-text.ts";

/** Between `@` and `everyone`: Discord looks for these words also behind a backslash. */
const wordBreak = "\u200b";

/** One line of Markdown that reads as the text did. */
export function markdown(text: string): string {
  return escaped(inertText(text));
}

/** As {@link markdown}, keeping line feeds. */
export function markdownLines(text: string): string {
  return inertLines(text).split("\n").map(escaped).join("\n");
}

/**
 * Escapes an inert line. Discord's Markdown takes a backslash before any sign; between the parts of a link, an address, an
 * invite or a mention it also hides them from the patterns that Discord's servers look for in the raw text.
 */
function escaped(line: string): string {
  return line
    .replace(/[\\*_~`|<>#[\]@]|:(?=\S)|(?<=\S)\//g, "\\$&")
    .replace(/@(?=everyone|here)/gi, `@${wordBreak}`)
    .replace(/^(\s*)([-+])/, "$1\\$2")
    .replace(/^(\s*\d+)([.)])/, "$1\\$2");
}

/** Fixed width within a line; a backtick inside becomes a sign that looks like one and closes nothing. */
export function codeSpan(text: string): string {
  return `\`${withoutBackticks(inertText(text)).trim() || "—"}\``;
}

/** Fixed width, lines kept as they are. */
export function codeBlock(text: string): string {
  return `\`\`\`\n${withoutBackticks(inertLines(text)) || "—"}\n\`\`\``;
}

function withoutBackticks(text: string): string {
  return text.replaceAll("`", "ˋ");
}

export interface Fitted {
  text: string;
  /** Characters of the original that are not in it. */
  missing: number;
}

/** `toMarkdown(text)` where it fits into `room`; else of as much of its beginning as does, followed by how much is missing. */
export function fitted(text: string, room: number, toMarkdown: (part: string) => string = markdown): Fitted {
  const whole = toMarkdown(text);
  if (whole.length <= room) return { text: whole, missing: 0 };
  const note = (kept: number) => ` … (${text.length - kept} more characters)`;
  let low = 0;
  let high = Math.min(text.length, room);
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    const part = beginning(text, middle);
    if (toMarkdown(part).length + note(part.length).length <= room) low = middle;
    else high = middle - 1;
  }
  const kept = beginning(text, low);
  const missing = text.length - kept.length;
  if (kept === "" && note(0).length > room) return { text: "…".slice(0, room), missing };
  return { text: `${toMarkdown(kept)}${note(kept.length)}`, missing };
}

/** At most `length` UTF-16 units, never half a character. */
function beginning(text: string, length: number): string {
  return text.slice(0, length).replace(/[\ud800-\udbff]$/, "");
}
