/** What a message would do in Discord, by patterns of our own: markup, links and mentions that are alive in a text. */

import type { Drawn } from "../../../src/chat/discord/drawn.ts";

/** Every text of a message in which Markdown works. */
export function markdownOf({ content, embeds }: Pick<Drawn["body"], "content" | "embeds">): string[] {
  return [
    content,
    ...embeds.flatMap((one) => [
      one.title ?? "",
      one.description ?? "",
      ...(one.fields ?? []).flatMap((field) => [field.name, field.value]),
    ]),
  ].filter((one) => one !== "");
}

/** Every text that somebody reads, Markdown or not. */
export function textsOf(body: Drawn["body"]): string[] {
  return [
    ...markdownOf(body),
    ...body.embeds.map((one) => one.footer?.text ?? ""),
    ...body.components.flatMap((row) => row.components.map((one) => ("label" in one ? (one.label ?? "") : ""))),
    ...body.attachments.map((one) => one.description ?? ""),
  ];
}

/** Code, which shows everything as it is: it is taken out before anything else is looked for. */
const code = /```[\s\S]*?```|`[^`\n]+`/g;

export function withoutCode(markdown: string): string {
  return markdown.replace(code, "c");
}

/** A backslash makes the sign behind it plain. */
const escaped = /\\[^0-9A-Za-z\s]/g;

/** Looked for by Discord's servers in the raw text, whatever stands before it. */
const raw: Record<string, RegExp> = {
  "a mention": /<(?:@[!&]?|#)\d+>/,
  "everyone or here": /@(?:everyone|here)/i,
  "a link": /https?:\/\//i,
  "an invite": /discord(?:app)?\.(?:gg|com\/invite)\//i,
};

/** What Markdown makes of what is left without escapes. */
const alive: Record<string, RegExp> = {
  emphasis: /[*_~|`]/,
  "a tag": /<[@#:/a-z][^>\n]*>/i,
  "an emoji": /:[a-z0-9_+-]{2,}:/i,
  "a masked link": /\[[^\]\n]*\]\([^)\n]*\)/,
  "a heading": /^\s*-?#{1,3}\s/m,
  "a list": /^\s*(?:[*+-]|\d+\.)\s/m,
  "a quote": /^\s*>{1,3}\s/m,
};

/** What is alive in foreign text that was made inert; nothing is as it should be. */
export function aliveIn(markdown: string): string[] {
  const outside = withoutCode(markdown);
  const plain = outside.replace(escaped, "e");
  return [
    ...Object.entries(raw).flatMap(([name, pattern]) => (pattern.test(outside) ? [name] : [])),
    ...Object.entries(alive).flatMap(([name, pattern]) => (pattern.test(plain) ? [name] : [])),
  ];
}
