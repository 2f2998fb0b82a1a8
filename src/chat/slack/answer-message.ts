/** A view as a private answer: what only the person who asked sees. */

import type { KnownBlock } from "@slack/types";
import type { Card, Notice, WalletRequest } from "../../view.ts";
import { inertLines } from "../inert-text.ts";
import { factsBlock, pictureBlocks, sectionBlocks } from "./body-blocks.ts";
import { buttonsBlock } from "./buttons-block.ts";
import { cardBlocks, notification, type SlackMessage } from "./card-message.ts";
import { ceremonyIn, cutNotice, pageLine } from "./cut-notice.ts";
import { inertMrkdwnWithin } from "./mrkdwn.ts";
import { type Rendering, symbols, toneWords } from "./rendering.ts";
import { bold, line, plain, richText } from "./rich-text.ts";
import { Space } from "./space.ts";
import { walletMessage } from "./wallet-message.ts";

/** Cards keep their look and call nobody. */
export function answerMessage(view: Card | Notice | WalletRequest, render: Rendering): SlackMessage {
  if (view.kind === "wallet") return walletMessage(view, render);
  if (view.kind === "notice") return { text: noticeText(view), blocks: noticeBlocks(view, render) };
  const quiet: Rendering = { ...render, userOf: () => undefined, group: undefined };
  return { text: notification(view, quiet), blocks: cardBlocks(view, quiet) };
}

function noticeText({ tone, text }: Notice): string {
  return `${symbols[tone]} ${toneWords[tone]}: ${inertMrkdwnWithin(text, 3_000)}`;
}

export function noticeBlocks(view: Notice, render: Rendering): KnownBlock[] {
  const space = new Space();
  space.take(400);
  const said = space.fit(inertLines(view.text), 3_000) ?? "…";
  const opening = richText([line(plain(`${symbols[view.tone]} `), bold(`${toneWords[view.tone]}: `), plain(said))]);
  const buttons = buttonsBlock(view.actions, render, space);
  const facts = factsBlock(view.facts, space);
  const pictures = pictureBlocks(view.pictures, render, space);
  const free = space.blocks - 2 - buttons.length - facts.length - pictures.length;
  const sections = sectionBlocks(view.sections, free, space);
  const cut = cutNotice(space, ceremonyIn(view.text), "In the terminal the same command tells all of it.", render);
  const page = cut.length > 0 || view.about === undefined ? [] : pageLine(view.about, render);
  return [opening, ...facts, ...sections, ...pictures, ...cut, ...page, ...buttons];
}
