/** The council's people at their keyboards, in each platform: what they type or press, and what they read back. */

import { expect } from "vitest";
import { quote } from "../../src/chat/tokens.ts";
import type { Invocation } from "../../src/command.ts";
import type { View } from "../../src/view.ts";
import type { DiscordPlatform } from "../support/discord/discord.ts";
import { sentence } from "../support/embedded.ts";
import type { SlackPlatform } from "../support/slack/slack.ts";
import type { Places, Somebody } from "./chat-policies.ts";
import { visit } from "./console-visit.ts";
import { readInDiscord, readInSlack, tidy } from "./reading.ts";

export type Room = "console" | "slack" | "discord";

/** What dispatch answered, by the account that asked, newest last: what has to be read word for word. */
export interface Answers {
  all: { invocation: Invocation; view: View }[];
  /** Who asks next waits here. */
  of(account: string, after: number): View | undefined;
}

export function listening(): Answers {
  const all: Answers["all"] = [];
  return { all, of: (account, after) => all.slice(after).find((one) => one.invocation.account === account)?.view };
}

export interface VoiceParts {
  slack: SlackPlatform;
  discord: DiscordPlatform;
  consoleUrl: string;
  places: Places;
  answers: Answers;
}

/** A line as somebody types it in Slack and in the console. */
export function typedLine(command: string, options: Record<string, string>): string {
  return [command, ...Object.entries(options).map(([name, value]) => `${name}=${quote(value)}`)].join(" ");
}

export async function sayInSlack(
  { slack, places, answers }: VoiceParts,
  person: Somebody,
  command: string,
  options: Record<string, string>,
): Promise<View> {
  const user = places.slack.user(person);
  const before = answers.all.length;
  const seen = slack.ephemerals(user).length;
  const delivered = await slack.slash(user, typedLine(command, options));
  expect(delivered.acked).toBe(true);
  const account = `slack:${places.slack.team}:${user}`;
  return slack.until(
    () => {
      const view = answers.of(account, before);
      if (view === undefined) return undefined;
      const read = slack.ephemerals(user).slice(seen).map(readInSlack);
      return read.some((text) => saysIt(text, view)) ? view : undefined;
    },
    `${person} to read the answer to ${command} in Slack, word for word: ${lastOf(answers, account)}`,
  );
}

export async function sayInDiscord(
  { discord, places, answers }: VoiceParts,
  person: Somebody,
  command: string,
  options: Record<string, string>,
): Promise<View> {
  const user = places.discord.user(person);
  const before = answers.all.length;
  const interaction = await discord.slash(user, `upgrade ${command}`, options);
  expect(interaction.failed).toBe(false);
  expect(interaction.ephemeral).toBe(true);
  const account = `discord:${places.discord.guild}:${user}`;
  return discord.until(
    () => {
      const view = answers.of(account, before);
      if (view === undefined) return undefined;
      const messages = [interaction.original, ...interaction.followUps].filter((one) => one !== undefined);
      return saysIt(messages.map(readInDiscord).join(" "), view) ? view : undefined;
    },
    `${person} to read the answer to ${command} in Discord, word for word: ${lastOf(answers, account)}`,
  );
}

export async function sayInConsole(
  { consoleUrl, answers }: VoiceParts,
  person: Somebody,
  command: string,
  options: Record<string, string>,
): Promise<View> {
  const account = `console:${person}`;
  const before = answers.all.length;
  const page = await visit(consoleUrl, account);
  try {
    const read = await page.say(typedLine(command, options));
    const view = answers.of(account, before);
    if (view === undefined) throw new Error(`The console answered ${command} by itself: ${read}`);
    expect(saysIt(tidy(read), view), `${person} reads the answer to ${command} in the console: ${read}`).toBe(true);
    return view;
  } finally {
    page.leave();
  }
}

/** Whether a text has every word of the answer: its sentences, facts, and what is to be signed. */
function saysIt(text: string, view: View): boolean {
  return wordsOfView(view).every((words) => text.includes(tidy(words)));
}

function wordsOfView(view: View): string[] {
  switch (view.kind) {
    case "notice":
      return [view.text, ...view.facts.flatMap((one) => [one.label, one.value])];
    case "card":
      return [view.title, view.summary, ...view.facts.flatMap((one) => [one.label, one.value])];
    case "form":
      return [view.title];
    case "wallet":
      return [view.title, view.summary, ...view.items.flatMap((one) => [one.purpose, ...one.sentences])];
  }
}

function lastOf(answers: Answers, account: string): string {
  const last = answers.all.filter((one) => one.invocation.account === account).at(-1);
  return last === undefined ? "nothing was answered yet" : sentence(last.view);
}
