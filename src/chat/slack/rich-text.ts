/**
 * Slack's rich_text and plain_text. Both show a string as it is: no mention, link, emoji or style comes of what it says,
 * and & < > are not escaped (what Slack escapes and parses is mrkdwn alone). Every string of a view goes this way.
 */

import type {
  PlainTextElement,
  RichTextBlock,
  RichTextBlockElement,
  RichTextElement,
  RichTextList,
  RichTextPreformatted,
  RichTextSection,
  RichTextText,
} from "@slack/types";
import { cut, inertText } from "../inert-text.ts";

export function richText(elements: RichTextBlockElement[]): RichTextBlock {
  return { type: "rich_text", elements };
}

export function line(...elements: RichTextElement[]): RichTextSection {
  return { type: "rich_text_section", elements };
}

/** Slack refuses an empty text. */
export function plain(text: string): RichTextText {
  return { type: "text", text: text === "" ? "–" : text };
}

export function bold(text: string): RichTextText {
  return { ...plain(text), style: { bold: true } };
}

export function code(text: string): RichTextText {
  return { ...plain(text), style: { code: true } };
}

export function bullets(lines: readonly string[]): RichTextList {
  return { type: "rich_text_list", style: "bullet", elements: lines.map((text) => line(plain(text))) };
}

export function fixedWidth(lines: readonly string[]): RichTextPreformatted {
  return { type: "rich_text_preformatted", elements: [plain(lines.join("\n"))] };
}

/** `emoji: false`: `:name:` stays what it is. Never empty, because Slack refuses that. */
export function plainText(text: string, limit: number): PlainTextElement {
  return { type: "plain_text", text: cut(inertText(text), limit) || "–", emoji: false };
}
