import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { showings } from "../../../src/ceremonies/consequences.ts";
import { CEREMONY } from "../../../src/rehearsal/stage.ts";
import { approve, execute, passDelay, schedule, sign } from "../../../src/rehearsal/steps.ts";
import type { Card } from "../../../src/view.ts";
import { people } from "../../scenarios/chat-policies.ts";
import { readInDiscord, readInSlack } from "../../scenarios/reading.ts";
import type { Message as SlackMessage } from "../../support/slack/model.ts";
import { aliveInDiscord, aliveInSlack, allFoul, calledInSlack, everyMessage, foul, hasUnseen } from "./alive.ts";
import { outsiders } from "./council.ts";
import { answered } from "./evidence.ts";
import { foulPolicy } from "./foul-policy.ts";
import { line } from "./lines.ts";
import { openProgram, type Program } from "./program.ts";

let program: Program;
/** In the order in which they happen: each case looks at all that was said until then. */
beforeAll(async () => {
  program = await openProgram({ files: foulPolicy, proposed: false });
  const { stage, slack, discord, places } = program;
  // Ben may approve as well; on call for a SEV1 are Caro, Dev, Finn and Gus.
  const title = `Fee ${foul.calls} @everyone ${foul.links}`.slice(0, 118);
  // What hides in a package is refused by the text gate; here the package has what chats make of visible signs.
  const rationale = [foul.calls, foul.callsToo, foul.links, foul.marks].join(" ");
  await stage.council.actAs("ben", "propose", { target: "harbour", release: "2.0.1-leaky", title, rationale });
  await stage.council.actAs("ben", "check", { ceremony: CEREMONY });
  await stage.reaches("in review");
  await slack.slash("U0CARO", `deny UP-1 reason="${allFoul}"`);
  await slack.until(() => slack.ephemerals("U0CARO").length > 0, "Caro has denied");
  for (const command of ["status", "show", "why", "todo", "list", "diff", "whoami", "help"]) {
    await answered(program, { room: "slack", by: "dev", act: () => slack.slash("U0DEV", command) });
    const interaction = await discord.slash(places.discord.user("dev"), `upgrade ${command}`);
    await discord.until(() => !interaction.thinking && interaction.original, `the answer to ${command}`);
  }
  await stage.council.actAs("caro", "withdraw", { ceremony: CEREMONY });
  await program.quiet();
});
afterAll(async () => {
  await program.stop();
  expect(program.slack.violations).toEqual([]);
  expect(program.discord.violations).toEqual([]);
});

const everybody = [...people, ...outsiders];

function inSlack(): SlackMessage[] {
  const { slack, places } = program;
  const channels = [places.slack.channel, places.slack.breaches].flatMap((one) => slack.messages(one));
  return [...channels, ...everybody.flatMap((one) => slack.ephemerals(places.slack.user(one)))].filter(
    (one) => one.blocks.length > 0,
  );
}

const inDiscord = () =>
  everyMessage(program.discord, [program.places.discord.channel, program.places.discord.breaches]);

function expectInert(): void {
  expect(inSlack().flatMap((one) => aliveInSlack(one, program.publicUrl))).toEqual([]);
  expect(inDiscord().flatMap((one) => aliveInDiscord(one, program.publicUrl))).toEqual([]);
  for (const { name } of program.discord.threads()) expect(hasUnseen(name)).toBe(false);
}

/** Nobody is called, by words or by blocks, and none was notified. */
function expectNobodyCalled(): void {
  for (const one of inSlack()) expect(calledInSlack(one)).toEqual({ blocks: [], text: [] });
  for (const { allowedMentions, notified } of inDiscord())
    expect({ allowedMentions, notified }).toEqual({
      allowedMentions: { parse: [], users: [], roles: [] },
      notified: [],
    });
}

describe("a title, a reason and names in card, thread, notification and answers", () => {
  test(line("text/slack-markup"), () => {
    const { slack, places } = program;
    expect(inSlack().flatMap((one) => aliveInSlack(one, program.publicUrl))).toEqual([]);
    const [card] = slack.messages(places.slack.channel);
    const thread = slack.messages(places.slack.channel).filter((one) => one.threadTs !== undefined);
    // They are shown as they were written, so that the council sees what somebody tried.
    for (const words of ["<!channel> <@U0EVE> <#C0UPGRADES>", "Ben <@U0EVE> @here <!channel> :boom:"])
      expect(card && readInSlack(card)).toContain(words);
    expect(thread.map(readInSlack).join()).toContain("*bold* _thin_ ~gone~ `code`");
    expect(card?.text).toContain("&lt;!channel&gt;");
    expect(slack.home("U0DEV")).toBeUndefined();
  });

  test(line("text/discord-markup"), () => {
    expect(inDiscord().flatMap((one) => aliveInDiscord(one, program.publicUrl))).toEqual([]);
    const texts = inDiscord().map(readInDiscord).join();
    for (const words of ["<!channel> <@U0EVE>", "@everyone", "[ok](https://evil.example/a)", "*bold* _thin_ ~gone~"])
      expect(texts).toContain(words);
  });

  test(line("text/invisible"), () => {
    const { discord } = program;
    for (const texts of [inSlack().map(readInSlack).join(), inDiscord().map(readInDiscord).join()]) {
      expect(hasUnseen(texts)).toBe(false);
      expect(texts).toContain("txt.\\u{202e}exe\\u{200b}\\u{2066}a");
    }
    for (const { name } of discord.threads()) expect(hasUnseen(name)).toBe(false);
  });

  test(line("text/slack-markup", "in a form and on Home"), async () => {
    const { slack } = program;
    await slack.openHome("U0DEV");
    const home = await slack.until(() => slack.home("U0DEV"), "Dev's Home");
    expect(aliveInSlack({ text: "", blocks: home.blocks }, program.publicUrl)).toEqual([]);
    await slack.slash("U0DEV", "deny UP-1");
    const [form] = await slack.until(() => slack.modals("U0DEV").length > 0 && slack.modals("U0DEV"), "a form");
    expect(aliveInSlack({ text: "", blocks: form?.blocks ?? [] }, program.publicUrl)).toEqual([]);
  });

  test(line("mentions/nobody"), () => {
    expect(inSlack().length).toBeGreaterThan(10);
    expect(inDiscord().length).toBeGreaterThan(10);
    expectNobodyCalled();
    for (const { method, args } of program.slack.requests.filter((one) => /^chat\.(post|update)/.test(one.method)))
      expect({ method, link_names: args.link_names, parse: args.parse }).toEqual({
        method,
        link_names: false,
        parse: "none",
      });
  });
});

describe("links", () => {
  const urls = (value: unknown) => [...new Set(JSON.stringify(value).match(/https?:\/\/[^\s"\\)>|`]+/g) ?? [])];
  /** What links lead to, where they are alive. */
  const linksInSlack = () => {
    const parts = JSON.stringify(inSlack().map((one) => one.blocks));
    return [...parts.matchAll(/\{"type":"link","url":"([^"]+)"([^}]*)\}/g)].map(([, url = "", more]) => ({
      url,
      more,
    }));
  };

  test(line("links/no-signing"), async () => {
    const { slack, discord, places, stage } = program;
    const events = async () => (await stage.quorate.services.history(CEREMONY)).map((one) => one.type);
    const before = await events();
    const deed = (words: string) => ({
      room: "slack" as const,
      by: "caro" as const,
      act: () => slack.slash("U0CARO", words),
    });
    expect(await answered(program, deed("sign UP-1"))).toContain("Nothing is signed in chat");
    const signature = `0x${"ab".repeat(65)}`;
    expect(await answered(program, deed(`sign UP-1 ${signature}`))).toContain("does not know what to do with");
    expect(await answered(program, deed(`sign UP-1 signature=${signature}`))).toContain("has no option");
    const interaction = await discord.slash(places.discord.user("caro"), "upgrade sign", { ceremony: "UP-1" });
    await discord.until(() => !interaction.thinking, "what is to be signed");
    expect(interaction.original && readInDiscord(interaction.original)).toContain("Nothing is signed in chat");
    const asked = JSON.stringify(discord.commands(discord.guildId));
    for (const word of ["signature", "private", "seed", "mnemonic"])
      expect(asked.match(new RegExp(`"name":"[^"]*${word}`))).toBeNull();
    await program.quiet();
    expect(await events()).toEqual(before);
  });

  test(line("links/origin"), () => {
    const { publicUrl } = program;
    const links = linksInSlack();
    expect(links.length).toBeGreaterThan(0);
    for (const { url } of links) expect(url).toMatch(new RegExp(`^${publicUrl}/view/UP-1/[\\w-]{22}$`));
    const markdown = inDiscord().flatMap(({ content, embeds }) => [
      content,
      ...embeds.map((one) => one.description ?? ""),
    ]);
    const inTexts = urls(markdown.map((one) => one.replace(/\\[^0-9A-Za-z\s]/g, "e")));
    expect(inTexts.length).toBeGreaterThan(0);
    for (const url of inTexts) expect(url).toMatch(new RegExp(`^${publicUrl}/view/UP-1/[\\w-]{22}$`));
  });

  test(line("links/origin", "and they open, for whoever has the code alone"), async () => {
    const [link] = linksInSlack();
    const url = link?.url ?? "";
    expect((await fetch(url)).status).toBe(200);
    const forged = `${url.slice(0, -2)}${url.at(-2) === "A" ? "B" : "A"}${url.slice(-1)}`;
    const refused = await fetch(forged);
    expect(refused.status).toBe(404);
    expect(await refused.text()).not.toContain("UP-1");
  });

  test(line("links/target"), () => {
    for (const { url, more } of linksInSlack()) expect([`,"text":"${url}"`, ""]).toContain(more);
    for (const { content, embeds } of inDiscord()) {
      expect(JSON.stringify([content, embeds]).replace(/\\\\./g, "e")).not.toMatch(/\]\(/);
      for (const embed of embeds) expect(embed.url).toBeUndefined();
    }
  });

  test(line("links/unfurl"), () => {
    const posts = program.slack.requests.filter((one) => one.method === "chat.postMessage");
    expect(posts.length).toBeGreaterThan(5);
    for (const { args } of posts) expect(args).toMatchObject({ unfurl_links: false, unfurl_media: false });
    // In Discord only what stands outside of an embed is unfurled.
    const suppressed = 4;
    for (const { content, flags } of inDiscord())
      if ((flags & suppressed) === 0) expect(content).not.toMatch(/https?:\/\//);
  });
});

test(line("text/slack-markup", "wherever a card has words, such as a revert string"), async () => {
  const words = `Vault: ${allFoul}`;
  const card: Card = {
    kind: "card",
    key: "UP-1/foul",
    revision: 1,
    audience: { kind: "channel" },
    tone: "bad",
    status: foul.marks,
    title: words,
    summary: words,
    facts: [
      { label: words, value: `reverted with "${words}"` },
      { label: foul.calls, value: words, code: true },
    ],
    sections: (["list", "plain", "code"] as const).map((style) => ({
      title: words,
      lines: [words, foul.links],
      style,
    })),
    pictures: [],
    actions: [{ label: words, command: "show", options: {}, style: "danger", confirm: words }],
    footer: words,
    mentions: [],
  };
  const { store, stage, discord } = program;
  await store.enqueue("alarms", showings(card, "foul", "foul", ["slack", "discord"]));
  stage.quorate.outbox.wake();
  await discord.until(() => inDiscord().some((one) => readInDiscord(one).includes("reverted with")), "the card");
  await program.quiet();
  expect(inSlack().some((one) => readInSlack(one).includes("reverted with"))).toBe(true);
  expectInert();
  expectNobodyCalled();
});

test(line("text/intent"), async () => {
  const { discord } = program;
  expect(discord.gateway.identifies).toBeGreaterThan(0);
  // The loopback notes every intent beyond Guilds.
  expect(discord.violations.filter((one) => one.problem.includes("intents"))).toEqual([]);
  const manifest = JSON.parse(await readFile(join(import.meta.dirname, "../../../docs/slack-manifest.json"), "utf8"));
  expect(manifest.settings.event_subscriptions.bot_events).toEqual(["app_home_opened", "user_change"]);
  for (const scope of manifest.oauth_config.scopes.bot) expect(scope).not.toMatch(/history|mentions/);
});

test(line("mentions/breach"), async () => {
  const { stage, slack, discord, places } = program;
  await approve(stage, ["caro", "dev", "finn"]);
  await sign(stage, ["caro", "dev", "finn"]);
  await schedule(stage, "caro");
  await passDelay(stage);
  await execute(stage, "eve");
  await stage.wait(180n, 6);
  await program.quiet();
  const onCall = ["caro", "dev", "finn", "gus"] as const;
  const called = [...onCall.map(places.slack.user), places.slack.group].sort();
  const inChannel = slack.messages(places.slack.breaches);
  const pages = inChannel.filter((one) => one.threadTs === undefined);
  expect(pages.length).toBeGreaterThan(0);
  for (const page of pages) expect(calledInSlack(page)).toEqual({ blocks: called, text: called });
  // What happened stands in the thread, and calls nobody again.
  for (const note of inChannel.filter((one) => !pages.includes(one)))
    expect(calledInSlack(note)).toEqual({ blocks: [], text: [] });
  const users = onCall.map(places.discord.user);
  const alarms = discord.messages(places.discord.breaches);
  expect(alarms.length).toBeGreaterThan(0);
  for (const { allowedMentions, notified } of alarms) {
    expect(allowedMentions).toEqual({ parse: [], users, roles: [places.discord.role] });
    expect([...notified].sort()).toEqual([...users].sort());
  }
  // Everywhere else it stays as quiet as before, and what names say does nothing in the alarm either.
  for (const one of inSlack().filter(({ channel }) => channel !== places.slack.breaches))
    expect(calledInSlack(one)).toEqual({ blocks: [], text: [] });
  for (const one of inDiscord().filter(({ channelId }) => channelId !== places.discord.breaches))
    expect(one.allowedMentions).toEqual({ parse: [], users: [], roles: [] });
  expectInert();
});
