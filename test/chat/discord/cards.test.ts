import { describe, expect, it } from "vitest";
import type { AdapterParts } from "../../../src/chat/adapter.ts";
import { cardMessage } from "../../../src/chat/discord/card-message.ts";
import { nobody } from "../../../src/chat/discord/mentions.ts";
import { noticeMessage } from "../../../src/chat/discord/notice-message.ts";
import { ChatFault } from "../../../src/ports.ts";
import { type Card, notice } from "../../../src/view.ts";
import { readOf } from "./message-text.ts";
import { type OpenDiscord, openDiscord } from "./open-discord.ts";
import { drawing, sampleCard } from "./sample-views.ts";

const picture = {
  title: "Balance",
  alt: "The balance stays at 100.",
  svg: '<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"><rect width="4" height="4"/></svg>',
};

function breach(more: Partial<Card> = {}): Card {
  return sampleCard({
    key: "UP-1/breach/solvency",
    tone: "bad",
    status: "SEV1 breach",
    title: "SEV1: the vault owes more than it has (UP-1, phase pilot, Ethereum). Ada and Ben: look now.",
    mentions: ["ada", "ben", "eve"],
    urgent: true,
    ...more,
  });
}

function note(more: Partial<Card> = {}): Card {
  return sampleCard({
    key: "UP-1/7",
    audience: { kind: "thread", of: "UP-1" },
    title: "Ben approved.",
    summary: "",
    facts: [],
    sections: [],
    actions: [],
    ...more,
  });
}

const shownIn = ({ discord }: OpenDiscord, channel?: string) => discord.messages(channel);
const posts = ({ discord }: OpenDiscord) =>
  discord.requests.filter((one) => one.method === "POST" && /\/channels\/\d+\/messages$/.test(one.path)).length;
const faultOf = (work: Promise<unknown>): Promise<ChatFault> =>
  work.then(
    () => expect.fail("It was shown."),
    (fault) => fault as ChatFault,
  );

describe("a card", () => {
  it("is posted once and edited in place, unless what is shown is newer", async () => {
    const open = await openDiscord();
    const { adapter } = open;
    await adapter.show(sampleCard());
    await adapter.show(sampleCard());
    await adapter.show(sampleCard({ revision: 5, status: "approved", tone: "good" }));
    await adapter.show(sampleCard({ revision: 4, status: "signing" }));
    const [message, ...more] = shownIn(open);
    expect(more).toEqual([]);
    expect(message?.embeds[0]?.title).toBe("✅ APPROVED · UP-1 · Upgrade Harbour to 2.0.0");
    expect(message?.edits).toHaveLength(1);
    expect(message?.content).toBe("");
    expect(message?.allowedMentions).toEqual({ parse: [], users: [], roles: [] });
  });

  it("is one message also where the program died between posting it and noting that", async () => {
    const open = await openDiscord();
    const { adapter, parts } = open;
    const store: AdapterParts["store"] = parts.store;
    const keepShownCard = store.keepShownCard;
    store.keepShownCard = async () => Promise.reject(new Error("The program dies here."));
    await expect(adapter.show(sampleCard())).rejects.toThrow("dies here");
    store.keepShownCard = keepShownCard;
    const again = await open.restart();
    await again.show(sampleCard({ revision: 9, status: "approved" }));
    const [message, ...more] = shownIn(open);
    expect(more).toEqual([]);
    expect(readOf(message)).toContain("APPROVED");
    await again.show(sampleCard({ revision: 10, status: "closed" }));
    expect(readOf(message)).toContain("CLOSED");
  });

  it("is edited after a restart", async () => {
    const open = await openDiscord();
    await open.adapter.show(sampleCard());
    const again = await open.restart();
    await again.show(sampleCard({ revision: 4, status: "approved" }));
    expect(shownIn(open).map(readOf)).toEqual([expect.stringContaining("APPROVED")]);
  });

  it("is posted anew where somebody deleted it", async () => {
    const open = await openDiscord();
    await open.adapter.show(sampleCard());
    const [message] = shownIn(open);
    if (message !== undefined) message.deleted = true;
    await open.adapter.show(sampleCard({ revision: 4, status: "approved" }));
    expect(shownIn(open).map(readOf)).toEqual([expect.stringContaining("APPROVED")]);
    // With the nonce of the deleted message Discord could give that one back.
    expect(shownIn(open)[0]?.nonce).not.toBe(message?.nonce);
  });

  it("shown many times at once is one message with the newest revision", async () => {
    const open = await openDiscord();
    await Promise.all(
      [3, 1, 4, 2].map((revision) => open.adapter.show(sampleCard({ revision, status: `at ${revision}` }))),
    );
    expect(shownIn(open).map(readOf)).toEqual([expect.stringContaining("AT 4")]);
  });

  it("that is private goes to no channel", async () => {
    const open = await openDiscord();
    await open.adapter.show(sampleCard({ audience: { kind: "private" } }));
    expect(posts(open)).toBe(0);
  });

  it("carries its pictures with what they say, and an edit replaces them", async () => {
    const open = await openDiscord();
    await open.adapter.show(sampleCard({ pictures: [picture] }));
    const [message] = shownIn(open);
    expect(message?.attachments).toMatchObject([{ description: picture.alt, contentType: "image/png" }]);
    const first = message?.attachments[0]?.id;
    await open.adapter.show(sampleCard({ revision: 4, pictures: [{ ...picture, alt: "It fell to 50." }] }));
    expect(message?.attachments).toMatchObject([{ description: "It fell to 50." }]);
    expect(message?.attachments[0]?.id).not.toBe(first);
    await open.adapter.show(sampleCard({ revision: 5 }));
    expect(message?.attachments).toEqual([]);
  });

  it("is not kept back by a picture that cannot be drawn or sent", async () => {
    const open = await openDiscord({ parts: { png: async () => Promise.reject(new Error("No font.")) } });
    await open.adapter.show(sampleCard({ pictures: [picture] }));
    expect(readOf(shownIn(open)[0])).toContain(picture.alt);
    expect(open.faults.map(({ where }) => where)).toEqual(["discord picture"]);
    const again = await open.restart({ png: async () => new Uint8Array([1, 2, 3]) });
    open.discord.faults.next("PATCH /channels/*/messages/*", {
      kind: "status",
      status: 413,
      body: { code: 40005, message: "Request entity too large" },
    });
    await again.show(sampleCard({ revision: 4, status: "approved", pictures: [picture] }));
    expect(readOf(shownIn(open)[0])).toContain("APPROVED");
    expect(readOf(shownIn(open)[0])).toContain(picture.alt);
  });

  it("is told in plain words where Discord refuses its form, and that is reported once", async () => {
    const open = await openDiscord();
    const refuse = () =>
      open.discord.faults.next("* /channels/**", {
        kind: "status",
        status: 400,
        body: { code: 50035, message: "Invalid Form Body" },
      });
    refuse();
    await open.adapter.show(sampleCard({ summary: "See https://evil.example now." }));
    const [message] = shownIn(open);
    expect(message?.embeds).toEqual([]);
    expect(message?.content).toContain("Upgrade Harbour to 2.0.0");
    expect(message?.content).toContain("/upgrade show UP-1");
    expect(message?.content).not.toContain("https://");
    expect(message?.flags).toBe(4);
    refuse();
    await open.adapter.show(sampleCard({ revision: 4, status: "approved" }));
    expect(message?.content).toContain("Approved: UP-1");
    expect(open.faults.map(({ where }) => where)).toEqual(["discord card UP-1"]);
  });

  it("links to the ceremony's page, its address written out, and in a thread it does not", async () => {
    const open = await openDiscord({ parts: { fullView: (key) => `https://quorate.example/view/${key}` } });
    await open.adapter.show(sampleCard());
    expect(readOf(shownIn(open)[0])).toMatch(/Ceremony page:\*\* https:\/\/quorate\.example\/view\/UP-1$/m);
    const linking = { ...drawing, fullView: (key: string) => `https://quorate.example/view/${key}` };
    expect(JSON.stringify(cardMessage(note(), nobody, linking).body)).not.toContain("Ceremony page");
    const told = notice("neutral", "UP-1: in review.");
    expect(JSON.stringify(noticeMessage({ ...told, about: "UP-1" }, linking).body)).toContain(
      "Ceremony page:** https://quorate.example/view/UP-1",
    );
    expect(JSON.stringify(noticeMessage(told, linking).body)).not.toContain("Ceremony page");
  });

  it("of 200 signers and a reason of 10,000 characters is readable, and says where the rest is", async () => {
    const open = await openDiscord({ parts: { fullView: (key) => `https://quorate.example/view/${key}` } });
    const signers = Array.from({ length: 200 }, (_, index) => `Signer ${index + 1} signed with 0x${"a".repeat(40)}`);
    await open.adapter.show(
      sampleCard({
        facts: [...sampleCard().facts, { label: "Reason", value: "why ".repeat(2500) }],
        sections: [{ title: "Signers", style: "list", lines: signers }, ...sampleCard().sections],
      }),
    );
    const text = readOf(shownIn(open)[0]);
    expect(text).toContain("One more approval is wanted");
    expect(text).toContain(`0x${"ab".repeat(32)}`);
    expect(text).toContain("Signer 20 signed");
    expect(text).toMatch(/… and \d+ more lines/);
    expect(text).toMatch(/\(\d+ more characters\)/);
    expect(text).toContain("vault (uups)");
    expect(text).toMatch(/\d+ characters are missing here\. In full: https:\/\/quorate\.example\/view\/UP-1$/m);
  });
});

describe("what wakes people", () => {
  it("goes to the channel for breaches, calls exactly those on call, and has a thread of its own", async () => {
    const open = await openDiscord();
    const { discord, people, role, breaches } = open;
    await open.adapter.show(breach());
    expect(shownIn(open)).toEqual([]);
    const [message] = shownIn(open, breaches);
    expect(message?.content).toBe(
      `🛑 SEV1: the vault owes more than it has (UP-1, phase pilot, Ethereum). Ada and Ben: look now. <@${people.ada}> <@${people.ben}> <@&${role}>`,
    );
    expect(message?.notified.toSorted()).toEqual([people.ada, people.ben].toSorted());
    expect(message?.allowedMentions).toEqual({ parse: [], users: [people.ada, people.ben], roles: [role] });
    expect(discord.threads(breaches)).toMatchObject([{ id: message?.id }]);
    await open.adapter.show(note({ key: "UP-1/breach/solvency/1", audience: { kind: "thread", of: breach().key } }));
    expect(shownIn(open, message?.id)).toHaveLength(1);
  });

  it("goes out where the disk is full, unlike everything else, and stays one message", async () => {
    const open = await openDiscord();
    const { adapter, parts, breaches } = open;
    const { keepButtons } = parts.store;
    parts.store.keepButtons = async () => Promise.reject(new Error("The disk is full."));
    await expect(adapter.show(breach())).rejects.toThrow("The disk is full.");
    expect(shownIn(open, breaches)).toHaveLength(1);
    await expect(adapter.show(sampleCard())).rejects.toThrow("The disk is full.");
    expect(shownIn(open)).toEqual([]);
    parts.store.keepButtons = keepButtons;
    await adapter.show(breach());
    expect(shownIn(open, breaches)).toHaveLength(1);
  });

  it("calls nobody by an account of another server", async () => {
    const open = await openDiscord();
    const eve = open.policy.people.find((one) => one.id === "eve");
    eve?.accounts.push(`discord:${"9".repeat(open.discord.guildId.length)}:${open.people.caro}`);
    await open.adapter.show(breach({ mentions: ["ada", "eve"] }));
    expect(shownIn(open, open.breaches)[0]?.notified).toEqual([open.people.ada]);
  });

  it("goes out though the connection for commands was never there, unlike everything else", async () => {
    const open = await openDiscord({ started: false, pace: { first: 60_000, most: 60_000, refused: 60_000 } });
    open.discord.faults.next("GET /gateway/bot", { kind: "status", status: 503 });
    await open.adapter.start(open.council);
    expect((await faultOf(open.adapter.show(sampleCard()))).message).toBe("Quorate is not connected to Discord.");
    await open.adapter.show(breach());
    expect(shownIn(open, open.breaches)).toHaveLength(1);
  });

  it("calls nobody whom the text names", async () => {
    const open = await openDiscord();
    const { people, breaches } = open;
    await open.adapter.show(breach({ title: `@everyone @here <@${people.caro}> <@&${open.role}>`, mentions: ["ada"] }));
    expect(shownIn(open, breaches)[0]?.notified).toEqual([people.ada]);
  });

  it("is sent without a connection for commands, and waits for no limit of other messages", async () => {
    const open = await openDiscord();
    const { discord } = open;
    const held = discord.faults.next("POST /channels/*/messages", { kind: "hold", done: true });
    const slow = open.adapter.show(sampleCard());
    await discord.until(() => held.hits === 1, "the slow message");
    await open.adapter.show(breach());
    expect(shownIn(open, open.breaches)).toHaveLength(1);
    held.release();
    await slow;
    discord.faults.next("POST /channels/*/messages", { kind: "429", retryAfter: 7 });
    const fault = await faultOf(open.adapter.show(sampleCard({ key: "UP-2" })));
    expect(fault).toBeInstanceOf(ChatFault);
    expect(fault.retryAfter).toBeGreaterThanOrEqual(7n);
    await open.adapter.show(breach({ key: "UP-2/breach/solvency" }));
    expect(shownIn(open, open.breaches)).toHaveLength(2);
  });
});

describe("an alarm in the channel that everything goes to", () => {
  it("overtakes a message that Discord does not answer", async () => {
    const open = await openDiscord();
    const { discord, adapter, policy } = open;
    policy.channels = { upgrades: policy.channels.upgrades ?? [] };
    const held = discord.faults.next("POST /channels/*/messages", { kind: "hold", done: true });
    let isSlowOneShown = false;
    const slow = adapter.show(sampleCard()).then(() => {
      isSlowOneShown = true;
    });
    await discord.until(() => held.hits === 1, "the slow message");
    await adapter.show(breach());
    expect(isSlowOneShown).toBe(false);
    expect(shownIn(open).map(readOf).join()).toContain("SEV1 BREACH");
    held.release();
    await slow;
  });
});

describe("what belongs below a card", () => {
  it("is in its thread, which is named after it and made once", async () => {
    const open = await openDiscord();
    await open.adapter.show(sampleCard());
    await Promise.all([open.adapter.show(note()), open.adapter.show(note({ key: "UP-1/8", title: "Caro approved." }))]);
    const [thread, ...more] = open.discord.threads();
    expect(more).toEqual([]);
    expect(thread?.name).toBe("UP-1 · Upgrade Harbour to 2.0.0");
    expect(shownIn(open, thread?.id).map(readOf).toSorted()).toEqual([
      expect.stringContaining("Ben approved."),
      expect.stringContaining("Caro approved."),
    ]);
    await open.adapter.show(sampleCard({ revision: 8 }));
    await open.adapter.show(note({ key: "UP-1/9" }));
    expect(open.discord.threads()).toHaveLength(1);
  });

  it("waits for the card", async () => {
    const open = await openDiscord();
    expect((await faultOf(open.adapter.show(note()))).message).toBe(
      "The card UP-1 is not on Discord yet, and this belongs below it.",
    );
    expect(posts(open)).toBe(0);
  });

  it("finds the thread that was made before a crash", async () => {
    const open = await openDiscord();
    await open.adapter.show(sampleCard());
    const store = open.parts.store;
    const keepShownCard = store.keepShownCard;
    store.keepShownCard = async () => Promise.reject(new Error("The program dies here."));
    await expect(open.adapter.show(note())).rejects.toThrow("dies here");
    store.keepShownCard = keepShownCard;
    const again = await open.restart();
    await again.show(note());
    expect(open.discord.threads()).toHaveLength(1);
    expect(shownIn(open, open.discord.threads()[0]?.id)).toHaveLength(1);
  });

  it("opens an archived thread again, and makes a deleted one anew", async () => {
    const open = await openDiscord();
    await open.adapter.show(sampleCard());
    await open.adapter.show(note());
    const [thread] = open.discord.threads();
    if (thread === undefined) return expect.fail("There is no thread.");
    thread.archived = true;
    await open.adapter.show(note({ key: "UP-1/8" }));
    expect(thread.archived).toBe(false);
    thread.archived = true;
    await open.adapter.show(note({ key: "UP-1/8", revision: 4, title: "Ben approved twice." }));
    expect(shownIn(open, thread.id).map(readOf).join()).toContain("Ben approved twice.");
    thread.archived = true;
    thread.locked = true;
    await open.adapter.show(note({ key: "UP-1/10", title: "Dev approved." }));
    const other = open.discord.threads().find((one) => one.id !== thread.id);
    expect(shownIn(open, other?.id).map(readOf)).toEqual([expect.stringContaining("Dev approved.")]);
    for (const one of open.discord.threads()) open.discord.removeChannel(one.id);
    await open.adapter.show(note({ key: "UP-1/9", title: "Caro approved." }));
    const [fresh] = open.discord.threads();
    expect(shownIn(open, fresh?.id).map(readOf).join()).toContain("Caro approved.");
  });
});

describe("a card that Discord does not take", () => {
  it("is a fault in a sentence without any token, and a limit says when to come back", async () => {
    const open = await openDiscord();
    const { discord, adapter } = open;
    discord.faults.next("POST /channels/*/messages", { kind: "status", status: 503 }, { times: 2 });
    expect((await faultOf(adapter.show(sampleCard()))).message).toBe("Discord has a fault of its own: HTTP 503.");
    discord.permit(discord.channelId, 0n);
    const denied = await faultOf(adapter.show(sampleCard()));
    expect(denied.message).toContain("Missing Access");
    expect(JSON.stringify([denied.message, denied.stack, `${denied.cause}`])).not.toContain(discord.token);
  });

  it("holds back no other channel", async () => {
    const open = await openDiscord();
    const { discord, adapter, policy } = open;
    discord.faults.next("POST /channels/*/messages", { kind: "429", retryAfter: 60, scope: "shared" });
    expect((await faultOf(adapter.show(sampleCard()))).retryAfter).toBeGreaterThanOrEqual(60n);
    policy.channels.upgrades = [`discord:${open.breaches}`];
    await adapter.show(sampleCard());
    expect(shownIn(open, open.breaches)).toHaveLength(1);
  });
});
