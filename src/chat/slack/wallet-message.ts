/** What a person's own wallet is asked for, to be compared with what the wallet shows. */

import type { KnownBlock, RichTextBlock, RichTextSection } from "@slack/types";
import {
  aboutLink,
  type MessageItem,
  type SignatureItem,
  type TransactionItem,
  type WalletRequest,
} from "../../view.ts";
import { inertLines, inertText } from "../inert-text.ts";
import type { SlackMessage } from "./card-message.ts";
import { inertMrkdwnWithin } from "./mrkdwn.ts";
import { type Rendering, symbols } from "./rendering.ts";
import { bold, bullets, code, fixedWidth, line, plain, plainText, richText } from "./rich-text.ts";
import { Space } from "./space.ts";

/** Hashes are shown in full or the item is left out and counted: half a hash misleads. */
export function walletMessage(request: WalletRequest, render: Rendering): SlackMessage {
  const space = new Space();
  space.take(900);
  const title = inertText(request.title);
  const header: KnownBlock = { type: "header", text: plainText(`${symbols.progress} Sign: ${title}`, 150) };
  const summary = richText([line(plain(space.fit(inertLines(request.summary), 2_500) ?? "…"))]);
  const items = request.items.flatMap((item, at) => itemBlock(item, at + 1, space));
  const gone = request.items.length - items.length;
  const rest =
    gone === 0
      ? []
      : [
          richText([
            line(bold(`${gone} of ${request.items.length} are not shown here: hand in these, then ask again.`)),
          ]),
        ];
  return {
    text: `${symbols.progress} To sign: ${inertMrkdwnWithin(request.title, 600)}.`,
    blocks: [header, summary, ...items, ...rest, ...messageBlock(request.message), handIn(request, render)],
  };
}

function itemBlock(item: SignatureItem | TransactionItem, number: number, space: Space): RichTextBlock[] {
  const lines = item.kind === "signature" ? signatureLines(item) : transactionLines(item);
  const size = lines
    .flatMap((one) => one.elements)
    .reduce((sum, one) => sum + ("text" in one ? (one.text ?? "").length : 0), 0);
  if (number > space.blocks - 4 || !space.take(size + 200)) return [];
  const purpose = space.fit(inertText(item.purpose), 300) ?? "…";
  const sentences = item.sentences.flatMap((one) => space.fit(inertText(one), 600) ?? []);
  const gone = item.sentences.length - sentences.length;
  const shown = gone === 0 ? sentences : [...sentences, `${gone} more are not shown here.`];
  const list = shown.length === 0 ? [] : [bullets(shown)];
  return [richText([line(bold(`${number}. ${purpose}`)), ...list, ...lines])];
}

function signatureLines({ tx, hashes }: SignatureItem): RichTextSection[] {
  return [
    line(bold("Safe: "), code(tx.safe), plain(` on ${tx.chain}, nonce ${tx.nonce}`)),
    line(bold("safeTxHash: "), code(hashes.safeTxHash)),
    line(bold("Domain hash: "), code(hashes.domainHash)),
    line(bold("Message hash: "), code(hashes.messageHash)),
  ];
}

function transactionLines({ call, from, operationId }: TransactionItem): RichTextSection[] {
  return [
    line(bold("From: "), plain(from.join(" or ") || "no wallet is linked to you")),
    line(bold("To: "), code(call.to), plain(` on ${call.chain}, ${call.value} wei`)),
    line(bold("Operation id: "), code(operationId)),
  ];
}

/** A text to be signed is short, and of our own making: it is shown whole. */
function messageBlock(message: MessageItem | undefined): RichTextBlock[] {
  if (message === undefined) return [];
  const lines = message.text.split("\n").map(inertText);
  const parts = [line(bold(`${inertText(message.purpose)}. The wallet signs this text:`)), fixedWidth(lines)];
  return [richText([...parts, bullets(message.sentences.map(inertText))])];
}

/** The terminal takes `cli:` accounts of the same person. */
function handIn(request: WalletRequest, render: Rendering): RichTextBlock {
  const { ceremony, items, message, link } = request;
  if (link !== undefined)
    return richText([
      line(bold("Open your private link: "), { type: "link", url: link }),
      line(plain(aboutLink(request))),
    ]);
  const back = `npm run -s quorate -- intake`;
  if (message !== undefined)
    return richText([
      line(plain("What your wallet returns is handed in where Quorate runs, with the text as it stands:")),
      fixedWidth([`${back} link --account cli:YOU --message '…' --signature 0x…`]),
    ]);
  const page = render.fullView(ceremony);
  const who = `--account cli:YOU --ceremony ${inertText(ceremony)}`;
  const kinds = new Set(items.map((item) => item.kind));
  const commands = [
    ...(kinds.has("signature") ? [`${back} signature ${who} --hash 0x… --signature 0x…`] : []),
    ...(kinds.has("transaction") ? [`${back} transaction ${who} --raw 0x…`] : []),
  ];
  return richText([
    line(
      plain("Compare every hash with what your wallet shows, and sign only what is equal. Nothing is signed in chat. "),
    ),
    ...(page === undefined ? [] : [line(plain("All of it is at "), { type: "link", url: page }, plain("."))]),
    line(plain("What your wallet returns is handed in where Quorate runs:")),
    fixedWidth(commands.length === 0 ? ["–"] : commands),
  ]);
}
