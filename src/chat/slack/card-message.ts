/** A card as a Slack message. */

import type { KnownBlock, MessageMetadata, RichTextElement } from "@slack/types";
import { type Card, headlineOf, saysItsState } from "../../view.ts";
import { inertLines, inertText } from "../inert-text.ts";
import { factsBlock, pictureBlocks, sectionBlocks } from "./body-blocks.ts";
import { buttonsBlock } from "./buttons-block.ts";
import { ceremonyIn, cutNotice, pageLine } from "./cut-notice.ts";
import { inertMrkdwnWithin } from "./mrkdwn.ts";
import { type Rendering, symbols } from "./rendering.ts";
import { bold, line, plain, plainText, richText } from "./rich-text.ts";
import { Space } from "./space.ts";

export interface SlackMessage {
  /** For notifications and screen readers; mrkdwn, at most 4,000 characters (chat.update). */
  text: string;
  blocks: KnownBlock[];
}

export interface CardMessage extends SlackMessage {
  /** How the message is found again: whose it is and what it shows. */
  metadata: MessageMetadata;
}

export const cardEvent = "quorate_card";

/** Header, what is wanted and of whom, facts, sections, pictures, buttons, small print; 50 blocks at most. */
export function cardMessage(card: Card, render: Rendering): CardMessage {
  const blocks = cardBlocks(card, render);
  return { text: notification(card, render), blocks, metadata: cardMetadata(card) };
}

export function cardMetadata({ key, revision }: Card): MessageMetadata {
  return { event_type: cardEvent, event_payload: { key, revision } };
}

export function cardBlocks(card: Card, render: Rendering): KnownBlock[] {
  const space = new Space();
  space.take(500);
  const headline = inertText(headlineOf(card, ": "));
  const header: KnownBlock = { type: "header", text: plainText(`${symbols[card.tone]} ${headline}`, 150) };
  const wanted = space.fit(inertLines(card.summary), 2_500);
  const opening = [
    ...(headline.length > 147 ? [line(bold(space.fit(headline, 2_000) ?? "…"))] : []),
    line(...mentions(card, render), plain(wanted ?? "…")),
  ];
  const footer = space.fit(inertText(card.footer), 1_000);
  const foot: KnownBlock[] = footer ? [{ type: "context", elements: [plainText(footer, 1_000)] }] : [];
  const buttons = buttonsBlock(card.actions, render, space);
  const facts = factsBlock(card.facts, space);
  const pictures = pictureBlocks(card.pictures, render, space);
  const free = space.blocks - 2 - foot.length - buttons.length - facts.length - pictures.length - 1;
  const sections = sectionBlocks(card.sections, free, space);
  return [
    header,
    richText(opening),
    ...facts,
    ...sections,
    ...pictures,
    ...whereAllIs(card, space, render),
    ...buttons,
    ...foot,
  ];
}

/** On every card in the channel; a thread hangs below one. */
function whereAllIs(card: Card, space: Space, render: Rendering): KnownBlock[] {
  const cut = cutNotice(space, card.key, elsewhere(card.key), render);
  return cut.length === 0 && card.audience.kind === "channel" ? pageLine(card.key, render) : cut;
}

/** The command tells other things than the card, and is cut as well; only the terminal has no limits. */
function elsewhere(key: string): string {
  const ceremony = ceremonyIn(key);
  const command = ceremony === undefined ? "/upgrade show" : `/upgrade show ${ceremony}`;
  return `${command} tells more, and in the terminal all of it.`;
}

/** Mentions as elements of their own: nothing that somebody wrote can become one. */
function mentions(card: Card, render: Rendering): RichTextElement[] {
  const called: RichTextElement[] = [
    ...usersOf(card, render).map((user_id) => ({ type: "user" as const, user_id })),
    ...(groupOf(card, render) ?? []).map((usergroup_id) => ({ type: "usergroup" as const, usergroup_id })),
  ];
  return called.flatMap((one) => [one, plain(" ")]);
}

/** People who are asked, once each, at most 50; whoever has no account here is named by the text alone. */
function usersOf({ mentions }: Card, render: Rendering): string[] {
  const users = mentions.flatMap((person) => render.userOf(person) ?? []);
  return [...new Set(users)].slice(0, 50);
}

function groupOf(card: Card, render: Rendering): string[] | undefined {
  return card.urgent === true && render.group !== undefined ? [render.group] : undefined;
}

/** What a locked phone shows: the state, what and where, what is wanted, and of whom; a note is its own sentence. */
export function notification(card: Card, render: Rendering): string {
  const called = [
    ...usersOf(card, render).map((user) => `<@${user}>`),
    ...(groupOf(card, render) ?? []).map((group) => `<!subteam^${group}>`),
  ];
  const title = inertMrkdwnWithin(card.title, 600);
  if (card.audience.kind === "thread") return [symbols[card.tone], title, ...called].join(" ");
  const state = inertMrkdwnWithin(card.status.toUpperCase(), 200);
  const wanted = inertMrkdwnWithin(card.summary, 1_200);
  const stated = saysItsState(card) ? title : `${state}: ${title}`;
  const headline = `${stated}${wanted === "" || /[.!?]$/.test(title) ? "" : "."}`;
  return [symbols[card.tone], headline, wanted, ...called].filter((one) => one !== "").join(" ");
}
