import { describe, expect, it } from "vitest";
import { buttonToken, storedButton } from "../../../src/chat/buttons.ts";
import { type Form, notice } from "../../../src/view.ts";
import type { Message } from "../../support/discord/world.ts";
import { readOf } from "./message-text.ts";
import { type OpenDiscord, openDiscord } from "./open-discord.ts";
import { sampleCard, secret } from "./sample-views.ts";

const contain = {
  label: "Contain",
  command: "contain",
  options: { ceremony: "UP-1", reason: "look" },
  style: "danger",
  confirm: "Contain UP-1 now?",
  revision: 4,
} as const;

const form: Form = {
  kind: "form",
  title: "Deny UP-1",
  command: "deny",
  options: { ceremony: "UP-1" },
  revision: 2,
  fields: [
    {
      name: "reason",
      label: "Reason",
      hint: "Everyone sees this",
      required: true,
      type: "paragraph",
      choices: [],
      value: "",
      maxLength: 2000,
    },
  ],
  submit: "Deny",
};

async function shown({ adapter, discord }: OpenDiscord, actions = sampleCard().actions): Promise<Message> {
  await adapter.show(sampleCard({ actions }));
  return discord.until(() => discord.messages()[0], "the card");
}

describe("a button", () => {
  it("runs its command with its revision, and answers the one who pressed it", async () => {
    const open = await openDiscord();
    const { discord, people, invocations } = open;
    const pressed = await discord.click(people.ben, await shown(open), "Approve");
    expect(pressed).toMatchObject({ kind: 5, ephemeral: true });
    await discord.until(() => readOf(pressed.original).includes("It is done."), "the answer");
    expect(invocations).toMatchObject([{ command: "approve", options: { ceremony: "UP-1" }, revision: 1 }]);
  });

  it("asks in private before what cannot be undone, and a no does nothing", async () => {
    const open = await openDiscord();
    const { discord, people, invocations } = open;
    const card = await shown(open, [contain]);
    const asked = await discord.click(people.ben, card, "Contain");
    expect(readOf(asked.original)).toContain("Contain UP-1 now?");
    expect(asked).toMatchObject({ kind: 4, ephemeral: true });
    const question = asked.original as Message;
    await discord.click(people.ben, question, "No");
    await discord.until(() => readOf(question).includes("Nothing was done."), "the answer to No");
    expect(question.components).toEqual([]);
    expect(invocations).toEqual([]);
    const again = await discord.click(people.ben, card, "Contain");
    const yes = await discord.click(people.ben, again.original as Message, "Yes, Contain");
    await discord.until(() => readOf(again.original).includes("It is done."), "the answer to Yes");
    expect(invocations).toMatchObject([
      { command: "contain", options: contain.options, revision: 4, deliveryId: `discord:${yes.id}` },
    ]);
    expect(again.original?.components).toEqual([]);
  });

  it.each([
    ["a code of another secret", buttonToken(new Uint8Array(32), "discord:G", storedButton(contain), "do")],
    ["no token at all", "approve:UP-1"],
    ["an empty text", "q1..."],
  ])("does nothing with %s", async (_, forged) => {
    const open = await openDiscord();
    await expectUseless(open, forged);
  });

  it("does nothing where it was made for another server, or for another step", async () => {
    const open = await openDiscord();
    await shown(open, [contain]);
    const where = `discord:${open.discord.guildId}`;
    await expectUseless(open, buttonToken(secret, "discord:1", storedButton(contain), "do"));
    await expectUseless(open, buttonToken(secret, where, storedButton(contain), "submit"));
    await expectUseless(open, buttonToken(secret, where, storedButton({ ...contain, command: "never-kept" }), "do"));
  });
});

async function expectUseless({ discord, people, invocations }: OpenDiscord, token: string): Promise<void> {
  const message = discord.write(people.ben, "hello", discord.channelId);
  message.components = [{ type: 1, components: [{ type: 2, style: 1, label: "Forged", custom_id: token }] }];
  const pressed = await discord.click(people.ben, message, "Forged", { forged: true });
  expect(pressed).toMatchObject({ kind: 4, ephemeral: true });
  expect(readOf(pressed.original)).toContain("Nothing was done.");
  expect(invocations).toEqual([]);
}

describe("a form", () => {
  it("opens as a modal, and sending it runs the command with all that was given", async () => {
    const { discord, people, invocations, answer } = await openDiscord();
    answer(() => form);
    const asked = await discord.slash(people.ben, "upgrade deny", { ceremony: "UP-1" });
    expect(asked.kind).toBe(9);
    expect(asked.modal).toMatchObject({ title: "Deny UP-1" });
    answer(() => notice("good", "You denied UP-1."));
    const sent = await discord.submit(people.ben, asked, { Reason: "The fee is wrong." });
    expect(sent).toMatchObject({ kind: 5, ephemeral: true });
    await discord.until(() => readOf(sent.original).includes("You denied UP-1."), "the answer");
    expect(invocations[1]).toMatchObject({
      command: "deny",
      options: { ceremony: "UP-1", reason: "The fee is wrong." },
      revision: 2,
      deliveryId: `discord:${sent.id}`,
    });
  });

  it("comes back filled in where the answer is a no: nothing that was typed is lost", async () => {
    const { discord, people, invocations, answer } = await openDiscord();
    answer(() => form);
    const asked = await discord.slash(people.ben, "upgrade deny", { ceremony: "UP-1" });
    answer(() => notice("bad", "The database cannot be reached."));
    const sent = await discord.submit(people.ben, asked, { Reason: "The fee is wrong." });
    await discord.until(() => readOf(sent.original).includes("cannot be reached"), "the refusal");
    const again = await discord.click(people.ben, sent.original as Message, "Change and send again");
    expect(again.kind).toBe(9);
    expect(JSON.stringify(again.modal)).toContain("The fee is wrong.");
    answer(() => notice("good", "You denied UP-1."));
    const last = await discord.submit(people.ben, again, {});
    await discord.until(() => readOf(last.original).includes("You denied UP-1."), "the answer");
    expect(invocations[2]).toMatchObject({ options: { reason: "The fee is wrong." }, revision: 2 });
  });

  it("that comes late is opened by a button", async () => {
    const { discord, people, answer } = await openDiscord();
    const gate = Promise.withResolvers<void>();
    answer(async () => {
      await gate.promise;
      return form;
    });
    const asked = await discord.slash(people.ben, "upgrade deny", { ceremony: "UP-1" });
    expect(asked.kind).toBe(5);
    gate.resolve();
    await discord.until(() => readOf(asked.original).includes("Deny UP-1"), "the offer");
    const opened = await discord.click(people.ben, asked.original as Message, "Deny");
    expect(opened).toMatchObject({ kind: 9, modal: { title: "Deny UP-1" } });
  });

  it("that a button leads to opens at once", async () => {
    const open = await openDiscord();
    open.answer(() => form);
    const card = await shown(open, [{ ...contain, label: "Deny", command: "deny", options: { ceremony: "UP-1" } }]);
    const asked = await open.discord.click(open.people.ben, card, "Deny");
    const yes = await open.discord.click(open.people.ben, asked.original as Message, "Yes, Deny");
    expect(yes.kind).toBe(9);
  });

  it("is not taken with a token that nobody gave out", async () => {
    const { discord, people, answer, invocations } = await openDiscord();
    answer(() => form);
    const asked = await discord.slash(people.ben, "upgrade deny", { ceremony: "UP-1" });
    const sent = await discord.submit(
      people.ben,
      asked,
      { Reason: "x" },
      {
        overrides: {
          data: {
            custom_id: "q1.AAAAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAA",
            components: [{ type: 18, component: { type: 4, custom_id: "reason", value: "x" } }],
          },
        },
      },
    );
    expect(readOf(sent.original)).toContain("Nothing was done.");
    expect(invocations).toHaveLength(1);
  });
});
