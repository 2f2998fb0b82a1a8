/** Every view becomes something that Slack takes, whatever it says, and nothing that it says acts. */

import type { KnownBlock } from "@slack/types";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { answerMessage } from "../../../src/chat/slack/answer-message.ts";
import { cardMessage } from "../../../src/chat/slack/card-message.ts";
import { formView } from "../../../src/chat/slack/form-view.ts";
import { plainMessage } from "../../../src/chat/slack/plain-message.ts";
import type { Rendering } from "../../../src/chat/slack/rendering.ts";
import type { Card, Form, Notice, Section } from "../../../src/view.ts";
import { allTexts, blockLimitProblems, limits } from "../../support/slack/limits.ts";
import { type Schemas, slackSchemas } from "../../support/slack/schemas.ts";
import { card, gallery, hostileCard } from "../console/sample-cards.ts";
import { signatureRequest } from "./sample-views.ts";

const render: Rendering = {
  userOf: (person) => ({ caro: "UCARO", dev: "UDEV", finn: "UFINN", gia: "UGIA" })[person],
  group: "SONCALL",
  token: () => `q1.${"a".repeat(22)}.${"b".repeat(22)}`,
  pictureFile: () => undefined,
  fullView: () => undefined,
};

let schemas: Schemas;
beforeAll(async () => {
  schemas = await slackSchemas();
});

/** What Slack would refuse about a message, one line each. */
function problems({ text, blocks }: { text: string; blocks: KnownBlock[] }): string[] {
  const found = [...schemas.blocks(blocks, "/blocks"), ...blockLimitProblems(blocks, "/blocks", limits.messageBlocks)];
  return [
    ...found.map((one) => `${one.pointer}: ${one.text}`),
    ...(allTexts(blocks) > limits.allBlockTexts ? [`${allTexts(blocks)} characters in blocks`] : []),
    ...(text.length > limits.updateText ? [`${text.length} characters of text`] : []),
    ...(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(
      text + stringsOf(blocks).join("\n"),
    )
      ? ["half a character"]
      : []),
  ];
}

function stringsOf(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(stringsOf);
}

/** Everything in a payload that Slack would act on: mentions, links, styles it parses. */
function acting({ text, blocks }: { text: string; blocks: KnownBlock[] }): string[] {
  const elements: string[] = [];
  const walk = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    const { type } = node as { type?: unknown };
    if (type === "mrkdwn" || type === "markdown" || type === "emoji" || type === "broadcast" || type === "channel")
      elements.push(String(type));
    if (type === "user") elements.push(`<@${(node as { user_id: string }).user_id}>`);
    if (type === "usergroup") elements.push(`<!subteam^${(node as { usergroup_id: string }).usergroup_id}>`);
    if (type === "link") elements.push((node as { url: string }).url);
    if (type === "plain_text" && (node as { emoji?: boolean }).emoji !== false) elements.push("emoji in plain_text");
    for (const inner of Object.values(node)) walk(inner);
  };
  walk(blocks);
  const inText = text.match(/<[^>]*>|[*_~`]|@\w|#\w|:[\w+'-]+:|\w:\/\/|mailto:|\w\.[a-z]{2}/gi) ?? [];
  return [...elements, ...inText];
}

/** The mentions that a card asks for, as text and blocks carry them. */
function asked(users: string[], groups: string[] = []): string[] {
  const mentions = [...users.map((user) => `<@${user}>`), ...groups.map((group) => `<!subteam^${group}>`)];
  return [...mentions, ...mentions];
}

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
        const message = answerMessage(one, "slack:T1:U1", render);
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

describe("cards of a council", () => {
  it.each([...gallery, hostileCard].map((one) => [one.key, one] as const))("%s is valid", (_, one) => {
    expect(problems(cardMessage(one, render))).toEqual([]);
  });

  it("mentions exactly the people asked who have an account here, once each, in blocks and notification", () => {
    const message = cardMessage(card({ mentions: ["caro", "dev", "caro", "stranger"] }), render);
    expect(acting(message).sort()).toEqual(asked(["UCARO", "UDEV"]).sort());
    expect(message.text).toBe(
      "🔵 IN REVIEW: UP-1 · Vault 1.2.0: round shares down on withdrawal: Two more approvals are wanted, from people other than Ada, who proposed it, for <@UCARO> and <@UDEV>.",
    );
  });

  it("calls the group with urgent cards only", () => {
    expect(acting(cardMessage(card({ mentions: ["finn"], urgent: true }), render)).sort()).toEqual(
      asked(["UFINN"], ["SONCALL"]).sort(),
    );
    expect(acting(cardMessage(card({ mentions: ["finn"] }), render)).sort()).toEqual(asked(["UFINN"]).sort());
  });

  it("says the state by a symbol and a word", () => {
    expect(stringsOf(cardMessage(card({ tone: "warning", status: "held" }), render).blocks[0])).toContain(
      "🔶 HELD: UP-1 · Vault 1.2.0: round shares down on withdrawal",
    );
    const answer = answerMessage({ ...notice, tone: "bad", text: "Only approvers approve." }, "slack:T1:U1", render);
    expect(stringsOf(answer.blocks).join("")).toContain("🛑 textNo: ");
  });

  it("marks its message with key and revision", () => {
    expect(cardMessage(card({ key: "UP-7", revision: 12 }), render).metadata).toEqual({
      event_type: "quorate_card",
      event_payload: { key: "UP-7", revision: 12 },
    });
  });

  it("asks before what cannot be undone, in Slack's own dialog", () => {
    const [approve] = buttonsOf(cardMessage(card(), render).blocks);
    expect(approve).toMatchObject({
      text: { text: "Approve" },
      style: "primary",
      confirm: {
        text: { text: "Approve package 8F2A 5594 as it is? Any later edit voids your approval." },
        confirm: { text: "Approve" },
      },
    });
  });

  it("keeps 200 signers and a reason of 10,000 characters useful, and says what is missing and where it is", () => {
    const signers = Array.from({ length: 200 }, (_, at) => `Signer ${at + 1}: 0x${String(at).padStart(40, "0")}`);
    const big = card({
      facts: [{ label: "Reason", value: "because ".repeat(1250) }],
      sections: [{ title: "Signers", style: "list", lines: signers }],
    });
    const message = cardMessage(big, { ...render, fullView: (key) => `https://quorate.example/${key}` });
    const said = stringsOf(message.blocks).join("\n");
    expect(problems(message)).toEqual([]);
    expect(said).toContain("Signer 1: 0x");
    expect(said).toMatch(/because [a-z ]*… \([0-9,]+ more characters\)/);
    expect(said).toMatch(/[0-9]+ lines and [0-9,]+ characters are left out here\. All of it is at /);
    expect(acting(message)).toContain("https://quorate.example/UP-1");
    expect(buttonsOf(message.blocks)).toHaveLength(3);
    expect(stringsOf(cardMessage(big, render).blocks).join("\n")).toContain(
      "/upgrade show UP-1 tells more, and in the terminal all of it.",
    );
  });

  it("says of an answer too where all of it is", () => {
    const long = {
      ...notice,
      text: "UP-1 is in review.",
      sections: [{ title: "Calls", style: "code" as const, lines: Array(400).fill("x".repeat(60)) }],
    };
    const linked = answerMessage(long, "slack:T1:U1", {
      ...render,
      fullView: (key) => `https://quorate.example/${key}`,
    });
    expect(problems(linked)).toEqual([]);
    expect(acting(linked)).toEqual(["https://quorate.example/UP-1"]);
    expect(stringsOf(answerMessage(long, "slack:T1:U1", render).blocks).join("\n")).toMatch(
      /[0-9]+ lines .* left out here\. In the terminal/,
    );
  });

  it("shows a picture as an image with its description, or the description alone", () => {
    const one = gallery.find((each) => each.pictures.length > 0) ?? card();
    const shown = cardMessage(one, { ...render, pictureFile: () => "F0123" });
    expect(problems(shown)).toEqual([]);
    expect(shown.blocks.filter((block) => block.type === "image")).toMatchObject([
      { slack_file: { id: "F0123" }, alt_text: expect.stringContaining("A line chart") },
    ]);
    const told = cardMessage(one, render);
    expect(told.blocks.filter((block) => block.type === "image")).toEqual([]);
    expect(stringsOf(told.blocks).join("\n")).toContain("A line chart: the deviation stays below 0.5 %");
  });
});

describe("requests of a wallet", () => {
  it("show every hash in full, what it does, and how it is handed in", () => {
    const request = signatureRequest(2);
    const message = answerMessage(request, "slack:T1:U1", render);
    const said = stringsOf(message.blocks).join("\n");
    expect(problems(message)).toEqual([]);
    for (const item of request.items) {
      if (item.kind !== "signature") continue;
      expect(said).toContain(item.purpose);
      for (const hash of Object.values(item.hashes)) expect(said).toContain(hash);
      for (const sentence of item.sentences) expect(said).toContain(sentence);
    }
    expect(said).toContain("intake signature --account slack:T1:U1 --ceremony UP-1 --hash 0x… --signature 0x…");
  });

  it("leave whole items out, and say so, where Slack has no room for all", () => {
    const message = answerMessage(signatureRequest(60), "slack:T1:U1", render);
    const said = stringsOf(message.blocks).join("\n");
    expect(problems(message)).toEqual([]);
    expect(said).toMatch(/[0-9]+ of 60 are not shown here/);
    expect(said.match(/0x[0-9a-f]*…/g) ?? []).toEqual(["0x…", "0x…"]);
  });
});

const notice: Notice = {
  kind: "notice",
  tone: "good",
  text: "Approved.",
  facts: [],
  sections: [],
  pictures: [],
  actions: [],
};

function buttonsOf(blocks: KnownBlock[]): unknown[] {
  return blocks.flatMap((block) => (block.type === "actions" ? block.elements : []));
}
