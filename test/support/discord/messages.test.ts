/** Messages, files, threads, permissions and notifications on the loopback Discord. */

import { AttachmentBuilder, EmbedBuilder, MessageFlags, PermissionFlagsBits as Permission } from "discord.js";
import { describe, expect, test } from "vitest";
import { withBot } from "./bot.ts";
import { installedPermissions } from "./world.ts";

const picture = (text: string, name = "chart.png") =>
  new AttachmentBuilder(Buffer.from(text), { name, description: `What ${name} shows.` });
const card = (title: string) => new EmbedBuilder().setTitle(title).setImage("attachment://chart.png");

describe("a message", () => {
  test("shows its files in its embeds, and an edit replaces them", () =>
    withBot(async ({ discord, channel }) => {
      const message = await channel.send({ embeds: [card("Before")], files: [picture("one")] });
      const [seen] = discord.messages();
      expect(seen?.attachments).toMatchObject([{ filename: "chart.png", description: "What chart.png shows." }]);
      const url = message.embeds[0]?.image?.url ?? "";
      expect(await (await fetch(url)).text()).toBe("one");
      expect(message.attachments.size).toBe(0);
      await message.edit({ embeds: [card("After")], files: [picture("two")], attachments: [] });
      expect(seen?.attachments.map(({ bytes }) => String(Buffer.from(bytes)))).toEqual(["two"]);
      expect(seen).toMatchObject({ embeds: [{ title: "After" }], edits: [{ embeds: [{ title: "After" }] }] });
      await message.edit({ embeds: [], content: "Nothing left.", attachments: [] });
      expect(seen?.attachments).toEqual([]);
      expect(discord.violations).toEqual([]);
    }));

  test("with an image that is not there is refused", () =>
    withBot(async ({ discord, channel }) => {
      const sending = channel.send({ embeds: [card("No file")] });
      await expect(sending).rejects.toMatchObject({ code: 50_035 });
      expect(discord.violations[0]?.problem).toContain("no attachment called chart.png");
    }));

  test("with the same nonce is the same message, for some minutes", () =>
    withBot(async ({ discord, channel }) => {
      const send = (nonce: string) => channel.send({ content: "Posted.", nonce, enforceNonce: true });
      const { id } = await send("card-1");
      expect((await send("card-1")).id).toBe(id);
      expect((await send("card-2")).id).not.toBe(id);
      expect((await channel.send({ content: "Posted.", nonce: "card-1" })).id).not.toBe(id);
      discord.advance(5 * 60_000);
      expect((await send("card-1")).id).not.toBe(id);
      expect(discord.messages()).toHaveLength(4);
    }));

  test("notifies whom it may, and an edit nobody", () =>
    withBot(async ({ discord, channel, ada }) => {
      const bob = discord.addUser("bob").id;
      const onCall = discord.addRole(discord.guildId, "on-call").id;
      const closed = discord.addRole(discord.guildId, "closed", { mentionable: false }).id;
      discord.addMember(discord.guildId, bob, [onCall, closed]);
      const content = `<@${ada}> <@&${onCall}> <@&${closed}> @everyone`;
      const message = await channel.send(content);
      await channel.send({ content, allowedMentions: { roles: [onCall] } });
      await channel.send({ content, allowedMentions: { roles: [closed], users: [ada] } });
      await channel.send({ embeds: [new EmbedBuilder().setDescription(content)], allowedMentions: { users: [ada] } });
      await message.edit({ content, allowedMentions: { users: [ada] } });
      const notified = () => discord.messages().map((one) => one.notified);
      expect(notified()).toEqual([[], [bob], [ada], []]);
      discord.permit(discord.channelId, installedPermissions | Permission.MentionEveryone);
      await channel.send({ content, allowedMentions: { parse: ["everyone"] } });
      await channel.send({ content, allowedMentions: { roles: [closed] } });
      await channel.send({ content, allowedMentions: { users: [ada] }, flags: MessageFlags.SuppressNotifications });
      expect(notified().slice(-3)).toEqual([expect.arrayContaining([bob, ada]), [bob], []]);
      expect(discord.violations).toEqual([]);
    }));

  test("is the author's to edit, and gone once deleted", () =>
    withBot(async ({ discord, channel, client, ada }) => {
      discord.permit(discord.channelId, installedPermissions | Permission.ReadMessageHistory);
      const other = discord.write(ada, "Mine.", discord.channelId);
      const path = (id: string) => `/channels/${discord.channelId}/messages/${id}` as const;
      await expect(client.rest.patch(path(other.id), { body: { content: "Not yours." } })).rejects.toMatchObject({
        code: 50_005,
      });
      const own = await channel.send("Going.");
      discord.permit(discord.channelId, installedPermissions);
      expect((await channel.messages.fetch({ limit: 2 })).size).toBe(0);
      await expect(channel.messages.fetch({ message: other.id, force: true })).rejects.toMatchObject({ code: 50_013 });
      discord.permit(discord.channelId, installedPermissions | Permission.ReadMessageHistory);
      expect((await channel.messages.fetch({ limit: 2 })).map(({ content }) => content)).toEqual(["Going.", "Mine."]);
      await own.delete();
      await expect(own.edit("Still here.")).rejects.toMatchObject({ code: 10_008, status: 404 });
      await expect(client.rest.get(path("1"))).rejects.toMatchObject({ code: 10_008 });
      await expect(client.rest.get("/channels/1")).rejects.toMatchObject({ code: 10_003 });
      await expect(channel.send(" ")).rejects.toMatchObject({ code: 50_006 });
    }));
});

describe("a thread", () => {
  test("grows from a message once, and takes messages of its own", () =>
    withBot(async ({ discord, channel, client, ada }) => {
      const message = await channel.send("Incident.");
      const thread = await message.startThread({ name: "Incident", autoArchiveDuration: 1440 });
      await thread.send("First.");
      expect(thread.id).toBe(message.id);
      expect(discord.threads()).toMatchObject([{ name: "Incident", parentId: discord.channelId }]);
      expect(discord.messages(thread.id)).toMatchObject([{ content: "First." }]);
      const again = client.rest.post(`/channels/${channel.id}/messages/${message.id}/threads`, { body: { name: "B" } });
      await expect(again).rejects.toMatchObject({ code: 160_004 });
      const alone = await channel.threads.create({ name: "Alone", type: 11 });
      const early = await alone.send("Early.");
      await alone.setArchived(true);
      await expect(early.edit("Asleep.")).rejects.toMatchObject({ code: 50_083 });
      await alone.send("Awake again.");
      expect(alone.archived).toBe(true);
      expect(discord.threads()[1]).toMatchObject({ name: "Alone", archived: false });
      await expect(channel.threads.create({ name: "Private", type: 12 })).rejects.toMatchObject({ code: 50_013 });
      expect(discord.write(ada, "Hello.", thread.id).channelId).toBe(thread.id);
      expect(discord.violations).toEqual([]);
    }));
});

describe("permissions", () => {
  const without = (permission: bigint) => installedPermissions & ~permission;
  const cases = [
    { lacks: "View Channel", permission: Permission.ViewChannel, code: 50_001 },
    { lacks: "Send Messages", permission: Permission.SendMessages, code: 50_013 },
    { lacks: "Embed Links", permission: Permission.EmbedLinks, code: 50_013 },
    { lacks: "Attach Files", permission: Permission.AttachFiles, code: 50_013 },
  ];

  test.each(cases)("without $lacks a card with a picture is refused", ({ permission, code }) =>
    withBot(async ({ discord, channel }) => {
      const send = () => channel.send({ embeds: [card("Card")], files: [picture("one")] });
      discord.permit(discord.channelId, without(permission));
      await expect(send()).rejects.toMatchObject({ code, status: 403 });
      discord.permit(discord.channelId, installedPermissions);
      await send();
      expect(discord.messages()).toHaveLength(1);
    }),
  );

  test("threads have two of their own", () =>
    withBot(async ({ discord, channel }) => {
      const message = await channel.send("Incident.");
      discord.permit(discord.channelId, without(Permission.CreatePublicThreads));
      await expect(message.startThread({ name: "Incident" })).rejects.toMatchObject({ code: 50_013 });
      discord.permit(discord.channelId, without(Permission.SendMessagesInThreads));
      const thread = await message.startThread({ name: "Incident" });
      await expect(thread.send("Not here.")).rejects.toMatchObject({ code: 50_013 });
    }));

  test("a server that put the bot out is out of reach", () =>
    withBot(async ({ discord, channel, client }) => {
      const gone = new Promise((resolve) => client.once("guildDelete", resolve));
      discord.removeMember(discord.guildId, discord.botUserId);
      await gone;
      await expect(channel.send("Hello.")).rejects.toMatchObject({ code: 50_001 });
    }));
});
