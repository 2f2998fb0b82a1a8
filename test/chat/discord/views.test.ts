import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cardMessage, plainCardMessage } from "../../../src/chat/discord/card-message.ts";
import type { Drawn } from "../../../src/chat/discord/drawn.ts";
import { filled, formOf, formRow, modalOf, optionsOf } from "../../../src/chat/discord/modal.ts";
import { noticeMessage } from "../../../src/chat/discord/notice-message.ts";
import { walletMessages } from "../../../src/chat/discord/wallet-messages.ts";
import { checkBody, checkMessage } from "../../support/discord/checks.ts";
import { aliveIn, markdownOf, textsOf, withoutCode } from "./discord-text.ts";
import { anyCard, anyForm, anyNotice, anyWalletRequest, drawing, sampleCard } from "./sample-views.ts";

const called = { users: ["112233445566778899"], roles: ["998877665544332211"] };

/** Throws what Discord would refuse it for. */
function expectValid({ body, files }: Drawn): void {
  const uploads = files.map((_, index) => ({
    index,
    filename: body.attachments[index]?.filename ?? "",
    contentType: "image/png",
    bytes: new Uint8Array(1),
  }));
  checkMessage("MessageCreateRequestSchema", body, uploads);
  for (const text of textsOf(body)) expect(text.isWellFormed()).toBe(true);
}

/** Marks of our own: bold words, list items, the call, and where the rest can be read. */
function withoutOwnMarks(text: string): string {
  return withoutCode(text)
    .replace(/(?: ?<@&?(?:112233445566778899|998877665544332211)>)+$/m, "")
    .replace(/(?<!\\)\*\*((?:[^*\\]|\\.)*)\*\*/g, "$1")
    .replace(/^- /gm, "");
}

function expectInert({ body }: Drawn): void {
  for (const text of markdownOf(body)) expect(aliveIn(withoutOwnMarks(text))).toEqual([]);
}

describe("any view at all", () => {
  it("is a message that Discord takes, if it is a card", () => {
    fc.assert(
      fc.property(anyCard, (card) => {
        for (const drawn of [cardMessage(card, called, drawing), plainCardMessage(card, called, drawing)]) {
          expectValid(drawn);
          expectInert(drawn);
          expect(drawn.body.allowed_mentions).toEqual({ parse: [], ...called });
        }
      }),
    );
  });

  it.each(["x", "_", "😀", "\n", "`"])(
    "with all of it at its longest, made of %j, still tells of every part",
    (unit) => {
      const long = unit.repeat(10_000);
      const facts = Array.from({ length: 40 }, (_, index) => ({
        label: `L${index} ${long}`,
        value: long,
        code: index % 2 === 0,
      }));
      const sections = (["list", "code", "plain"] as const).map((style) => ({
        title: `${style} ${long}`,
        lines: [long, long],
        style,
      }));
      const more = { facts, sections, title: long, summary: `Wanted: ${long}`, footer: long, status: long };
      const drawn = cardMessage(sampleCard(more), called, drawing);
      expectValid(drawn);
      const text = markdownOf(drawn.body).join("\n");
      for (const part of ["L0 ", "L23 ", "list ", "code ", "plain ", "16 more facts", "characters are missing"])
        expect(text).toContain(part);
      expectValid(noticeMessage({ ...sampleCard(more), kind: "notice", text: long }, drawing));
    },
  );

  it("is a message that Discord takes, if it is an answer", () => {
    fc.assert(
      fc.property(anyNotice, (notice) => {
        const drawn = noticeMessage(notice, drawing);
        expectValid(drawn);
        expectInert(drawn);
        expect(drawn.body.allowed_mentions).toEqual({ parse: [], users: [], roles: [] });
      }),
    );
  });

  it("is messages that Discord takes, with every hash in full, if it is a wallet request", () => {
    fc.assert(
      fc.property(anyWalletRequest, (request) => {
        const pages = walletMessages(request, drawing);
        for (const page of pages) {
          expectValid(page);
          expectInert(page);
        }
        const text = pages.flatMap((page) => markdownOf(page.body)).join("\n");
        const hashes = request.items.flatMap((item) =>
          item.kind === "signature" ? Object.values(item.hashes) : [item.operationId],
        );
        expect(text.match(/`0x(?:ef){32}`/g) ?? []).toHaveLength(hashes.length);
      }),
    );
  });

  it("is a modal that Discord takes, if it is a form, and comes back as it was", () => {
    fc.assert(
      fc.property(anyForm, (form) => {
        const modal = modalOf(form, "q1.token");
        checkBody("ModalInteractionCallbackRequestDataSchema", "modal", modal);
        expect(formOf(formRow(form))).toEqual(form);
        const typed = new Map(form.fields.map((field) => [field.name, "typed"]));
        const names = form.fields.map((field) => field.name);
        expect(optionsOf(filled(form, typed))).toMatchObject(Object.fromEntries(names.map((name) => [name, "typed"])));
      }),
    );
  });
});
