/** A rehearsal's stage whose people talk through real adapters to a loopback Slack and a loopback Discord. */

import { join } from "node:path";
import { commands } from "../../commands/index.ts";
import { type Console, startConsole } from "../../src/chat/console/console.ts";
import { openChatPlatforms } from "../../src/chat-platforms.ts";
import type { PersonName } from "../../src/embedded/people.ts";
import { readEnvironment } from "../../src/env.ts";
import type { Quorate } from "../../src/main.ts";
import type { Voice } from "../../src/rehearsal/council.ts";
import { createPrinter } from "../../src/rehearsal/printer.ts";
import { openStage, type Stage } from "../../src/rehearsal/stage.ts";
import { notice, type View } from "../../src/view.ts";
import { type DiscordPlatform, startDiscord } from "../support/discord/discord.ts";
import { sharedBuilds } from "../support/sample-policy.ts";
import { type SlackPlatform, startSlack } from "../support/slack/slack.ts";
import { chatPolicies, type Places, people, type Somebody } from "./chat-policies.ts";
import { environmentOf, settle } from "./settle.ts";
import { type Answers, listening, type Room, sayInConsole, sayInDiscord, sayInSlack } from "./voices.ts";

export interface ChatStage {
  stage: Stage;
  slack: SlackPlatform;
  discord: DiscordPlatform;
  places: Places;
  answers: Answers;
  /** What the adapters reported; a good run has nothing. */
  faults: readonly string[];
  /** What a person says in one of the rooms; resolves once they have read the answer. */
  say(room: Room, person: Somebody, command: string, options?: Record<string, string>): Promise<View>;
  stop(): Promise<void>;
}

/** `roomOf`: where each person sits. */
export async function openChatStage(roomOf: (person: Somebody) => Room): Promise<ChatStage> {
  const [slack, discord] = await Promise.all([startSlack(), startDiscord()]);
  const places = settle(slack, discord);
  const policies = await chatPolicies(places);
  const answers = listening();
  const faults: string[] = [];
  const environment = readEnvironment(environmentOf(slack, discord));
  const onFault = (where: string, fault: unknown) =>
    void faults.push(`${where}: ${fault instanceof Error ? fault.message : fault}`);
  let chat: Awaited<ReturnType<typeof openChatPlatforms>> | undefined;
  let stage: Stage | undefined;
  let web: Console | undefined;
  const dispatch: Quorate["dispatch"] = async (invocation, progress) => {
    if (stage === undefined) throw new Error("The stage is not open yet.");
    const view = await stage.quorate.dispatch(invocation, progress);
    answers.all.push({ invocation, view });
    return view;
  };
  const say: ChatStage["say"] = (room, person, command, options = {}) => {
    const parts = { slack, discord, consoleUrl: web?.url ?? "", places, answers };
    if (room === "slack") return sayInSlack(parts, person, command, options);
    if (room === "discord") return sayInDiscord(parts, person, command, options);
    return sayInConsole(parts, person, command, options);
  };
  const voice: Voice = {
    account: (person) => accountOf(places, roomOf(person), person),
    say: (person: PersonName, command, options) => say(roomOf(person), person, command, options),
  };
  stage = await openStage({
    policies: policies.folder,
    builds: sharedBuilds(join(policies.folder, "builds")),
    printer: createPrinter(() => undefined, { colour: false }),
    voice,
    async platforms({ policy, store, world }) {
      web = await consoleOf(dispatch);
      const { show } = web;
      chat = await openChatPlatforms({ environment, policy, store, clock: world.time, onFault });
      return [{ name: "console", show }, ...chat.adapters];
    },
  });
  await chat?.start({ ...stage.quorate, dispatch });
  await discord.until(() => discord.commands(discord.guildId).length > 0, "the commands to be registered");
  return {
    ...{ stage, slack, discord, places, answers, faults, say },
    async stop() {
      await chat?.stop();
      await web?.stop();
      await stage?.stop();
      await Promise.all([slack.stop(), discord.stop()]);
      await policies.remove();
    },
  };
}

/** The real one, on its own port; what it shows of chain and people does not matter here. */
function consoleOf(dispatch: Quorate["dispatch"]): Promise<Console> {
  return startConsole({
    port: 0,
    chain: { id: "eip155:31337", startedByUs: true },
    council: "Council",
    people: people.map((id) => ({ id, name: id, account: `console:${id}`, title: "" })),
    commands,
    dispatch,
    complete: async () => [],
    sign: async () => notice("bad", "Wallets are the scenario's own."),
    time: {
      read: async () => ({ chainTime: 0n, block: 0n }),
      advance: async () => notice("bad", "Time is the scenario's own."),
    },
  });
}

export function accountOf({ slack, discord }: Places, room: Room, person: Somebody): string {
  if (room === "slack") return `slack:${slack.team}:${slack.user(person)}`;
  if (room === "discord") return `discord:${discord.guild}:${discord.user(person)}`;
  return `console:${person}`;
}
