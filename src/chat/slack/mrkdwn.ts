/** Foreign text for Slack's `text` field: read aloud and shown in notifications, and parsed as mrkdwn. */

import { cut, inertText } from "../inert-text.ts";

/** What mrkdwn gives a meaning, and what looks alike and has none. */
const lookAlikes: Record<string, string> = { "*": "\u2217", _: "\uff3f", "~": "\u223c", "`": "\u02cb" };
const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

/**
 * One line that Slack shows as it is: no mention, link, emoji or style comes of it. & < > become entities, as Slack asks
 * (docs.slack.dev, formatting message text); the rest has no escape, so look-alikes stand in.
 */
export function inertMrkdwn(text: string): string {
  return inertText(text)
    .replace(/[*_~`]/g, (mark) => lookAlikes[mark] ?? mark)
    .replace(/@(?=[\p{L}\p{N}_])/gu, "\uff20")
    .replace(/#(?=[\p{L}\p{N}_])/gu, "\uff03")
    .replace(/:(?=[\p{L}\p{N}_+'-]+:)|:(?=\/\/)|(?<=mailto|tel):/giu, "\u2236")
    .replace(/(?<=[\p{L}\p{N}])\.(?=[\p{L}]{2})/gu, "\u2024")
    .replace(/[&<>]/g, (mark) => entities[mark] ?? mark);
}

/** As {@link inertMrkdwn}, at most `limit` long: the text is cut and never an entity. */
export function inertMrkdwnWithin(text: string, limit: number): string {
  let kept = cut(inertText(text), limit);
  for (let shown = inertMrkdwn(kept); ; shown = inertMrkdwn(kept)) {
    const surplus = shown.length - limit;
    if (surplus <= 0) return shown;
    kept = cut(kept, Math.max(1, kept.length - Math.ceil(surplus / 5) - 1));
  }
}

/** What Slack made of a typed line, back to what was typed: `<@U1|ada>` to `@ada`, `<url|text>` to its text, entities to characters. */
export function asTyped(text: string): string {
  return text
    .replace(/<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>/g, (_, sign: string, id: string, label: string | undefined) => {
      if (sign === "@" || sign === "#") return `${sign}${label || id}`;
      if (sign === "!") return label ?? `@${id.split("^")[0]}`;
      return label ?? id;
    })
    .replace(/&lt;/g, "<")
    .replace(/&gt;/g, ">")
    .replace(/&amp;/g, "&");
}
