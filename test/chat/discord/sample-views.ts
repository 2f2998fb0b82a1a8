/** Views and parts for the tests of Discord's messages, and random views made of everything that text can do. */

import fc from "fast-check";
import type { Drawing } from "../../../src/chat/discord/drawn.ts";
import type { Card, Form, Notice, SignatureItem, TransactionItem, WalletRequest } from "../../../src/view.ts";

export const secret = new Uint8Array(32).fill(7);

/** Tokens as long as the real ones, without the store. */
export const drawing: Drawing = {
  token: ({ id }, step) => `q1.${id}.${step.padEnd(22, "x")}`,
  fullView: () => undefined,
};

export function sampleCard(more: Partial<Card> = {}): Card {
  return {
    kind: "card",
    key: "UP-1",
    revision: 3,
    audience: { kind: "channel" },
    tone: "progress",
    status: "in review",
    title: "UP-1 · Upgrade Harbour to 2.0.0",
    summary: "One more approval is wanted, of Caro or Dev.",
    facts: [
      { label: "Lane", value: "routine" },
      { label: "Package hash", value: `0x${"ab".repeat(32)}`, code: true },
    ],
    sections: [{ title: "Phase 1 of 2: pilot", style: "list", lines: ["vault (uups): 0x1 → 0x2", "Canary: balance"] }],
    pictures: [],
    actions: [{ label: "Approve", command: "approve", options: { ceremony: "UP-1" }, style: "primary", revision: 1 }],
    footer: "revision 1 · log #3",
    mentions: [],
    ...more,
  };
}

/** Strings of people and chains at their worst. */
export const injections = [
  "@everyone @here",
  "<@112233445566778899> <@!112233445566778899> <@&112233445566778899> <#112233445566778899>",
  "<t:1700000000:R> <:smile:112233445566778899> <a:dance:112233445566778899> :smile: </approve:112233445566778899>",
  "[click](https://evil.example) https://evil.example http://evil.example discord.gg/evil <https://evil.example>",
  "mail me@evil.example or mailto:me@evil.example",
  "# heading",
  "-# small",
  "- item",
  "* item",
  "1. item",
  "> quote",
  ">>> quote",
  "**bold** __under__ ~~gone~~ ||hidden|| _it_ `code` ```block```",
  "\\@everyone \\<@112233445566778899> \\",
  "\u202etxet \u200bhidden \ud800 \udfff \u{e0041}",
  "line\n# next\n- list\n```\nfence",
];

const foreign = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...injections, "", " ", "Plain words.", `0x${"cd".repeat(32)}`) },
  { weight: 2, arbitrary: fc.string({ unit: "binary", maxLength: 60 }) },
  {
    weight: 2,
    arbitrary: fc.array(fc.constantFrom(...injections, "😀", "word "), { maxLength: 40 }).map((all) => all.join("")),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom("😀", "x", "_", "`", "\n", "- a\n", "\u202e"), fc.nat(10_000))
      .map(([unit, n]) => unit.repeat(n)),
  },
);
const tone = fc.constantFrom("neutral", "progress", "good", "warning", "bad" as const);
const fact = fc.record({ label: foreign, value: foreign, code: fc.boolean() });
const section = fc.record({
  title: foreign,
  lines: fc.array(foreign, { maxLength: 12 }),
  style: fc.constantFrom("list", "code", "plain" as const),
});
const picture = fc.record({ title: foreign, alt: foreign, svg: fc.constant("<svg/>") });
const action = fc.record({
  label: foreign,
  command: fc.constantFrom("approve", "deny"),
  options: fc.dictionary(fc.constantFrom("ceremony", "reason"), foreign),
  style: fc.constantFrom("primary", "plain", "danger" as const),
});
const parts = {
  tone,
  facts: fc.array(fact, { maxLength: 40 }),
  sections: fc.array(section, { maxLength: 40 }),
  pictures: fc.array(picture, { maxLength: 12 }),
  actions: fc.array(action, { maxLength: 40 }),
};

export const anyCard: fc.Arbitrary<Card> = fc.record({
  kind: fc.constant("card"),
  key: fc.constantFrom("UP-1", "UP-12/breach/balance", "gas/eip155:1"),
  revision: fc.nat(),
  audience: fc.constant({ kind: "channel" } as const),
  status: foreign,
  title: foreign,
  summary: foreign,
  footer: foreign,
  mentions: fc.constantFrom([], ["ada"], ["ada", "ben"]),
  ...parts,
});

export const anyNotice: fc.Arbitrary<Notice> = fc.record({ kind: fc.constant("notice"), text: foreign, ...parts });

const field = fc.record({
  label: foreign,
  hint: foreign,
  required: fc.boolean(),
  type: fc.constantFrom("line", "paragraph", "choice" as const),
  choices: fc.array(fc.record({ value: foreign, label: foreign }), { maxLength: 30 }),
  value: foreign,
  maxLength: fc.constantFrom(1, 120, 2000, 4000, 20_000),
});

export const anyForm: fc.Arbitrary<Form> = fc.record({
  kind: fc.constant("form"),
  title: foreign,
  command: fc.constant("deny"),
  options: fc.dictionary(fc.constantFrom("ceremony", "lane"), foreign),
  fields: fc
    .array(field, { minLength: 1, maxLength: 8 })
    .map((fields) => fields.map((one, index) => ({ ...one, name: `field-${index}` }))),
  submit: foreign,
});

const hex = (length: number) => fc.constant(`0x${"ef".repeat(length)}` as const);

const signature: fc.Arbitrary<SignatureItem> = fc.record({
  kind: fc.constant("signature"),
  purpose: foreign,
  sentences: fc.array(foreign, { maxLength: 5 }),
  hashes: fc.record({ domainHash: hex(32), messageHash: hex(32), safeTxHash: hex(32) }),
  tx: fc.constant({
    chain: "eip155:1",
    safe: `0x${"11".repeat(20)}`,
    safeVersion: "1.4.1",
    to: `0x${"22".repeat(20)}`,
    value: 0n,
    data: "0x",
    operation: 0,
    safeTxGas: 0n,
    baseGas: 0n,
    gasPrice: 0n,
    gasToken: `0x${"00".repeat(20)}`,
    refundReceiver: `0x${"00".repeat(20)}`,
    nonce: 7n,
  }),
});

const transaction: fc.Arbitrary<TransactionItem> = fc.record({
  kind: fc.constant("transaction"),
  purpose: foreign,
  from: fc.array(hex(20), { maxLength: 3 }),
  call: fc.record({
    chain: fc.constant("eip155:1" as const),
    to: hex(20),
    value: fc.constant(0n),
    data: fc.nat(3000).map((length) => `0x${"ab".repeat(length)}` as const),
  }),
  operationId: hex(32),
  sentences: fc.array(foreign, { maxLength: 5 }),
});

export const anyWalletRequest: fc.Arbitrary<WalletRequest> = fc.record({
  kind: fc.constant("wallet"),
  ceremony: fc.constant("UP-1"),
  title: foreign,
  summary: foreign,
  items: fc.array(fc.oneof(signature, transaction), { maxLength: 20 }),
});
