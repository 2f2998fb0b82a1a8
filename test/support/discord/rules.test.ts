/** Every rule of the platform: a payload that breaks it and is refused, beside its benign twin that is accepted. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type DiscordPlatform, startDiscord } from "./discord.ts";
import { type Case, type Json, many } from "./rules/case.ts";
import { choiceCases, command, commandCases } from "./rules/command-cases.ts";
import { choiceRules, commandRules } from "./rules/commands.ts";
import { messageCases } from "./rules/message-cases.ts";
import { messageRules } from "./rules/messages.ts";
import { modalCases } from "./rules/modal-cases.ts";
import { modalRules } from "./rules/modals.ts";

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
  test.each(messageCases)("$what", (one) =>
    tell(one, (body) => call("POST", `/channels/${discord.channelId}/messages`, body)),
  );

  test("in a channel is never private", () => {
    const post = (body: unknown) => call("POST", `/channels/${discord.channelId}/messages`, body);
    return tell({ what: "", bad: { content: "x", flags: 64 }, good: { content: "x", flags: 4096 }, at: "flags" }, post);
  });

  const answered = messageCases.filter(({ what }) => what !== "nonces");
  test.each(answered)("as an answer: $what", (one) => tell(one, (body) => answerWith(4, body)));
});

describe("a command", () => {
  const path = () => `/applications/${discord.applicationId}/guilds/${discord.guildId}/commands`;
  test.each(commandCases)("$what", (one) => tell(one, (body) => call("POST", path(), body)));

  test("in a list with others: 100 at most, each name once", async () => {
    const put = (body: unknown) => call("PUT", `/applications/${discord.applicationId}/commands`, body);
    const list = (count: number) => many(count, (n) => command({ name: `c${n}` }));
    await tell({ what: "", bad: list(101), good: list(100), at: "" }, put);
    await tell({ what: "", bad: [command(), command()], good: [command()], at: "1" }, put);
    await tell({ what: "", bad: [command({ name: "A" })], good: [command({ name: "a" })], at: "0.name" }, put);
  });
});

describe("a modal", () => {
  test.each(modalCases)("$what", (one) => tell(one, (body) => answerWith(9, body)));
});

describe("autocomplete", () => {
  test.each(choiceCases)("$what", (one) => tell(one, (body) => answerWith(8, body)));
});

test("every rule of the table has a case that needs it", () => {
  const tables = [
    { rules: messageRules, cases: messageCases },
    { rules: commandRules, cases: commandCases },
    { rules: modalRules, cases: modalCases },
    { rules: choiceRules, cases: choiceCases },
  ];
  for (const { rules, cases } of tables)
    for (const rule of rules) {
      const caught = cases.filter(({ bad }) => rule.check(bad as Json, { filenames: [] }).length > 0);
      const wrong = cases.filter(({ good }) => rule.check(good as Json, { filenames: [] }).length > 0);
      expect(caught.length, rule.says).toBeGreaterThan(0);
      expect(wrong, rule.says).toEqual([]);
    }
});
