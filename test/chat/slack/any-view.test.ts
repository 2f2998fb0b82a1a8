/** Whatever a view says, Slack takes it, and nothing that it says acts. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { answerMessage } from "../../../src/chat/slack/answer-message.ts";
import { cardMessage } from "../../../src/chat/slack/card-message.ts";
import { formView } from "../../../src/chat/slack/form-view.ts";
import { plainMessage } from "../../../src/chat/slack/plain-message.ts";
import type { Card, Form, Notice, Section } from "../../../src/view.ts";
import { blockLimitProblems, limits } from "../../support/slack/limits.ts";
import { acting, problems, render, schemas } from "./rendering-checks.ts";

const nasty = [
  "<!here>",
  "<!channel|x>",
  "<@U1>",
  "@channel",
  "#general",
  "*bold*",
  "_it_",
  "~no~",
  "`code`",
  "```x```",
  ":warning:",
  "https://evil.example/x",
  "evil.example.com",
  "me@evil.example",
  "mailto:me@evil.example",
  "&lt;!here&gt;",
  "<https://evil.example|good.example>",
  "\u202etxet",
  "a\u200bb",
  "👩‍🚀",
  "𝔘𝔫𝔦",
  "> quote",
  "\n> quote",
  "\ud800",
  "e\u0301\u0301\u0301\u0301\u0301",
];
const words = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.constantFrom(...nasty),
  fc.array(fc.constantFrom(...nasty, " ", "word", "."), { maxLength: 12 }).map((parts) => parts.join(" ")),
  fc
    .tuple(fc.constantFrom(...nasty, "x"), fc.integer({ min: 1, max: 3000 }))
    .map(([text, times]) => text.repeat(times)),
);
const sections: fc.Arbitrary<Section[]> = fc.array(
  fc.record({
    title: words,
    lines: fc.array(words, { maxLength: 30 }),
    style: fc.constantFrom("list" as const, "code" as const, "plain" as const),
  }),
  { maxLength: 70 },
);
const content = {
  facts: fc.array(fc.record({ label: words, value: words, code: fc.boolean() }), { maxLength: 40 }),
  sections,
  pictures: fc.array(fc.record({ title: words, alt: words, svg: fc.constant("<svg/>") }), { maxLength: 8 }),
  actions: fc.array(
    fc.record(
      {
        label: words,
        command: fc.constant("show"),
        options: fc.constant({}),
        style: fc.constantFrom("primary" as const, "plain" as const, "danger" as const),
        confirm: words,
      },
      { requiredKeys: ["label", "command", "options", "style"] },
    ),
    { maxLength: 40 },
  ),
};
const tone = fc.constantFrom(
  "neutral" as const,
  "progress" as const,
  "good" as const,
  "warning" as const,
  "bad" as const,
);
const cards: fc.Arbitrary<Card> = fc.record({
  kind: fc.constant("card" as const),
  key: fc.constant("UP-1"),
  revision: fc.constant(1),
  audience: fc.constant({ kind: "channel" as const }),
  tone,
  status: words,
  title: words,
  summary: words,
  footer: words,
  mentions: fc.constant([]),
  ...content,
});
const notices: fc.Arbitrary<Notice> = fc.record({
  kind: fc.constant("notice" as const),
  tone,
  text: words,
  ...content,
});

describe("any view at all", () => {
  it("a card is valid, and nothing in it acts", () => {
    fc.assert(
      fc.property(cards, fc.boolean(), (one, withFile) => {
        const message = cardMessage(one, { ...render, pictureFile: () => (withFile ? "F1" : undefined) });
        expect(problems(message)).toEqual([]);
        expect(acting(message)).toEqual([]);
        expect(plainMessage(one, message.text).length).toBeLessThanOrEqual(limits.updateText);
        expect(acting({ text: plainMessage(one, message.text), blocks: [] })).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  it("a private answer is valid, and nothing in it acts", () => {
    fc.assert(
      fc.property(notices, (one) => {
        const message = answerMessage(one, render);
        expect(problems(message)).toEqual([]);
        expect(acting(message)).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  it("a form is valid", () => {
    const fields = fc.uniqueArray(
      fc.record({
        name: fc.stringMatching(/^[a-z]{1,20}$/),
        label: words,
        hint: words,
        required: fc.boolean(),
        type: fc.constantFrom("line" as const, "paragraph" as const, "choice" as const),
        choices: fc.array(fc.record({ value: words, label: words }), { maxLength: 130 }),
        value: words,
        maxLength: fc.integer({ min: 1, max: 20_000 }),
      }),
      { selector: (field) => field.name, minLength: 1, maxLength: 10 },
    );
    fc.assert(
      fc.property(fc.record({ title: words, submit: words, fields }), ({ title, submit, fields }) => {
        const form: Form = { kind: "form", title, command: "propose", options: {}, fields, submit };
        const view = formView(form, "x".repeat(200));
        const found = [
          ...schemas.view({ ...view }, ""),
          ...blockLimitProblems(view.blocks, "/blocks", limits.viewBlocks),
        ];
        expect(found).toEqual([]);
        expect([view.title.text.length <= 24, (view.submit?.text.length ?? 0) <= 24]).toEqual([true, true]);
      }),
      { numRuns: 100 },
    );
  });
});
