/** Says where all of a ceremony can be read, and where something was left out, how much. */

import type { RichTextBlock } from "@slack/types";
import type { Rendering } from "./rendering.ts";
import { bold, line, plain, richText } from "./rich-text.ts";
import type { Space } from "./space.ts";

/** `key` is the card's, or names its ceremony; `otherwise` is said where no page has all of it. Empty if nothing is missing. */
export function cutNotice(
  space: Space,
  key: string | undefined,
  otherwise: string,
  render: Rendering,
): RichTextBlock[] {
  if (space.missing === undefined) return [];
  const said = `✂ ${space.missing}. `;
  const page = key === undefined ? undefined : render.fullView(key);
  if (page === undefined) return [richText([line(plain(said + otherwise))])];
  return [richText([line(plain(`${said}All of it is at `), { type: "link", url: page }, plain("."))])];
}

/** Where all of the ceremony stands, written out so that the text is the target; empty where it has no page. */
export function pageLine(key: string, render: Rendering): RichTextBlock[] {
  const page = render.fullView(key);
  return page === undefined ? [] : [richText([line(bold("Ceremony page: "), { type: "link", url: page })])];
}

/** The ceremony that a card's key or a sentence is about. */
export function ceremonyIn(text: string): string | undefined {
  return /\bUP-[1-9][0-9]{0,5}\b/.exec(text)?.[0];
}
