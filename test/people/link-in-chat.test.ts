/** What somebody sees who asks for a link: the private page, or the whole text, on every platform. */

import { expect, test } from "vitest";
import { walletMessages } from "../../src/chat/discord/wallet-messages.ts";
import { plainMessage } from "../../src/chat/slack/plain-message.ts";
import { walletMessage } from "../../src/chat/slack/wallet-message.ts";
import { walletText } from "../../src/cli/wallet-text.ts";
import { linkMessage } from "../../src/link-message.ts";
import { viewText } from "../../src/terminal/view-text.ts";
import type { MessageItem, WalletRequest } from "../../src/view.ts";
import { drawing } from "../chat/discord/sample-views.ts";
import { problems, render, stringsOf } from "../chat/slack/rendering-checks.ts";
import { checkMessage } from "../support/discord/checks.ts";
import { addressOf } from "../support/sample-council.ts";

const wallet = addressOf("a wallet");
const text = linkMessage(
  {
    ...{ council: "The keepers' council", person: "ben", account: "slack:T1:U7", nonce: "0123456789abcdef" },
    ...{
      domain: "localhost",
      uri: "http://localhost/",
      chain: "eip155:1",
      issuedAt: 1_800_000_000n,
      expiresAt: 1_800_000_900n,
    },
  },
  wallet,
);
const message: MessageItem = { kind: "message", purpose: "Prove it", wallet, text, sentences: ["It moves nothing."] };
const asked: WalletRequest = {
  kind: "wallet",
  ceremony: "link-1",
  title: "Link a wallet to Ben",
  summary: "Read it.",
  items: [],
};
const withText: WalletRequest = { ...asked, message };
const withLink: WalletRequest = { ...asked, link: "https://quorate.example.org/sign#token", again: "link" };

/** A wallet's text in lines that are shown one below the other. */
const inLines = (shown: string) =>
  shown
    .split("\n")
    .map((line) => line.trim())
    .join("\n");

test("Slack shows the text whole and takes the message; a link says which command gives another", () => {
  const { blocks, text: fallback } = walletMessage(withText, render);
  expect(problems({ blocks, text: fallback })).toEqual([]);
  const shown = stringsOf(blocks).join("\n");
  expect(shown).toContain(text);
  expect(shown).toContain("quorate -- intake link --account cli:YOU");
  expect(stringsOf(walletMessage(withLink, render).blocks).join("\n")).toContain("/upgrade link gives a new one");
  expect(JSON.stringify(plainMessage(withText, "To sign"))).toContain(wallet);
});

test("Discord shows the text whole and takes the message; a link says which command gives another", () => {
  const pages = walletMessages(withText, drawing);
  for (const { body } of pages) checkMessage("MessageCreateRequestSchema", body, []);
  const shown = pages.flatMap(({ body }) => stringsOf(body.embeds)).join("\n");
  expect(shown).toContain(text);
  expect(shown).toContain("quorate -- intake link --account cli:YOU");
  const linked = walletMessages(withLink, drawing).flatMap(({ body }) => stringsOf(body.embeds));
  expect(linked.join("\n")).toContain("`/upgrade link` gives a new one");
});

test("a terminal shows the text, and lines that a shell takes although the council's name has a quote in it", () => {
  expect(inLines(viewText(withText, { colour: false }))).toContain(inLines(text));
  const lines = walletText(withText, "cli:ben");
  expect(inLines(lines)).toContain(inLines(text));
  expect(lines).toContain(`--account cli:ben --message '${text.replaceAll("'", "'\\''")}' --signature 0x…`);
});
