/** What a person reads in a message, as the platform's client shows it. */

import type { Message as DiscordMessage } from "../support/discord/world.ts";
import type { Message as SlackMessage } from "../support/slack/model.ts";

/** Blocks are text as it is; the `text` field is what a notification reads. */
export function readInSlack({ blocks, attachments, text }: SlackMessage): string {
  const shown = [...blocks, ...attachments];
  return tidy(shown.length === 0 ? withoutEntities(text) : wordsOf(shown));
}

/** Embeds are Markdown; a text file beside them has what did not fit. */
export function readInDiscord({
  content,
  embeds,
  attachments,
}: Pick<DiscordMessage, "content" | "embeds" | "attachments">): string {
  const texts = embeds.flatMap((one) => [
    one.title,
    one.description,
    ...(one.fields ?? []).flatMap((field) => [field.name, field.value]),
    one.footer?.text,
  ]);
  const shown = [content, ...texts]
    .filter((one) => one !== undefined)
    .map((one) => one.replace(/\\([^0-9A-Za-z\s])/g, "$1"));
  const files = attachments
    .filter((one) => one.filename.endsWith(".txt"))
    .map((one) => new TextDecoder().decode(one.bytes));
  return tidy([...shown, ...files].join("\n").replace(/@\u200b/g, "@"));
}

/** Every text within, in order. */
function wordsOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(wordsOf).join(" ");
  if (typeof value !== "object" || value === null) return "";
  const { text, ...rest } = value as { text?: unknown };
  return [typeof text === "string" ? text : wordsOf(text), ...Object.values(rest).map(wordsOf)]
    .filter((one) => one !== "")
    .join(" ");
}

function withoutEntities(text: string): string {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

/** Line ends and runs of blanks are layout. */
export function tidy(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
