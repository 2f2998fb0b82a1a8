/** Every rule of the platform: a payload that breaks it and is refused, beside its benign twin that is accepted. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type DiscordPlatform, startDiscord } from "./discord.ts";
import { choiceRules, commandRules } from "./rules/commands.ts";
import { messageRules } from "./rules/messages.ts";
import { modalRules } from "./rules/modals.ts";

type Json = Record<string, unknown>;

interface Case {
  what: string;
  bad: unknown;
  good: unknown;
  /** Where the problem is said to be. */
  at: string;
}

const x = (length: number) => "x".repeat(length);
const many = <T>(count: number, make: (index: number) => T) => Array.from({ length: count }, (_, index) => make(index));
const button = (id: string, more: Json = {}) => ({ type: 2, style: 1, label: "Go", custom_id: id, ...more });
const row = (...components: unknown[]) => ({ type: 1, components });
const rows = (...components: unknown[]) => ({ components: [row(...components)] });
const select = (more: Json) => rows({ type: 3, custom_id: "s", options: [{ label: "A", value: "a" }], ...more });
const options = (count: number) => many(count, (n) => ({ label: `L${n}`, value: `v${n}` }));
const embed = (more: Json) => ({ embeds: [{ title: "T", ...more }] });
const v2 = (...components: unknown[]) => ({ flags: 32_768, components });
const text = (content: string) => ({ type: 10, content });

const messages: Case[] = [
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

const command = (more: Json = {}) => ({ name: "upgrade", description: "Runs an upgrade.", ...more });
const option = (more: Json = {}) =>
  command({ options: [{ type: 3, name: "ceremony", description: "Which", ...more }] });
const named = (...names: string[]) => names.map((name) => ({ type: 3, name, description: "d" }));

const commands: Case[] = [
  { what: "upper case", bad: command({ name: "Upgrade" }), good: command(), at: "name" },
  { what: "spaces", bad: command({ name: "up grade" }), good: command({ name: "up-grade" }), at: "name" },
  { what: "long names", bad: command({ name: x(33) }), good: command({ name: x(32) }), at: "name" },
  { what: "empty names", bad: command({ name: "" }), good: command({ name: "x" }), at: "name" },
  { what: "no description", bad: { name: "upgrade" }, good: command(), at: "description" },
  {
    what: "long descriptions",
    bad: command({ description: x(101) }),
    good: command({ description: x(100) }),
    at: "description",
  },
  {
    what: "count of options",
    bad: command({ options: named(...many(26, (n) => `o${n}`)) }),
    good: command({ options: named(...many(25, (n) => `o${n}`)) }),
    at: "options",
  },
  { what: "names of options", bad: option({ name: "Lane" }), good: option({ name: "lane" }), at: "options.0.name" },
  {
    what: "descriptions of options",
    bad: option({ description: "" }),
    good: option({ description: "d" }),
    at: "options.0.description",
  },
  {
    what: "options that are there twice",
    bad: command({ options: named("a", "a") }),
    good: command({ options: named("a", "b") }),
    at: "options.1",
  },
  {
    what: "required options that come late",
    bad: command({ options: [...named("a"), { type: 3, name: "b", description: "d", required: true }] }),
    good: command({ options: [{ type: 3, name: "b", description: "d", required: true }, ...named("a")] }),
    at: "options.1",
  },
  {
    what: "subcommands among options",
    bad: command({ options: [...named("a"), { type: 1, name: "b", description: "d" }] }),
    good: command({ options: [{ type: 1, name: "b", description: "d", options: named("a") }] }),
    at: "options",
  },
  {
    what: "count of choices",
    bad: option({ choices: many(26, (n) => ({ name: `n${n}`, value: `${n}` })) }),
    good: option({ choices: many(25, (n) => ({ name: `n${n}`, value: `${n}` })) }),
    at: "options.0.choices",
  },
  {
    what: "values of choices",
    bad: option({ choices: [{ name: "n", value: x(101) }] }),
    good: option({ choices: [{ name: "n", value: x(100) }] }),
    at: "options.0.choices.0.value",
  },
  {
    what: "choices and autocomplete together",
    bad: option({ autocomplete: true, choices: [{ name: "n", value: "v" }] }),
    good: option({ autocomplete: true }),
    at: "options.0",
  },
  {
    what: "lengths out of order",
    bad: option({ min_length: 5, max_length: 4 }),
    good: option({ min_length: 4, max_length: 5 }),
    at: "options.0.max_length",
  },
  {
    what: "characters in all",
    bad: large(25, 200),
    good: large(10, 100),
    at: "",
  },
];

/** A command whose choices have so many characters. */
function large(optionCount: number, characters: number): Json {
  const choices = (name: string) =>
    many(2, (n) => ({ name: `${name}${n}${x(80)}`, value: `${n}${x(characters / 2 - 1)}` }));
  return command({
    options: many(optionCount, (n) => ({ type: 3, name: `o${n}`, description: "d", choices: choices(`${n}.`) })),
  });
}

const input = (more: Json = {}) => ({ type: 4, custom_id: "reason", style: 1, ...more });
const label = (component: Json, more: Json = {}) => ({ type: 18, label: "Reason", component, ...more });
const modal = (...components: unknown[]) => ({ custom_id: "m", title: "Why", components });

const modals: Case[] = [
  {
    what: "title",
    bad: { ...modal(label(input())), title: x(46) },
    good: { ...modal(label(input())), title: x(45) },
    at: "title",
  },
  {
    what: "count of components",
    bad: modal(...many(6, (n) => label(input({ custom_id: `i${n}` })))),
    good: modal(...many(5, (n) => label(input({ custom_id: `i${n}` })))),
    at: "components",
  },
  {
    what: "labels",
    bad: modal(label(input(), { label: x(46) })),
    good: modal(label(input(), { label: x(45) })),
    at: "components.0.label",
  },
  {
    what: "descriptions",
    bad: modal(label(input(), { description: x(101) })),
    good: modal(label(input(), { description: x(100) })),
    at: "components.0.description",
  },
  {
    what: "lengths",
    bad: modal(label(input({ max_length: 4001 }))),
    good: modal(label(input({ max_length: 4000 }))),
    at: "components.0.component.max_length",
  },
  {
    what: "values that are too long",
    bad: modal(label(input({ max_length: 3, value: "four" }))),
    good: modal(label(input({ max_length: 4, value: "four" }))),
    at: "components.0.component",
  },
  {
    what: "two labels",
    bad: modal(label(input({ label: "Twice" }))),
    good: modal(label(input())),
    at: "components.0.component.label",
  },
  {
    what: "inputs without a label",
    bad: modal(row(input())),
    good: modal(row(input({ label: "Reason" }))),
    at: "components.0.components.0.label",
  },
  {
    what: "two inputs in a row",
    bad: modal(row(input({ label: "A" }), input({ label: "B", custom_id: "b" }))),
    good: modal(row(input({ label: "A" })), row(input({ label: "B", custom_id: "b" }))),
    at: "components.0",
  },
  {
    what: "custom ids that are there twice",
    bad: modal(label(input()), label(input())),
    good: modal(label(input()), label(input({ custom_id: "other" }))),
    at: "components.1.component.custom_id",
  },
  {
    what: "options that are there twice",
    bad: modal(label({ type: 3, custom_id: "s", options: [...options(1), ...options(1)] })),
    good: modal(label({ type: 3, custom_id: "s", options: options(2) })),
    at: "components.0.component.options.1",
  },
];

const choices: Case[] = [
  {
    what: "count of choices",
    bad: { choices: many(26, (n) => ({ name: `n${n}`, value: "v" })) },
    good: { choices: many(25, (n) => ({ name: `n${n}`, value: "v" })) },
    at: "choices",
  },
  {
    what: "names",
    bad: { choices: [{ name: x(101), value: "v" }] },
    good: { choices: [{ name: x(100), value: "v" }] },
    at: "choices.0.name",
  },
  {
    what: "values",
    bad: { choices: [{ name: "n", value: x(101) }] },
    good: { choices: [{ name: "n", value: x(100) }] },
    at: "choices.0.value",
  },
];

let discord: DiscordPlatform;
let ada: string;

beforeAll(async () => {
  discord = await startDiscord();
  ada = discord.addUser("ada").id;
  discord.addMember(discord.guildId, ada);
});

afterAll(() => discord.stop());

async function call(method: string, path: string, body: unknown): Promise<{ status: number; json: Json }> {
  const answer = await fetch(`${discord.apiUrl}/v10${path}`, {
    method,
    headers: { authorization: `Bot ${discord.token}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return { status: answer.status, json: answer.status === 204 ? {} : ((await answer.json()) as Json) };
}

/** The paths at which the answer says something is wrong. */
function paths(errors: unknown, path: string[] = []): string[] {
  return Object.entries((errors ?? {}) as Json).flatMap(([key, value]) =>
    key === "_errors" ? [path.join(".")] : paths(value, [...path, key]),
  );
}

async function tell(
  { bad, good, at }: Case,
  send: (body: unknown) => Promise<{ status: number; json: Json }>,
): Promise<void> {
  const before = discord.violations.length;
  const refused = await send(bad);
  expect([refused.status, refused.json.code, refused.json.message]).toEqual([400, 50_035, "Invalid Form Body"]);
  expect(paths(refused.json.errors)).toContain(at);
  expect(discord.violations.length).toBe(before + 1);
  const accepted = await send(good);
  expect(accepted.json.errors).toBeUndefined();
  expect(accepted.status).toBeLessThan(300);
  expect(discord.violations.length).toBe(before + 1);
}

/** A callback to an interaction that waits for it; a modal where it may be one. */
async function answerWith(type: number, data: unknown): Promise<{ status: number; json: Json }> {
  const kind = type === 8 ? discord.autocomplete : undefined;
  const how = { forged: true };
  const doing = kind === undefined ? discord.slash(ada, "upgrade", {}, how) : kind(ada, "upgrade", {}, "ceremony", how);
  const interaction = await discord.until(() => discord.interactions().at(-1), "the interaction");
  const answer = await call("POST", `/interactions/${interaction.id}/${interaction.token}/callback`, { type, data });
  if (interaction.kind === undefined) discord.advance(3000);
  await doing;
  const errors = (answer.json.errors as { data?: unknown } | undefined)?.data;
  return { status: answer.status, json: errors === undefined ? answer.json : { ...answer.json, errors } };
}

describe("a message", () => {
  test.each(messages)("$what", (one) =>
    tell(one, (body) => call("POST", `/channels/${discord.channelId}/messages`, body)),
  );

  const answered = messages.filter(({ what }) => what !== "nonces");
  test.each(answered)("as an answer: $what", (one) => tell(one, (body) => answerWith(4, body)));
});

describe("a command", () => {
  const path = () => `/applications/${discord.applicationId}/guilds/${discord.guildId}/commands`;
  test.each(commands)("$what", (one) => tell(one, (body) => call("POST", path(), body)));

  test("in a list with others: 100 at most, each name once", async () => {
    const put = (body: unknown) => call("PUT", `/applications/${discord.applicationId}/commands`, body);
    const list = (count: number) => many(count, (n) => command({ name: `c${n}` }));
    await tell({ what: "", bad: list(101), good: list(100), at: "" }, put);
    await tell({ what: "", bad: [command(), command()], good: [command()], at: "1" }, put);
    await tell({ what: "", bad: [command({ name: "A" })], good: [command({ name: "a" })], at: "0.name" }, put);
  });
});

describe("a modal", () => {
  test.each(modals)("$what", (one) => tell(one, (body) => answerWith(9, body)));
});

describe("autocomplete", () => {
  test.each(choices)("$what", (one) => tell(one, (body) => answerWith(8, body)));
});

test("every rule of the table has a case that needs it", () => {
  const tables = [
    { rules: messageRules, cases: messages },
    { rules: commandRules, cases: commands },
    { rules: modalRules, cases: modals },
    { rules: choiceRules, cases: choices },
  ];
  for (const { rules, cases } of tables)
    for (const rule of rules) {
      const caught = cases.filter(({ bad }) => rule.check(bad as Json, { filenames: [] }).length > 0);
      const wrong = cases.filter(({ good }) => rule.check(good as Json, { filenames: [] }).length > 0);
      expect(caught.length, rule.says).toBeGreaterThan(0);
      expect(wrong, rule.says).toEqual([]);
    }
});
