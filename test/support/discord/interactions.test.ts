/** What people do and how a real discord.js answers, on the loopback Discord. */

import {
  ActionRowBuilder,
  type AutocompleteInteraction,
  ButtonBuilder,
  type ButtonInteraction,
  ButtonStyle,
  type ChatInputCommandInteraction,
  EmbedBuilder,
  type Interaction,
  LabelBuilder,
  MessageFlags,
  ModalBuilder,
  type ModalSubmitInteraction,
  StringSelectMenuBuilder,
  type StringSelectMenuInteraction,
  TextInputBuilder,
  TextInputStyle,
} from "discord.js";
import { describe, expect, test } from "vitest";
import { type Bot, withBot } from "./bot.ts";

type Slash = ChatInputCommandInteraction;

const ephemeral = { flags: MessageFlags.Ephemeral } as const;
const buttons = () =>
  new ActionRowBuilder<ButtonBuilder>().addComponents(
    new ButtonBuilder().setCustomId("approve:1").setLabel("Approve").setStyle(ButtonStyle.Primary),
    new ButtonBuilder().setCustomId("deny:1").setLabel("Deny").setStyle(ButtonStyle.Danger).setDisabled(true),
    new ButtonBuilder().setURL("https://example.org/sign").setLabel("Sign").setStyle(ButtonStyle.Link),
  );

const reasonModal = () =>
  new ModalBuilder()
    .setCustomId("why:1")
    .setTitle("Why")
    .addLabelComponents(
      new LabelBuilder()
        .setLabel("Reason")
        .setTextInputComponent(
          new TextInputBuilder().setCustomId("reason").setStyle(TextInputStyle.Paragraph).setMaxLength(50),
        ),
      new LabelBuilder()
        .setLabel("Severity")
        .setStringSelectMenuComponent(
          new StringSelectMenuBuilder()
            .setCustomId("severity")
            .addOptions({ label: "High", value: "high" }, { label: "Low", value: "low" }),
        ),
    );

describe("a command", () => {
  test("is answered in private, and reaches the bot with all that Discord says of it", () =>
    withBot(async ({ discord, ada, answer }) => {
      const seen: Slash[] = [];
      answer<Slash>((one) => {
        seen.push(one);
        return one.reply({ content: `You named ${one.options.getString("ceremony")}.`, ...ephemeral });
      });
      const done = await discord.slash(ada, "upgrade approve", { ceremony: "UP-1" });
      expect(done).toMatchObject({ kind: 4, ephemeral: true, original: { content: "You named UP-1." } });
      expect(done.original?.ephemeralFor).toBe(ada);
      expect(done.answeredAfter).toBeLessThan(3000);
      expect(seen[0]).toMatchObject({
        applicationId: discord.applicationId,
        guildId: discord.guildId,
        channelId: discord.channelId,
        context: 0,
        authorizingIntegrationOwners: { 0: discord.guildId },
        locale: "en-US",
        user: { id: ada, bot: false },
      });
      expect(discord.violations).toEqual([]);
    }));

  test("whose answer was deferred in private stays private, whatever fills it in", () =>
    withBot(async ({ discord, ada, answer }) => {
      answer<Slash>(async (one) => {
        await one.deferReply(ephemeral);
        await one.editReply({ embeds: [new EmbedBuilder().setTitle("Approved")] });
        await one.followUp({ content: "One more thing." });
      });
      const done = await discord.slash(ada, "upgrade approve");
      expect(done).toMatchObject({ kind: 5, ephemeral: true });
      await discord.until(() => done.followUps.length === 1, "the follow-up");
      expect(done).toMatchObject({ thinking: false, original: { embeds: [{ title: "Approved" }] } });
      expect(done.original?.ephemeralFor).toBe(ada);
      expect(done.followUps[0]?.ephemeralFor).toBeUndefined();
      expect(discord.violations).toEqual([]);
    }));

  test("whose first follow-up comes while it is thinking is filled in by it", () =>
    withBot(async ({ discord, ada, answer }) => {
      answer<Slash>(async (one) => {
        await one.deferReply(ephemeral);
        await one.followUp({ content: "Public, or so the bot thinks." });
      });
      const done = await discord.slash(ada, "upgrade approve");
      await discord.until(() => !done.thinking, "the answer");
      expect(done.original).toMatchObject({ content: "Public, or so the bot thinks.", ephemeralFor: ada });
      expect(done.followUps).toEqual([]);
    }));

  test("is refused by the client where nobody could type it", () =>
    withBot(async ({ discord, ada }) => {
      const stranger = discord.addUser("mallory").id;
      const typed = (user: string, line: string, options = {}) => discord.slash(user, line, options);
      await expect(typed(ada, "upgrade")).rejects.toThrow("needs a subcommand");
      await expect(typed(ada, "upgrade deny")).rejects.toThrow("no subcommand deny");
      await expect(typed(ada, "approve")).rejects.toThrow("There is no command /approve");
      await expect(typed(ada, "upgrade approve", { wrong: "x" })).rejects.toThrow("no option wrong");
      await expect(typed(ada, "upgrade approve", { lane: "fast" })).rejects.toThrow("offers routine");
      await expect(typed(stranger, "upgrade approve")).rejects.toThrow("is no member");
    }));

  test("can be forged, sent from elsewhere, and in a direct message", () =>
    withBot(async ({ discord, client, ada, answer }) => {
      const seen: Slash[] = [];
      answer<Slash>((one) => {
        seen.push(one);
        return one.reply({ content: "No.", ...ephemeral });
      });
      await client.application.commands.set([{ name: "upgrade", description: "Runs an upgrade." }]);
      const overrides = { guild_id: "1", member: undefined, user: { id: "7", username: "m", discriminator: "0" } };
      await discord.slash(ada, "upgrade approve", { wrong: "x" }, { forged: true, overrides });
      await discord.slash(ada, "upgrade", {}, { dm: true });
      expect(seen.map((one) => [one.guildId, one.context, one.user.id])).toEqual([
        ["1", 0, "7"],
        [null, 1, ada],
      ]);
    }));

  test("that nobody answers fails after three seconds, and then cannot be answered", () =>
    withBot(async ({ discord, ada, answer, faults }) => {
      const waiting: Slash[] = [];
      answer<Slash>(async (one) => void waiting.push(one));
      const doing = discord.slash(ada, "upgrade approve");
      const slow = await discord.until(() => waiting[0], "the interaction");
      discord.advance(3000);
      expect(await doing).toMatchObject({ kind: undefined, failed: true });
      await expect(slow.reply("Too late.")).rejects.toMatchObject({ code: 10_062, status: 404 });
      expect(discord.messages()).toEqual([]);
      expect(faults).toEqual([]);
    }));

  test("is answered once, followed up only after that, and for 15 minutes", () =>
    withBot(async ({ discord, ada, answer }) => {
      const waiting: Slash[] = [];
      answer<Slash>(async (one) => void waiting.push(one));
      const doing = discord.slash(ada, "upgrade approve");
      const one = await discord.until(() => waiting[0], "the interaction");
      const early = one.webhook.send({ content: "Before the answer." });
      await expect(early).rejects.toMatchObject({ code: 10_015, status: 404 });
      await one.deferReply();
      await doing;
      const again = one.client.rest.post(`/interactions/${one.id}/${one.token}/callback`, {
        auth: false,
        body: { type: 5 },
      });
      await expect(again).rejects.toMatchObject({ code: 40_060, status: 400 });
      discord.advance(15 * 60_000 - 30_000);
      await one.editReply("Just in time.");
      discord.advance(30_000);
      await expect(one.editReply("Too late.")).rejects.toMatchObject({ code: 50_027, status: 401 });
      expect(discord.messages().map(({ content }) => content)).toEqual(["Just in time."]);
    }));

  test("is not answered with what fits another kind of interaction", () =>
    withBot(async ({ discord, ada, answer }) => {
      const codes: unknown[] = [];
      answer<Slash>(async (one) => {
        const path = `/interactions/${one.id}/${one.token}/callback` as const;
        for (const type of [1, 6, 7, 8])
          await one.client.rest
            .post(path, { auth: false, body: { type, data: {} } })
            .catch(({ code }) => codes.push(code));
        await one.reply("Well.");
      });
      await discord.slash(ada, "upgrade approve");
      expect(codes).toEqual([50_035, 50_035, 50_035, 50_035]);
    }));

  test("gives its answer back where discord.js asks for it", () =>
    withBot(async ({ discord, ada, answer, faults }) => {
      const ids: (string | undefined)[] = [];
      answer<Slash>(async (one) => {
        const { resource } = await one.reply({ content: "Here.", withResponse: true });
        ids.push(resource?.message?.id, (await one.fetchReply()).id);
        await one.deleteReply();
      });
      const done = await discord.slash(ada, "upgrade approve");
      await discord.until(() => done.original?.deleted, "the deletion");
      expect(faults).toEqual([]);
      expect(ids).toEqual([done.original?.id, done.original?.id]);
      expect(discord.messages()).toEqual([]);
    }));
});

describe("autocomplete", () => {
  test("offers choices for the focused option", () =>
    withBot(async ({ discord, ada, answer }) => {
      answer<AutocompleteInteraction>((one) =>
        one.respond([{ name: `UP-1 (${one.options.getFocused()})`, value: "UP-1" }]),
      );
      const done = await discord.autocomplete(ada, "upgrade approve", { ceremony: "up" }, "ceremony");
      expect(done).toMatchObject({ kind: 8, choices: [{ name: "UP-1 (up)", value: "UP-1" }] });
      const other = discord.autocomplete(ada, "upgrade approve", { lane: "r" }, "lane");
      await expect(other).rejects.toThrow("no autocomplete");
      expect(discord.violations).toEqual([]);
    }));
});

describe("a button", () => {
  const posted = async ({ channel, discord }: Bot) => {
    const { id } = await channel.send({ content: "Approve?", components: [buttons()] });
    const [message] = discord.messages();
    expect(message?.id).toBe(id);
    return message as NonNullable<typeof message>;
  };

  test("is pressed by what it says, and the message updated in place", () =>
    withBot(async (bot) => {
      const { discord, ada, answer } = bot;
      answer<ButtonInteraction>((one) => one.update({ content: `${one.message.content} Yes.`, components: [] }));
      const message = await posted(bot);
      const done = await discord.click(ada, message, "Approve");
      expect(done).toMatchObject({ kind: 7, original: { id: message.id, content: "Approve? Yes.", components: [] } });
      expect(message.edits).toHaveLength(1);
      await expect(discord.click(ada, message, "Approve")).rejects.toThrow("nothing to use");
      expect(discord.violations).toEqual([]);
    }));

  test("that is disabled, a link, or somebody else's cannot be pressed", () =>
    withBot(async (bot) => {
      const { discord, ada, answer } = bot;
      const bob = discord.addUser("bob").id;
      discord.addMember(discord.guildId, bob);
      answer<ButtonInteraction>((one) => one.reply({ content: "Sure?", components: [buttons()], ...ephemeral }));
      const message = await posted(bot);
      await expect(discord.click(ada, message, "Deny")).rejects.toThrow("is disabled");
      await expect(discord.click(ada, message, "Sign")).rejects.toThrow("is a link");
      const { original } = await discord.click(ada, message, "approve:1");
      if (original === undefined) throw new Error("There was no answer.");
      await expect(discord.click(bob, original, "Approve")).rejects.toThrow("Only the person");
      const forged = await discord.click(bob, original, "approve:2", { forged: true });
      expect(forged.kind).toBe(4);
    }));

  test("deferred leaves the message, and @original is that message", () =>
    withBot(async (bot) => {
      const { discord, ada, answer } = bot;
      answer<ButtonInteraction>(async (one) => {
        await one.deferUpdate();
        await one.editReply({ content: "Done.", components: [] });
      });
      const message = await posted(bot);
      const done = await discord.click(ada, message, "Approve");
      await discord.until(() => message.content === "Done.", "the edit");
      expect(done).toMatchObject({ kind: 6, followUps: [] });
      expect(discord.messages()).toHaveLength(1);
    }));
});

describe("a select", () => {
  test("hands over values, by their labels", () =>
    withBot(async ({ discord, ada, answer, channel }) => {
      const menu = new StringSelectMenuBuilder()
        .setCustomId("pick")
        .addOptions({ label: "One", value: "1" }, { label: "Two", value: "2" });
      answer<StringSelectMenuInteraction>((one) => one.reply(`You took ${one.values.join(" and ")}.`));
      await channel.send({ components: [new ActionRowBuilder<StringSelectMenuBuilder>().addComponents(menu)] });
      const [message] = discord.messages();
      if (message === undefined) throw new Error("There is no message.");
      expect((await discord.select(ada, message, "pick", ["Two"])).original?.content).toBe("You took 2.");
      await expect(discord.select(ada, message, "pick", ["Three"])).rejects.toThrow("offers One, Two");
      await expect(discord.select(ada, message, "pick", [])).rejects.toThrow("does not take 0");
      expect(discord.violations).toEqual([]);
    }));
});

describe("a modal", () => {
  test("is shown, filled in and sent", () =>
    withBot(async ({ discord, ada, answer }) => {
      answer<Interaction>(async (one) => {
        if (one.isChatInputCommand()) await one.showModal(reasonModal());
        else if (one.isModalSubmit()) await one.reply({ content: told(one), ...ephemeral });
      });
      const shown = await discord.slash(ada, "upgrade approve");
      expect(shown).toMatchObject({ kind: 9, modal: { custom_id: "why:1", title: "Why" } });
      expect(discord.modals(ada)).toEqual([shown]);
      const submit = (values: Record<string, string>) => discord.submit(ada, shown, values);
      await expect(submit({ Severity: "High" })).rejects.toThrow("is required");
      await expect(submit({ Reason: "x".repeat(51), Severity: "High" })).rejects.toThrow("51 characters");
      await expect(submit({ Reason: "x", Severity: "Huge" })).rejects.toThrow("offers High, Low");
      await expect(submit({ Reason: "x", Severity: "High", Other: "y" })).rejects.toThrow("no field Other");
      const done = await submit({ Reason: "All good.", severity: "Low" });
      expect(done.original?.content).toBe("All good. low");
      expect(discord.violations).toEqual([]);
    }));

  const told = (one: ModalSubmitInteraction) =>
    `${one.fields.getTextInputValue("reason")} ${one.fields.getStringSelectValues("severity").join()}`;
});
