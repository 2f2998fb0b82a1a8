/** What Discord refuses in a message, limit by limit. */

import { type Case, type Json, many, options, row, x } from "./case.ts";

const button = (id: string, more: Json = {}) => ({ type: 2, style: 1, label: "Go", custom_id: id, ...more });
const rows = (...components: unknown[]) => ({ components: [row(...components)] });
const select = (more: Json) => rows({ type: 3, custom_id: "s", options: [{ label: "A", value: "a" }], ...more });
const embed = (more: Json) => ({ embeds: [{ title: "T", ...more }] });
const v2 = (...components: unknown[]) => ({ flags: 32_768, components });
const text = (content: string) => ({ type: 10, content });

export const messageCases: readonly Case[] = [
  { what: "content", bad: { content: x(2001) }, good: { content: x(2000) }, at: "content" },
  { what: "unknown keys", bad: { content: "x", colour: 1 }, good: { content: "x" }, at: "colour" },
  { what: "wrong types", bad: { content: 5 }, good: { content: "5" }, at: "content" },
  {
    what: "count of embeds",
    bad: { embeds: many(11, () => ({ title: "T" })) },
    good: { embeds: many(10, () => ({ title: "T" })) },
    at: "embeds",
  },
  {
    what: "embed characters in total",
    bad: { embeds: [{ description: x(4000) }, { description: x(2001) }] },
    good: { embeds: [{ description: x(4000) }, { description: x(2000) }] },
    at: "embeds",
  },
  { what: "title", bad: embed({ title: x(257) }), good: embed({ title: x(256) }), at: "embeds.0.title" },
  {
    what: "description",
    bad: embed({ description: x(4097) }),
    good: embed({ description: x(4096) }),
    at: "embeds.0.description",
  },
  { what: "empty embeds", bad: { embeds: [{ color: 1 }] }, good: embed({ color: 1 }), at: "embeds.0.description" },
  {
    what: "count of fields",
    bad: embed({ fields: many(26, () => ({ name: "n", value: "v" })) }),
    good: embed({ fields: many(25, () => ({ name: "n", value: "v" })) }),
    at: "embeds.0.fields",
  },
  {
    what: "field names",
    bad: embed({ fields: [{ name: x(257), value: "v" }] }),
    good: embed({ fields: [{ name: x(256), value: "v" }] }),
    at: "embeds.0.fields.0.name",
  },
  {
    what: "field values",
    bad: embed({ fields: [{ name: "n", value: x(1025) }] }),
    good: embed({ fields: [{ name: "n", value: x(1024) }] }),
    at: "embeds.0.fields.0.value",
  },
  {
    what: "empty field values",
    bad: embed({ fields: [{ name: "n", value: " " }] }),
    good: embed({ fields: [{ name: "n", value: "-" }] }),
    at: "embeds.0.fields.0.value",
  },
  {
    what: "footer",
    bad: embed({ footer: { text: x(2049) } }),
    good: embed({ footer: { text: x(2048) } }),
    at: "embeds.0.footer.text",
  },
  {
    what: "author",
    bad: embed({ author: { name: x(257) } }),
    good: embed({ author: { name: x(256) } }),
    at: "embeds.0.author.name",
  },
  {
    what: "links",
    bad: embed({ url: "javascript:alert(1)" }),
    good: embed({ url: "https://example.org" }),
    at: "embeds.0.url",
  },
  {
    what: "times",
    bad: embed({ timestamp: "yesterday" }),
    good: embed({ timestamp: "2026-01-01T00:00:00.000Z" }),
    at: "embeds.0.timestamp",
  },
  {
    what: "count of rows",
    bad: { components: many(6, (n) => row(button(`b${n}`))) },
    good: { components: many(5, (n) => row(button(`b${n}`))) },
    at: "components",
  },
  {
    what: "buttons in a row",
    bad: rows(...many(6, (n) => button(`b${n}`))),
    good: rows(...many(5, (n) => button(`b${n}`))),
    at: "components.0.components",
  },
  {
    what: "a select beside a button",
    bad: rows(button("b"), { type: 3, custom_id: "s", options: options(1) }),
    good: { components: [row(button("b")), row({ type: 3, custom_id: "s", options: options(1) })] },
    at: "components.0",
  },
  {
    what: "labels",
    bad: rows(button("b", { label: x(81) })),
    good: rows(button("b", { label: x(80) })),
    at: "components.0.components.0.label",
  },
  {
    what: "buttons that say nothing",
    bad: rows(button("b", { label: undefined })),
    good: rows(button("b", { label: undefined, emoji: { name: "✅" } })),
    at: "components.0.components.0.label",
  },
  {
    what: "custom ids",
    bad: rows(button(x(101))),
    good: rows(button(x(100))),
    at: "components.0.components.0.custom_id",
  },
  {
    what: "missing custom ids",
    bad: rows({ type: 2, style: 1, label: "Go" }),
    good: rows(button("b")),
    at: "components.0.components.0.custom_id",
  },
  {
    what: "custom ids that are there twice",
    bad: { components: [row(button("b")), row(button("b"))] },
    good: { components: [row(button("b")), row(button("c"))] },
    at: "components.1.components.0.custom_id",
  },
  {
    what: "links without a url",
    bad: rows({ type: 2, style: 5, label: "Sign" }),
    good: rows({ type: 2, style: 5, label: "Sign", url: "https://example.org" }),
    at: "components.0.components.0.url",
  },
  {
    what: "links with a custom id",
    bad: rows({ type: 2, style: 5, label: "Sign", url: "https://example.org", custom_id: "c" }),
    good: rows({ type: 2, style: 5, label: "Sign", url: "https://example.org" }),
    at: "components.0.components.0",
  },
  {
    what: "options of a select",
    bad: select({ options: options(26) }),
    good: select({ options: options(25) }),
    at: "components.0.components.0.options",
  },
  {
    what: "labels of options",
    bad: select({ options: [{ label: x(101), value: "a" }] }),
    good: select({ options: [{ label: x(100), value: "a" }] }),
    at: "components.0.components.0.options.0.label",
  },
  {
    what: "options that are there twice",
    bad: select({ options: [...options(1), ...options(1)] }),
    good: select({ options: options(2) }),
    at: "components.0.components.0.options.1",
  },
  {
    what: "more values than options",
    bad: select({ options: options(2), max_values: 3 }),
    good: select({ options: options(2), max_values: 2 }),
    at: "components.0.components.0.max_values",
  },
  {
    what: "components v2 without the flag",
    bad: { components: [text("x")] },
    good: v2(text("x")),
    at: "components.0.type",
  },
  { what: "components v2 with content", bad: { ...v2(text("x")), content: "x" }, good: v2(text("x")), at: "content" },
  {
    what: "count of components v2",
    bad: v2(...many(7, (r) => row(...many(5, (n) => button(`b${r}.${n}`))))),
    good: v2(...many(6, (r) => row(...many(5, (n) => button(`b${r}.${n}`))))),
    at: "components",
  },
  {
    what: "text of components v2",
    bad: v2(text(x(2000)), text(x(2001))),
    good: v2(text(x(2000)), text(x(2000))),
    at: "components",
  },
  { what: "nonces", bad: { content: "x", nonce: x(26) }, good: { content: "x", nonce: x(25) }, at: "nonce" },
  {
    what: "mentions that are parsed and listed",
    bad: { content: "x", allowed_mentions: { parse: ["users"], users: ["1"] } },
    good: { content: "x", allowed_mentions: { parse: ["roles"], users: ["1"] } },
    at: "allowed_mentions",
  },
  {
    what: "images that are nowhere",
    bad: embed({ image: { url: "attachment://a.png" } }),
    good: embed({ image: { url: "https://example.org/a.png" } }),
    at: "embeds.0.image.url",
  },
  {
    what: "attachments that were not sent",
    bad: { content: "x", attachments: [{ id: "0", filename: "a.png" }] },
    good: { content: "x", attachments: [] },
    at: "attachments.0.id",
  },
];
