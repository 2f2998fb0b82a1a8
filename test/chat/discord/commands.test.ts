import { ApplicationCommandOptionType } from "discord-api-types/v10";
import { describe, expect, it } from "vitest";
import { commands } from "../../../commands/index.ts";
import { commandJson, sameCommands } from "../../../src/chat/discord/command-json.ts";
import type { Command } from "../../../src/command.ts";
import { notice } from "../../../src/view.ts";
import { checkBody } from "../../support/discord/checks.ts";
import { readOf } from "./message-text.ts";
import { openDiscord } from "./open-discord.ts";
import { injections, sampleCard } from "./sample-views.ts";

const sample: Command = {
  name: "sample",
  summary: "A sample",
  example: "/upgrade sample",
  effect: "read",
  roles: [],
  options: [],
  run: async () => notice("good", "Done."),
};

describe("the command that Discord offers", () => {
  it("is valid, with a typed subcommand for every command", () => {
    const json = commandJson(commands);
    checkBody("ApplicationCommandUpdateRequestSchema", "command", json);
    // Discord lists 25 at each level: some are below the name of their group.
    const listed = [...new Set(commands.map((one) => one.group ?? one.name))];
    expect(json.options?.map((one) => one.name)).toEqual(listed);
    const below = (json.options ?? []).flatMap((one) =>
      one.type === ApplicationCommandOptionType.SubcommandGroup
        ? (one.options ?? []).map((inner) => `${one.name} ${inner.name}`)
        : [],
    );
    expect(below).toEqual(commands.flatMap((one) => (one.group === undefined ? [] : [`${one.group} ${one.name}`])));
    expect(json.contexts).toEqual([0]);
    expect(json.default_member_permissions).toBeUndefined();
  });

  it("has typed options, the required ones first", () => {
    const option = { description: "One", required: false } as const;
    const json = commandJson([
      {
        ...sample,
        options: [
          { ...option, name: "why", type: "paragraph", maxLength: 2000 },
          { ...option, name: "ceremony", type: "ceremony" },
          { ...option, name: "lane", type: "choice", choices: [{ value: "routine", label: "Routine" }] },
          { ...option, name: "count", type: "integer", required: true },
          { ...option, name: "dry", type: "flag" },
        ],
      },
    ]);
    checkBody("ApplicationCommandUpdateRequestSchema", "command", json);
    const [subcommand] = json.options ?? [];
    expect(subcommand && "options" in subcommand && subcommand.options).toMatchObject([
      { name: "count", type: 4, required: true },
      { name: "why", type: 3, max_length: 2000 },
      { name: "ceremony", type: 3, autocomplete: true },
      { name: "lane", type: 3, choices: [{ name: "Routine", value: "routine" }] },
      { name: "dry", type: 5 },
    ]);
  });

  it("is refused in a sentence where there is too much of it", () => {
    const many = Array.from({ length: 26 }, (_, index) => ({ ...sample, name: `sample-${index}` }));
    expect(() => commandJson(many)).toThrow("Discord takes 25 subcommands, and there are 26 commands.");
    expect(() => commandJson(many.slice(1))).not.toThrow();
    const choices = Array.from({ length: 25 }, (_, index) => ({
      value: `${index}`.padEnd(100, "x"),
      label: "x".repeat(100),
    }));
    const wordy: Command = {
      ...sample,
      options: [{ name: "a", description: "A", type: "choice", required: false, choices }],
    };
    expect(() => commandJson([wordy])).not.toThrow();
    expect(() => commandJson([wordy, { ...wordy, name: "other" }])).toThrow("8000 characters");
    expect(() => commandJson([{ ...sample, name: "Sample" }])).toThrow('"Sample"');
  });

  it("is the same as what Discord gives back, and not as another one", () => {
    const json = commandJson(commands);
    const [first = sample, ...rest] = commands;
    expect(sameCommands(JSON.parse(JSON.stringify([{ ...json, id: "1", version: "2", nsfw: false }])), [json])).toBe(
      true,
    );
    expect(sameCommands([commandJson([{ ...first, summary: "Something else" }, ...rest])], [json])).toBe(false);
    expect(sameCommands([], [json])).toBe(false);
  });

  it("is registered where it differs, and left alone where it does not", async () => {
    const open = await openDiscord();
    const puts = () => open.discord.requests.filter((one) => one.method === "PUT").length;
    expect(puts()).toBe(1);
    await open.restart();
    await open.up();
    expect(puts()).toBe(1);
    await open.restart({ commands: [sample] });
    await open.discord.until(() => puts() === 2, "the changed command to be registered");
    expect(open.discord.commands(open.discord.guildId)[0]?.options).toMatchObject([{ name: "sample" }]);
  });
});

describe("a command", () => {
  it("of a group reaches dispatch by its own name, with what was typed", async () => {
    const { discord, people, invocations } = await openDiscord();
    await discord.slash(people.ben, "upgrade alerts silence", { alert: "alert-1", for: "1h", reason: "known" });
    await discord.until(() => invocations.length === 1, "the command");
    expect(invocations[0]).toMatchObject({
      command: "silence",
      options: { alert: "alert-1", for: "1h", reason: "known" },
    });
  });

  it("reaches dispatch as typed, and is answered privately", async () => {
    const { discord, people, invocations } = await openDiscord();
    const said = await discord.slash(people.ben, "upgrade approve", { ceremony: "UP-1" });
    expect(said).toMatchObject({ kind: 5, ephemeral: true });
    await discord.until(() => readOf(said.original).includes("It is done."), "the answer");
    expect(invocations).toEqual([
      {
        command: "approve",
        options: { ceremony: "UP-1" },
        account: `discord:${discord.guildId}:${people.ben}`,
        deliveryId: `discord:${said.id}`,
      },
    ]);
    expect(readOf(said.original)).toContain("✅ **OK:**");
    expect(discord.messages().every((one) => one.ephemeralFor === people.ben)).toBe(true);
  });

  it("is acknowledged before the council answers, and says what is going on meanwhile", async () => {
    const { discord, people, answer } = await openDiscord();
    const gate = Promise.withResolvers<void>();
    answer(async (_, progress) => {
      progress("Reading the contracts from the chain…");
      await gate.promise;
      return notice("bad", "The chain does not answer.");
    });
    const said = await discord.slash(people.ada, "upgrade check", { ceremony: "UP-1" });
    expect(said.kind).toBe(5);
    await discord.until(() => said.original?.content.includes("Reading the contracts"), "the progress");
    gate.resolve();
    await discord.until(() => readOf(said.original).includes("The chain does not answer."), "the answer");
    expect(said.original?.content).toBe("");
  });

  it("is answered privately also where the answer is a card, and calls nobody", async () => {
    const { discord, people, answer } = await openDiscord();
    answer(() => sampleCard({ mentions: ["ada"], urgent: true }));
    const said = await discord.slash(people.ben, "upgrade show", { ceremony: "UP-1" });
    await discord.until(() => readOf(said.original).includes("Upgrade Harbour"), "the card");
    expect(said.original).toMatchObject({ ephemeralFor: people.ben, notified: [], content: "" });
  });

  it("shows a wallet request with every hash in full, over as many messages as it takes", async () => {
    const { discord, people, answer } = await openDiscord();
    const hash = (digit: string) => `0x${digit.repeat(64)}` as const;
    answer(() => ({
      kind: "wallet",
      ceremony: "UP-1",
      title: "Sign 12 transactions of UP-1",
      summary: "Your signatures put the upgrade into the timelock.",
      items: Array.from({ length: 12 }, (_, index) => ({
        kind: "transaction" as const,
        purpose: `Execute part ${index}`,
        from: [],
        call: { chain: "eip155:1" as const, to: `0x${"2".repeat(40)}` as const, value: 0n, data: "0x" as const },
        operationId: hash((index % 16).toString(16)),
        sentences: ["x".repeat(600)],
      })),
    }));
    const said = await discord.slash(people.ada, "upgrade execute", { ceremony: "UP-1" });
    await discord.until(() => said.followUps.length > 0, "a second message");
    await discord.until(
      () => [said.original, ...said.followUps].map(readOf).join("").includes(hash("b")),
      "the last hash",
    );
    const text = [said.original, ...said.followUps].map(readOf).join("\n");
    for (let index = 0; index < 12; index++) expect(text).toContain(`\`${hash(index.toString(16))}\``);
    expect(text).toContain("intake transaction --account cli:YOU --ceremony UP-1 --raw 0x…");
    expect(said.followUps.every((one) => one.ephemeralFor === people.ada)).toBe(true);
  });

  it("gives a long answer in full as a file", async () => {
    const { discord, people, answer } = await openDiscord();
    const reason = "why ".repeat(2500).trim();
    answer(() => notice("neutral", "Here it is.", { facts: [{ label: "Reason", value: reason }] }));
    const said = await discord.slash(people.ada, "upgrade show", {});
    await discord.until(() => said.original?.attachments.length === 1, "the file");
    const [file] = said.original?.attachments ?? [];
    expect(Buffer.from(file?.bytes ?? []).toString()).toContain(reason);
    expect(readOf(said.original)).toContain("The file has all of it.");
  });

  it("is run once where Discord delivers it twice", async () => {
    const { discord, people, invocations } = await openDiscord();
    discord.gateway.deliver("doubled");
    const said = await discord.slash(people.ben, "upgrade approve", { ceremony: "UP-1" });
    await discord.until(() => readOf(said.original).includes("It is done."), "the answer");
    const form = await discord.slash(people.ben, "upgrade deny", { ceremony: "UP-1" });
    await discord.until(() => readOf(form.original).includes("It is done."), "the answer of a command that may ask");
    expect(invocations.map((one) => one.command)).toEqual(["approve", "deny"]);
  });

  it("is not run where nobody waits for it any more", async () => {
    const { discord, people, invocations, faults } = await openDiscord();
    const body = { code: 10062, message: "Unknown interaction" };
    discord.faults.next("POST /interactions/**", { kind: "status", status: 404, body });
    const late = discord.slash(people.ben, "upgrade list");
    await discord.until(() => faults.length > 0, "the fault to be reported");
    discord.advance(3000);
    expect((await late).failed).toBe(true);
    const next = await discord.slash(people.ben, "upgrade why");
    await discord.until(() => readOf(next.original).includes("It is done."), "the next command's answer");
    expect(invocations.map((one) => one.command)).toEqual(["why"]);
  });

  it("is reported where the answer comes after the fifteen minutes that Discord gives", async () => {
    const { discord, people, answer, faults } = await openDiscord();
    const gate = Promise.withResolvers<void>();
    answer(async () => {
      await gate.promise;
      return notice("good", "It is done.");
    });
    const said = await discord.slash(people.ben, "upgrade check", {});
    discord.advance(15 * 60_000);
    gate.resolve();
    await discord.until(() => faults.some(({ where }) => where === "discord answer"), "the fault to be reported");
    expect(said.thinking).toBe(true);
    expect(JSON.stringify(faults.map(({ fault }) => `${fault}`))).not.toContain(said.token);
  });

  it("is answered in plain words where Discord refuses the answer's form", async () => {
    const { discord, people } = await openDiscord();
    const refusal = { kind: "status", status: 400, body: { code: 50035, message: "Invalid Form Body" } } as const;
    discord.faults.next("PATCH /webhooks/**", refusal);
    const said = await discord.slash(people.ben, "upgrade why");
    await discord.until(() => said.original?.content.includes("It is done."), "the plain answer");
    discord.faults.next("POST /interactions/**", refusal);
    const other = await discord.slash(people.ben, "upgrade deny");
    expect(other).toMatchObject({ kind: 4, ephemeral: true });
    expect(other.original?.content).toContain("It is done.");
  });

  it.each(injections)("answers with %j as inert text", async (text) => {
    const { discord, people, answer } = await openDiscord();
    answer(() =>
      notice("bad", text, {
        facts: [{ label: text, value: text }],
        sections: [{ title: text, lines: [text], style: "list" }],
      }),
    );
    const said = await discord.slash(people.ada, "upgrade why", {});
    await discord.until(() => said.thinking === false, "the answer");
    expect(said.original?.notified).toEqual([]);
    expect(said.original?.allowedMentions).toEqual({ parse: [], users: [], roles: [] });
  });
});

describe("autocompletion", () => {
  it("offers what fits, 25 at most", async () => {
    const { discord, people, suggest } = await openDiscord();
    suggest(async (option) =>
      Array.from({ length: 60 }, (_, index) => ({ value: `UP-${index + 1}`, label: `${option} ${"x".repeat(200)}` })),
    );
    const all = await discord.autocomplete(people.ada, "upgrade approve", { ceremony: "" }, "ceremony");
    expect(all.choices).toHaveLength(25);
    const some = await discord.autocomplete(people.ada, "upgrade approve", { ceremony: "up-60" }, "ceremony");
    expect(some.choices?.map((one) => one.value)).toEqual(["UP-60"]);
  });

  it("offers nothing to a stranger, and nothing where something is wrong", async () => {
    const { discord, people, suggest, faults } = await openDiscord();
    suggest(async () => [{ value: "UP-1", label: "secret" }]);
    expect(
      (await discord.autocomplete(people.stranger, "upgrade approve", { ceremony: "" }, "ceremony")).choices,
    ).toEqual([]);
    suggest(async () => Promise.reject(new Error("The database is gone.")));
    expect((await discord.autocomplete(people.ada, "upgrade approve", { ceremony: "" }, "ceremony")).choices).toEqual(
      [],
    );
    expect(faults.map(({ where }) => where)).toEqual(["discord autocomplete"]);
  });

  it("offers nothing where the council takes too long, before Discord stops to wait", async () => {
    const { discord, people, suggest } = await openDiscord();
    suggest(() => new Promise(() => undefined));
    const asked = await discord.autocomplete(people.ada, "upgrade approve", { ceremony: "" }, "ceremony");
    expect(asked).toMatchObject({ kind: 8, choices: [], failed: false });
  });
});
