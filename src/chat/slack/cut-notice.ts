/** Says that something was left out, how much, and where all of it is. */

import type { RichTextBlock } from "@slack/types";
import type { Rendering } from "./rendering.ts";
import { line, plain, richText } from "./rich-text.ts";
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

/** The ceremony that a card's key or a sentence is about. */
export function ceremonyIn(text: string): string | undefined {
  return /\bUP-[1-9][0-9]{0,5}\b/.exec(text)?.[0];
}
