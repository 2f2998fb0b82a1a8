import { setTimeout as pause } from "node:timers/promises";
import { afterAll, describe, expect, test } from "vitest";
import { breach } from "../../src/rehearsal/breach.ts";
import { clean } from "../../src/rehearsal/clean.ts";
import { expired } from "../../src/rehearsal/expired.ts";
import type { Scenario } from "../../src/rehearsal/scenario.ts";
import type { Stage } from "../../src/rehearsal/stage.ts";
import type { Somebody } from "./chat-policies.ts";
import { openChatStage } from "./chat-stage.ts";
import { storyOf } from "./event-log.ts";
import { readInDiscord, readInSlack } from "./reading.ts";
import type { Room } from "./voices.ts";

const everybodyIn = (room: Room) => () => room;

/** Proposers in Discord, approvers in both, executors in Slack. */
const mixed = (person: Somebody): Room =>
  (
    ({
      ada: "discord",
      ben: "slack",
      caro: "discord",
      dev: "slack",
      eve: "slack",
      finn: "discord",
      gus: "slack",
    }) as const
  )[person];

const rooms: [string, (person: Somebody) => Room][] = [
  ["console", everybodyIn("console")],
  ["Slack", everybodyIn("slack")],
  ["Discord", everybodyIn("discord")],
  ["both at once", mixed],
];

/** A platform that wants a pause gets it, a note waits for the message that it belongs below, and what waited is posted then. */
const pauses = /asks to wait|wants a pause|is not in (Slack|Discord) yet/;

async function allShown({ quorate, running }: Stage): Promise<void> {
  while ((await running.store.open()) > 0) {
    await quorate.settle();
    await pause(20);
  }
}

/** What the log says of each scenario, by where its people sat. */
const stories = new Map<string, { room: string; story: string[]; heard: string[] }[]>();

describe.each(rooms)("everybody in %s", (room, roomOf) => {
  test.each<[string, Scenario]>([clean, breach, expired].map((one) => [one.name, one]))(
    "the scenario %s is played word for word, and ends as it should",
    async (name, scenario) => {
      const { stage, slack, discord, places, answers, faults, stop } = await openChatStage(roomOf);
      try {
        await scenario.play(stage);
        await allShown(stage);
        expect(stage.faults.filter((one) => !pauses.test(one))).toEqual([]);
        const card = await stage.quorate.services.card(await stage.state());
        const inSlack = slack.messages(places.slack.channel).filter((one) => one.threadTs === undefined);
        const inDiscord = discord.messages();
        // One card a ceremony on each platform, edited to the end; each event a note in its thread.
        for (const texts of [inSlack.map(readInSlack), inDiscord.map(readInDiscord)]) {
          const cards = texts.filter((text) => text.includes(card.title) && text.includes("revision 1 · log #"));
          expect(cards).toHaveLength(1);
          expect(cards[0]?.toLowerCase()).toContain(card.status);
          for (const fact of card.facts) expect(cards[0]).toContain(fact.value);
        }
        const history = await stage.quorate.services.history("UP-1");
        const notes = slack.messages(places.slack.channel).filter((one) => one.threadTs === inSlack[0]?.ts);
        expect(notes).toHaveLength(history.length);
        const [thread] = discord.threads();
        expect(discord.messages(thread?.id)).toHaveLength(history.length);
        expect(faults).toEqual([]);
        expect(slack.violations).toEqual([]);
        expect(discord.violations).toEqual([]);
        const heard = answers.all.map(({ invocation, view }) => `${invocation.command}: ${view.kind}`);
        stories.set(name, [...(stories.get(name) ?? []), { room, story: storyOf(history), heard }]);
      } finally {
        await stop();
      }
    },
    120_000,
  );
});

afterAll(() => {
  for (const [name, played] of stories) {
    expect(
      played.map((one) => one.room),
      name,
    ).toEqual(rooms.map(([room]) => room));
    for (const { story, heard } of played) {
      expect(story, name).toEqual(played[0]?.story);
      expect(heard, name).toEqual(played[0]?.heard);
    }
  }
});
