/** What a person's wallet is asked for: purposes, hashes in full, and where it is handed in. Nothing is signed in chat. Pure. */

import type { APIEmbed } from "discord-api-types/v10";
import { aboutLink, type SignatureItem, type TransactionItem, type WalletRequest } from "../../view.ts";
import type { Drawing, Drawn } from "./drawn.ts";
import { codeBlock, codeSpan, fitted, markdown, markdownLines } from "./inert-markdown.ts";
import { limits } from "./limits.ts";
import { allowedMentions, nobody } from "./mentions.ts";
import { colours, symbols } from "./tones.ts";
import { wholeName, wholeText } from "./whole-text.ts";

type Item = SignatureItem | TransactionItem;

const purposeRoom = 200;
const sentencesRoom = 1200;
/** Calldata longer than this is in the file alone. */
const dataRoom = 400;

/** One message or several: every item whole, whatever their number. Text that is cut is in a file at the last one. */
export function walletMessages(request: WalletRequest, { fullView }: Drawing): Drawn[] {
  const color = colours.progress;
  const title = fitted(request.title, limits.embedTitle - 30).text;
  const summary = fitted(request.summary, 1500, markdownLines);
  const items = request.items.map((item, index) => itemEmbed(item, index, request.items.length));
  const first: APIEmbed = {
    title: `${symbols.progress} SIGN · ${title}`,
    description: [summary.text, messageText(request), howTo(request, fullView(request.ceremony))]
      .filter((one) => one !== "")
      .join("\n\n"),
    color,
  };
  const pages: APIEmbed[][] = [[first]];
  for (const { embed } of items) {
    const page = pages.at(-1) ?? [];
    const full = page.length === limits.embeds || lengthOf([...page, embed]) > limits.embedTotal;
    if (full) pages.push([embed]);
    else page.push(embed);
  }
  const cut = summary.missing > 0 || items.some((one) => one.missing > 0);
  return pages.map((embeds, index) => {
    const file = cut && index === pages.length - 1;
    const attachments = file ? [{ id: "0", filename: wholeName, description: "The request in full." }] : [];
    return {
      body: { content: "", embeds, components: [], attachments, allowed_mentions: allowedMentions(nobody) },
      buttons: [],
      files: file ? [inFull(request)] : [],
    };
  });
}

/** A text to be signed is short, and of our own making: it is shown whole. */
function messageText({ message }: WalletRequest): string {
  if (message === undefined) return "";
  const sentences = message.sentences.map((one) => `- ${one}`).join("\n");
  return `**${markdown(message.purpose)}.** The wallet signs this text:\n${codeBlock(message.text)}\n${listed(sentences)}`;
}

/** Signatures and transactions come in at the terminal, by a `cli:` account of the same person. */
function howTo(request: WalletRequest, link: string | undefined): string {
  const { ceremony, items, message, link: own } = request;
  if (own !== undefined)
    return `**Open your private link:** ${own}\n${aboutLink(request).replace(/\/upgrade [a-z]+/, codeSpan)}`;
  if (message !== undefined)
    return `**How to hand it in:** Nothing is signed in chat. What your wallet returns is handed in where Quorate runs, with the text as it stands:\n${codeSpan("npm run -s quorate -- intake link --account cli:YOU --message '…' --signature 0x…")}`;
  const given = { signature: "--hash 0x… --signature 0x…", transaction: "--raw 0x…" };
  const kinds = [...new Set(items.map((one) => one.kind))];
  const commands = kinds.map((kind) =>
    codeSpan(`npm run -s quorate -- intake ${kind} --account cli:YOU --ceremony ${ceremony} ${given[kind]}`),
  );
  const where = link === undefined ? "" : `\nThe ceremony in full: ${link}`;
  return (
    "**How to hand it in:** Nothing is signed in chat. Let your own wallet show each hash, compare it with the one here, " +
    `and sign there. Then hand in what it gives, where Quorate runs:\n${commands.join("\n")}${where}`
  );
}

function itemEmbed(item: Item, index: number, count: number): { embed: APIEmbed; missing: number } {
  const purpose = fitted(item.purpose, purposeRoom);
  const sentences = fitted(item.sentences.map((one) => `- ${one}`).join("\n"), sentencesRoom, listed);
  const lines = item.kind === "signature" ? signatureLines(item) : transactionLines(item);
  const texts = lines.map(([label, value]) => {
    const shown = fitted(value, dataRoom, codeSpan);
    return { text: `${markdown(label)} ${shown.text}`, missing: shown.missing };
  });
  const description = [sentences.text, texts.map((one) => one.text).join("\n")].filter((one) => one !== "").join("\n");
  return {
    embed: { title: `${index + 1} of ${count}: ${purpose.text}`, description, color: colours.progress },
    missing: purpose.missing + sentences.missing + texts.reduce((sum, one) => sum + one.missing, 0),
  };
}

/** Lines that begin with our own "- " stay a list. */
function listed(text: string): string {
  return text
    .split("\n")
    .map((line) => (line.startsWith("- ") ? `- ${markdown(line.slice(2))}` : markdown(line)))
    .join("\n");
}

function signatureLines({ tx, hashes }: SignatureItem): [string, string][] {
  return [
    ["Safe", `${tx.safe} on ${tx.chain}, nonce ${tx.nonce}`],
    ["Domain hash", hashes.domainHash],
    ["Message hash", hashes.messageHash],
    ["Safe transaction hash", hashes.safeTxHash],
  ];
}

function transactionLines({ call, from, operationId }: TransactionItem): [string, string][] {
  return [
    ["From", from.join(" or ") || "no wallet is linked to you"],
    ["To", `${call.to} on ${call.chain}, ${call.value} wei`],
    ["Data", call.data],
    ["Operation id", operationId],
  ];
}

function inFull({ title, summary, items }: WalletRequest): string {
  const sections = items.map((item) => ({
    title: item.purpose,
    style: "plain" as const,
    lines: [
      ...item.sentences,
      ...(item.kind === "signature" ? signatureLines(item) : transactionLines(item)).map((line) => line.join(": ")),
    ],
  }));
  return wholeText(`${title}\n${summary}`, [], sections);
}

function lengthOf(embeds: readonly APIEmbed[]): number {
  return embeds.reduce((sum, one) => sum + (one.title?.length ?? 0) + (one.description?.length ?? 0), 0);
}
