/** A card as a message: one line that calls people, the state in a title, facts, parts, pictures, buttons. Pure. */

import type { APIEmbed } from "discord-api-types/v10";
import { type Card, saysItsState } from "../../view.ts";
import { cut, inertText } from "../inert-text.ts";
import { actionRows } from "./action-rows.ts";
import type { Drawing, Drawn } from "./drawn.ts";
import { embedBody } from "./embed-body.ts";
import { fitted } from "./inert-markdown.ts";
import { limits } from "./limits.ts";
import { allowedMentions, type Mentions, mentionText } from "./mentions.ts";
import { missingNote, noteRoom, pageNote } from "./missing-note.ts";
import { mostPictures, pictureEmbeds, picturesInWords } from "./picture-embeds.ts";
import { colours, symbols, words } from "./tones.ts";

const footerRoom = 300;
const statusRoom = 60;
/** Dashes that stand for empty texts, and blank lines between the parts. */
const slack = 150;

/** `mentions` are the only people and roles that it calls. */
export function cardMessage(card: Card, mentions: Mentions, drawing: Drawing): Drawn {
  const color = colours[card.tone];
  const state = saysItsState(card)
    ? ""
    : `${fitted(card.status.toUpperCase(), statusRoom).text.trim() || words[card.tone]} · `;
  const title = `${symbols[card.tone]} ${state}`;
  const headline = fitted(card.title, limits.embedTitle - title.length);
  const pictures = pictureEmbeds(card.pictures, color);
  const footer = cut(inertText(card.footer), footerRoom);
  const rows = actionRows(card.actions, drawing);
  const lead = headline.missing > 0 ? `${card.title}\n${card.summary}` : card.summary;
  const spent = title.length + headline.text.length + footer.length + pictures.length + noteRoom + slack;
  const sections = [...card.sections, ...picturesInWords(card.pictures.slice(mostPictures)), ...unshown(rows.missing)];
  const body = embedBody(lead, card.facts, sections, limits.embedTotal - spent);
  const inChannel = card.audience.kind === "channel";
  const page = inChannel ? pageNote(card.key, drawing) : "";
  const note = body.missing > 0 ? missingNote(body.missing, card.key, drawing) : page;
  const first: APIEmbed = { title: `${title}${headline.text}`, color };
  const description = [body.lead, note].filter((one) => one.trim() !== "").join("\n\n");
  if (description !== "") first.description = description;
  if (body.fields.length > 0) first.fields = body.fields;
  const embeds = body.sections === "" ? [first] : [first, { description: body.sections, color }];
  const last = embeds.at(-1);
  if (footer.trim() !== "" && last !== undefined) last.footer = { text: footer };
  return {
    body: {
      content: callOf(card, mentions),
      embeds: [...embeds, ...pictures.embeds],
      components: rows.components,
      attachments: pictures.attachments,
      allowed_mentions: allowedMentions(mentions),
    },
    buttons: rows.buttons,
    files: card.pictures.slice(0, mostPictures),
  };
}

function unshown(actions: number) {
  if (actions === 0) return [];
  const lines = [`${actions} more can be done than there is room for buttons; /upgrade help lists the commands.`];
  return [{ title: "", style: "plain" as const, lines }];
}

/** What a locked phone shows: how bad, what, where, who. Empty where nobody is called. */
export function callOf(card: Card, mentions: Mentions): string {
  const called = mentionText(mentions);
  if (called === "" && !card.urgent) return "";
  const [severity = ""] = card.status.split(" ");
  const status = card.title.startsWith(severity) ? "" : `${statusOf(card)}: `;
  const start = `${symbols[card.tone]} ${status}`;
  const sentence = fitted(card.title.replace(/\.$/, ""), limits.content - start.length - called.length - 2).text;
  return `${start}${sentence}. ${called}`.trim();
}

function statusOf({ status, tone }: Card): string {
  const shown = fitted(status, statusRoom).text.trim() || words[tone];
  return `${shown.charAt(0).toUpperCase()}${shown.slice(1)}`;
}

/** Where Discord refuses the form of a message: the same in plain words, without anything it could refuse again. */
export function plainCardMessage(card: Card, mentions: Mentions, drawing: Drawing): Drawn {
  const call = callOf(card, mentions) || `${symbols[card.tone]} ${statusOf(card)}: ${fitted(card.title, 800).text}`;
  const room = limits.content - noteRoom - 2;
  const start = call.slice(0, limits.content);
  const summary = fitted(card.summary, Math.max(0, room - start.length));
  const missing = summary.missing + JSON.stringify([card.facts, card.sections, card.actions]).length;
  const note = missingNote(missing, card.key, drawing);
  const content = start.length > room ? start : [start, summary.text, note].filter((one) => one !== "").join("\n");
  return {
    body: { content, embeds: [], components: [], attachments: [], allowed_mentions: allowedMentions(mentions) },
    buttons: [],
    files: [],
  };
}
