/** What a deed left behind: in the log, in the outbox, before other people's eyes, and before the eyes of whoever did it. */

import { expect } from "vitest";
import type { EventType, LoggedEvent } from "../../../src/domain/events.ts";
import { CEREMONY } from "../../../src/rehearsal/stage.ts";
import { people } from "../../scenarios/chat-policies.ts";
import { readInDiscord, readInSlack } from "../../scenarios/reading.ts";
import type { Interaction } from "../../support/discord/interactions.ts";
import { expectHouseStyle } from "../../support/house-style.ts";
import { type Anybody, outsiders } from "./council.ts";
import type { Program } from "./program.ts";

export interface Deed {
  room: "slack" | "discord";
  by: Anybody;
  /** Does it; in Discord, hands back what came of it. */
  act(): Promise<unknown>;
}

const everybody: readonly Anybody[] = [...people, ...outsiders];

interface Left {
  events: string[];
  outbox: string[];
  seen: string[];
}

/** All of it, but for what `by` alone sees. */
export async function left({ store, slack, discord, places }: Program, by?: Deed["by"]): Promise<Left> {
  const streams = await store.streams();
  const events = await Promise.all(
    streams.map(async ({ stream }) =>
      (await store.read(stream)).map((one) => `${stream}#${one.seq} ${one.type} ${one.hash}`),
    ),
  );
  const outbox = await Promise.all(
    [...streams.map((one) => one.stream), "alarms"].map(async (one) => (await store.done(one)).map(({ key }) => key)),
  );
  const others = everybody.filter((one) => one !== by);
  const inSlack = [places.slack.channel, places.slack.breaches].flatMap((one) => slack.messages(one));
  const slackUsers = others.map(places.slack.user);
  const channels = [places.discord.channel, places.discord.breaches];
  const threads = channels.flatMap((one) => discord.threads(one).map(({ id }) => id));
  const own = by === undefined ? undefined : places.discord.user(by);
  const inDiscord = [...channels, ...threads].flatMap((one) => discord.messages(one));
  return {
    events: events.flat(),
    outbox: [...outbox.flat(), `${await store.open()} open`],
    seen: [
      ...inSlack.map((one) => `slack ${one.channel} ${one.ts} ${one.edits}`),
      ...slackUsers.flatMap((one) => [
        ...slack.ephemerals(one).map(({ ts }) => `slack ${one} ${ts}`),
        ...slack.modals(one).map(({ id }) => `slack ${one} ${id}`),
        `slack ${one} ${slack.home(one)?.hash ?? "no home"}`,
      ]),
      ...inDiscord
        .filter((one) => one.ephemeralFor === undefined || one.ephemeralFor !== own)
        .map((one) => `discord ${one.channelId} ${one.id} ${one.edits.length}`),
    ],
  };
}

/** Does it, and reads what it was answered with: one private message, once all is at rest. */
export async function answered(program: Program, { room, by, act }: Deed): Promise<string> {
  if (room === "slack") {
    const { slack, places } = program;
    const user = places.slack.user(by);
    const before = slack.ephemerals(user).length;
    await act();
    await slack.until(() => slack.ephemerals(user).length > before, `${by} has a private answer`, 30);
    await program.quiet();
    const answers = slack.ephemerals(user).slice(before);
    expect(answers.map(readInSlack)).toHaveLength(1);
    return answers.map(readInSlack).join("\n");
  }
  const { discord } = program;
  const interaction = (await act()) as Interaction;
  const original = await discord.until(() => !interaction.thinking && interaction.original, "a private answer", 40_000);
  await program.quiet();
  expect(interaction).toMatchObject({ ephemeral: true, followUps: [] });
  expect(original.ephemeralFor).toBe(program.places.discord.user(by));
  return readInDiscord(original);
}

/** Its author reads in private why not, in whole sentences; nothing else is left anywhere. */
export async function refused(program: Program, deed: Deed, says: RegExp): Promise<void> {
  await program.quiet();
  const before = await left(program, deed.by);
  const answer = await answered(program, deed);
  expect(answer).toMatch(says);
  expectClear(answer);
  expect(await left(program, deed.by)).toEqual(before);
}

/** As {@link refused}, but the log keeps the refusal as evidence: exactly that one event, shown and nothing more. */
export async function refusedOnRecord(program: Program, deed: Deed, says: RegExp): Promise<LoggedEvent> {
  const before = await left(program);
  const answer = await answered(program, deed);
  expect(answer).toMatch(says);
  expectClear(answer);
  const after = await left(program);
  const outbox = after.outbox.filter((one) => !before.outbox.includes(one));
  expect(outbox.filter((one) => !/^(card|note):/.test(one))).toEqual([]);
  const [event, ...more] = await since(program, before);
  expect(more).toEqual([]);
  expect(event).toMatchObject({ type: "refused", data: { by: { account: accountOf(program, deed) } } });
  return event as LoggedEvent;
}

/** It takes effect: the log has it, by this account, and its author is told. */
export async function taken(program: Program, deed: Deed, wanted: EventType, says = /You |is /): Promise<LoggedEvent> {
  await program.quiet();
  const before = await left(program);
  const answer = await answered(program, deed);
  expect(answer).toMatch(says);
  const events = await since(program, before);
  const found = events.filter((one) => one.type === wanted);
  expect(found, answer).toHaveLength(1);
  expect(found[0]).toMatchObject({ data: { by: { account: accountOf(program, deed) } } });
  return found[0] as LoggedEvent;
}

/** Nobody reads anything and nothing is left. */
export async function nothing(program: Program, act: () => Promise<unknown>): Promise<void> {
  await program.quiet();
  const before = await left(program);
  await act();
  await program.quiet();
  expect(await left(program)).toEqual(before);
}

/** What the log has that it had not. */
async function since({ stage }: Program, before: Left): Promise<LoggedEvent[]> {
  const history = await stage.quorate.services.history(CEREMONY);
  return history.filter((one) => !before.events.some((known) => known.endsWith(one.hash)));
}

export function accountOf({ places }: Program, { room, by }: Pick<Deed, "room" | "by">): string {
  if (room === "discord") return `discord:${places.discord.guild}:${places.discord.user(by)}`;
  const team = by === "linked" || by === "unlinked" ? "T0PARTNER" : places.slack.team;
  return `slack:${team}:${places.slack.user(by)}`;
}

/** Whole sentences of plain words, behind the symbol and the word for the tone. */
function expectClear(answer: string): void {
  expect(answer).toMatch(/^\S+ (?:\*\*)?(?:No|Problem|Careful|Note)\b/);
  expectHouseStyle(answer.replace(/^\S+ (?:\*\*)?\w+:(?:\*\*)? /, "").replace(/\.(?: Show)?$/, "."));
}
